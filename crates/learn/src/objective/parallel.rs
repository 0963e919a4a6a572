//! What objectives share that say all codes of a chunk at once.

use candle_core::Tensor;
use tandem_actions::{BinEdges, BinValue, Bins as _, UniformBins};
use tandem_inference::{CandleOps, Weights};
use tandem_networks::{Architecture, Context, Tokens, TokensSeen};

use super::cross_entropy::cross_entropy;
use super::{ConditionBatch, HeadSizes, only};
use crate::error::TrainError;
use crate::parameters::with_values;

/// Width of a code's embedding.
const EMBEDDING: usize = 8;
/// Widths of hidden layers and rows, as shares of a head's width: an output layer of many codes is
/// large enough.
const HIDDEN_SHARE: f64 = 0.75;
const ROW_SHARE: f64 = 0.1875;

/// A context, and a network that says all codes.
pub(super) struct Networks {
    context: Architecture,
    tokens: Architecture,
}

impl Networks {
    pub(super) fn new(context: Context, tokens: Tokens) -> Self {
        Self { context: Architecture::Context(context), tokens: Architecture::Tokens(tokens) }
    }

    pub(super) fn list(&self) -> Vec<(&'static str, Architecture)> {
        vec![("context", self.context.clone()), ("tokens", self.tokens.clone())]
    }

    /// The cross-entropy of the codes `targets`, one after the other, each counted with its
    /// weight, given the condition and what is `known` of them.
    pub(super) fn loss(
        &self,
        weights: &Weights,
        condition: &ConditionBatch,
        known: Vec<Tensor>,
        targets: Vec<u32>,
        shares: Vec<f32>,
    ) -> Result<Tensor, TrainError> {
        let mut ops = CandleOps::under(weights, "context.");
        let mut inputs = vec![only(self.context.forward(&mut ops, &condition.inputs())?)?];
        inputs.extend(known);
        let mut ops = CandleOps::under(weights, "tokens.");
        let logits = only(self.tokens.forward(&mut ops, &inputs)?)?;
        Ok(cross_entropy(&logits, targets, shares)?)
    }
}

/// Those networks, and the bins that the codes stand for.
pub(super) struct Parallel {
    pub(super) networks: Networks,
    bins: UniformBins,
}

impl Parallel {
    pub(super) fn new(sizes: &HeadSizes, bins: u16, seen: TokensSeen) -> Self {
        let HeadSizes { condition, shape, width } = *sizes;
        let context = Context { condition, hidden: vec![width, width / 2] };
        let part = |share: f64| ((width as f64 * share) as usize).max(1);
        let tokens = Tokens {
            context: context.width(),
            rows: shape.steps(),
            columns: shape.dims(),
            vocabulary: bins.into(),
            seen,
            embedding: EMBEDDING,
            hidden: vec![part(HIDDEN_SHARE); 2],
            row_width: part(ROW_SHARE),
        };
        let bins = UniformBins { bins, edges: BinEdges::Upper, value: BinValue::Centre };
        Self { networks: Networks::new(context, tokens), bins }
    }

    /// How many codes there are.
    pub(super) fn vocabulary(&self) -> u32 {
        self.bins.bins()
    }

    /// The codes of a batch of chunks, one after the other.
    pub(super) fn encode(&self, chunk: &Tensor) -> Result<Vec<u32>, TrainError> {
        let code = |&value: &f32| self.bins.id(0, f64::from(value));
        Ok(with_values(chunk, |values| values.iter().map(code).collect())?)
    }
}
