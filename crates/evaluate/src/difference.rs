//! Differences of success rates, and differences of those.

use crate::Proportion;

/// The 0.975 quantile of the standard normal: two-sided 95 %.
const Z_95: f64 = 1.959_963_984_540_054;

/// An estimate that is normal for large samples, with its standard error.
///
/// The sum or difference of independent ones is another: [`Estimate::minus`]. So the gain that an
/// encoder brings is `Estimate::of(strong).minus(Estimate::of(weak))`, and whether one
/// representation gains more than another is the difference of two gains, their *interaction*.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Estimate {
    /// The estimate.
    pub value: f64,
    /// Its standard error.
    pub standard_error: f64,
}

impl Estimate {
    /// A success rate with the error of its binomial trials (Wald's). For a rate of 0 or 1 that
    /// error would be zero, which no finite number of trials can show; there the trials count as
    /// if half of one had come out otherwise.
    #[must_use]
    pub fn of(proportion: Proportion) -> Self {
        let trials = proportion.trials as f64;
        if proportion.trials == 0 {
            return Self { value: 0.5, standard_error: f64::INFINITY };
        }
        let value = proportion.rate();
        let spread = value.clamp(0.5 / trials, 1.0 - 0.5 / trials);
        Self { value, standard_error: (spread * (1.0 - spread) / trials).sqrt() }
    }

    /// The mean of independent runs that differ in their seeds, with the error that their spread
    /// shows. Unlike [`of`](Self::of) a pool of all trials, it counts what a seed changes.
    /// The error is infinite for less than two runs.
    #[must_use]
    pub fn over_runs(values: &[f64]) -> Self {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n.max(1.0);
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        let variance = if values.len() < 2 { f64::INFINITY } else { squares / (n - 1.0) };
        Self { value: mean, standard_error: (variance / n.max(1.0)).sqrt() }
    }

    /// The difference from an independent estimate.
    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        Self {
            value: self.value - other.value,
            standard_error: self.standard_error.hypot(other.standard_error),
        }
    }

    /// The estimate and its error, both times a known number.
    #[must_use]
    pub fn times(self, factor: f64) -> Self {
        Self { value: self.value * factor, standard_error: self.standard_error * factor.abs() }
    }

    /// The 95 % interval.
    #[must_use]
    pub fn interval_95(self) -> (f64, f64) {
        let half = Z_95 * self.standard_error;
        (self.value - half, self.value + half)
    }

    /// How many standard errors it is from zero.
    #[must_use]
    pub fn z(self) -> f64 {
        self.value / self.standard_error
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A rate in percent of 500 rollouts, as the compression-gap paper gives them.
    fn rate(percent: f64) -> Estimate {
        Estimate::of(Proportion { successes: (percent * 5.0).round() as u64, trials: 500 })
    }

    fn gain(weak: f64, strong: f64) -> Estimate {
        rate(strong).minus(rate(weak)).times(100.0)
    }

    /// The gains of arXiv 2604.03191 with the intervals computed for them in points.
    #[test]
    fn gains_of_the_compression_gap_paper() {
        for (weak, strong, value, low, high) in [
            (36.4, 57.6, 21.2, 15.2, 27.2),
            (44.0, 70.0, 26.0, 20.1, 31.9),
            (53.8, 57.4, 3.6, -2.6, 9.8),
            (48.0, 58.4, 10.4, 4.2, 16.6),
        ] {
            let gain = gain(weak, strong);
            let (found_low, found_high) = gain.interval_95();
            for (found, expected) in [(gain.value, value), (found_low, low), (found_high, high)] {
                assert!((found - expected).abs() < 0.06, "{weak} to {strong}: {gain:?}");
            }
        }
    }

    /// The same paper's interactions: continuous against discrete at both sizes, and 1920 codes
    /// against 1000.
    #[test]
    fn interactions_of_the_compression_gap_paper() {
        for (a, b, value, half, z) in [
            ((36.4, 57.6), (53.8, 57.4), 17.6, 8.6, 4.0),
            ((44.0, 70.0), (48.0, 58.4), 15.6, 8.5, 3.6),
            ((42.6, 57.8), (53.8, 57.4), 11.6, 8.7, 2.6),
        ] {
            let interaction = gain(a.0, a.1).minus(gain(b.0, b.1));
            let (low, high) = interaction.interval_95();
            assert!((interaction.value - value).abs() < 0.05, "{interaction:?}");
            assert!(((high - low) / 2.0 - half).abs() < 0.06, "{interaction:?}");
            assert!((interaction.z() - z).abs() < 0.06, "{interaction:?}: z {}", interaction.z());
        }
    }

    /// Four successes of four leave a doubt, and no trial leaves every doubt.
    #[test]
    fn few_trials_are_never_certain() {
        let all = Estimate::of(Proportion { successes: 4, trials: 4 });
        assert_eq!(all.value, 1.0);
        assert!((all.standard_error - (0.125_f64 * 0.875 / 4.0).sqrt()).abs() < 1e-12);
        assert_eq!(Estimate::of(Proportion::default()).standard_error, f64::INFINITY);
        assert_eq!(Estimate::over_runs(&[0.4]).standard_error, f64::INFINITY);
    }

    /// By hand: mean 0.5, deviation 0.1, three runs.
    #[test]
    fn runs_show_their_own_spread() {
        let over = Estimate::over_runs(&[0.4, 0.5, 0.6]);
        assert!((over.value - 0.5).abs() < 1e-12);
        assert!((over.standard_error - 0.1 / 3.0_f64.sqrt()).abs() < 1e-12);
    }
}
