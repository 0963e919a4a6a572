//! Every bundle beside the configured one, each of its networks on each engine, at batch one and
//! on one thread, as the daemon runs them.
//!
//! The inputs are zeros, which is also a sentence; these networks take the same time whatever they
//! see.

use std::fs;
use std::path::PathBuf;

use anyhow::Context as _;
use serde_json::{Value, json};
use tandem_bundle::{BUNDLE_FILE, Bundle};
use tandem_config::Config;
use tandem_inference::{Engine, EngineKind, load, warm_up};
use tandem_realtime::{Clock as _, Distribution, Histogram, MonotonicClock, Unit};

use crate::arguments::Bench;
use crate::bench::Facts;
use crate::failure::Failure;
use crate::table;

/// Runs before the first that counts.
const WARM_UP_RUNS: usize = 50;

pub(super) fn run(arguments: &Bench) -> Result<Facts, Failure> {
    let config = Config::load(&arguments.config).map_err(Failure::usage)?;
    let runs = arguments.runs.unwrap_or(1000);
    let library = config.onnxruntime.library.as_deref();
    let (mut by_bundle, mut unavailable) = (Facts::new(), Facts::new());
    println!("{}", table::heading("us"));
    for dir in bundles(&config)? {
        let bundle = Bundle::load(&dir)?;
        let manifest = bundle.manifest();
        let mut by_network = Facts::new();
        for network in &manifest.networks {
            let mut by_engine = Facts::new();
            for kind in EngineKind::ALL {
                let place = format!("{} {} {kind}", manifest.name, network.name);
                match load(&bundle, &network.name, kind, library) {
                    Ok(mut engine) => {
                        let us = time(&mut *engine, runs)?;
                        println!("{}", table::row(&place, &us));
                        by_engine.insert(kind.to_string(), table::json(&us));
                    }
                    // A machine without ONNX Runtime still has something to measure.
                    Err(error) => {
                        println!("{place}: {error}");
                        unavailable.insert(place, error.to_string().into());
                    }
                }
            }
            by_network.insert(network.name.clone(), Value::Object(by_engine));
        }
        by_bundle.insert(manifest.name.clone(), Value::Object(by_network));
    }
    let facts = json!({ "engines_us": by_bundle, "unavailable": unavailable });
    Ok(facts.as_object().cloned().unwrap_or_default())
}

/// The folders of all bundles that lie where the config's System 1 does, by name.
fn bundles(config: &Config) -> anyhow::Result<Vec<PathBuf>> {
    let shelf = config.system1.bundle.parent().context("a bundle without a folder")?;
    let entries = fs::read_dir(shelf).with_context(|| format!("{}", shelf.display()))?;
    let mut dirs: Vec<PathBuf> = entries
        .map(|entry| Ok(entry?.path()))
        .filter(|dir: &anyhow::Result<PathBuf>| {
            dir.as_ref().is_ok_and(|dir| dir.join(BUNDLE_FILE).is_file())
        })
        .collect::<anyhow::Result<_>>()?;
    dirs.sort();
    Ok(dirs)
}

fn time(engine: &mut dyn Engine, runs: u32) -> anyhow::Result<Distribution> {
    warm_up(engine, WARM_UP_RUNS)?;
    let signature = engine.signature().clone();
    let inputs: Vec<Vec<f32>> =
        signature.inputs.iter().map(|spec| vec![0.0; spec.elements()]).collect();
    let mut outputs: Vec<Vec<f32>> =
        signature.outputs.iter().map(|spec| vec![0.0; spec.elements()]).collect();
    let inputs: Vec<&[f32]> = inputs.iter().map(Vec::as_slice).collect();
    let mut outputs: Vec<&mut [f32]> = outputs.iter_mut().map(Vec::as_mut_slice).collect();
    let mut histogram = Histogram::new();
    for _ in 0..runs {
        let began = MonotonicClock.now();
        engine.run(&inputs, &mut outputs)?;
        histogram.record(began.age_at(MonotonicClock.now()));
    }
    Ok(histogram.distribution(Unit::Microseconds))
}
