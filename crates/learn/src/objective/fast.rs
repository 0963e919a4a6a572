//! FAST (arXiv 2501.09747): tokens of frequencies, and one more that ends a chunk.

use std::collections::BTreeMap;

use candle_core::Tensor;
use rand_pcg::Pcg64Mcg;
use tandem_actions::{Fast, FitSettings, Representation as _};
use tandem_bundle::Representation;
use tandem_inference::Weights;
use tandem_networks::Architecture;

use super::autoregressive::{Autoregressive, rows, spread};
use super::{ConditionBatch, HeadSizes, Objective};
use crate::error::TrainError;

/// The file of the byte-pair encoding.
const FILE: &str = "tokenizer.json";
/// Chunks that the tokenizer is fitted on, at most.
const CHUNKS_MAX: usize = 20_000;
/// Tokens that a token looks back over.
const WINDOW: usize = 8;
/// Tokens of a chunk beyond the most that any training chunk has, the end among them.
const TOKENS_SPARE: usize = 4;

pub(super) struct FastObjective {
    codec: Fast,
    json: String,
    networks: Autoregressive,
    tokens_max: usize,
}

impl FastObjective {
    /// Fits the tokenizer on `chunks`.
    pub(super) fn new(sizes: &HeadSizes, chunks: &[f32]) -> Result<Self, TrainError> {
        let shape = sizes.shape;
        let chunks = spread(chunks, shape.values(), CHUNKS_MAX);
        let training = chunks.iter().map(Vec::as_slice);
        let mut codec = Fast::fit(shape, training, &FitSettings::PAPER)?;
        let json = codec.bpe().to_json().map_err(tandem_actions::FitError::from)?;
        let (mut tokens, mut most) = (Vec::new(), 0);
        for chunk in &chunks {
            codec.encode_into(chunk, &mut tokens)?;
            most = most.max(tokens.len());
        }
        let tokens_max = most + TOKENS_SPARE;
        let vocabulary = codec.vocabulary() as usize + 1;
        let networks = Autoregressive::new(sizes, vocabulary, tokens_max, WINDOW);
        Ok(Self { codec, json, networks, tokens_max })
    }
}

impl Objective for FastObjective {
    fn representation(&self) -> Representation {
        let settings = self.codec.settings();
        Representation::Fast(tandem_bundle::Fast {
            files: vec![FILE.to_owned()],
            scale: settings.scale,
            // The least coefficient of centred chunks is not above zero.
            below_zero: usize::try_from(-i64::from(settings.token_min)).unwrap_or(0),
            tokens_max: self.tokens_max,
        })
    }

    fn networks(&self) -> Vec<(&'static str, Architecture)> {
        self.networks.networks()
    }

    fn files(&self) -> BTreeMap<String, Vec<u8>> {
        BTreeMap::from([(FILE.to_owned(), self.json.clone().into_bytes())])
    }

    /// A chunk outside the tokenizer's range teaches nothing but its end, as rare as it is.
    fn loss(
        &self,
        weights: &Weights,
        condition: &ConditionBatch,
        chunk: &Tensor,
        rng: &mut Pcg64Mcg,
    ) -> Result<Tensor, TrainError> {
        let mut codec = self.codec.clone();
        let end = codec.vocabulary();
        let mut all = Vec::new();
        for chunk in rows(chunk)? {
            let mut tokens = Vec::with_capacity(self.tokens_max);
            let is_known = codec.encode_into(&chunk, &mut tokens).is_ok();
            if !is_known || tokens.len() >= self.tokens_max {
                tokens.clear();
            }
            tokens.push(end);
            all.push(tokens);
        }
        self.networks.loss(weights, condition, &all, rng)
    }
}
