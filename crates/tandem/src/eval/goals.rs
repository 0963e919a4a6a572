//! `tandem eval goals`: how long the latent goals are that a policy meets where it was trained.
//!
//! The guard slows an arm down whose latent goal is shorter or longer than any of training. `tandem
//! train` measures that range on demonstrations; this measures it on the policies' own flights, and
//! with `--write` puts it into bundles that do not have it. Goals are System 2's, so each bundle gets
//! the range of all.

use core::fmt;
use std::time::Duration;

use serde_json::{Value, json};
use tandem_bundle::{Bundle, NormRange};
use tandem_config::Config;
use tandem_evaluate::Pair;
use tandem_guard::{LatentWitness, Mode};
use tandem_sim::{Lockstep, Verdict};
use tandem_types::Stamp;

use super::representations::bundles;
use crate::arguments::Eval;
use crate::conditions::Watch;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::json as file;

pub(super) fn run(arguments: &Eval) -> Result<(), Failure> {
    let interrupt = Interrupt::install()?;
    let watch = Watch::start();
    let config = Config::load(&arguments.config).map_err(Failure::usage)?;
    let system2 = Bundle::load(&config.system2.bundle)?;
    let mut rows = Vec::new();
    println!("{}", Row::HEADING);
    for dir in bundles(&config, &arguments.policies)? {
        let Some(bundle) = super::made_for(&system2, &dir)? else { continue };
        let fly =
            |lockstep: &mut Lockstep, pair: &mut Pair| fly(lockstep, pair, config.task.timeout);
        let flown = super::fly_each(arguments, &config, [&bundle, &system2], &interrupt, fly)?;
        let Some(norms) = flown.map(|scenes| scenes.concat()) else {
            return Err(Failure::failed("stopped; nothing was written".to_owned()));
        };
        let Some(row) = Row::of(bundle, norms) else { continue };
        println!("{row}");
        rows.push(row);
    }
    if arguments.write {
        record(&rows)?;
    }
    if let Some(path) = &arguments.json {
        let rows: Vec<_> = rows.iter().map(Row::json).collect();
        let facts = json!({ "rows": rows, "conditions": watch.finish(Some(arguments.seed)) });
        file::write(path, &facts)?;
    }
    Ok(())
}

/// Writes the range of all goals into every bundle that flew.
fn record(rows: &[Row]) -> Result<(), Failure> {
    let lengths = || rows.iter().flat_map(|row| [row.range.min, row.range.max]);
    let (min, max) = (lengths().fold(f64::INFINITY, f64::min), lengths().fold(0.0, f64::max));
    for row in rows {
        row.bundle.record_latent_norm(NormRange { min, max })?;
    }
    Ok(())
}

/// The Euclidean length of every goal of one scene, up to its end.
fn fly(lockstep: &mut Lockstep, pair: &mut Pair, timeout: Duration) -> anyhow::Result<Vec<f64>> {
    let (started, mut seen) = (lockstep.world().now(), Stamp::ORIGIN);
    let mut norms = Vec::new();
    loop {
        let output = lockstep.advance(pair)?;
        if let Some(goal) = pair.goal().filter(|goal| goal.observed > seen) {
            seen = goal.observed;
            norms.push(LatentWitness::of(goal).norm);
        }
        let world = lockstep.world();
        let arrived = matches!(world.verdict(), Verdict::Succeeded(_));
        let late = started.age_at(world.now()) > timeout;
        if arrived || late || output.mode == Mode::Stopped {
            return Ok(norms);
        }
    }
}

/// What came of one bundle's flights.
struct Row {
    bundle: Bundle,
    goals: usize,
    median: f64,
    range: NormRange,
}

impl Row {
    const HEADING: &str = "bundle                 goals  shortest    median   longest";

    /// `None` if there was no goal at all.
    fn of(bundle: Bundle, mut norms: Vec<f64>) -> Option<Self> {
        norms.sort_by(f64::total_cmp);
        let range = NormRange { min: *norms.first()?, max: *norms.last()? };
        let median = *norms.get(norms.len() / 2)?;
        Some(Self { bundle, goals: norms.len(), median, range })
    }

    fn json(&self) -> Value {
        json!({
            "bundle": self.bundle.manifest().name,
            "goals": self.goals,
            "norm": { "min": self.range.min, "p50": self.median, "max": self.range.max },
        })
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { bundle, goals, median, range } = self;
        let bundle = &bundle.manifest().name;
        write!(f, "{bundle:<20} {goals:>7} {:>9.3} {median:>9.3} {:>9.3}", range.min, range.max)
    }
}
