//! Diffusion: DDIM from noise to a chunk.

use tandem_actions::{ChunkShape, Ddim, NoiseSchedule, StepsError};
use tandem_bundle::Diffusion;

use super::denoising::Denoising;
use super::stepped::Stepped;
use super::{Attempt, Condition, Head, Parts};
use crate::budget::Budget;
use crate::policy::{LoadError, StepError};
use crate::precision::narrow;

pub(super) struct DiffusionHead {
    networks: Denoising,
    schedule: NoiseSchedule,
    sampler: Stepped<Ddim, StepsError>,
    x: Vec<f64>,
    noise: Vec<f64>,
}

impl DiffusionHead {
    pub(super) fn new(
        parameters: Diffusion,
        shape: ChunkShape,
        parts: &dyn Parts,
    ) -> Result<Self, LoadError> {
        let Diffusion { steps, training_steps, noise } = parameters;
        let networks = Denoising::new(noise, shape, parts)?;
        let schedule = NoiseSchedule::cosine(training_steps)?;
        let of = schedule.clone();
        let sampler = Stepped::new(steps, move |steps| Ddim::new(of.clone(), steps, CLIP))?;
        let (x, noise) = (vec![0.0; shape.values()], vec![0.0; shape.values()]);
        Ok(Self { networks, schedule, sampler, x, noise })
    }
}

/// A guess beyond the range of training is no error here: the range holds 98 % of the chunks.
const CLIP: bool = false;

impl Head for DiffusionHead {
    fn decode(
        &mut self,
        condition: &Condition<'_>,
        budget: &mut Budget<'_>,
        chunk: &mut [f32],
    ) -> Result<usize, StepError> {
        let Self { networks, schedule, sampler, x, noise } = self;
        let sampler = sampler.within(budget)?;
        networks.begin(condition, x)?;
        let training_steps = schedule.steps() as f64;
        let mut attempt = Attempt::new(budget);
        let taken = sampler.sample(x, noise, |x, t, noise| {
            attempt.step(|| {
                let clean = networks.clean(x, t as f64 / training_steps)?;
                let alpha = schedule.alphas_cumulative().get(t).copied().unwrap_or(1.0);
                let (signal, share) = (alpha.sqrt(), (1.0 - alpha).sqrt());
                // The noise in x = signal chunk + share noise.
                for ((noise, x), &clean) in noise.iter_mut().zip(x).zip(clean) {
                    *noise = (x - signal * f64::from(clean)) / share;
                }
                Ok(())
            })
        });
        narrow(&self.x, chunk);
        attempt.finish(taken)
    }

    fn reset(&mut self) {
        self.networks.reset();
    }
}
