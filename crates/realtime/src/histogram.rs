//! Durations in a fixed amount of memory, and what may honestly be said about them.

use core::time::Duration;

/// What the histogram can tell apart, and its relative precision: a duration is off by 0.1 % at
/// most, from one nanosecond to a minute. Longer ones count as a minute, but for the maximum.
const NANOS_MIN: u64 = 1;
const NANOS_MAX: u64 = 60_000_000_000;
const SIGNIFICANT_DIGITS: u8 = 3;

/// A percentile is reported only from ten samples beyond it; from fewer it is hearsay.
const SAMPLES_BEYOND: u64 = 10;

/// Counts durations by size, for percentiles. One per thread; merge them at the end.
///
/// Real-time: [`record`](Self::record) never allocates, locks or faults a page. About 220 KB.
#[derive(Clone, Debug)]
pub struct Histogram {
    counts: hdrhistogram::Histogram<u64>,
    // Exact, where the buckets are not.
    max: Duration,
}

/// What a [`Histogram`] supports saying, in a [`Unit`]; `None` where it holds too few samples.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Distribution {
    /// How many samples.
    pub n: u64,
    /// The median; from one sample on.
    pub p50: Option<f64>,
    /// The 99th percentile; from 1 000 samples on.
    pub p99: Option<f64>,
    /// The 99.9th percentile; from 10 000 samples on.
    pub p99_9: Option<f64>,
    /// The largest sample.
    pub max: Option<f64>,
}

/// The unit of a [`Distribution`]; it belongs into the name of the field that holds one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// `_ns`
    Nanoseconds,
    /// `_us`
    Microseconds,
    /// `_ms`
    Milliseconds,
    /// `_s`
    Seconds,
}

impl Histogram {
    /// An empty one, with all its memory allocated and touched.
    #[must_use]
    #[expect(clippy::expect_used, reason = "the bounds are constants; every test would fail")]
    pub fn new() -> Self {
        let mut counts =
            hdrhistogram::Histogram::new_with_bounds(NANOS_MIN, NANOS_MAX, SIGNIFICANT_DIGITS)
                .expect("the constant bounds are valid");
        // Fresh pages are mapped on their first write; reset writes every count.
        counts.reset();
        Self { counts, max: Duration::ZERO }
    }

    /// Counts one duration.
    pub fn record(&mut self, duration: Duration) {
        self.counts.saturating_record(u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX));
        self.max = self.max.max(duration);
    }

    /// Adds all that `other` has counted.
    pub fn merge(&mut self, other: &Self) {
        let added = self.counts.add(&other.counts);
        debug_assert!(added.is_ok(), "all histograms have the same bounds");
        self.max = self.max.max(other.max);
    }

    /// Forgets everything, and keeps the memory.
    pub fn reset(&mut self) {
        self.counts.reset();
        self.max = Duration::ZERO;
    }

    /// How many durations were counted.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.counts.len()
    }

    /// The summary in `unit`.
    #[must_use]
    pub fn distribution(&self, unit: Unit) -> Distribution {
        let n = self.count();
        Distribution {
            n,
            p50: (n > 0).then(|| self.quantile(0.5, unit)),
            p99: (n >= SAMPLES_BEYOND * 100).then(|| self.quantile(0.99, unit)),
            p99_9: (n >= SAMPLES_BEYOND * 1000).then(|| self.quantile(0.999, unit)),
            max: (n > 0).then(|| unit.of(self.max)),
        }
    }

    fn quantile(&self, quantile: f64, unit: Unit) -> f64 {
        // A bucket is named by its upper end, which may lie above the largest sample in it.
        unit.of(Duration::from_nanos(self.counts.value_at_quantile(quantile)).min(self.max))
    }
}

impl Default for Histogram {
    fn default() -> Self {
        Self::new()
    }
}

