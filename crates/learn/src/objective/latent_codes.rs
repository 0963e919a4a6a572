//! Tokenizers with networks: residual codes (VQ-VLA) and ordered tokens (OAT).

use std::collections::BTreeMap;

use candle_core::Tensor;
use rand_pcg::Pcg64Mcg;
use tandem_actions::{Fsq, NestedDropout, Oat, Representation as Codec, VqChunk, VqLatent};
use tandem_bundle::Representation;
use tandem_inference::Weights;
use tandem_networks::Architecture;
use tandem_system1::{NeuralAutoencoder, NeuralOat, NeuralVq};

use super::autoregressive::{Autoregressive, rows, spread};
use super::{ConditionBatch, HeadSizes, Objective};
use crate::error::TrainError;
use crate::tokenizer::{AutoencoderConfig, VqSizes, fit_oat, fit_vq, oat_file, vq_file};

/// The file of the tokenizer.
const FILE: &str = "tokenizer.safetensors";
/// Chunks that a tokenizer is trained on, at most.
const CHUNKS_MAX: usize = 20_000;
/// Training steps of a tokenizer for each unit of the head's width: 3072 for the usual 256.
const STEPS_PER_WIDTH: usize = 12;
/// OAT's registers and levels.
const LEVELS: [u32; 4] = Oat::<NeuralAutoencoder>::LEVELS;

/// A frozen tokenizer, and a network that says its tokens.
pub(super) struct LatentCodes {
    codec: Tokens,
    file: Vec<u8>,
    networks: Autoregressive,
}

enum Tokens {
    Oat(NeuralOat),
    Vq(NeuralVq),
}

impl LatentCodes {
    /// Trains OAT's tokenizer on `chunks`: eight registers, or fewer where a chunk is small.
    pub(super) fn oat(sizes: &HeadSizes, chunks: &[f32]) -> Result<Self, TrainError> {
        let shape = sizes.shape;
        let chunks = spread(chunks, shape.values(), CHUNKS_MAX);
        let slices: Vec<&[f64]> = chunks.iter().map(Vec::as_slice).collect();
        let fsq = Fsq::new(&LEVELS)?;
        let registers = Oat::<NeuralAutoencoder>::REGISTERS.min(shape.values() / fsq.dims());
        let config = config(sizes);
        // A deadline may cut anywhere. With OAT's powers of two, five tokens are worse than four.
        let dropout = NestedDropout::Uniform;
        let trained = fit_oat(shape, &slices, &fsq, registers, dropout, &config)?;
        let file = oat_file(&trained, &fsq)?;
        let codec = Oat::new(trained.ready()?, fsq)?;
        let ids = codec.fsq().codebook_size() as usize;
        let networks = Autoregressive::new(sizes, ids, registers, registers);
        Ok(Self { codec: Tokens::Oat(codec), file, networks })
    }

    /// Trains residual codebooks on `chunks`: VQ-VLA's four of 256 codes for a quarter of the chunk
    /// each, or fewer codes where there are few chunks.
    pub(super) fn vq(sizes: &HeadSizes, chunks: &[f32]) -> Result<Self, TrainError> {
        let shape = sizes.shape;
        let chunks = spread(chunks, shape.values(), CHUNKS_MAX);
        let slices: Vec<&[f64]> = chunks.iter().map(Vec::as_slice).collect();
        let (levels, codes, _) = VqChunk::VQ_VLA;
        let group_steps = (1..=shape.steps().div_ceil(4))
            .rev()
            .find(|steps| shape.steps().is_multiple_of(*steps))
            .unwrap_or(1);
        let vectors = slices.len() * (shape.steps() / group_steps);
        let codes = codes.min(u32::try_from(vectors / 4).unwrap_or(u32::MAX)).max(1);
        // A batch is quantised in each step, which is most of its work.
        let config = AutoencoderConfig { batch: 64, ..config(sizes) };
        let (trained, vq) =
            fit_vq(shape, &slices, VqSizes { group_steps, levels, codes }, &config)?;
        let file = vq_file(&trained, &vq)?;
        let codec = VqLatent::new(trained.ready()?, vq)?;
        let places = codec.tokens().most();
        let networks = Autoregressive::new(sizes, codes as usize, places, places);
        Ok(Self { codec: Tokens::Vq(codec), file, networks })
    }
}

fn config(sizes: &HeadSizes) -> AutoencoderConfig {
    let steps = (STEPS_PER_WIDTH * sizes.width) as u64;
    let hidden = vec![sizes.width / 2; 2];
    AutoencoderConfig { steps, hidden, ..AutoencoderConfig::shipping() }
}

impl Tokens {
    /// A chunk's tokens in the order in which they are said: the coarsest first.
    fn of(&self, chunk: &[f64], codec: &mut dyn Codec) -> Result<Vec<u32>, TrainError> {
        let mut tokens = Vec::new();
        codec.encode_into(chunk, &mut tokens)?;
        Ok(match self {
            Self::Oat(_) => tokens,
            Self::Vq(vq) => {
                let levels = vq.vq().levels();
                let level = |level: usize| tokens.iter().copied().skip(level).step_by(levels);
                (0..levels).flat_map(level).collect()
            }
        })
    }
}

impl Objective for LatentCodes {
    fn representation(&self) -> Representation {
        let files = vec![FILE.to_owned()];
        match &self.codec {
            Tokens::Oat(oat) => {
                let tokens = oat.tokens().most();
                Representation::Oat(tandem_bundle::Oat { files, tokens })
            }
            Tokens::Vq(_) => Representation::Vq(tandem_bundle::Vq { files }),
        }
    }

    fn networks(&self) -> Vec<(&'static str, Architecture)> {
        self.networks.networks()
    }

    fn files(&self) -> BTreeMap<String, Vec<u8>> {
        BTreeMap::from([(FILE.to_owned(), self.file.clone())])
    }

    fn loss(
        &self,
        weights: &Weights,
        condition: &ConditionBatch,
        chunk: &Tensor,
        rng: &mut Pcg64Mcg,
    ) -> Result<Tensor, TrainError> {
        let mut codec: Box<dyn Codec> = match &self.codec {
            Tokens::Oat(oat) => Box::new(oat.clone()),
            Tokens::Vq(vq) => Box::new(vq.clone()),
        };
        let mut all = Vec::new();
        for chunk in rows(chunk)? {
            all.push(self.codec.of(&chunk, codec.as_mut())?);
        }
        self.networks.loss(weights, condition, &all, rng)
    }
}
