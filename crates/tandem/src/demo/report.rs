//! What the demo found, for people and for machines.

use serde_json::{Map, Value, json};
use tandem_evaluate::Proportion;
use tandem_wire::{Distribution, Report};

use crate::arguments::Demo;
use crate::conditions::Watch;
use crate::demo::episode::{Ending, Hold, Play, Played};
use crate::demo::share;
use crate::json::number;

/// Everything that was played.
#[derive(Default)]
pub(crate) struct Outcome {
    pub(crate) named: Proportion,
    pub(crate) redirected: Proportion,
    pub(crate) system2_killed: Option<Hold>,
    pub(crate) played: Vec<Played>,
}

/// The facts as one JSON object. What the daemon measured is placed by its dotted names.
pub(crate) fn facts(outcome: &Outcome, report: &Report, arguments: &Demo, watch: &Watch) -> Value {
    let mut facts = json!({
        "task": "touch the object an instruction names",
        "episodes": outcome.named.trials,
        "successes": outcome.named.successes,
        "seed": arguments.seed,
        "named": share(outcome.named),
        "redirected": share(outcome.redirected),
        "system2_killed": outcome.system2_killed.as_ref().map(hold),
        "played": outcome.played.iter().map(played).collect::<Vec<_>>(),
        "conditions": watch.finish(Some(arguments.seed)),
    });
    for distribution in &report.distributions {
        place(&mut facts, &distribution.name, spread(distribution));
    }
    for counter in &report.counters {
        place(&mut facts, &counter.name, number(counter.value));
    }
    for text in &report.texts {
        place(&mut facts, &text.name, Value::String(text.value.clone()));
    }
    facts
}

/// The same for people.
pub(crate) fn print(outcome: &Outcome, report: &Report) {
    println!("reached the object named     {}", outcome.named);
    if outcome.redirected.trials > 0 {
        println!("reached another one instead  {}", outcome.redirected);
    }
    if let Some(hold) = &outcome.system2_killed {
        let after_s = hold.after.as_secs_f64();
        println!("System 2 killed              {} after {after_s:.2} s: {}", hold.mode, hold.cause);
    }
    let counter = |name: &str| {
        let found = report.counters.iter().find(|counter| counter.name == name);
        found.map_or(f64::NAN, |counter| counter.value)
    };
    println!(
        "rates                        System 2 {:.2} Hz, System 1 {:.1} Hz, control {:.1} Hz",
        counter("system2.rate_hz"),
        counter("system1.rate_hz"),
        counter("control.rate_hz")
    );
    println!(
        "ticks                        {} of which {} missed; the bare timer missed {}",
        counter("control.ticks"),
        counter("control.missed"),
        counter("control.floor_missed")
    );
    println!(
        "guard                        {} clamped, {} refused, {} holds",
        counter("guard.clamped"),
        counter("guard.refused"),
        counter("guard.holds")
    );
    println!();
    println!("{:<30}{:>9}{:>11}{:>11}{:>11}{:>11}", "", "n", "p50", "p99", "p99.9", "max");
    for d in report.distributions.iter().filter(|d| d.n > 0) {
        let cell = |value: f64| {
            if value.is_finite() { format!("{value:.1}") } else { "-".to_owned() }
        };
        println!(
            "{:<30}{:>9}{:>11}{:>11}{:>11}{:>11}",
            d.name,
            d.n,
            cell(d.p50),
            cell(d.p99),
            cell(d.p99_9),
            cell(d.max)
        );
    }
}

fn played(played: &Played) -> Value {
    let play = match played.play {
        Play::Named => "named",
        Play::Redirected => "redirected",
        Play::System2Dies => "system2_dies",
    };
    let ending = match &played.ending {
        Ending::Reached(after) => json!({ "reached_after_s": after.as_secs_f64() }),
        Ending::TimedOut { nearest } => json!({ "timed_out_nearest_to": nearest }),
        Ending::Held(held) => hold(held),
    };
    json!({
        "play": play,
        "seed": played.seed,
        "instruction": played.instruction,
        "objects": played.objects,
        "ending": ending,
    })
}

fn hold(hold: &Hold) -> Value {
    json!({
        "mode": hold.mode,
        "cause": hold.cause,
        "held_after_s": hold.after.as_secs_f64(),
        "drift_rad": hold.drift_rad,
    })
}

/// A distribution for machines.
pub(crate) fn spread(distribution: &Distribution) -> Value {
    json!({
        "n": distribution.n,
        "p50": number(distribution.p50),
        "p99": number(distribution.p99),
        "p99_9": number(distribution.p99_9),
        "max": number(distribution.max),
    })
}

/// Puts a value at a dotted name: `control.missed` becomes `{"control": {"missed": ..}}`.
fn place(facts: &mut Value, name: &str, value: Value) {
    let mut parts = name.split('.');
    let Some(last) = parts.next_back() else { return };
    let mut object = facts;
    for part in parts {
        let Value::Object(map) = object else { return };
        object = map.entry(part).or_insert_with(|| Value::Object(Map::new()));
    }
    if let Value::Object(map) = object {
        map.insert(last.to_owned(), value);
    }
}
