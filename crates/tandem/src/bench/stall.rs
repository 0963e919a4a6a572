//! System 1 stands still for half a second, again and again, while the arm is under way.
//!
//! The tick must not notice: it plays on what it has, then holds, and goes on when System 1 does.

use std::time::Duration;

use tandem_config::Config;
use tandem_wire::ControlKind;

use crate::arguments::Bench;
use crate::bench::Facts;
use crate::bench::live::Live;
use crate::demo::link::pause;
use crate::failure::Failure;
use crate::progress;

/// How long System 1 stands still.
const STALL_MS: u64 = 500;

/// From one stall to the next: the arm has set off again by then.
const PERIOD: Duration = Duration::from_millis(1500);

/// A scene whose two objects are far enough from each other.
const SEED: u64 = 7;

pub(super) fn run(arguments: &Bench) -> Result<Facts, Failure> {
    let config = Config::load(&arguments.config).map_err(Failure::usage)?;
    let stalls = arguments.runs.unwrap_or(20);
    let mut live = Live::start(&config, SEED, |_table| {})?;
    let bar = progress::bar(stalls.into());
    let before = live.count()?;
    let fault = format!("stall-system1 {STALL_MS}");
    for _ in 0..stalls {
        live.turn()?;
        pause(PERIOD / 3);
        live.link.insist(ControlKind::Fault, &fault)?;
        pause(PERIOD - PERIOD / 3);
        bar.inc(1);
    }
    bar.finish_and_clear();
    let after = live.count()?;
    let mode = live.end()?;

    let cost = after.cost_since(&before);
    println!("{stalls} stalls of {STALL_MS} ms: {cost}; at the end the arm was {mode}");
    let mut facts = cost.facts();
    facts.extend([
        ("stalls".to_owned(), stalls.into()),
        ("stall_ms".to_owned(), STALL_MS.into()),
        ("mode_at_end".to_owned(), mode.into()),
    ]);
    Ok(facts)
}
