//! `tandem eval representations`: every System 1 at hand on the same scenes, in one table.

use core::ops::ControlFlow;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde_json::{Value, json};
use tandem_bundle::{BUNDLE_FILE, Bundle};
use tandem_config::Config;
use tandem_evaluate::{Moment, Observed, Proportion, Smoothness, play};
use tandem_learn::deviation;
use tandem_realtime::{Clock as _, Distribution, Histogram, MonotonicClock, Unit};
use tandem_sim::{Episode, Lockstep, LockstepConfig, SimConfig, World};
use tandem_system1::{Budget, Policy, TokenCost, no_deadline};
use tandem_types::{ActionChunk, JointVec, Stamp};

use crate::arguments::Eval;
use crate::conditions::Watch;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::{json as file, progress, table};

/// Samples of held-out demonstrations that chunks are compared on.
const HELD_OUT_SAMPLES: usize = 2048;

pub(super) fn run(arguments: &Eval) -> Result<(), Failure> {
    let interrupt = Interrupt::install()?;
    let watch = Watch::start();
    let config = Config::load(&arguments.config).map_err(Failure::usage)?;
    let system2 = Bundle::load(&config.system2.bundle)?;
    let mut rows = Vec::new();
    println!("{}", heading());
    for dir in bundles(&config, &arguments.policies)? {
        let Some(bundle) = super::made_for(&system2, &dir)? else { continue };
        let Some(spec) = bundle.manifest().system1() else { continue };
        let Some(played) = play_all(arguments, &config, &bundle, &system2, &interrupt)? else {
            return Err(Failure::failed("stopped; nothing was written".to_owned()));
        };
        let latency_us = latency(&config, &bundle, &played.moments)?;
        let data = arguments.data.as_ref();
        let mse_mrad2 = match data {
            Some(data) => Some(deviation(&bundle, &system2, data, HELD_OUT_SAMPLES)?.mse_mrad2),
            None => None,
        };
        let row = Row {
            representation: spec.representation.name(),
            bundle: bundle.manifest().name.clone(),
            rate_hz: bundle.manifest().rate_hz,
            mse_mrad2,
            latency_us,
            played,
        };
        println!("{row}");
        rows.push(row.json());
    }
    if let Some(path) = &arguments.json {
        let facts = json!({
            "rows": rows,
            "units": {
                "mse": "mrad^2 on held-out demonstrations",
                "latency_us": "one step of System 1's head, one thread",
                "jerk_rms": "rad/s^3 of the commands", "seam": "mrad, root mean square",
                "tokens": "a chunk", "bits": "nominal, a chunk",
            },
            "engine": config.system1.engine.to_string(),
            "redirected": arguments.redirected,
            "conditions": watch.finish(Some(arguments.seed)),
        });
        file::write(path, &facts)?;
    }
    Ok(())
}

/// The bundles in these folders, which may be bundles themselves; without any, those in the folder
/// that policies are swapped from.
pub(super) fn bundles(config: &Config, folders: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let own = config.policies.as_ref().map(|policies| policies.folder.clone());
    let own = own.or_else(|| config.system1.bundle.parent().map(Path::to_path_buf));
    let folders = if folders.is_empty() { own.into_iter().collect() } else { folders.to_vec() };
    let is_bundle = |dir: &Path| dir.join(BUNDLE_FILE).is_file();
    let mut found = Vec::new();
    for folder in folders {
        if is_bundle(&folder) {
            found.push(folder);
            continue;
        }
        let entries =
            std::fs::read_dir(&folder).with_context(|| format!("{}", folder.display()))?;
        for entry in entries {
            found.push(entry?.path());
        }
    }
    found.retain(|dir| is_bundle(dir));
    found.sort();
    Ok(found)
}

/// What came of a bundle's episodes.
struct Episodes {
    reached: Proportion,
    smoothness: Vec<Smoothness>,
    cost: Option<TokenCost>,
    moments: Vec<Moment>,
}

/// Plays all episodes with one bundle; none if it was told to stop.
fn play_all(
    arguments: &Eval,
    config: &Config,
    bundle: &Bundle,
    system2: &Bundle,
    interrupt: &Interrupt,
) -> Result<Option<Episodes>, Failure> {
    let world = World::new(SimConfig::from_config(config)?, arguments.seed)?;
    let settings = LockstepConfig::from_config(config)?;
    let pilot_period = settings.pilot_period;
    let mut lockstep = Lockstep::new(world, settings)?;
    let mut pilot = Observed::new(super::pair(config, bundle, system2, None)?);
    let bar = progress::bar(u64::from(arguments.episodes));
    bar.set_message(bundle.manifest().name.clone());
    let (mut reached, mut smoothness) = (Proportion::default(), Vec::new());
    for seed in arguments.seed..arguments.seed + u64::from(arguments.episodes) {
        let episode = Episode { judge_alternative: arguments.redirected, ..Episode::new(seed) };
        let brief = |pilot: &mut Observed, text: &str| pilot.pair().instruct(text);
        let said =
            play(&mut lockstep, &mut pilot, [episode], brief, |_| ControlFlow::Continue(()))?;
        reached.successes += said.successes;
        reached.trials += said.trials;
        smoothness.push(pilot.smoothness(pilot_period));
        if let Some(failure) = pilot.pair().take_failure() {
            return Err(failure.into());
        }
        bar.inc(1);
        if interrupt.is_raised() {
            return Ok(None);
        }
    }
    bar.finish_and_clear();
    let cost = pilot.pair().policy().cost();
    Ok(Some(Episodes { reached, smoothness, cost, moments: pilot.moments().to_vec() }))
}

