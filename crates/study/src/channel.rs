//! Channels of known bits between what is true and what a policy sees.

use rand::RngExt as _;
use rand_pcg::Pcg64Mcg;
use serde::{Deserialize, Serialize};
use tandem_actions::normal;

/// What lies between a coordinate, uniform over `[-1, 1]`, and a policy. Every dimension has one
/// of its own.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Channel {
    /// `2^bits` equal cells, of which the policy sees the middle. Not dithered: the same place
    /// always looks the same, so a whole episode tells no more than one look.
    Quantised {
        /// Bits per dimension.
        bits: u32,
    },
    /// Additive Gaussian noise, drawn once an episode, whose capacity `1/2 log2(1 + SNR)` is given.
    Gaussian {
        /// Capacity, bits per dimension; a uniform source uses a little less of it.
        bits: f64,
    },
}

impl Channel {
    /// What the policy sees of a coordinate.
    pub fn transmit(self, x: f64, rng: &mut Pcg64Mcg) -> f64 {
        match self {
            Self::Quantised { bits } => {
                let cells = f64::from(bits).exp2();
                let cell = ((x + 1.0) / 2.0 * cells).floor().clamp(0.0, cells - 1.0);
                (cell + 0.5) / cells * 2.0 - 1.0
            }
            Self::Gaussian { bits } => x + deviation(bits) * normal(rng),
        }
    }

    /// The information that one dimension of a uniform source passes, bits: exact for the
    /// quantiser, by numerical integration for the Gaussian.
    #[must_use]
    pub fn information_bits(self) -> f64 {
        match self {
            Self::Quantised { bits } => f64::from(bits),
            Self::Gaussian { bits } => uniform_through_noise_bits(deviation(bits)),
        }
    }
}

/// A coordinate of a uniform source.
pub(crate) fn uniform(rng: &mut Pcg64Mcg) -> f64 {
    rng.random_range(-1.0..=1.0)
}

/// The noise's deviation for a capacity: a uniform coordinate has a variance of one third.
fn deviation(bits: f64) -> f64 {
    let snr = (2.0 * bits).exp2() - 1.0;
    (1.0 / (3.0 * snr)).sqrt()
}

/// `h(X + N) - h(N)` for X uniform over `[-1, 1]` and N normal, by the trapezoidal rule.
fn uniform_through_noise_bits(sigma: f64) -> f64 {
    const STEPS: u32 = 20_000;
    let end = 1.0 + 8.0 * sigma;
    let width = 2.0 * end / f64::from(STEPS);
    let density =
        |z: f64| (normal_below((z + 1.0) / sigma) - normal_below((z - 1.0) / sigma)) / 2.0;
    let entropy: f64 = (0..=STEPS)
        .map(|step| density(-end + width * f64::from(step)))
        .map(|p| if p > 0.0 { -p * p.log2() * width } else { 0.0 })
        .sum();
    let noise = 0.5 * (2.0 * core::f64::consts::PI * core::f64::consts::E * sigma * sigma).log2();
    entropy - noise
}

/// The standard normal distribution function, by the error function's rational approximation
/// (Abramowitz and Stegun 7.1.26, absolute error below 1.5e-7).
fn normal_below(z: f64) -> f64 {
    let x = z.abs() / core::f64::consts::SQRT_2;
    let t = 1.0 / (1.0 + 0.327_591_1 * x);
    let a = [0.254_829_592, -0.284_496_736, 1.421_413_741, -1.453_152_027, 1.061_405_429];
    let polynomial = a.iter().rev().fold(0.0, |sum, a| (sum + a) * t);
    let erf = 1.0 - polynomial * (-x * x).exp();
    if z < 0.0 { (1.0 - erf) / 2.0 } else { f64::midpoint(1.0, erf) }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;

    use super::*;

    #[test]
    fn a_quantiser_of_b_bits_shows_two_to_the_b_cells_equally_often() {
        let mut rng = Pcg64Mcg::seed_from_u64(1);
        for bits in [1, 3, 5] {
            let mut seen = std::collections::BTreeMap::<i64, u32>::new();
            let draws = 40_000;
            for _ in 0..draws {
                let x = uniform(&mut rng);
                let z = Channel::Quantised { bits }.transmit(x, &mut rng);
                assert!((z - x).abs() <= 1.0 / f64::from(1 << bits) + 1e-12);
                *seen.entry((z * 1e9) as i64).or_default() += 1;
            }
            assert_eq!(seen.len(), 1 << bits);
            let share = |count: &u32| f64::from(*count) / f64::from(draws);
            let entropy: f64 = seen.values().map(|count| -share(count) * share(count).log2()).sum();
            assert!((entropy - f64::from(bits)).abs() < 0.01, "{bits}: {entropy}");
        }
    }

    /// A weak channel passes its capacity, whatever the source; a strong one what is left of a
    /// uniform source's entropy of one bit when the noise's is taken away: 0.254 bits less
    /// (1/2 log2(2 pi e / 12)). Noise blurs the source's two ends, which adds a few thousandths.
    #[test]
    fn a_gaussian_channel_passes_at_most_its_capacity() {
        for (capacity, expected) in [(0.05, 0.05), (8.0, 8.0 - 0.2546)] {
            let found = Channel::Gaussian { bits: capacity }.information_bits();
            assert!((found - expected).abs() < 5e-3, "{capacity}: {found}");
        }
        let rising = [0.5, 1.0, 2.0, 3.0, 5.0].map(|bits| Channel::Gaussian { bits });
        assert!(rising.map(Channel::information_bits).is_sorted());
        assert!(
            rising
                .iter()
                .all(|c| matches!(c, Channel::Gaussian { bits } if c.information_bits() <= *bits))
        );
    }

    #[test]
    fn known_values_of_the_normal_distribution() {
        for (z, below) in [(0.0, 0.5), (1.959_963_985, 0.975), (-1.0, 0.158_655_254), (5.0, 1.0)] {
            assert!((normal_below(z) - below).abs() < 3e-7, "{z}");
        }
    }
}
