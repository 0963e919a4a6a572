//! How many tokens are still masked after each round.

use core::f64::consts::FRAC_PI_2;

/// The share of tokens that stay masked as rounds go by (MaskGIT, Chang et al. 2022).
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum RevealSchedule {
    /// A quarter of a cosine: few at first, when little is known. The one that is used.
    Cosine,
    /// As many in each round.
    Linear,
    /// `1 - ratio^exponent`.
    Power(f64),
    /// Falls with the logarithm: most at first.
    Logarithmic,
    /// Falls exponentially late: most at last.
    Exponential,
}

impl RevealSchedule {
    /// How many of `length` tokens are masked after `round` (from 0) of `rounds`: 1 to
    /// `length - 1`, so that every round reveals and the last one is left to be filled.
    #[must_use]
    pub fn masked_after(self, length: usize, round: usize, rounds: usize) -> usize {
        let ratio = (round + 1) as f64 / rounds.max(1) as f64;
        // The 1e-9 lets a product that is an integer in exact arithmetic be one here.
        let masked = (length as f64 * self.share(ratio, length) + 1e-9).floor() as usize;
        masked.max(1).min(length.saturating_sub(1))
    }

    /// How many of `length` tokens to mask in training, for a ratio drawn evenly from `[0, 1]`.
    #[must_use]
    pub fn masked_in_training(self, length: usize, ratio: f64) -> usize {
        let masked = (length as f64 * self.share(ratio, length)).round_ties_even() as usize;
        masked.max(1).min(length)
    }

    fn share(self, ratio: f64, length: usize) -> f64 {
        let log_length = (length.max(2) as f64).log2();
        let share = match self {
            Self::Cosine => (FRAC_PI_2 * ratio).cos(),
            Self::Linear => 1.0 - ratio,
            Self::Power(exponent) => 1.0 - ratio.powf(exponent),
            Self::Logarithmic => -ratio.log2() / log_length,
            Self::Exponential => 1.0 - (log_length * (ratio - 1.0)).exp2(),
        };
        share.clamp(1e-6, 1.0)
    }
}
