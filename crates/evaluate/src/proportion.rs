//! How sure a success rate is.

/// The 0.975 quantile of the standard normal: two-sided 95 %.
const Z_95: f64 = 1.959_963_984_540_054;

/// Successes out of trials, with what that says about the true rate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Proportion {
    /// How many trials succeeded.
    pub successes: u64,
    /// How many there were.
    pub trials: u64,
}

impl Proportion {
    /// The share of successes; zero for no trials.
    #[must_use]
    pub fn rate(self) -> f64 {
        if self.trials == 0 { 0.0 } else { self.successes as f64 / self.trials as f64 }
    }

    /// The 95 % Wilson score interval of the true rate (Wilson 1927): unlike the textbook interval
    /// it stays within `[0, 1]` and says something even when all trials succeeded. The whole
    /// `[0, 1]` for no trials.
    #[must_use]
    pub fn wilson_95(self) -> (f64, f64) {
        wilson(self, Z_95)
    }

    /// Counts one more trial.
    pub fn count(&mut self, succeeded: bool) {
        self.trials += 1;
        self.successes += u64::from(succeeded);
    }
}

fn wilson(proportion: Proportion, z: f64) -> (f64, f64) {
    if proportion.trials == 0 {
        return (0.0, 1.0);
    }
    let n = proportion.trials as f64;
    let p = proportion.rate();
    let centre = p + z * z / (2.0 * n);
    let spread = z * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
    let scale = 1.0 + z * z / n;
    (((centre - spread) / scale).max(0.0), ((centre + spread) / scale).min(1.0))
}

impl core::fmt::Display for Proportion {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let (low, high) = self.wilson_95();
        let percent = |rate: f64| 100.0 * rate;
        write!(
            f,
            "{}/{} ({:.0} %, 95 % interval {:.0}-{:.0} %)",
            self.successes,
            self.trials,
            percent(self.rate()),
            percent(low),
            percent(high)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize)]
    struct Vectors {
        cases: Vec<Case>,
    }

    #[derive(serde::Deserialize)]
    struct Case {
        name: String,
        successes: u64,
        trials: u64,
        z: f64,
        lower: f64,
        upper: f64,
    }

    /// Against SciPy's `binomtest(..).proportion_ci(method="wilson")`.
    #[test]
    fn agrees_with_scipy() {
        let text = include_str!("../tests/data/wilson.json");
        let vectors: Vectors = serde_json::from_str(text).unwrap();
        assert!(!vectors.cases.is_empty());
        for case in vectors.cases {
            let proportion = Proportion { successes: case.successes, trials: case.trials };
            let (lower, upper) = wilson(proportion, case.z);
            assert!((lower - case.lower).abs() < 1e-9, "{}: lower {lower}", case.name);
            assert!((upper - case.upper).abs() < 1e-9, "{}: upper {upper}", case.name);
        }
    }

    #[test]
    fn no_trials_say_nothing() {
        assert_eq!(Proportion { successes: 0, trials: 0 }.wilson_95(), (0.0, 1.0));
    }
}
