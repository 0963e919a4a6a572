//! What each action representation costs and loses on demonstrations: bits per chunk, error, time.
//!
//! Chunks are the expert's, as System 1 is trained to say them, in units of each joint's root mean
//! square offset: a mean square error of 1 is that of saying nothing. Tokenizers are fitted on three
//! quarters of the flights and judged on the rest, which they have not seen. What a representation's
//! own scaling clips is part of its error.
//!
//! Times are of single calls on warm caches; the clock's two readings, some 50 ns, are in them. How
//! FAST's compares with the official processor's is `tandem bench fast`.

mod row;
mod table;

use core::ops::ControlFlow;
use std::path::Path;

use serde_json::{Value, json};
use tandem_config::Config;
use tandem_learn::{
    CollectConfig, CollectJob, Dataset, ExpertChunks, TrainConfig, Validation, collect,
};
use tandem_sim::{LockstepConfig, SimConfig};

use crate::arguments::Bench;
use crate::bench::Facts;
use crate::failure::Failure;
use crate::progress;

/// Chunks of either kind, at most: enough for the entropy of a few thousand ids.
const CHUNKS_MAX: usize = 12_000;
/// Flights of a collection for this bench alone: 20 seconds of work.
const FLIGHTS: usize = 800;
/// Encodings that are timed: ten beyond the 99.9th percentile.
const RUNS: u32 = 10_000;
/// Seed of everything fitted.
const SEED: u64 = 1;

pub(super) fn run(arguments: &Bench) -> Result<Facts, Failure> {
    let (sha256, chunks) = demonstrations(arguments)?;
    let (training, held_out) = (chunks.training().len(), chunks.held_out().len());
    println!("{}", row::heading());
    let mut rows = Vec::new();
    for family in table::FAMILIES {
        for mut codec in family(&chunks, SEED)? {
            let row = row::measure(&mut codec, &chunks, arguments.runs.unwrap_or(RUNS));
            println!("{}", row.line());
            rows.push(row.json());
        }
    }
    let facts = json!({
        "rows": rows,
        "chunk_shape": [chunks.shape().steps(), chunks.shape().dims()],
        "chunk_step_ms": TrainConfig::chunked().step_period_ms,
        "error_unit": "root mean square of the joint's offset from the command",
        "error_unit_rad": chunks.action_rad(),
        "chunks_training": training,
        "chunks_held_out": held_out,
        "data_sha256": sha256,
        "seed": SEED,
    });
    match facts {
        Value::Object(facts) => Ok(facts),
        _ => Ok(Facts::new()),
    }
}

/// The chunks of the demonstrations that were named, or else of some collected for this, and those
/// demonstrations' SHA-256.
pub(super) fn demonstrations(arguments: &Bench) -> Result<(String, ExpertChunks), Failure> {
    let own = tempfile::tempdir()?;
    let data = match &arguments.data {
        Some(data) => data.as_path(),
        None => {
            collect_without_pictures(&arguments.config, own.path())?;
            own.path()
        }
    };
    let dataset = Dataset::open(data)?;
    let usual = TrainConfig::chunked();
    let validation = Validation { share: 0.25, ..usual.validation };
    let config = TrainConfig { validation, ..usual };
    let chunks = ExpertChunks::read(&dataset, &config, CHUNKS_MAX)?;
    let (training, held_out) = (chunks.training().len(), chunks.held_out().len());
    println!("{}: fitted on {training} chunks, judged on {held_out} others", data.display());
    Ok((dataset.manifest().sha256(), chunks))
}

/// Flights of the expert with the cameras off: what a chunk is does not depend on pictures.
fn collect_without_pictures(config: &Path, out: &Path) -> Result<(), Failure> {
    let config = Config::load(config).map_err(Failure::usage)?;
    let settings = CollectConfig { episodes: FLIGHTS, ..CollectConfig::tabletop() };
    let sim = SimConfig { cameras: Vec::new(), ..SimConfig::from_config(&config)? };
    let job = CollectJob {
        config: &settings,
        sim: &sim,
        lockstep: &LockstepConfig::from_config(&config)?,
        out,
        command: &progress::command(),
    };
    println!("no --data: collecting {FLIGHTS} flights without pictures");
    let bar = progress::bar(FLIGHTS as u64);
    collect(&job, &mut |done| {
        bar.set_position(done.episodes as u64);
        ControlFlow::Continue(())
    })?;
    bar.finish_and_clear();
    Ok(())
}
