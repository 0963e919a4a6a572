//! DDIM with eta 0 (Song et al. 2021): the same noise gives the same action, in few steps.

use core::ops::ControlFlow;

use super::{NoiseSchedule, StepsError, clean, split};

/// A deterministic sampler of a few steps, spaced "leading" with offset 0 (of 100 training steps,
/// 10 are 90, 80 to 0), ending on the clean sample (`set_alpha_to_one`).
#[derive(Clone, Debug)]
pub struct Ddim {
    schedule: NoiseSchedule,
    // Invariant: 1 to the schedule's steps.
    steps: usize,
    clip: bool,
}

impl Ddim {
    /// With `steps` inference steps. `clip` keeps each step's guess of the sample within `[-1, 1]`,
    /// as Diffusion Policy does and HybridVLA does not.
    ///
    /// # Errors
    /// If there are no steps, or more than the schedule has.
    pub fn new(schedule: NoiseSchedule, steps: usize, clip: bool) -> Result<Self, StepsError> {
        let training_steps = schedule.steps();
        if (1..=training_steps).contains(&steps) {
            Ok(Self { schedule, steps, clip })
        } else {
            Err(StepsError { steps, training_steps })
        }
    }

    /// The training steps it visits, from the noisiest.
    pub fn timesteps(&self) -> impl Iterator<Item = usize> + use<> {
        let stride = self.stride();
        (0..self.steps).rev().map(move |k| k * stride)
    }

    /// One step from `t`: `x` with the predicted noise becomes the `x` of the step after it. The
    /// noise is used as predicted, also where its guess of the sample was clipped.
    pub fn step(&self, t: usize, noise: &[f64], x: &mut [f64]) {
        let alpha = self.schedule.alpha(Some(t));
        let (signal, share) = split(self.schedule.alpha(t.checked_sub(self.stride())));
        for (x, noise) in x.iter_mut().zip(noise) {
            *x = signal * clean(alpha, *x, *noise, self.clip) + share * noise;
        }
    }

    /// Turns noise, in `x`, into a sample. `predict(x, t, noise)` is the network: it writes the
    /// noise in `x` at training step `t`, or breaks off because time is up, leaving `noise` as it
    /// was. Then the best guess of the sample so far counts. Returns how many steps were taken; after
    /// zero, `x` is still noise.
    ///
    /// `scratch` holds the predicted noise and is as long as `x`.
    pub fn sample(
        &self,
        x: &mut [f64],
        scratch: &mut [f64],
        mut predict: impl FnMut(&[f64], usize, &mut [f64]) -> ControlFlow<()>,
    ) -> usize {
        for (taken, t) in self.timesteps().enumerate() {
            if predict(x, t, scratch).is_break() {
                if taken > 0 {
                    // The `x` here was made by the last step, with the noise that scratch still
                    // holds: taking that noise out of it gives back that step's guess.
                    let alpha = self.schedule.alpha(Some(t));
                    for (x, noise) in x.iter_mut().zip(&*scratch) {
                        *x = clean(alpha, *x, *noise, self.clip);
                    }
                }
                return taken;
            }
            self.step(t, scratch, x);
        }
        self.steps
    }

    const fn stride(&self) -> usize {
        self.schedule.betas.len() / self.steps
    }
}
