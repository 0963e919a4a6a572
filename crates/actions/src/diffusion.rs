//! Diffusion (Diffusion Policy, arXiv 2303.04137): the cosine schedule, DDIM and DDPM.
//!
//! The network predicts the noise in `x`; everything here is what happens around it, element by
//! element. HybridVLA's diffusion branch is DDIM with 4 steps and nothing clipped.

mod ddim;
mod ddpm;

pub use ddim::Ddim;
pub use ddpm::Ddpm;

use core::f64::consts::FRAC_PI_2;

/// How much noise there is at each step of training: `squaredcos_cap_v2`.
#[derive(Clone, Debug, PartialEq)]
pub struct NoiseSchedule {
    // Invariant: as many betas as cumulative products, at least one, betas in (0, 0.999].
    betas: Vec<f64>,
    alphas_cumulative: Vec<f64>,
}

/// A schedule of no or far too many steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} training steps: 1 to 10000 are possible, and 100 are usual")]
pub struct ScheduleError(pub usize);

/// A number of inference steps that the schedule does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{steps} inference steps of {training_steps} training steps: 1 to {training_steps} are possible"
)]
pub struct StepsError {
    /// Inference steps asked for.
    pub steps: usize,
    /// Training steps there are.
    pub training_steps: usize,
}

impl NoiseSchedule {
    /// The most training steps.
    pub const STEPS_MAX: usize = 10_000;

    /// The cosine schedule of `steps` training steps (Nichol and Dhariwal 2021): the share of
    /// signal left falls as `cos^2((u + 0.008) / 1.008 pi/2)`, no step takes more than 0.999 of it.
    ///
    /// # Errors
    /// If there is no step, or more than [`Self::STEPS_MAX`].
    pub fn cosine(steps: usize) -> Result<Self, ScheduleError> {
        if !(1..=Self::STEPS_MAX).contains(&steps) {
            return Err(ScheduleError(steps));
        }
        let signal = |i: usize| {
            let u = i as f64 / steps as f64;
            ((u + 0.008) / 1.008 * FRAC_PI_2).cos().powi(2)
        };
        let beta = |i: usize| (1.0 - signal(i + 1) / signal(i)).min(0.999);
        let betas: Vec<f64> = (0..steps).map(beta).collect();
        let alphas_cumulative = betas
            .iter()
            .scan(1.0, |product, beta| {
                *product *= 1.0 - beta;
                Some(*product)
            })
            .collect();
        Ok(Self { betas, alphas_cumulative })
    }

    /// How many training steps there are.
    #[must_use]
    pub fn steps(&self) -> usize {
        self.betas.len()
    }

    /// The share of variance that each step adds.
    #[must_use]
    pub fn betas(&self) -> &[f64] {
        &self.betas
    }

    /// The share of the signal's variance that is left at each step.
    #[must_use]
    pub fn alphas_cumulative(&self) -> &[f64] {
        &self.alphas_cumulative
    }

    /// A training example: `sample` with the noise of step `t` mixed in. Steps beyond the last are
    /// the last.
    pub fn add_noise(&self, t: usize, sample: &[f64], noise: &[f64], noisy: &mut [f64]) {
        let (signal, share) = split(self.alpha(Some(t)));
        for ((noisy, sample), noise) in noisy.iter_mut().zip(sample).zip(noise) {
            *noisy = signal * sample + share * noise;
        }
    }

    /// The share left at a step; all of it before the first.
    fn alpha(&self, t: Option<usize>) -> f64 {
        let last = self.steps() - 1;
        t.map_or(1.0, |t| self.alphas_cumulative[t.min(last)])
    }
}

/// Factors of signal and noise where `alpha` of the signal's variance is left.
fn split(alpha: f64) -> (f64, f64) {
    (alpha.sqrt(), (1.0 - alpha).sqrt())
}

/// What the sample was, if the predicted noise is right.
fn clean(alpha: f64, x: f64, noise: f64, clip: bool) -> f64 {
    let (signal, share) = split(alpha);
    let sample = (x - share * noise) / signal;
    if clip { sample.clamp(-1.0, 1.0) } else { sample }
}

#[cfg(test)]
mod tests;
