//! What heads share that say all codes of a chunk at once: a context, the network, and the bins.

use tandem_actions::{BinEdges, BinValue, Bins as _, ChunkShape, UniformBins};
use tandem_inference::{Engine, EngineError};

use super::{Condition, Parts, TokenCost, outputs};
use crate::policy::LoadError;

/// Both networks, and what their codes mean.
pub(super) struct Parallel {
    context: Box<dyn Engine>,
    network: Box<dyn Engine>,
    bins: UniformBins,
    digested: Vec<f32>,
    /// The codes of a chunk, row by row.
    pub(super) codes: Vec<u32>,
}

impl Parallel {
    pub(super) fn new(bins: u16, shape: ChunkShape, parts: &dyn Parts) -> Result<Self, LoadError> {
        let (context, network) = (parts.engine("context")?, parts.engine("tokens")?);
        Ok(Self {
            digested: vec![0.0; outputs(context.as_ref())],
            codes: vec![0; shape.values()],
            bins: UniformBins { bins, edges: BinEdges::Upper, value: BinValue::Centre },
            context,
            network,
        })
    }

    /// Digests a condition.
    pub(super) fn begin(&mut self, condition: &Condition<'_>) -> Result<(), EngineError> {
        self.context.run(&condition.inputs(), &mut [&mut self.digested])
    }

    /// The network, to be run within a sampler that holds the codes.
    pub(super) fn split(&mut self) -> (Network<'_>, &mut [u32]) {
        let Self { network, digested, codes, .. } = self;
        (Network { engine: network.as_mut(), digested }, codes)
    }

    /// The chunk that the codes stand for: the middle of each bin.
    pub(super) fn write(&self, chunk: &mut [f32]) {
        for (value, &code) in chunk.iter_mut().zip(&self.codes) {
            *value = self.bins.value(0, code) as f32;
        }
    }

    /// Every code costs the same, whatever it says.
    pub(super) fn cost(&self) -> TokenCost {
        let tokens = self.codes.len() as f64;
        TokenCost { tokens, bits_nominal: tokens * f64::from(self.bins.bins()).log2() }
    }
}

/// The network behind a digested condition.
pub(super) struct Network<'a> {
    engine: &'a mut dyn Engine,
    digested: &'a [f32],
}

impl Network<'_> {
    /// The logits of every code, from masked tokens.
    pub(super) fn of_masked(
        &mut self,
        tokens: &[f32],
        logits: &mut [f32],
    ) -> Result<(), EngineError> {
        self.engine.run(&[self.digested, tokens], &mut [logits])
    }

    /// The logits of every code, from noisy one-hot vectors.
    pub(super) fn of_noisy(
        &mut self,
        noisy: &[f32],
        time: &[f32],
        logits: &mut [f32],
    ) -> Result<(), EngineError> {
        self.engine.run(&[self.digested, noisy, time], &mut [logits])
    }

    /// Width of the time's features.
    pub(super) fn time_width(&self) -> usize {
        super::width(self.engine, "time")
    }
}