impl Unit {
    fn of(self, duration: Duration) -> f64 {
        let nanos = match self {
            Self::Nanoseconds => 1.0,
            Self::Microseconds => 1e3,
            Self::Milliseconds => 1e6,
            Self::Seconds => 1e9,
        };
        // Dividing rounds once, so that whole microseconds look whole. Below 2^53 ns, 104 days,
        // the conversion itself is exact.
        duration.as_nanos() as f64 / nanos
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One microsecond to `n` microseconds.
    fn up_to(n: u64) -> Histogram {
        let mut histogram = Histogram::new();
        (1..=n).for_each(|us| histogram.record(Duration::from_micros(us)));
        histogram
    }

    fn close(value: Option<f64>, expected: f64) -> bool {
        value.is_some_and(|value| (value - expected).abs() <= expected * 0.002)
    }

    #[test]
    fn an_empty_one_says_nothing() {
        assert_eq!(Histogram::new().distribution(Unit::Seconds), Distribution::default());
    }

    #[test]
    fn percentiles_appear_when_enough_samples_lie_beyond_them() {
        for (n, p99, p99_9) in [
            (1, false, false),
            (999, false, false),
            (1000, true, false),
            (9999, true, false),
            (10_000, true, true),
        ] {
            let us = up_to(n).distribution(Unit::Microseconds);
            assert_eq!(
                (us.p50.is_some(), us.p99.is_some(), us.p99_9.is_some()),
                (true, p99, p99_9)
            );
        }
    }

    #[test]
    fn percentiles_are_right_to_a_thousandth_in_every_unit() {
        let histogram = up_to(20_000);
        for (unit, scale) in [
            (Unit::Nanoseconds, 1e3),
            (Unit::Microseconds, 1.0),
            (Unit::Milliseconds, 1e-3),
            (Unit::Seconds, 1e-6),
        ] {
            let summary = histogram.distribution(unit);
            assert_eq!(summary.n, 20_000);
            assert!(close(summary.p50, 10_000.0 * scale), "{unit:?}: {summary:?}");
            assert!(close(summary.p99, 19_800.0 * scale), "{unit:?}: {summary:?}");
            assert!(close(summary.p99_9, 19_980.0 * scale), "{unit:?}: {summary:?}");
            assert_eq!(summary.max, Some(unit.of(Duration::from_millis(20))));
        }
    }

    #[test]
    fn no_percentile_exceeds_the_maximum() {
        let mut histogram = Histogram::new();
        (0..10_000).for_each(|_| histogram.record(Duration::from_nanos(1_234_567)));
        let ns = histogram.distribution(Unit::Nanoseconds);
        assert!(ns.p50 <= ns.max && ns.p99 <= ns.max && ns.p99_9 <= ns.max, "{ns:?}");
    }

    #[test]
    fn extremes_are_counted_and_the_maximum_is_exact() {
        let mut histogram = Histogram::new();
        histogram.record(Duration::ZERO);
        assert_eq!(histogram.distribution(Unit::Seconds).max, Some(0.0));
        histogram.record(Duration::from_secs(3600));
        histogram.record(Duration::MAX);
        assert_eq!(histogram.count(), 3);
        let seconds = histogram.distribution(Unit::Seconds);
        assert!(close(seconds.p50, 60.0), "{seconds:?}");
        assert_eq!(seconds.max, Some(Unit::Seconds.of(Duration::MAX)));
        assert!(close(seconds.max, Duration::MAX.as_secs_f64()), "{seconds:?}");
    }

    #[test]
    fn round_durations_give_round_numbers() {
        let mut histogram = Histogram::new();
        histogram.record(Duration::from_nanos(4_057_848));
        assert_eq!(histogram.distribution(Unit::Microseconds).max, Some(4057.848));
        assert_eq!(histogram.distribution(Unit::Milliseconds).max, Some(4.057_848));
    }

    #[test]
    fn merging_is_recording_into_one() {
        let mut merged = up_to(700);
        merged.merge(&up_to(1500));
        assert_eq!(merged.count(), 2200);
        let mut one = up_to(1500);
        (1..=700).for_each(|us| one.record(Duration::from_micros(us)));
        assert_eq!(merged.distribution(Unit::Milliseconds), one.distribution(Unit::Milliseconds));
        merged.reset();
        assert_eq!(merged.distribution(Unit::Milliseconds), Distribution::default());
    }
}
