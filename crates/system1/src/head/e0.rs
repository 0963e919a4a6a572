//! E0 (arXiv 2511.21542): denoising the one-hot vectors of a chunk's codes.

use rand::SeedableRng as _;
use rand_pcg::Pcg64Mcg;
use tandem_actions::{ChunkShape, E0Denoiser, E0Error, E0Settings, E0Signal};
use tandem_bundle::{E0, Noise};
use tandem_networks::time_features;

use super::parallel::Parallel;
use super::stepped::Stepped;
use super::{Attempt, Condition, Head, Parts, TokenCost, choice};
use crate::budget::Budget;
use crate::policy::{LoadError, StepError};

/// Seed of the noise. Any will do; one, so that the same conditions give the same bytes.
const SEED: u64 = 0xe0_11_21_54_20;
/// The released share of the one-hot vectors.
const DECAY: f64 = 0.1;

pub(super) struct E0Head {
    codes: Parallel,
    denoiser: Stepped<E0Denoiser, E0Error>,
    rule: Noise,
    rng: Pcg64Mcg,
    time: Vec<f32>,
}

impl E0Head {
    pub(super) fn new(
        parameters: E0,
        shape: ChunkShape,
        parts: &dyn Parts,
    ) -> Result<Self, LoadError> {
        let settings = E0Settings {
            length: shape.values(),
            vocabulary: parameters.bins.into(),
            steps: parameters.steps,
            signal: E0Signal::Constant { decay: DECAY },
            choice: choice(parameters.choice),
            // As released: drawn once for all steps of a chunk.
            same_noise: true,
        };
        let make = move |steps| E0Denoiser::new(E0Settings { steps, ..settings });
        let mut codes = Parallel::new(parameters.bins, shape, parts)?;
        Ok(Self {
            time: vec![0.0; codes.split().0.time_width()],
            denoiser: Stepped::new(parameters.steps, make)?,
            rule: parameters.noise,
            rng: Pcg64Mcg::seed_from_u64(SEED),
            codes,
        })
    }
}

impl Head for E0Head {
    fn decode(
        &mut self,
        condition: &Condition<'_>,
        budget: &mut Budget<'_>,
        chunk: &mut [f32],
    ) -> Result<usize, StepError> {
        if self.rule == Noise::Held {
            // The same draws for all chunks of a motion.
            self.rng = Pcg64Mcg::seed_from_u64(SEED ^ condition.motion);
        }
        let Self { codes, denoiser, rng, time, .. } = self;
        let denoiser = denoiser.within(budget)?;
        codes.begin(condition)?;
        let mut attempt = Attempt::new(budget);
        let (mut network, tokens) = codes.split();
        let decoded = denoiser.decode(rng, tokens, |noisy, t, logits| {
            attempt.step(|| {
                time_features(t, time);
                network.of_noisy(noisy, time, logits)
            })
        });
        let steps = match decoded {
            Ok(steps) => steps,
            Err(E0Error::NoStep) => 0,
            Err(error) => return Err(error.into()),
        };
        codes.write(chunk);
        attempt.finish(steps)
    }

    fn cost(&self) -> Option<TokenCost> {
        Some(self.codes.cost())
    }

    fn reset(&mut self) {
        self.rng = Pcg64Mcg::seed_from_u64(SEED);
    }
}
