//! `tandem bench`: measurements, each with its conditions and, on request, against a budget.

mod bridge;
mod budget;
mod camera;
mod codec;
mod engines;
mod fast;
mod latest;
mod live;
pub(crate) mod path;
mod scenario;
mod stall;
mod stop;
mod swap;
mod tick;
mod train;

use std::time::Duration;

use serde_json::{Map, Value};

use crate::arguments::{Bench, BenchWhat};
use crate::bench::budget::Budget;
use crate::conditions::Watch;
use crate::failure::Failure;
use crate::json;

/// What a bench has to say to machines; its table is printed by itself.
type Facts = Map<String, Value>;

pub(crate) fn run(arguments: &Bench) -> Result<(), Failure> {
    let name = arguments.what.name();
    // A budget that cannot be read is told before minutes of measuring, not after.
    let budget = arguments.budget.as_deref().map(|file| Budget::load(file, name)).transpose()?;
    let watch = Watch::start();
    let mut facts = measure(arguments)?;
    facts.insert("conditions".to_owned(), watch.finish(None));
    let facts = Value::Object(facts);
    if let Some(path) = &arguments.json {
        json::write(path, &facts)?;
    }
    budget.map_or(Ok(()), |budget| budget.hold(&facts))
}

fn measure(arguments: &Bench) -> Result<Facts, Failure> {
    match arguments.what {
        BenchWhat::Train => train::run(arguments.runs.unwrap_or(30)),
        BenchWhat::Camera => Ok(camera::run(arguments.runs.unwrap_or(2000))),
        BenchWhat::Latest => Ok(latest::run(seconds(arguments, 6))),
        BenchWhat::Tick => tick::run(arguments),
        BenchWhat::Path => path::run(arguments),
        BenchWhat::Engines => engines::run(arguments),
        BenchWhat::Swap => swap::run(arguments),
        BenchWhat::Stall => stall::run(arguments),
        BenchWhat::Codec => codec::run(arguments),
        BenchWhat::Fast => fast::run(arguments),
        BenchWhat::Bridge => bridge::run(arguments.runs.unwrap_or(5000)),
        BenchWhat::Stop => stop::run(arguments),
    }
}

/// How long to measure: what was asked for, or `usual_s`.
fn seconds(arguments: &Bench, usual_s: u32) -> Duration {
    Duration::from_secs(arguments.seconds.unwrap_or(usual_s).into())
}
