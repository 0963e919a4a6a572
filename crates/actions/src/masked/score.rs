//! Which token is chosen, how sure that is, and when a choice is taken back.

use rand::{Rng, RngExt as _};

use crate::noise::gumbel;

/// How a masked position's token is chosen from its probabilities.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// The likeliest.
    Best,
    /// Drawn, as the release does.
    Drawn,
}

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

/// What the network thinks of one position.
#[derive(Clone, Copy, Debug)]
pub(super) struct Drawn {
    pub(super) token: u32,
    pub(super) probability: f64,
    /// The greatest probability of any other token.
    pub(super) runner_up: f64,
}

impl Choice {
    /// Chooses from a row of logits, which become probabilities. None if they are none: a NaN, a
    /// positive infinity, or nothing but negative infinities.
    pub(super) fn choose(self, rng: &mut impl Rng, logits: &mut [f32]) -> Option<Drawn> {
        let total = softmax(logits)?;
        let token = match self {
            Self::Best => best(logits),
            Self::Drawn => draw(logits, total * rng.random::<f64>()),
        };
        let of = |index: usize| f64::from(logits[index]) / total;
        let others = (0..logits.len()).filter(|index| *index != token).map(of);
        let runner_up = others.fold(0.0, f64::max);
        Some(Drawn { token: token as u32, probability: of(token), runner_up })
    }
}

impl Score {
    /// How sure a choice is when the share `ratio` of rounds is done.
    pub(super) fn of(self, rng: &mut impl Rng, drawn: &Drawn, ratio: f64) -> f64 {
        match self {
            Self::Probability => drawn.probability,
            Self::Gap => drawn.probability - drawn.runner_up,
            Self::NoisyLog { temperature } => {
                drawn.probability.ln() + temperature * (1.0 - ratio) * gumbel(rng)
            }
        }
    }
}

impl Remask {
    /// The threshold when the share `ratio` of rounds is done.
    pub(super) fn threshold(self, ratio: f64) -> f64 {
        self.first + (self.last - self.first) * ratio
    }
}

/// The probability of one token in a row of logits; None as for [`Choice::choose`].
pub(super) fn probability(logits: &mut [f32], token: u32) -> Option<f64> {
    let total = softmax(logits)?;
    Some(logits.get(token as usize).map_or(0.0, |weight| f64::from(*weight) / total))
}

/// Weights in place of logits, the greatest of them 1; returns their sum.
fn softmax(logits: &mut [f32]) -> Option<f64> {
    if logits.iter().any(|logit| logit.is_nan()) {
        return None;
    }
    let greatest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    if !greatest.is_finite() {
        return None;
    }
    let mut total = 0.0;
    for logit in logits {
        *logit = (*logit - greatest).exp();
        total += f64::from(*logit);
    }
    Some(total)
}

fn best(weights: &[f32]) -> usize {
    let mut best = 0;
    for (index, weight) in weights.iter().enumerate() {
        if *weight > weights[best] {
            best = index;
        }
    }
    best
}

fn draw(weights: &[f32], mut left: f64) -> usize {
    for (index, weight) in weights.iter().enumerate() {
        left -= f64::from(*weight);
        if left < 0.0 {
            return index;
        }
    }
    // Rounding left a little over: the likeliest is as good an end as any.
    best(weights)
}
