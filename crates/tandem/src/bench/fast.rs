//! FAST's encoder, and what the official processor needs to be timed on the same chunks.
//!
//! Chunks are the expert's, on flights that the tokenizer was not fitted on, scaled as openpi scales
//! them. With `--folder DIR` everything goes there, and `python official.py DIR` (beside this file)
//! encodes the same chunks by the official processor's algorithm, compares every id and says how
//! many times as long it takes. `taskset -c 0` before either command gives both the same one core.
//! A time is that of one chunk, the clock's two readings (some 50 ns) and the check that its tokens
//! spell it again included.

use std::fs;
use std::path::Path;

use anyhow::Context as _;
use serde_json::json;
use tandem_actions::{Fast, FitSettings, Representation as _, Scaling};
use tandem_learn::ExpertChunks;
use tandem_realtime::{Clock as _, Distribution, Histogram, MonotonicClock, Unit};

use super::codec;
use crate::arguments::Bench;
use crate::bench::Facts;
use crate::failure::Failure;
use crate::{json as file, table};

/// Chunks that are encoded.
const CHUNKS: usize = 4000;
/// Rounds over all of them, of which the first does not count.
const ROUNDS: u32 = 6;

pub(super) fn run(arguments: &Bench) -> Result<Facts, Failure> {
    let (_, chunks) = codec::demonstrations(arguments)?;
    let (mut fast, chunks) = fitted(&chunks)?;
    let encode_us = time(&mut fast, &chunks, arguments.runs.unwrap_or(ROUNDS));
    println!("{}", table::heading("us a chunk"));
    println!("{}", table::row("FAST, encode", &encode_us));
    if let Some(folder) = &arguments.folder {
        hand_over(folder, &mut fast, &chunks, &encode_us)?;
        println!("{} has what the official processor needs", folder.display());
    }
    Ok(Facts::from_iter([
        ("encode_us".to_owned(), table::json(&encode_us)),
        ("chunks".to_owned(), chunks.len().into()),
    ]))
}

/// The tokenizer, and chunks that it can say.
fn fitted(chunks: &ExpertChunks) -> anyhow::Result<(Fast, Vec<Vec<f64>>)> {
    let normaliser = chunks.normaliser(Scaling::QuantileOpen)?;
    let training = chunks.normalised(&normaliser);
    let training = training.iter().map(Vec::as_slice);
    let mut fast = Fast::fit(chunks.shape(), training, &FitSettings::PAPER)?;
    let mut tokens = Vec::new();
    let mut said = Vec::new();
    for chunk in chunks.held_out() {
        let mut chunk = chunk.to_vec();
        normaliser.normalise(&mut chunk);
        if said.len() < CHUNKS && fast.encode_into(&chunk, &mut tokens).is_ok() {
            said.push(chunk);
        }
    }
    Ok((fast, said))
}

fn time(fast: &mut Fast, chunks: &[Vec<f64>], rounds: u32) -> Distribution {
    let mut histogram = Histogram::new();
    let mut tokens = Vec::with_capacity(fast.tokens().most());
    for round in 0..rounds.max(2) {
        for chunk in chunks {
            let began = MonotonicClock.now();
            let encoded = fast.encode_into(chunk, &mut tokens);
            let ended = MonotonicClock.now();
            if round > 0 && encoded.is_ok() {
                histogram.record(began.age_at(ended));
            }
        }
    }
    histogram.distribution(Unit::Microseconds)
}

/// Writes the tokenizer, the chunks and what became of them.
fn hand_over(
    folder: &Path,
    fast: &mut Fast,
    chunks: &[Vec<f64>],
    encode_us: &Distribution,
) -> anyhow::Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let path = folder.join("tokenizer.json");
    fs::write(&path, fast.bpe().to_json()?)
        .with_context(|| format!("cannot write {}", path.display()))?;
    let mut all = Vec::new();
    for chunk in chunks {
        let mut tokens = Vec::new();
        fast.encode_into(chunk, &mut tokens)?;
        all.push(tokens);
    }
    let (settings, shape) = (fast.settings(), fast.shape());
    let facts = json!({
        "shape": [shape.steps(), shape.dims()],
        "scale": settings.scale,
        "min_token": settings.token_min,
        "encode_us": table::json(encode_us),
        "chunks": chunks,
        "tokens": all,
    });
    file::write(&folder.join("chunks.json"), &facts)
}
