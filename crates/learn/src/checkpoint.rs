//! A training run on disk, between two steps.
//!
//! A batch is a pure function of the run's seed and the step's number, so weights, the optimiser's
//! memory and the number of steps are the whole state: there is no generator to save.

use std::collections::HashMap;
use std::path::Path;

use candle_core::{InplaceOp1, Var};
use safetensors::tensor::{Dtype, SafeTensors, TensorView, serialize};

use crate::dataset::write_atomically;
use crate::error::TrainError;
use crate::optimiser::{AdamW, Memory};
use crate::parameters::with_values;

const STEPS_KEY: &str = "steps";
const RUN_KEY: &str = "run";
/// What each weight's four tensors are called after its name.
const SUFFIXES: [&str; 4] = ["weight", "mean", "square", "average"];

/// Writes the run's state. `run` names the run's settings: only an equal run may take it up.
///
/// # Errors
/// If the file cannot be written.
pub(crate) fn save(path: &Path, run: &str, optimiser: &AdamW) -> Result<(), TrainError> {
    let mut columns = Vec::new();
    for (name, var, memory) in optimiser.slots() {
        let weight = with_values(var, bytes)?;
        let Memory { mean, square, average } = memory;
        let parts = [weight, bytes(mean), bytes(square), bytes(average)];
        for (suffix, part) in SUFFIXES.iter().zip(parts) {
            columns.push((format!("{name}#{suffix}"), part));
        }
    }
    let views = columns.iter().map(|(name, bytes)| {
        Ok((name.as_str(), TensorView::new(Dtype::F32, vec![bytes.len() / 4], bytes)?))
    });
    let views = views.collect::<Result<Vec<_>, safetensors::SafeTensorError>>();
    let header = HashMap::from([
        (STEPS_KEY.to_owned(), optimiser.steps().to_string()),
        (RUN_KEY.to_owned(), run.to_owned()),
    ]);
    let bytes = views.and_then(|views| serialize(views, Some(header)));
    let bytes = bytes.map_err(|source| TrainError::Encode { path: path.to_path_buf(), source })?;
    Ok(write_atomically(path, &bytes)?)
}

/// Takes up the run saved at `path`. Returns whether there was one.
///
/// # Errors
/// If the file is broken or belongs to a run with other settings.
pub(crate) fn restore(path: &Path, run: &str, optimiser: &mut AdamW) -> Result<bool, TrainError> {
    let file = match std::fs::read(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
        Err(source) => {
            return Err(crate::DatasetError::Read { path: path.to_path_buf(), source }.into());
        }
    };
    let broken = || TrainError::Checkpoint { path: path.to_path_buf() };
    let (_, header) = SafeTensors::read_metadata(&file).map_err(|_bad| broken())?;
    let tensors = SafeTensors::deserialize(&file).map_err(|_bad| broken())?;
    let words = header.metadata().clone().unwrap_or_default();
    if words.get(RUN_KEY).map(String::as_str) != Some(run) {
        return Err(TrainError::OtherRun { path: path.to_path_buf() });
    }
    let steps = words.get(STEPS_KEY).and_then(|steps| steps.parse().ok()).ok_or_else(broken)?;
    let read = |name: &str, suffix: &str, len: usize| {
        let values = floats(tensors.tensor(&format!("{name}#{suffix}")).ok()?.data());
        (values.len() == len).then_some(values)
    };
    let mut found = Vec::new();
    for (name, var, _) in optimiser.slots() {
        let [weight, mean, square, average] =
            SUFFIXES.map(|suffix| read(name, suffix, var.elem_count()).ok_or_else(broken));
        let memory = Memory { mean: mean?, square: square?, average: average? };
        found.push((name.to_owned(), var.clone(), weight?, memory));
    }
    for (name, var, weight, memory) in found {
        overwrite(&var, &weight)?;
        optimiser.restore(&name, memory);
    }
    optimiser.restore_steps(steps);
    Ok(true)
}

/// Replaces the values of a weight in place.
pub(crate) fn overwrite(var: &Var, values: &[f32]) -> Result<(), candle_core::Error> {
    struct Overwrite<'a>(&'a [f32]);
    impl InplaceOp1 for Overwrite<'_> {
        fn name(&self) -> &'static str {
            "overwrite"
        }
        fn cpu_fwd(
            &self,
            storage: &mut candle_core::CpuStorage,
            layout: &candle_core::Layout,
        ) -> candle_core::Result<()> {
            let target = match (storage, layout.contiguous_offsets()) {
                (candle_core::CpuStorage::F32(all), Some((start, end))) => all.get_mut(start..end),
                _ => None,
            };
            match target {
                Some(target) if target.len() == self.0.len() => target.copy_from_slice(self.0),
                _ => candle_core::bail!("a weight of another size or type"),
            }
            Ok(())
        }
    }
    var.inplace_op1(&Overwrite(values))
}

fn bytes(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

fn floats(bytes: &[u8]) -> Vec<f32> {
    bytes.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect()
}
