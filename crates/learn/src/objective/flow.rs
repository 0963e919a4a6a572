//! Flow matching (pi0, arXiv 2410.24164) with a network that predicts the chunk.

use candle_core::Tensor;
use rand_pcg::Pcg64Mcg;
use tandem_actions::flow;
use tandem_bundle::{Flow, Noise, Representation};
use tandem_inference::Weights;
use tandem_networks::Architecture;

use super::denoising::{Denoising, Mixture};
use super::{ConditionBatch, HeadSizes, Objective};
use crate::error::TrainError;

/// The error of the chunk is that of the velocity times the time: the straight path's velocity at
/// time `t` is `(x - chunk) / t`.
pub(super) struct FlowMatching {
    networks: Denoising,
}

impl FlowMatching {
    pub(super) fn new(sizes: &HeadSizes) -> Self {
        Self { networks: Denoising::new(sizes) }
    }
}

impl Objective for FlowMatching {
    fn representation(&self) -> Representation {
        // Ten steps, as pi0 takes. What little the noise leaves in a chunk adds up to a wrong way
        // where it is the same in all chunks of a motion: with held noise the arm arrived in 72 of
        // 80 lockstep episodes, with fresh noise in 80, at a third more jerk (508 and 687 rad/s^3).
        Representation::Flow(Flow { steps: 10, noise: Noise::Fresh })
    }

    fn networks(&self) -> Vec<(&'static str, Architecture)> {
        self.networks.networks()
    }

    fn loss(
        &self,
        weights: &Weights,
        condition: &ConditionBatch,
        chunk: &Tensor,
        rng: &mut Pcg64Mcg,
    ) -> Result<Tensor, TrainError> {
        self.networks.loss(weights, condition, chunk, rng, |rng| {
            let time = flow::training_time(rng);
            Mixture { time, signal: 1.0 - time, noise: time }
        })
    }
}