/// How long the head takes for the moments of those episodes, in real time on this thread.
fn latency(config: &Config, bundle: &Bundle, moments: &[Moment]) -> anyhow::Result<Distribution> {
    let library = config.onnxruntime.library.as_deref();
    let mut policy = Policy::load(bundle, super::engine_kind(config.system1.engine), library)?;
    let mut histogram = Histogram::new();
    let mut chunk = ActionChunk::at_rest(JointVec::EMPTY, Stamp::ORIGIN);
    for Moment { posture, features, goal } in moments {
        let mut never = no_deadline();
        let mut budget = Budget::new(config.system1.steps_max, &mut never);
        let began = MonotonicClock.now();
        match policy.step(posture, features, goal, &mut budget, &mut chunk) {
            Ok(()) => histogram.record(began.age_at(MonotonicClock.now())),
            Err(error) if error.is_no_chunk() => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(histogram.distribution(Unit::Microseconds))
}

/// One line of the table.
struct Row {
    representation: &'static str,
    bundle: String,
    rate_hz: u32,
    played: Episodes,
    latency_us: Distribution,
    mse_mrad2: Option<f64>,
}

impl Row {
    /// The mean over the episodes in which there was something to measure.
    fn mean(&self, of: impl Fn(&Smoothness) -> Option<f64>) -> Option<f64> {
        let found: Vec<f64> = self.played.smoothness.iter().filter_map(of).collect();
        (!found.is_empty()).then(|| found.iter().sum::<f64>() / found.len() as f64)
    }

    fn json(&self) -> Value {
        let reached = self.played.reached;
        let (low, high) = reached.wilson_95();
        let cost = self.played.cost;
        json!({
            "representation": self.representation,
            "bundle": self.bundle,
            "rate_hz": self.rate_hz,
            "episodes": reached.trials,
            "successes": reached.successes,
            "wilson_95": [low, high],
            "latency_us": table::json(&self.latency_us),
            "tokens": cost.map(|cost| cost.tokens),
            "bits": cost.map(|cost| cost.bits_nominal),
            "mse": self.mse_mrad2,
            "sparc": self.mean(|it| it.sparc),
            "ldlj": self.mean(|it| it.ldlj),
            "jerk_rms": self.mean(|it| it.jerk_rms_rad_s3),
            "seam": self.mean(|it| it.seam_mrad),
        })
    }
}

fn heading() -> String {
    format!(
        "{:<20}{:<20}{:>9}{:>14}{:>10}{:>10}{:>8}{:>8}{:>10}{:>8}{:>8}{:>9}{:>8}",
        "bundle",
        "representation",
        "reached",
        "95 % interval",
        "p50 us",
        "p99 us",
        "tokens",
        "bits",
        "mse mrad2",
        "sparc",
        "ldlj",
        "jerk rms",
        "seam"
    )
}

impl core::fmt::Display for Row {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let cell = |value: Option<f64>, digits: usize| {
            value.map_or_else(|| "-".to_owned(), |value| format!("{value:.digits$}"))
        };
        let reached = self.played.reached;
        let (low, high) = reached.wilson_95();
        let cost = self.played.cost;
        write!(
            f,
            "{:<20}{:<20}{:>9}{:>14}{:>10}{:>10}{:>8}{:>8}{:>10}{:>8}{:>8}{:>9}{:>8}",
            self.bundle,
            self.representation,
            format!("{}/{}", reached.successes, reached.trials),
            format!("{:.1}-{:.1} %", 100.0 * low, 100.0 * high),
            cell(self.latency_us.p50, 0),
            cell(self.latency_us.p99, 0),
            cell(cost.map(|cost| cost.tokens), 1),
            cell(cost.map(|cost| cost.bits_nominal), 0),
            cell(self.mse_mrad2, 2),
            cell(self.mean(|it| it.sparc), 2),
            cell(self.mean(|it| it.ldlj), 2),
            cell(self.mean(|it| it.jerk_rms_rad_s3), 1),
            cell(self.mean(|it| it.seam_mrad), 2),
        )
    }
}
