//! One episode, from a fresh scene to a verdict.

use std::time::Duration;

use tandem_guard::Reaction;
use tandem_realtime::{Clock as _, MonotonicClock};
use tandem_sim::{Judge, SuccessRule, Verdict};
use tandem_types::Stamp;
use tandem_wire::{ControlKind, EpisodeReply};

use crate::demo::Stage;
use crate::demo::link::{Link, pause};
use crate::failure::Failure;

/// From a new scene to its pictures in every buffer: three frames.
const PICTURES_ARRIVE: Duration = Duration::from_millis(100);

/// How an episode is played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Play {
    /// The scene's own target is named.
    Named,
    /// Another object on the table is named.
    Redirected,
    /// The target is named, and System 2 dies on the way.
    System2Dies,
}

/// What became of an episode.
#[derive(Clone, Debug)]
pub(crate) struct Played {
    pub(crate) play: Play,
    pub(crate) seed: u64,
    pub(crate) instruction: String,
    pub(crate) objects: Vec<String>,
    pub(crate) ending: Ending,
}

/// How it ended.
#[derive(Clone, Debug)]
pub(crate) enum Ending {
    /// At the object named, this long after arming.
    Reached(Duration),
    /// Not there in time; the fingertip was nearest to the object with this index, if to any.
    TimedOut { nearest: Option<usize> },
    /// The arm held, as it should with System 2 dead.
    Held(Hold),
}

/// What the daemon said when System 2 was dead.
#[derive(Clone, Debug)]
pub(crate) struct Hold {
    pub(crate) mode: String,
    pub(crate) cause: String,
    /// From the kill to the hold.
    pub(crate) after: Duration,
    /// How far any joint moved in the half second after it had come to rest, rad.
    pub(crate) drift_rad: f64,
}

impl Played {
    pub(crate) fn succeeded(&self) -> bool {
        matches!(self.ending, Ending::Reached(_))
    }
}

pub(super) fn play(stage: &mut Stage, seed: u64, play: Play) -> Result<Played, Failure> {
    let scene = lay_out(&stage.link, seed)?;
    let (instruction, target) = match play {
        Play::Named | Play::System2Dies => (scene.instruction.clone(), scene.target),
        Play::Redirected => (scene.alternative_instruction.clone(), scene.alternative),
    };
    stage.show.instruction(play, &instruction);
    begin(&stage.link, &instruction)?;
    let armed = MonotonicClock.now();
    let ending = if play == Play::System2Dies {
        Ending::Held(kill_system2(stage, armed, &instruction)?)
    } else {
        watch(stage, &scene, usize::from(target), armed, &instruction)?
    };
    Ok(Played { play, seed, instruction, objects: scene.objects, ending })
}

/// Lays out a scene, with the arm disarmed and no instruction.
pub(crate) fn lay_out(link: &Link, seed: u64) -> Result<EpisodeReply, Failure> {
    disarm(link)?;
    link.insist(ControlKind::Instruct, "")?;
    let scene = link.reset(seed)?;
    // Whoever thinks about new words must not do so over pictures of the old table.
    pause(PICTURES_ARRIVE);
    Ok(scene)
}

/// Instructs, and arms as soon as both systems have answered.
pub(crate) fn begin(link: &Link, instruction: &str) -> Result<(), Failure> {
    link.insist(ControlKind::Instruct, instruction)?;
    if !answered(link)? {
        tracing::warn!("neither system has answered the instruction yet; arming all the same");
    }
    arm(link)
}

