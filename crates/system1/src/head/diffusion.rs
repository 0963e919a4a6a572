//! Diffusion: DDIM from noise to a chunk.

use tandem_actions::{ChunkShape, Ddim, NoiseSchedule};
use tandem_bundle::Diffusion;

use super::denoising::Denoising;
use super::{Attempt, Condition, Head, Parts};
use crate::budget::Budget;
use crate::policy::{LoadError, StepError};

pub(super) struct DiffusionHead {
    networks: Denoising,
    schedule: NoiseSchedule,
    /// The bundle's number of steps, and a sampler of as many as the last budget allowed.
    steps: usize,
    sampler: (usize, Ddim),
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
        let sampler = (steps, Ddim::new(schedule.clone(), steps, CLIP)?);
        let (x, noise) = (vec![0.0; shape.values()], vec![0.0; shape.values()]);
        Ok(Self { networks, schedule, steps, sampler, x, noise })
    }

    /// A sampler of so many steps. It is made anew where a budget differs from the one before, which
    /// happens once, for a config fixes the budget.
    fn resize(&mut self, steps: usize) -> Result<(), StepError> {
        if steps != self.sampler.0 {
            self.sampler = (steps, Ddim::new(self.schedule.clone(), steps, CLIP)?);
        }
        Ok(())
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
        self.resize(budget.steps(self.steps))?;
        let Self { networks, schedule, sampler: (_, sampler), x, noise, .. } = self;
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
        chunk.iter_mut().zip(&self.x).for_each(|(narrow, &wide)| *narrow = wide as f32);
        attempt.finish(taken)
    }

    fn reset(&mut self) {
        self.networks.reset();
    }
}
