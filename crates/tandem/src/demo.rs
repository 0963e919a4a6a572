//! `tandem demo`: a simulated arm does what sentences say, with everything real between the
//! camera and the joints: two processes, Zenoh, learned policies, real rates.

pub(crate) mod episode;
mod film;
pub(crate) mod link;
pub(crate) mod processes;
pub(crate) mod report;
mod show;

use std::time::Duration;

use tandem_config::Config;
use tandem_evaluate::Proportion;

use crate::arguments::Demo;
use crate::conditions::Watch;
use crate::demo::episode::{Ending, Play, Played};
use crate::demo::film::Film;
use crate::demo::link::Link;
use crate::demo::processes::Processes;
use crate::demo::report::Outcome;
use crate::demo::show::Show;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::json;

/// How long the two processes may take to come up on a slow machine.
pub(crate) const READY_WITHIN: Duration = Duration::from_secs(30);

pub(crate) fn run(arguments: &Demo) -> Result<(), Failure> {
    let interrupt = Interrupt::install()?;
    let watch = Watch::start();
    let config = Config::load(arguments.scenario()).map_err(Failure::usage)?;
    let mut processes = Processes::start(&config, arguments.gif.is_some())?;
    let link = Link::open(&config, processes.endpoints(), arguments.gif.is_some())?;
    link.wait_ready(READY_WITHIN, &mut processes, &interrupt)?;

    let mut stage = Stage {
        show: Show::new(arguments),
        film: arguments.gif.as_ref().map(|_| Film::default()),
        link,
        processes,
        interrupt,
    };
    let outcome = stage.play_all(arguments)?;
    let report = stage.link.report()?;
    if let (Some(path), Some(film)) = (&arguments.gif, stage.film.take()) {
        film.write(path)?;
    }
    stage.processes.stop();

    let facts = report::facts(&outcome, &report, arguments, &watch);
    report::print(&outcome, &report);
    if let Some(path) = &arguments.json {
        json::write(path, &facts)?;
    }
    match outcome.named.successes {
        0 if outcome.named.trials > 0 => Err(Failure::failed("no episode succeeded")),
        _ => Ok(()),
    }
}

/// Everything an episode needs.
struct Stage {
    show: Show,
    film: Option<Film>,
    link: Link,
    processes: Processes,
    interrupt: Interrupt,
}

impl Stage {
    /// First the scenes as they are, then some of them with other words, then one in which
    /// System 2 dies.
    fn play_all(&mut self, arguments: &Demo) -> Result<Outcome, Failure> {
        let seeds = |count: u32| (0..u64::from(count)).map(|index| arguments.seed + index);
        let mut outcome = Outcome::default();
        for seed in seeds(arguments.episodes) {
            let played = self.play(seed, Play::Named)?;
            outcome.named.count(played.succeeded());
            outcome.played.push(played);
            self.show.episode(&outcome);
        }
        for seed in seeds(arguments.redirected.min(arguments.episodes)) {
            let played = self.play(seed, Play::Redirected)?;
            outcome.redirected.count(played.succeeded());
            outcome.played.push(played);
            self.show.episode(&outcome);
        }
        if !arguments.keep_system2 {
            let played = self.play(arguments.seed, Play::System2Dies)?;
            if let Ending::Held(hold) = &played.ending {
                outcome.system2_killed = Some(hold.clone());
            }
            outcome.played.push(played);
        }
        self.show.done();
        Ok(outcome)
    }

    fn play(&mut self, seed: u64, play: Play) -> Result<Played, Failure> {
        if self.interrupt.is_raised() {
            return Err(Failure::failed("interrupted"));
        }
        self.processes.check()?;
        episode::play(self, seed, play)
    }
}

/// The share of episodes that ended at the object named.
pub(crate) fn share(proportion: Proportion) -> serde_json::Value {
    let (low, high) = proportion.wilson_95();
    serde_json::json!({
        "episodes": proportion.trials,
        "successes": proportion.successes,
        "rate": proportion.rate(),
        "wilson_95": [low, high],
    })
}
