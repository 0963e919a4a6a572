//! DDPM (Ho et al. 2020) with the small fixed variance, all training steps one by one.

use core::ops::ControlFlow;

use rand::Rng;

use super::{NoiseSchedule, clean};
use crate::noise::normal;

/// The stochastic sampler that Diffusion Policy trains with and uses in simulation.
#[derive(Clone, Debug)]
pub struct Ddpm {
    schedule: NoiseSchedule,
    clip: bool,
}

impl Ddpm {
    /// Of all steps of a schedule; `clip` keeps each guess of the sample within `[-1, 1]`.
    #[must_use]
    pub const fn new(schedule: NoiseSchedule, clip: bool) -> Self {
        Self { schedule, clip }
    }

    /// The variance of the noise that the step from `t` adds (`fixed_small`); at `t` = 0 it is
    /// 1e-20, and none is added.
    #[must_use]
    pub fn variance(&self, t: usize) -> f64 {
        let (alpha, before) = self.alphas(t);
        ((1.0 - before) / (1.0 - alpha) * self.beta(t)).max(1e-20)
    }

    /// The sample that `x` at step `t` comes from, if the predicted noise is right.
    #[must_use]
    pub fn clean(&self, t: usize, x: f64, noise: f64) -> f64 {
        clean(self.alphas(t).0, x, noise, self.clip)
    }

    /// The mean of the step from `t`, in place of `x`.
    pub fn mean(&self, t: usize, noise: &[f64], x: &mut [f64]) {
        let (alpha, before) = self.alphas(t);
        let beta = self.beta(t);
        let of_sample = before.sqrt() * beta / (1.0 - alpha);
        let of_x = (1.0 - beta).sqrt() * (1.0 - before) / (1.0 - alpha);
        for (x, noise) in x.iter_mut().zip(noise) {
            *x = of_sample * clean(alpha, *x, *noise, self.clip) + of_x * *x;
        }
    }

    /// Whether the step from `t` adds noise.
    #[must_use]
    pub const fn adds_noise(t: usize) -> bool {
        t > 0
    }

    /// Turns noise, in `x`, into a sample; as [`super::Ddim::sample`], with fresh noise from `rng`
    /// in every step but the last.
    pub fn sample(
        &self,
        rng: &mut impl Rng,
        x: &mut [f64],
        scratch: &mut [f64],
        mut predict: impl FnMut(&[f64], usize, &mut [f64]) -> ControlFlow<()>,
    ) -> usize {
        for (taken, t) in (0..self.schedule.steps()).rev().enumerate() {
            if predict(x, t, scratch).is_break() {
                if taken > 0 {
                    x.iter_mut().zip(&*scratch).for_each(|(x, n)| *x = self.clean(t, *x, *n));
                }
                return taken;
            }
            self.mean(t, scratch, x);
            if Self::adds_noise(t) {
                let deviation = self.variance(t).sqrt();
                x.iter_mut().for_each(|x| *x += deviation * normal(rng));
            }
        }
        self.schedule.steps()
    }

    fn alphas(&self, t: usize) -> (f64, f64) {
        (self.schedule.alpha(Some(t)), self.schedule.alpha(t.checked_sub(1)))
    }

    fn beta(&self, t: usize) -> f64 {
        self.schedule.betas[t.min(self.schedule.steps() - 1)]
    }
}
