//! What the training of learned tokenizers has in common.

use std::collections::BTreeMap;

use candle_core::{Device, Tensor};
use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg64Mcg;
use tandem_actions::ChunkShape;
use tandem_inference::{CandleOps, LoadError, Plan, Weights};
use tandem_networks::{Architecture, ChunkDecoder, ChunkEncoder};
use tandem_system1::{AutoencoderError, NeuralAutoencoder};

use crate::TrainError;
use crate::optimiser::{AdamW, AdamWConfig};
use crate::parameters::Parameters;
use crate::schedule::Schedule;

/// The names of a tokenizer's networks in a bundle.
pub const TOKENIZER_ENCODER: &str = "tokenizer_encoder";
/// The one behind the quantiser.
pub const TOKENIZER_DECODER: &str = "tokenizer_decoder";

/// How a tokenizer's autoencoder is trained.
#[derive(Clone, Debug, PartialEq)]
pub struct AutoencoderConfig {
    /// Hidden widths of encoder and decoder.
    pub hidden: Vec<usize>,
    /// Optimiser steps.
    pub steps: u64,
    /// Chunks in a batch.
    pub batch: usize,
    /// Learning rate.
    pub schedule: Schedule,
    /// Optimiser.
    pub optimiser: AdamWConfig,
    /// Seed of weights, batches and dropout.
    pub seed: u64,
}

impl AutoencoderConfig {
    /// What shipped tokenizers are trained with: half a minute on two cores.
    #[must_use]
    pub fn shipping() -> Self {
        Self {
            hidden: vec![128, 128],
            steps: 3000,
            batch: 256,
            schedule: Schedule { peak: 1e-3, warm_up_steps: 100, last_fraction: 0.01 },
            optimiser: AdamWConfig::USUAL,
            seed: 1,
        }
    }
}

/// A trained encoder and decoder.
#[derive(Clone, Debug, PartialEq)]
pub struct TrainedAutoencoder {
    /// The chunks.
    pub shape: ChunkShape,
    /// Registers of a chunk.
    pub registers: usize,
    /// Chunk to latents.
    pub encoder: Architecture,
    /// Codes to chunk.
    pub decoder: Architecture,
    /// Under `<network>.<parameter>`, with the networks named [`TOKENIZER_ENCODER`] and
    /// [`TOKENIZER_DECODER`].
    pub weights: BTreeMap<String, tandem_bundle::Tensor>,
}

/// Why trained networks are no tokenizer.
#[derive(Debug, thiserror::Error)]
pub enum ReadyError {
    /// A network cannot be loaded.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The two do not fit.
    #[error(transparent)]
    Sizes(#[from] AutoencoderError),
}

impl TrainedAutoencoder {
    /// The networks, ready to run.
    ///
    /// # Errors
    /// If the networks and their weights do not fit together.
    pub fn ready(&self) -> Result<NeuralAutoencoder, ReadyError> {
        let plan = |architecture: &Architecture, network: &str| {
            Plan::load(architecture, |parameter| {
                let tensor = self.weights.get(&format!("{network}.{parameter}"))?;
                Some((tensor.shape.as_slice(), tensor.data.as_slice()))
            })
        };
        let encoder = plan(&self.encoder, TOKENIZER_ENCODER)?;
        let decoder = plan(&self.decoder, TOKENIZER_DECODER)?;
        Ok(NeuralAutoencoder::new(self.shape, self.registers, encoder, decoder)?)
    }
}

/// Encoder and decoder under training, and the chunks they are trained on.
pub(super) struct Trainer<'a> {
    config: &'a AutoencoderConfig,
    shape: ChunkShape,
    registers: usize,
    encoder: Architecture,
    decoder: Architecture,
    parameters: Parameters,
    optimiser: AdamW,
    chunks: Tensor,
    pub(super) rng: Pcg64Mcg,
}

/// The linear tokenizer that training starts from: `latents = encode chunk + bias`, and
/// `chunk = decode codes + mean`.
pub(super) struct Straight {
    /// `[latents, values]`.
    pub(super) encode: Vec<f32>,
    /// `[latents]`.
    pub(super) encode_bias: Vec<f32>,
    /// `[values, codes]`.
    pub(super) decode: Vec<f32>,
    /// `[values]`.
    pub(super) mean: Vec<f32>,
}

