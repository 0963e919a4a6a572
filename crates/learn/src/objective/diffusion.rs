//! Diffusion (Diffusion Policy, arXiv 2303.04137) with a network that predicts the chunk.

use candle_core::Tensor;
use rand::RngExt as _;
use rand_pcg::Pcg64Mcg;
use tandem_actions::NoiseSchedule;
use tandem_bundle::{Diffusion, Noise, Representation};
use tandem_inference::Weights;
use tandem_networks::Architecture;

use super::denoising::{Denoising, Mixture};
use super::{ConditionBatch, HeadSizes, Objective};
use crate::error::TrainError;

/// Steps of the schedule and of DDIM, Diffusion Policy's own.
pub(super) const TRAINING_STEPS: usize = 100;
const STEPS: usize = 10;

/// The cosine schedule. Diffusion Policy's network predicts the noise; here it predicts the sample
/// (`prediction_type = "sample"` of the diffusers library), from which the noise follows.
pub(super) struct Denoise {
    networks: Denoising,
    schedule: NoiseSchedule,
}

impl Denoise {
    pub(super) fn new(sizes: &HeadSizes) -> Result<Self, TrainError> {
        let schedule = NoiseSchedule::cosine(TRAINING_STEPS)?;
        Ok(Self { networks: Denoising::new(sizes), schedule })
    }

    /// Width of the context.
    pub(super) fn context_width(&self) -> usize {
        self.networks.context_width()
    }

    /// The context of a batch.
    pub(super) fn context(
        &self,
        weights: &Weights,
        condition: &ConditionBatch,
    ) -> Result<Tensor, TrainError> {
        self.networks.context(weights, condition)
    }
}

impl Objective for Denoise {
    fn representation(&self) -> Representation {
        let (steps, training_steps) = (STEPS, TRAINING_STEPS);
        Representation::Diffusion(Diffusion { steps, training_steps, noise: Noise::Held })
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
        let alphas = self.schedule.alphas_cumulative();
        self.networks.loss(weights, condition, chunk, rng, |rng| {
            let step = rng.random_range(0..alphas.len());
            let alpha = alphas.get(step).copied().unwrap_or(1.0);
            let time = step as f64 / alphas.len() as f64;
            Mixture { time, signal: alpha.sqrt(), noise: (1.0 - alpha).sqrt() }
        })
    }
}
