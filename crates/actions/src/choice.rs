//! Which token a network's logits become.

use rand::{Rng, RngExt as _};

/// How one token is chosen from its probabilities.
///
/// Where ids are ordered, as bins are, the likeliest one is a poor answer: next to one bin that the
/// expert hits *exactly* (a joint at rest, a joint at its greatest speed) stand a hundred that share
/// what is between, each less likely than that one and together far likelier. The likeliest id
/// minimises how often an answer is wrong at all, the median how far it is off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// The likeliest; of equals the first.
    Best,
    /// The first id up to which half of the probability lies: for ordered ids only.
    Median,
    /// Drawn, as the release of Discrete Diffusion VLA does.
    Drawn,
}

/// A token, and what the network thought of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Chosen {
    /// The id.
    pub token: u32,
    /// Its probability.
    pub probability: f64,
}

impl Choice {
    /// Chooses from a row of logits, which become weights, the greatest of them 1. None if they are
    /// no distribution: a NaN, a positive infinity, or nothing but negative infinities.
    ///
    /// Draws from `rng` only if the choice is to be drawn.
    pub fn choose(self, rng: &mut impl Rng, logits: &mut [f32]) -> Option<Chosen> {
        // Two logits that differ may have the same weight.
        let likeliest = best(logits);
        let total = weigh(logits)?;
        let token = match self {
            Self::Best => likeliest,
            Self::Median => reach(logits, 0.5 * total),
            Self::Drawn => reach(logits, total * rng.random::<f64>()),
        };
        let probability = logits.get(token).map_or(0.0, |weight| f64::from(*weight) / total);
        Some(Chosen { token: u32::try_from(token).unwrap_or(u32::MAX), probability })
    }

    /// The token of [`Self::choose`] alone, which for the likeliest takes no exponentials.
    pub fn token(self, rng: &mut impl Rng, logits: &mut [f32]) -> Option<u32> {
        if self != Self::Best {
            return Some(self.choose(rng, logits)?.token);
        }
        greatest(logits)?;
        u32::try_from(best(logits)).ok()
    }
}

/// The probability of one token in a row of logits, which become weights; none as for
/// [`Choice::choose`].
pub(crate) fn probability(logits: &mut [f32], token: u32) -> Option<f64> {
    let total = weigh(logits)?;
    Some(logits.get(token as usize).map_or(0.0, |weight| f64::from(*weight) / total))
}

/// The greatest logit; none if they are no distribution.
fn greatest(logits: &[f32]) -> Option<f32> {
    let greatest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let sound = greatest.is_finite() && !logits.iter().any(|logit| logit.is_nan());
    sound.then_some(greatest)
}

/// Weights in place of logits, the greatest of them 1; returns their sum.
fn weigh(logits: &mut [f32]) -> Option<f64> {
    let greatest = greatest(logits)?;
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

/// The first index up to which the weights add up to more than `share`.
fn reach(weights: &[f32], share: f64) -> usize {
    let mut left = share;
    for (index, weight) in weights.iter().enumerate() {
        left -= f64::from(*weight);
        if left < 0.0 {
            return index;
        }
    }
    // Rounding left a little over: the likeliest is as good an end as any.
    best(weights)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::SeedableRng as _;
    use rand_pcg::Pcg64Mcg;

    use super::*;

    fn chosen(choice: Choice, probabilities: &[f32]) -> Option<Chosen> {
        let mut logits: Vec<f32> = probabilities.iter().map(|share| share.ln()).collect();
        choice.choose(&mut Pcg64Mcg::seed_from_u64(1), &mut logits)
    }

    /// One id that is hit exactly now and then, and many near each other that are hit oftener.
    #[test]
    fn a_spike_wins_no_median() {
        let mut shares = [0.07; 12];
        shares[0] = 0.23;
        let best = chosen(Choice::Best, &shares).unwrap();
        assert!(best.token == 0 && (best.probability - 0.23).abs() < 1e-6, "{best:?}");
        let median = chosen(Choice::Median, &shares).unwrap();
        assert!(median.token == 4 && (median.probability - 0.07).abs() < 1e-6, "{median:?}");
    }

    #[test]
    fn a_sure_network_is_believed_whatever_the_choice() {
        for choice in [Choice::Best, Choice::Median, Choice::Drawn] {
            for sure in 0..4_u32 {
                let mut shares = [0.0; 4];
                shares[sure as usize] = 1.0;
                let found = chosen(choice, &shares).unwrap();
                assert_eq!(found, Chosen { token: sure, probability: 1.0 }, "{choice:?}");
            }
        }
    }

    #[test]
    fn draws_follow_the_probabilities() {
        let mut rng = Pcg64Mcg::seed_from_u64(7);
        let mut counts = [0_u32; 3];
        for _ in 0..20_000 {
            let mut logits = [0.2_f32.ln(), 0.5_f32.ln(), 0.3_f32.ln()];
            let chosen = Choice::Drawn.choose(&mut rng, &mut logits).unwrap();
            counts[chosen.token as usize] += 1;
        }
        for (count, share) in counts.into_iter().zip([0.2, 0.5, 0.3]) {
            assert!((f64::from(count) / 20_000.0 - share).abs() < 0.015, "{counts:?}");
        }
    }

    proptest! {
        /// An id of the row with its probability, or none; and no mass of more than a half on
        /// either side of the median.
        #[test]
        fn choosing_is_total_and_the_median_halves(
            logits in prop::collection::vec(any::<f32>(), 0..9),
            tame in prop::collection::vec(-9.0..9.0_f32, 1..9),
        ) {
            for choice in [Choice::Best, Choice::Median, Choice::Drawn] {
                let mut rng = Pcg64Mcg::seed_from_u64(1);
                let chosen = choice.choose(&mut rng, &mut logits.clone());
                let mut rng = Pcg64Mcg::seed_from_u64(1);
                let token = choice.token(&mut rng, &mut logits.clone());
                prop_assert_eq!(token, chosen.map(|chosen| chosen.token));
                if let Some(chosen) = chosen {
                    prop_assert!((chosen.token as usize) < logits.len());
                    prop_assert!((0.0..=1.0).contains(&chosen.probability));
                }
            }
            let mut weights = tame;
            let found = Choice::Median.choose(&mut Pcg64Mcg::seed_from_u64(1), &mut weights);
            let at = found.map_or(0, |chosen| chosen.token as usize);
            let sum = |part: &[f32]| part.iter().copied().map(f64::from).sum::<f64>();
            let half = 0.5 * sum(&weights) + 1e-6;
            prop_assert!(sum(&weights[..at]) <= half && sum(&weights[at + 1..]) <= half);
        }
    }
}
