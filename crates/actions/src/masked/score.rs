//! How sure a choice is, and when it is taken back.

use rand::Rng;

use crate::choice::Chosen;
use crate::noise::gumbel;

/// How sure a choice is; the surest are kept.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Score {
    /// Its probability: best in the paper.
    Probability,
    /// Its probability less the greatest of any other token.
    Gap,
    /// The logarithm of its probability plus Gumbel noise, whose size falls from `temperature` at
    /// the start to zero at the end: the release, with 1.
    NoisyLog {
        /// The noise's size at the start.
        temperature: f64,
    },
}

/// Secondary re-masking: a token that was kept is masked again once its probability, given all that
/// was revealed since, is below a threshold that rises with the rounds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Remask {
    /// The threshold after the first round.
    pub first: f64,
    /// The threshold in the last.
    pub last: f64,
}

impl Score {
    /// How sure a choice among `weights` (the greatest of them 1) is when the share `ratio` of
    /// rounds is done.
    pub(super) fn of(
        self,
        rng: &mut impl Rng,
        chosen: &Chosen,
        weights: &[f32],
        ratio: f64,
    ) -> f64 {
        match self {
            Self::Probability => chosen.probability,
            Self::Gap => chosen.probability - runner_up(chosen, weights),
            Self::NoisyLog { temperature } => {
                chosen.probability.ln() + temperature * (1.0 - ratio) * gumbel(rng)
            }
        }
    }
}

/// The greatest probability of any other token.
fn runner_up(chosen: &Chosen, weights: &[f32]) -> f64 {
    let total: f64 = weights.iter().copied().map(f64::from).sum();
    let others = weights.iter().zip(0_u32..).filter(|(_, token)| *token != chosen.token);
    others.map(|(weight, _)| f64::from(*weight) / total).fold(0.0, f64::max)
}

impl Remask {
    /// The threshold when the share `ratio` of rounds is done.
    pub(super) fn threshold(self, ratio: f64) -> f64 {
        self.first + (self.last - self.first) * ratio
    }
}
