//! `tandem eval tasks`: does a task end when it is done, and would other thresholds tell better?
//!
//! The daemon ends a task by System 2's guess of its progress (`[task]`). Here a judge knows better.
//! Each scene is flown once, past its end, and what the monitor would have seen is written down; then
//! the monitor is played over it with the config's thresholds, and with others.

use core::fmt;
use std::time::Duration;

use serde_json::{Value, json};
use tandem_bundle::Bundle;
use tandem_config::Config;
use tandem_control::{TaskConfig, TaskEnd, TaskMonitor, TaskSample};
use tandem_evaluate::Pair;
use tandem_guard::Mode;
use tandem_sim::{Lockstep, Verdict};
use tandem_types::Stamp;

use crate::arguments::Eval;
use crate::conditions::Watch;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::json as file;

/// What is tried instead of the config's `done_progress` and `done_ms`.
const PROGRESSES: [f32; 6] = [0.5, 0.6, 0.7, 0.8, 0.9, 0.95];
const TIMES_MS: [u64; 3] = [250, 500, 1000];

pub(super) fn run(arguments: &Eval) -> Result<(), Failure> {
    let interrupt = Interrupt::install()?;
    let watch = Watch::start();
    let config = Config::load(&arguments.config).map_err(Failure::usage)?;
    let Some(flights) = fly(arguments, &config, &interrupt)? else {
        return Err(Failure::failed("stopped; nothing was written".to_owned()));
    };
    let configured = Row::of(&config.task, &flights);
    println!("{}\n{configured}  <- {}", Row::HEADING, config.file.display());
    let mut others = Vec::new();
    for done_progress in PROGRESSES {
        for done_ms in TIMES_MS {
            let done_for = Duration::from_millis(done_ms);
            let row = Row::of(&TaskConfig { done_progress, done_for, ..config.task }, &flights);
            println!("{row}");
            others.push(row.json());
        }
    }
    if let Some(path) = &arguments.json {
        let facts = json!({
            "configured": configured.json(),
            "others": others,
            "conditions": watch.finish(Some(arguments.seed)),
        });
        file::write(path, &facts)?;
    }
    Ok(())
}

/// What the monitor would have seen of a scene, and when the judge saw it succeed.
struct Flight {
    samples: Vec<TaskSample>,
    reached: Option<Stamp>,
}

fn fly(
    arguments: &Eval,
    config: &Config,
    interrupt: &Interrupt,
) -> Result<Option<Vec<Flight>>, Failure> {
    let [system1, system2] = [&config.system1.bundle, &config.system2.bundle].map(Bundle::load);
    // By then an arm that stays where it arrived is idle, and one that does not has timed out.
    let after = config.task.idle_for + config.task.done_for;
    super::fly_each(arguments, config, [&system1?, &system2?], interrupt, |lockstep, pair| {
        fly_one(lockstep, pair, &config.task, after)
    })
}

fn fly_one(
    lockstep: &mut Lockstep,
    pair: &mut Pair,
    task: &TaskConfig,
    after: Duration,
) -> anyhow::Result<Flight> {
    let started = lockstep.world().now();
    let mut flight = Flight { samples: Vec::new(), reached: None };
    loop {
        let output = lockstep.advance(pair)?;
        let now = lockstep.world().now();
        flight.samples.push(TaskSample {
            now,
            is_under_way: output.mode == Mode::Armed,
            progress: pair.goal().map_or(0.0, |goal| goal.progress),
            speed_rad_s: output.command.map_or(0.0, |sent| sent.command().dq.max_abs()),
        });
        if matches!(lockstep.world().verdict(), Verdict::Succeeded(_)) {
            flight.reached.get_or_insert(now);
        }
        let is_over = match flight.reached {
            Some(reached) => reached.age_at(now) > after,
            None => started.age_at(now) > task.timeout || output.mode == Mode::Stopped,
        };
        if is_over {
            return Ok(flight);
        }
    }
}

/// How tasks end with one set of thresholds.
#[derive(Clone, Debug, Default, PartialEq)]
struct Row {
    done_progress: f32,
    done_ms: u128,
    /// Done, and the judge agrees.
    done: u32,
    /// Called done before it was.
    too_early: u32,
    /// Called done, and never was.
    wrong: u32,
    /// Reached, but it took standing still to notice.
    idle_reached: u32,
    /// Stood still without having reached it, or took too long.
    given_up: u32,
    /// From the judge's verdict to "done", ms, in rising order.
    delays_ms: Vec<u128>,
}