/// Feeds the judge until it has a verdict.
fn watch(
    stage: &mut Stage,
    scene: &EpisodeReply,
    target: usize,
    armed: Stamp,
    caption: &str,
) -> Result<Ending, Failure> {
    let mut judge = Judge::new(SuccessRule::TASK, armed);
    let mut nearest = None;
    loop {
        if stage.interrupt.is_raised() {
            return Err(Failure::failed("interrupted"));
        }
        stage.processes.check()?;
        film(stage, caption);
        let now = MonotonicClock.now();
        if armed.age_at(now) > SuccessRule::TASK.time_max + Duration::from_secs(1) {
            return Ok(Ending::TimedOut { nearest });
        }
        let Some(truth) = stage.link.truth().filter(|truth| truth.episode == scene.episode) else {
            continue;
        };
        let distances = truth.distances_m.iter().enumerate();
        nearest = distances.min_by(|a, b| a.1.total_cmp(b.1)).map(|(index, _)| index);
        match judge.feed(truth.stamp, &truth.distances_m, target) {
            Verdict::Running => {}
            Verdict::Succeeded(after) => return Ok(Ending::Reached(after)),
            Verdict::TimedOut => return Ok(Ending::TimedOut { nearest }),
        }
    }
}

/// Kills System 2 while the arm moves, and waits for the hold that must follow.
fn kill_system2(stage: &mut Stage, armed: Stamp, caption: &str) -> Result<Hold, Failure> {
    const ON_THE_WAY: Duration = Duration::from_millis(600);
    const HOLD_WITHIN: Duration = Duration::from_secs(5);
    while armed.age_at(MonotonicClock.now()) < ON_THE_WAY {
        film(stage, caption);
        pause(Duration::from_millis(10));
    }
    stage.link.insist(ControlKind::Fault, "kill-system2")?;
    let killed = MonotonicClock.now();
    loop {
        film(stage, caption);
        let status = stage.link.status();
        let said = status.stamp > killed && matches!(&*status.mode_text, "holding" | "stopped");
        if said {
            pause(Duration::from_millis(300));
            let at_rest = stage.link.status_after(MonotonicClock.now())?;
            pause(Duration::from_millis(500));
            let later = stage.link.status_after(MonotonicClock.now())?;
            return Ok(Hold {
                mode: status.mode_text,
                cause: status.cause,
                after: killed.age_at(status.stamp),
                drift_rad: at_rest.q.zip_with(&later.q, |a, b| a - b).max_abs(),
            });
        }
        if killed.age_at(MonotonicClock.now()) > HOLD_WITHIN {
            return Err(Failure::failed("the arm did not hold although System 2 is dead"));
        }
        pause(Duration::from_millis(10));
    }
}

/// Brings the arm to rest and waits until it is disarmed. A stop is taken note of, on the arm's own
/// side, too: it has cost the episode before.
fn disarm(link: &Link) -> Result<(), Failure> {
    // Refused if none is latched there.
    drop(link.ask_bridge(ControlKind::Acknowledge)?);
    loop {
        let status = link.status_after(MonotonicClock.now())?;
        match &*status.mode_text {
            "disarmed" => return Ok(()),
            "stopped" => drop(link.operate(ControlKind::Acknowledge, "")?),
            // Refused while it is braking already; the next status tells.
            _ => drop(link.operate(ControlKind::Disarm, "")?),
        }
    }
}

/// Waits until arming would meet nothing that holds the arm: both systems have answered.
fn answered(link: &Link) -> Result<bool, Failure> {
    const WITHIN: Duration = Duration::from_secs(2);
    let hold = Reaction::Hold as u8;
    let began = MonotonicClock.now();
    while began.age_at(MonotonicClock.now()) < WITHIN {
        if link.status_after(MonotonicClock.now())?.reaction < hold {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Arms as soon as the arm rests.
fn arm(link: &Link) -> Result<(), Failure> {
    const WITHIN: Duration = Duration::from_secs(3);
    let began = MonotonicClock.now();
    loop {
        let reply = link.arm()?;
        if reply.ok {
            return Ok(());
        }
        if began.age_at(MonotonicClock.now()) > WITHIN {
            return Err(Failure::failed(format!("the daemon refuses to arm: {}", reply.message)));
        }
        pause(Duration::from_millis(50));
    }
}

fn film(stage: &mut Stage, caption: &str) {
    if let Some(film) = &mut stage.film {
        film.shoot(MonotonicClock.now(), || stage.link.pictures(), caption);
    }
}
