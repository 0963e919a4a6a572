//! Memories on disk, for the next head.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use safetensors::tensor::{Dtype, SafeTensors, TensorView, serialize};

use super::{Memories, Memory};
use crate::dataset::write_atomically;
use crate::error::TrainError;

const SAMPLES_KEY: &str = "samples";

/// Where the memories of this fingerprint lie in a run's folder.
pub(super) fn path(out: &Path, fingerprint: &str) -> PathBuf {
    out.join(format!(".memory.{}.safetensors", fingerprint.get(..16).unwrap_or(fingerprint)))
}

/// Writes memories for others to find.
pub(super) fn save(path: &Path, memories: &Memories) -> Result<(), TrainError> {
    let parts = [("training", &memories.training), ("held_out", &memories.held_out)];
    let columns = parts.into_iter().flat_map(|(part, memory)| {
        named(memory).map(|(name, values)| (format!("{part}.{name}"), bytes(values)))
    });
    let columns: Vec<(String, Vec<u8>)> = columns.collect();
    let views = columns.iter().map(|(name, bytes)| {
        Ok((name.as_str(), TensorView::new(Dtype::F32, vec![bytes.len() / 4], bytes)?))
    });
    let samples =
        parts.map(|(part, memory)| (format!("{part}.{SAMPLES_KEY}"), memory.samples.to_string()));
    let views = views.collect::<Result<Vec<_>, safetensors::SafeTensorError>>();
    let file = views.and_then(|views| serialize(views, Some(HashMap::from(samples))));
    let file = file.map_err(|source| TrainError::Encode { path: path.to_path_buf(), source })?;
    Ok(write_atomically(path, &file)?)
}

/// Memories that were written before; none if there are none, or none that can be read.
pub(super) fn load(path: &Path) -> Option<Memories> {
    let file = std::fs::read(path).ok()?;
    let (_, header) = SafeTensors::read_metadata(&file).ok()?;
    let words = header.metadata().clone()?;
    let tensors = SafeTensors::deserialize(&file).ok()?;
    let part = |part: &str| {
        let column = |name: &str| {
            let tensor = tensors.tensor(&format!("{part}.{name}")).ok()?;
            Some(floats(tensor.data()))
        };
        Some(Memory {
            features: column("features")?,
            posture: column("posture")?,
            latent: column("latent")?,
            chunk: column("chunk")?,
            samples: words.get(&format!("{part}.{SAMPLES_KEY}"))?.parse().ok()?,
        })
    };
    Some(Memories { training: part("training")?, held_out: part("held_out")? })
}

fn named(memory: &Memory) -> [(&'static str, &[f32]); 4] {
    [
        ("features", &memory.features),
        ("posture", &memory.posture),
        ("latent", &memory.latent),
        ("chunk", &memory.chunk),
    ]
}

fn bytes(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

fn floats(bytes: &[u8]) -> Vec<f32> {
    bytes.as_chunks::<4>().0.iter().map(|&four| f32::from_le_bytes(four)).collect()
}