impl Row {
    const HEADING: &str =
        "progress  for ms   done  too early  wrong  idle there  given up  done after, ms p50   max";

    fn of(task: &TaskConfig, flights: &[Flight]) -> Self {
        let (done_progress, done_ms) = (task.done_progress, task.done_for.as_millis());
        let mut row = Self { done_progress, done_ms, ..Self::default() };
        for flight in flights {
            let mut monitor = TaskMonitor::new(*task);
            let end = flight
                .samples
                .iter()
                .find_map(|sample| Some((monitor.update(sample)?, sample.now)));
            match (end, flight.reached) {
                (Some((TaskEnd::Done, at)), Some(reached)) if reached <= at => {
                    row.done += 1;
                    row.delays_ms.push(reached.age_at(at).as_millis());
                }
                (Some((TaskEnd::Done, _)), Some(_)) => row.too_early += 1,
                (Some((TaskEnd::Done, _)), None) => row.wrong += 1,
                (Some((TaskEnd::Idle, at)), Some(reached)) if reached <= at => {
                    row.idle_reached += 1;
                }
                _ => row.given_up += 1,
            }
        }
        row.delays_ms.sort_unstable();
        row
    }

    /// The median of the delays and their largest, ms.
    fn delays(&self) -> Option<(u128, u128)> {
        Some((*self.delays_ms.get(self.delays_ms.len() / 2)?, *self.delays_ms.last()?))
    }

    fn json(&self) -> Value {
        let delays = self.delays();
        json!({
            "done_progress": self.done_progress,
            "done_ms": self.done_ms,
            "done": self.done,
            "too_early": self.too_early,
            "wrong": self.wrong,
            "idle_reached": self.idle_reached,
            "given_up": self.given_up,
            "delay_ms_p50": delays.map(|(p50, _)| p50),
            "delay_ms_max": delays.map(|(_, max)| max),
        })
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { done_progress, done_ms, done, too_early, wrong, .. } = self;
        let Self { idle_reached, given_up, .. } = self;
        write!(
            f,
            "{done_progress:>8.2} {done_ms:>7} {done:>6} {too_early:>10} {wrong:>6} \
             {idle_reached:>11} {given_up:>9}"
        )?;
        match self.delays() {
            Some((p50, max)) => write!(f, " {p50:>19} {max:>5}"),
            None => write!(f, " {:>19} {:>5}", "-", "-"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TASK: TaskConfig = TaskConfig {
        done_progress: 0.9,
        done_hysteresis: 0.1,
        done_for: Duration::from_millis(500),
        idle_rad_s: 0.02,
        idle_for: Duration::from_secs(3),
        timeout: Duration::from_secs(20),
    };

    /// Progress and speed for so many ms each; the judge's verdict at `reached_ms`.
    fn flight(stretches: &[(u64, f32, f64)], reached_ms: Option<u64>) -> Flight {
        let at = |ms: u64| Stamp::from_nanos(1_000_000_000 + ms * 1_000_000);
        let each = stretches.iter().flat_map(|&(length, progress, speed)| {
            std::iter::repeat_n((progress, speed), usize::try_from(length).unwrap())
        });
        let samples = (0..).zip(each).map(|(ms, (progress, speed_rad_s))| TaskSample {
            now: at(ms),
            is_under_way: true,
            progress,
            speed_rad_s,
        });
        Flight { samples: samples.collect(), reached: reached_ms.map(at) }
    }

    #[test]
    fn an_end_is_held_against_the_judge() {
        let flights = [
            flight(&[(1000, 0.2, 1.0), (2000, 0.95, 1.0)], Some(1200)),
            flight(&[(1000, 0.2, 1.0), (2000, 0.95, 1.0)], Some(1800)),
            flight(&[(1000, 0.2, 1.0), (2000, 0.95, 1.0)], None),
            flight(&[(1000, 0.2, 1.0), (4000, 0.7, 0.0)], Some(1500)),
            flight(&[(1000, 0.2, 1.0), (4000, 0.7, 0.0)], None),
        ];
        let row = Row::of(&TASK, &flights);
        let counts = (row.done, row.too_early, row.wrong, row.idle_reached, row.given_up);
        assert_eq!(counts, (1, 1, 1, 1, 1));
        assert_eq!(row.delays(), Some((300, 300)));
        let lower = Row::of(&TaskConfig { done_progress: 0.6, ..TASK }, &flights);
        assert_eq!((lower.done, lower.too_early, lower.wrong), (2, 1, 2));
    }
}
