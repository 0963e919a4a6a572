//! Random numbers that samplers need, from a seeded generator that is passed in.

use core::f64::consts::TAU;

use rand::{Rng, RngExt as _};

/// A standard normal number (Box and Muller 1958; the other half of the pair is not kept, so that
/// a draw is a function of the generator's state alone).
pub fn normal(rng: &mut impl Rng) -> f64 {
    // From (0, 1], whose logarithm is finite.
    let radius = (-2.0 * (1.0 - rng.random::<f64>()).ln()).sqrt();
    radius * (TAU * rng.random::<f64>()).cos()
}

/// Fills a slice with standard normal numbers: where diffusion and flow matching start from.
pub fn fill_normal(rng: &mut impl Rng, values: &mut [f64]) {
    values.iter_mut().for_each(|value| *value = normal(rng));
}

/// A standard Gumbel number: adding it to logarithms of probabilities and taking the greatest
/// draws from them.
pub fn gumbel(rng: &mut impl Rng) -> f64 {
    // Both logarithms are of numbers in (0, 1), open at both ends after the clamp.
    let uniform = rng.random::<f64>().clamp(1e-12, 1.0 - 1e-12);
    -(-uniform.ln()).ln()
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;
    use rand_pcg::Pcg64Mcg;

    use super::*;

    fn moments(mut draw: impl FnMut(&mut Pcg64Mcg) -> f64) -> (f64, f64) {
        let mut rng = Pcg64Mcg::seed_from_u64(1);
        let n = 200_000;
        let draws: Vec<f64> = (0..n).map(|_| draw(&mut rng)).collect();
        let mean = draws.iter().sum::<f64>() / f64::from(n);
        let variance = draws.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / f64::from(n);
        (mean, variance)
    }

    #[test]
    fn draws_have_the_moments_of_their_distributions() {
        let (mean, variance) = moments(normal);
        assert!(mean.abs() < 0.01 && (variance - 1.0).abs() < 0.01, "{mean} {variance}");
        let (mean, variance) = moments(gumbel);
        let euler = 0.577_215_664_9;
        let expected = core::f64::consts::PI.powi(2) / 6.0;
        assert!((mean - euler).abs() < 0.01 && (variance - expected).abs() < 0.03);
    }
}
