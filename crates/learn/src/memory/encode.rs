//! From pictures and words to conditions, in large batches.

use std::path::Path;
use std::sync::Arc;

use core::ops::ControlFlow;

use candle_core::{Device, Tensor};
use sha2::{Digest as _, Sha256};
use tandem_bundle::Bundle;
use tandem_inference::{CandleOps, Weights};
use tandem_system2::Tokenizer;

use super::{Memories, Memory, cache};
use crate::batch::{Batch, Batcher};
use crate::config::TrainConfig;
use crate::dataset::{Dataset, hex};
use crate::error::TrainError;
use crate::parameters::with_values;
use crate::prefetch::Prefetch;
use crate::scale::Scales;
use crate::train::split;

/// Samples in a batch: large enough for both cores, small enough for the caches.
const BATCH: usize = 128;

/// What is frozen: the encoder of a System 1, and a System 2.
pub(crate) struct Backbone<'a> {
    pub(crate) system1: &'a Bundle,
    pub(crate) system2: &'a Bundle,
    /// Under `encoder.` and `model.`.
    weights: Weights,
}

impl<'a> Backbone<'a> {
    pub(crate) fn new(system1: &'a Bundle, system2: &'a Bundle) -> Result<Self, TrainError> {
        let mut tensors = Vec::new();
        for (name, tensor) in system1.weights().iter().chain(system2.weights()) {
            let values = Tensor::from_slice(&tensor.data, &tensor.shape[..], &Device::Cpu)?;
            tensors.push((name.clone(), values));
        }
        Ok(Self { system1, system2, weights: tensors.into_iter().collect() })
    }

    /// Appends what the backbone makes of a batch.
    fn encode(&self, batch: &Batch, memory: &mut Memory) -> Result<(), TrainError> {
        let now = self.pictures(self.system1, batch.samples, &batch.pictures_now)?;
        self.run(self.system1, "encoder", &now, &mut memory.features)?;
        let mut inputs = self.pictures(self.system2, batch.samples, &batch.pictures_then)?;
        for values in [&batch.tokens, &batch.joints] {
            let width = values.len() / batch.samples.max(1);
            inputs.push(Tensor::from_slice(values, (batch.samples, width), &Device::Cpu)?);
        }
        self.run(self.system2, "model", &inputs, &mut memory.latent)?;
        memory.posture.extend(&batch.posture);
        memory.chunk.extend(&batch.chunk);
        memory.samples += batch.samples;
        Ok(())
    }

    /// Appends the first output of a network.
    fn run(
        &self,
        bundle: &Bundle,
        network: &str,
        inputs: &[Tensor],
        out: &mut Vec<f32>,
    ) -> Result<(), TrainError> {
        let missing = || TrainError::NoNetwork {
            bundle: bundle.manifest().name.clone(),
            network: network.to_owned(),
        };
        let spec = bundle.manifest().network(network).ok_or_else(missing)?;
        let prefix = format!("{network}.");
        let mut ops = CandleOps::under(&self.weights, &prefix);
        let outputs = spec.architecture.forward(&mut ops, inputs)?;
        let first = outputs.first().ok_or_else(missing)?;
        Ok(with_values(first, |values| out.extend(values))?)
    }

    fn pictures(
        &self,
        bundle: &Bundle,
        samples: usize,
        planes: &[Vec<f32>],
    ) -> Result<Vec<Tensor>, TrainError> {
        let cameras = bundle.manifest().cameras.iter();
        let tensor = |(camera, values): (&tandem_bundle::CameraInput, &Vec<f32>)| {
            let shape = (samples, 3, camera.height_px, camera.width_px);
            Tensor::from_slice(values, shape, &Device::Cpu)
        };
        Ok(cameras.zip(planes).map(tensor).collect::<Result<_, _>>()?)
    }
}

/// Encodes `samples` samples of the training episodes and `held_out` of the others, or finds them
/// in `out` where another head has left them. `progress` hears of samples done and to do.
///
/// The chunks stay in the unit of the backbone's `scale_rad`.
///
/// # Errors
/// If the data cannot be read, or do not fit the backbone.
pub(crate) fn remember(
    backbone: &Backbone<'_>,
    dataset: &Arc<Dataset>,
    scales: &Arc<Scales>,
    config: &TrainConfig,
    [samples, held_out]: [usize; 2],
    out: &Path,
    progress: &mut dyn FnMut(usize, usize) -> ControlFlow<()>,
) -> Result<ControlFlow<(), Memories>, TrainError> {
    let fingerprint = fingerprint(backbone, dataset, config, [samples, held_out])?;
    let file = cache::path(out, &fingerprint);
    if let Some(memories) = cache::load(&file) {
        return Ok(ControlFlow::Continue(memories));
    }
    let config = Arc::new(TrainConfig { batch: BATCH, ..config.clone() });
    let spec = backbone.system2.manifest().system2();
    let words = spec.map_or(&[][..], |spec| spec.text.words.as_slice());
    let tokenizer = Tokenizer::new(words, config.system2.tokens_max);
    let (training, validation) = split(dataset.episodes().len(), config.validation.share)?;
    let mut memories = Memories::default();
    let total = samples + held_out;
    for (episodes, augment, count) in [(training, true, samples), (validation, false, held_out)] {
        let (dataset, config, scales) = (dataset.clone(), config.clone(), scales.clone());
        let batcher = Batcher::new(dataset, config, scales, &tokenizer, episodes, augment);
        let before = memories.training.samples;
        let memory = if augment { &mut memories.training } else { &mut memories.held_out };
        for batch in Prefetch::start(batcher, 0, count.div_ceil(BATCH) as u64) {
            backbone.encode(&batch?, memory)?;
            let done = memory.samples + if augment { 0 } else { before };
            if progress(done, total).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
    }
    cache::save(&file, &memories)?;
    Ok(ControlFlow::Continue(memories))
}

/// Names memories by everything they depend on.
fn fingerprint(
    backbone: &Backbone<'_>,
    dataset: &Dataset,
    config: &TrainConfig,
    samples: [usize; 2],
) -> Result<String, TrainError> {
    let settings = serde_json::to_string(config).map_err(crate::DatasetError::Json)?;
    let models = [backbone.system1, backbone.system2].map(|bundle| bundle.model_id().0);
    let text = format!("{settings} {} {models:?} {samples:?}", dataset.manifest().sha256());
    Ok(hex(&Sha256::digest(text)))
}
