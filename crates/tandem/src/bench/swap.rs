//! Policies that take turns by the hundred while the arm is under way.
//!
//! Two bundles are swapped to and fro, with a short fade and a short probation, while the arm goes to
//! and fro between two objects. What a swap must not cost: a control tick (beside the bare timer's,
//! which runs in the same daemon), a command that the guard had to change, or memory that stays.

use std::time::Duration;

use tandem_config::Config;
use tandem_wire::{PolicyKind, PolicyRequest};

use crate::arguments::Bench;
use crate::bench::Facts;
use crate::bench::live::{Cost, Live};
use crate::bench::scenario::set;
use crate::demo::link::pause;
use crate::failure::Failure;
use crate::progress;

/// Before memory is measured: by then every pool has its size, and Zenoh, which keeps what belongs
/// to a question until its time is up, forgets as many questions as it is asked.
const SWAPS_BEFORE: u32 = 400;

/// The two that take turns. Both ship.
const TURNS: [&str; 2] = ["per-step", "chunked"];

/// Swaps between two errands: the arm is under way nearly always.
const SWAPS_PER_ERRAND: u32 = 12;

/// A new instruction waits for System 2's first goal, and the arm holds if that takes longer than the
/// last chunk lasts. That is not what a swap costs, and is over by then.
const SET_OFF: Duration = Duration::from_millis(400);

/// More questions without an answer are a daemon that is not there.
const UNANSWERED_MAX: u32 = 5;

const LOOK_EVERY: Duration = Duration::from_millis(5);

/// A scene whose two objects are far enough from each other.
const SEED: u64 = 7;

pub(super) fn run(arguments: &Bench) -> Result<Facts, Failure> {
    let config = Config::load(&arguments.config).map_err(Failure::usage)?;
    let swaps = arguments.runs.unwrap_or(1000);
    let mut live = Live::start(&config, SEED, |table| {
        set(table, "policies", "fade_ms", 20.0);
        set(table, "policies", "probation_ms", 10.0);
        // A new policy whose first step is late on a busy machine is not what is measured here.
        set(table, "policies", "missed_steps_max", 1000);
    })?;
    let bar = progress::bar(u64::from(SWAPS_BEFORE + swaps));
    let mut names = TURNS.iter().cycle();
    let mut unanswered = 0;
    let mut swap = |live: &mut Live, count: u32| {
        let mut cost = Cost::default();
        for errand in 0..count.div_ceil(SWAPS_PER_ERRAND) {
            live.turn()?;
            pause(SET_OFF);
            let before = live.count()?;
            let left = count - errand * SWAPS_PER_ERRAND;
            for name in names.by_ref().take(left.min(SWAPS_PER_ERRAND) as usize) {
                swap_to(live, name, &mut unanswered)?;
                bar.inc(1);
            }
            cost += live.count()?.cost_since(&before);
        }
        Ok::<_, Failure>((cost, live.count()?))
    };
    let (_, before) = swap(&mut live, SWAPS_BEFORE)?;
    let (cost, after) = swap(&mut live, swaps)?;
    bar.finish_and_clear();
    let mode = live.end()?;

    let done = after.since(&before, "swaps.done");
    let grown_bytes = after.since(&before, "memory.resident_bytes");
    println!(
        "{done} swaps under motion: {cost}; memory grew by {:.1} KB; {unanswered} questions \
         without an answer; at the end the arm was {mode}",
        grown_bytes / 1024.0,
    );
    let mut facts = cost.facts();
    facts.extend([
        ("swaps".to_owned(), done.into()),
        ("reverted".to_owned(), after.since(&before, "swaps.reverted").into()),
        ("unanswered".to_owned(), unanswered.into()),
        ("grown_bytes".to_owned(), grown_bytes.into()),
        ("mode_at_end".to_owned(), mode.into()),
    ]);
    Ok(facts)
}

/// Orders a swap and waits until it has come to its end. Questions that got no answer are counted:
/// they are asked again, for how a swap goes on does not depend on who looks.
fn swap_to(live: &Live, name: &str, unanswered: &mut u32) -> Result<(), Failure> {
    let kind = PolicyKind::Swap;
    let request = PolicyRequest { kind, name: name.to_owned(), ..PolicyRequest::default() };
    match live.link.policy(&request) {
        Ok(begun) if begun.ok => {}
        Ok(refused) => return Err(Failure::failed(refused.message)),
        // It may have begun all the same, as its progress will tell.
        Err(_nobody) => *unanswered += 1,
    }
    let request = PolicyRequest { kind: PolicyKind::Progress, ..PolicyRequest::default() };
    loop {
        match live.link.policy(&request) {
            Ok(reply) if reply.under_way => {}
            Ok(reply) if reply.ok => return Ok(()),
            Ok(reply) => {
                return Err(Failure::failed(reply.steps.last().cloned().unwrap_or_default()));
            }
            Err(error) if *unanswered >= UNANSWERED_MAX => return Err(error.into()),
            Err(_nobody) => *unanswered += 1,
        }
        pause(LOOK_EVERY);
    }
}