impl<'a> Trainer<'a> {
    /// Networks that do what `straight` does until they have learned better.
    pub(super) fn new(
        config: &'a AutoencoderConfig,
        shape: ChunkShape,
        registers: usize,
        straight: &Straight,
        chunks: &[&[f64]],
    ) -> Result<Self, TrainError> {
        let values = shape.values();
        let (latents, codes) = (straight.encode_bias.len(), straight.decode.len() / values);
        let hidden = config.hidden.clone();
        let encoder =
            Architecture::ChunkEncoder(ChunkEncoder { values, hidden: hidden.clone(), latents });
        let decoder = Architecture::ChunkDecoder(ChunkDecoder { codes, hidden, values });
        let mut parameters = Parameters::default();
        parameters.add(TOKENIZER_ENCODER, &encoder.parameters()?, config.seed ^ 1)?;
        parameters.add(TOKENIZER_DECODER, &decoder.parameters()?, config.seed ^ 2)?;
        let starts = [
            (TOKENIZER_ENCODER, &straight.encode, &straight.encode_bias),
            (TOKENIZER_DECODER, &straight.decode, &straight.mean),
        ];
        for (network, weight, bias) in starts {
            set(&parameters, &format!("{network}.straight.weight"), weight)?;
            set(&parameters, &format!("{network}.straight.bias"), bias)?;
            let out = format!("{network}.out.weight");
            let zeros = parameters.vars().get(&out).map_or(0, |var| var.elem_count());
            set(&parameters, &out, &vec![0.0; zeros])?;
        }
        let optimiser = AdamW::new(&parameters, config.optimiser)?;
        let singles: Vec<f32> = chunks.iter().flat_map(|chunk| singles(chunk)).collect();
        let chunks = Tensor::from_vec(singles, (chunks.len(), values), &Device::Cpu)?;
        let rng = Pcg64Mcg::seed_from_u64(config.seed);
        Ok(Self { config, shape, registers, encoder, decoder, parameters, optimiser, chunks, rng })
    }

    /// Chunks drawn at random, `[batch, values]`.
    pub(super) fn batch(&mut self) -> Result<Tensor, TrainError> {
        let count = self.chunks.dim(0)?.max(1) as u32;
        let places: Vec<u32> =
            (0..self.config.batch).map(|_| self.rng.random_range(0..count)).collect();
        let places = Tensor::from_vec(places, self.config.batch, &Device::Cpu)?;
        Ok(self.chunks.index_select(&places, 0)?)
    }

    /// The weights to train with.
    pub(super) fn weights(&self) -> Weights {
        let vars = self.parameters.vars().iter();
        vars.map(|(name, var)| (name.clone(), var.as_tensor().clone())).collect()
    }

    /// `[B, values]` to `[B, latents]`.
    pub(super) fn encode(&self, weights: &Weights, chunk: &Tensor) -> Result<Tensor, TrainError> {
        let mut ops = CandleOps::under(weights, "tokenizer_encoder.");
        let outputs = self.encoder.forward(&mut ops, core::slice::from_ref(chunk))?;
        outputs.into_iter().next().ok_or_else(no_output)
    }

    /// `[B, codes]` to `[B, values]`.
    pub(super) fn decode(&self, weights: &Weights, codes: &Tensor) -> Result<Tensor, TrainError> {
        let mut ops = CandleOps::under(weights, "tokenizer_decoder.");
        let outputs = self.decoder.forward(&mut ops, core::slice::from_ref(codes))?;
        outputs.into_iter().next().ok_or_else(no_output)
    }

    /// One step down a loss.
    pub(super) fn step(&mut self, loss: &Tensor) -> Result<(), TrainError> {
        let rate = self.config.schedule.rate(self.optimiser.steps(), self.config.steps);
        self.optimiser.step(&loss.backward()?, rate)?;
        Ok(())
    }

    /// The averaged weights.
    pub(super) fn finish(self) -> Result<TrainedAutoencoder, TrainError> {
        let mut averages = self.optimiser.averages();
        let mut weights = BTreeMap::new();
        for (name, var) in self.parameters.vars() {
            let data = averages.remove(name).unwrap_or_default();
            let tensor = tandem_bundle::Tensor { shape: var.dims().to_vec(), data };
            weights.insert(name.clone(), tensor);
        }
        let Self { shape, registers, encoder, decoder, .. } = self;
        Ok(TrainedAutoencoder { shape, registers, encoder, decoder, weights })
    }
}

fn set(parameters: &Parameters, name: &str, values: &[f32]) -> Result<(), TrainError> {
    if let Some(var) = parameters.vars().get(name) {
        var.set(&Tensor::from_slice(values, var.shape(), &Device::Cpu)?)?;
    }
    Ok(())
}

pub(super) fn singles(values: &[f64]) -> impl Iterator<Item = f32> + '_ {
    values.iter().map(|value| *value as f32)
}

fn no_output() -> TrainError {
    candle_core::Error::Msg("a network of one output gave none".to_owned()).into()
}
