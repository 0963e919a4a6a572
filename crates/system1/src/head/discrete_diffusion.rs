//! Masked discrete diffusion (Discrete Diffusion VLA, arXiv 2508.20072): guess every masked code,
//! keep the surest, and take back what has become unlikely.

use rand::SeedableRng as _;
use rand_pcg::Pcg64Mcg;
use tandem_actions::{
    ChunkShape, MaskedDecoder, MaskedError, MaskedSettings, Remask, RevealSchedule, Score,
};
use tandem_bundle::DiscreteDiffusion;

use super::parallel::Parallel;
use super::stepped::Stepped;
use super::{Attempt, Condition, Head, Parts, TokenCost, choice};
use crate::budget::Budget;
use crate::policy::{LoadError, StepError};

/// Seed of codes that are drawn. Any will do; one, so that the same conditions give the same bytes.
const SEED: u64 = 0x2508_2007;

pub(super) struct DiscreteDiffusionHead {
    codes: Parallel,
    decoder: Stepped<MaskedDecoder, MaskedError>,
    seen: Vec<f32>,
    rng: Pcg64Mcg,
}

impl DiscreteDiffusionHead {
    pub(super) fn new(
        parameters: DiscreteDiffusion,
        shape: ChunkShape,
        parts: &dyn Parts,
    ) -> Result<Self, LoadError> {
        let DiscreteDiffusion { rounds, bins, remask_first, remask_last, .. } = parameters;
        let settings = MaskedSettings {
            length: shape.values(),
            vocabulary: bins.into(),
            rounds,
            schedule: RevealSchedule::Cosine,
            choice: choice(parameters.choice),
            score: Score::Probability,
            remask: Some(Remask { first: remask_first, last: remask_last }),
        };
        let make = move |rounds| MaskedDecoder::new(MaskedSettings { rounds, ..settings });
        Ok(Self {
            codes: Parallel::new(bins, shape, parts)?,
            decoder: Stepped::new(rounds, make)?,
            seen: vec![0.0; shape.values()],
            rng: Pcg64Mcg::seed_from_u64(SEED),
        })
    }
}

impl Head for DiscreteDiffusionHead {
    fn decode(
        &mut self,
        condition: &Condition<'_>,
        budget: &mut Budget<'_>,
        chunk: &mut [f32],
    ) -> Result<usize, StepError> {
        let Self { codes, decoder, seen, rng } = self;
        let decoder = decoder.within(budget)?;
        codes.begin(condition)?;
        let mut attempt = Attempt::new(budget);
        let (mut network, tokens) = codes.split();
        let decoded = decoder.decode(rng, tokens, |tokens, logits| {
            attempt.step(|| {
                // Codes are far below 2^24, so exact.
                seen.iter_mut().zip(tokens).for_each(|(seen, &code)| *seen = code as f32);
                network.of_masked(seen, logits)
            })
        });
        let rounds = match decoded {
            Ok(done) => done.rounds,
            Err(MaskedError::NoRound) => 0,
            Err(error) => return Err(error.into()),
        };
        codes.write(chunk);
        attempt.finish(rounds)
    }

    fn cost(&self) -> Option<TokenCost> {
        Some(self.codes.cost())
    }

    fn reset(&mut self) {
        self.rng = Pcg64Mcg::seed_from_u64(SEED);
    }
}
