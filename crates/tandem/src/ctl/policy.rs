//! `tandem ctl policy`: what can be System 1, and making it so.

use std::path::Path;
use std::time::Duration;

use serde_json::{Map, json};
use tandem_bus::{Bus, Keys};
use tandem_realtime::{Clock as _, Distribution, MonotonicClock, sleep_until};
use tandem_wire::{PolicyBundle, PolicyKind, PolicyReply, PolicyRequest};

use crate::arguments::{Engine, PolicyWhat};
use crate::conditions::Watch;
use crate::failure::Failure;
use crate::{json as file, table};

/// How long the daemon may take to answer; for a list it reads every bundle.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);

/// How often a swap is asked how far it has come.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// How long a swap may go on without another step, beyond its shadow and its probation (both are at
/// most a minute): loading a large bundle takes a while, a dead System 1 takes for ever.
const STUCK_AFTER: Duration = Duration::from_secs(90);

pub(crate) fn run(bus: &Bus, keys: &Keys, what: &PolicyWhat) -> Result<(), Failure> {
    match what {
        PolicyWhat::List => list(&ask(bus, keys, &PolicyRequest::default())?),
        PolicyWhat::Swap { name, engine, shadow, json } => {
            let engine = match engine {
                None => "",
                Some(Engine::Candle) => "candle",
                Some(Engine::Onnx) => "onnx",
            };
            let request = PolicyRequest {
                kind: PolicyKind::Swap,
                name: name.clone(),
                engine: engine.to_owned(),
                shadow_s: *shadow,
            };
            swap(bus, keys, &request, json.as_deref())
        }
    }
}

fn ask(bus: &Bus, keys: &Keys, request: &PolicyRequest) -> Result<PolicyReply, Failure> {
    let reply = bus.ask(&keys.policy(), request, ANSWER_WITHIN)?;
    // That an earlier swap failed is no failure of asking for it.
    if reply.ok || request.kind == PolicyKind::Progress {
        Ok(reply)
    } else {
        Err(Failure::failed(reply.message))
    }
}

fn list(reply: &PolicyReply) -> Result<(), Failure> {
    println!("{}", reply.message);
    for PolicyBundle { name, active, engine, fault } in &reply.bundles {
        let state = match (active, fault.is_empty()) {
            (true, _) => format!("active, on {engine}"),
            (false, true) => "ready".to_owned(),
            (false, false) => format!("unusable: {fault}"),
        };
        println!("  {name:<24} {state}");
    }
    if let Some(step) = reply.steps.last() {
        println!("swap {}: {step}", reply.swap);
    }
    Ok(())
}

/// Orders a swap and tells each of its steps until it has come to its end.
fn swap(
    bus: &Bus,
    keys: &Keys,
    request: &PolicyRequest,
    json: Option<&Path>,
) -> Result<(), Failure> {
    let watch = Watch::start();
    let begun = ask(bus, keys, request)?;
    println!("{}", begun.message);
    let progress = PolicyRequest { kind: PolicyKind::Progress, ..PolicyRequest::default() };
    let (mut told, mut last_step) = (0, MonotonicClock.now());
    let end = loop {
        let reply = ask(bus, keys, &progress)?;
        if reply.swap != begun.swap {
            return Err(Failure::failed("another swap has begun: see `tandem ctl policy list`"));
        }
        // The last sentence of a failure is the failure's.
        let done = !reply.under_way;
        let sayable = reply.steps.len().saturating_sub(usize::from(done && !reply.ok));
        for step in reply.steps.iter().take(sayable).skip(told) {
            println!("  {step}");
        }
        if reply.steps.len() > told {
            (told, last_step) = (reply.steps.len(), MonotonicClock.now());
        }
        if done {
            break reply;
        }
        if last_step.age_at(MonotonicClock.now()) > STUCK_AFTER {
            let step = reply.message;
            return Err(Failure::failed(format!("{step}, and no further: see the daemon's log")));
        }
        sleep_until(MonotonicClock.now().after(LOOK_EVERY));
    };
    show(&end);
    if let Some(path) = json {
        let facts = json!({
            "swap": end.swap,
            "ok": end.ok,
            "steps": end.steps,
            "shadow": shadow(&end),
            "conditions": watch.finish(None),
        });
        file::write(path, &facts)?;
    }
    let outcome = end.steps.last().cloned().unwrap_or_default();
    if end.ok { Ok(()) } else { Err(Failure::failed(outcome)) }
}

/// What the shadow measured, as tables with one unit each.
fn show(reply: &PolicyReply) {
    let mut unit = "";
    for measured in &reply.shadow {
        if measured.unit != unit {
            unit = &measured.unit;
            println!("{}", table::heading(unit));
        }
        println!("{}", table::row(&measured.name, &distribution(measured)));
    }
}

/// The same for machines: `divergence_mrad` by joint, and `compute_us`.
fn shadow(reply: &PolicyReply) -> Map<String, serde_json::Value> {
    let mut facts = Map::new();
    for (name, unit) in [("divergence_mrad", "mrad"), ("compute_us", "us")] {
        let of_unit = reply.shadow.iter().filter(|measured| measured.unit == unit);
        let rows = of_unit.map(|it| (it.name.clone(), table::json(&distribution(it))));
        facts.insert(name.to_owned(), rows.collect::<Map<_, _>>().into());
    }
    facts
}

/// On the bus NaN stands for what too few samples support.
fn distribution(measured: &tandem_wire::Distribution) -> Distribution {
    let number = |value: f64| value.is_finite().then_some(value);
    Distribution {
        n: measured.n,
        p50: number(measured.p50),
        p99: number(measured.p99),
        p99_9: number(measured.p99_9),
        max: number(measured.max),
    }
}
