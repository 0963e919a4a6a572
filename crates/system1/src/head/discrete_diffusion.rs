//! Masked discrete diffusion (Discrete Diffusion VLA, arXiv 2508.20072): guess every masked code,
//! keep the surest, and take back what has become unlikely.

use rand::SeedableRng as _;
use rand_pcg::Pcg64Mcg;
use tandem_actions::{
    Choice, ChunkShape, MaskedDecoder, MaskedError, MaskedSettings, Remask, RevealSchedule, Score,
};
use tandem_bundle::DiscreteDiffusion;

use super::parallel::Parallel;
use super::{Attempt, Condition, Head, Parts, TokenCost};
use crate::budget::Budget;
use crate::policy::{LoadError, StepError};

pub(super) struct DiscreteDiffusionHead {
    codes: Parallel,
    settings: MaskedSettings,
    /// For as many rounds as the last budget allowed.
    decoder: (usize, MaskedDecoder),
    seen: Vec<f32>,
    /// The likeliest code is chosen, so that nothing is drawn from it; the decoder asks for one.
    rng: Pcg64Mcg,
}

impl DiscreteDiffusionHead {
    pub(super) fn new(
        parameters: DiscreteDiffusion,
        shape: ChunkShape,
        parts: &dyn Parts,
    ) -> Result<Self, LoadError> {
        let DiscreteDiffusion { rounds, bins, remask_first, remask_last } = parameters;
        let settings = MaskedSettings {
            length: shape.values(),
            vocabulary: bins.into(),
            rounds,
            schedule: RevealSchedule::Cosine,
            choice: Choice::Best,
            score: Score::Probability,
            remask: Some(Remask { first: remask_first, last: remask_last }),
        };
        Ok(Self {
            codes: Parallel::new(bins, shape, parts)?,
            settings,
            decoder: (rounds, MaskedDecoder::new(settings)?),
            seen: vec![0.0; shape.values()],
            rng: Pcg64Mcg::seed_from_u64(0),
        })
    }

    /// A decoder of so many rounds; made anew where a budget differs from the one before, which
    /// happens once, for a config fixes the budget.
    fn resize(&mut self, rounds: usize) -> Result<(), StepError> {
        if rounds != self.decoder.0 {
            let settings = MaskedSettings { rounds, ..self.settings };
            self.decoder = (rounds, MaskedDecoder::new(settings)?);
        }
        Ok(())
    }
}

impl Head for DiscreteDiffusionHead {
    fn decode(
        &mut self,
        condition: &Condition<'_>,
        budget: &mut Budget<'_>,
        chunk: &mut [f32],
    ) -> Result<usize, StepError> {
        self.resize(budget.steps(self.settings.rounds))?;
        let Self { codes, decoder: (_, decoder), seen, rng, .. } = self;
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
}
