//! The learning rate over a run.

use serde::{Deserialize, Serialize};

/// A linear rise from zero, then half a cosine down to a fraction of the peak.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// The learning rate at its highest.
    pub peak: f64,
    /// Steps until it is reached.
    pub warm_up_steps: u64,
    /// What is left of the peak at the end, in `[0, 1]`.
    pub last_fraction: f64,
}

impl Schedule {
    /// The rate in step `step` (counted from zero) of `steps`.
    #[must_use]
    pub fn rate(&self, step: u64, steps: u64) -> f64 {
        if step < self.warm_up_steps {
            return self.peak * (step + 1) as f64 / self.warm_up_steps as f64;
        }
        let rest = steps.saturating_sub(self.warm_up_steps).max(1);
        let done = ((step - self.warm_up_steps) as f64 / rest as f64).min(1.0);
        let cosine = 0.5 * (1.0 + (core::f64::consts::PI * done).cos());
        self.peak * (self.last_fraction + (1.0 - self.last_fraction) * cosine)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rises_then_falls_to_its_last_fraction() {
        let schedule = Schedule { peak: 2.0, warm_up_steps: 4, last_fraction: 0.1 };
        let rates: Vec<_> = (0..=20).map(|step| schedule.rate(step, 20)).collect();
        assert!(rates[..5].is_sorted() && rates[4..].iter().rev().is_sorted());
        for (step, rate) in [(0, 0.5), (4, 2.0), (12, 1.1), (20, 0.2), (99, 0.2)] {
            assert!((schedule.rate(step, 20) - rate).abs() < 1e-12, "step {step}");
        }
    }

    #[test]
    fn a_run_shorter_than_the_warm_up_still_has_a_rate() {
        let schedule = Schedule { peak: 1.0, warm_up_steps: 0, last_fraction: 0.0 };
        assert!(schedule.rate(0, 0).is_finite());
    }
}
