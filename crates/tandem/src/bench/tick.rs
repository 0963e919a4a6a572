//! What the control tick adds to the machine's own timer.
//!
//! Four blocks take turns, several rounds of them, so that whatever the machine's host does falls
//! on all of them alike:
//!
//! | block | what runs |
//! |---|---|
//! | `floor` | a bare timer of the tick's class and period, nothing else |
//! | `null` | the daemon's control thread with an ideal robot and a policy that stays where it is |
//! | `full` | the whole daemon with its shipped policies, and a simulated arm as another process |
//! | `stressed` | the same, with System 2 thinking, and an ordinary thread on each CPU that never sleeps |
//!
//! Lateness is counted from an absolute schedule, so a late tick does not hide behind the next, and
//! each block's first second does not count. The excess over the floor is a difference of
//! quantiles, never of samples. A bare timer also runs beside each loop block, as the config asks
//! for (`beside_us`): the floor of that very load.

mod block;
mod bodies;
mod report;

use std::time::Duration;

use tandem_config::Config;
use tandem_realtime::Unit;
use tandem_runtime::TickFigures;

use crate::arguments::Bench;
use crate::bench::tick::block::{Block, Stage};
use crate::bench::{Facts, seconds};
use crate::failure::Failure;
use crate::progress;

/// How often the blocks take turns.
const ROUNDS: u32 = 5;

/// What one block came to.
#[derive(Default)]
struct Totals {
    figures: TickFigures,
    /// The 99th percentile of each round by itself, us, to see how far rounds are apart.
    p99_us_by_round: Vec<Option<f64>>,
    granted: String,
}

pub(super) fn run(arguments: &Bench) -> Result<Facts, Failure> {
    let config = Config::load(&arguments.config).map_err(Failure::usage)?;
    let compute = bodies::measure(&config)?;
    let stage = Stage::new(config, &arguments.config)?;
    // Four blocks share the time.
    let length = seconds(arguments, 100) / (4 * ROUNDS);
    let totals = rounds(&stage, length)?;
    report::print(&totals, &compute);
    Ok(report::facts(&totals, &compute, length))
}

fn rounds(stage: &Stage, length: Duration) -> Result<[Totals; 4], Failure> {
    let mut totals: [Totals; 4] = Default::default();
    let bar = progress::bar(u64::from(ROUNDS) * 4);
    for _ in 0..ROUNDS {
        for (block, totals) in Block::ALL.into_iter().zip(&mut totals) {
            bar.set_message(block.name());
            let (figures, granted) = stage.run(block, length)?;
            let us = figures.lateness.distribution(Unit::Microseconds);
            totals.p99_us_by_round.push(us.p99);
            totals.figures.merge(&figures);
            totals.granted = granted;
            bar.inc(1);
        }
    }
    bar.finish_and_clear();
    Ok(totals)
}
