//! How often a thing happened.

use tandem_types::Stamp;

/// Counts events and says at which rate they came, from the first to the last.
///
/// Real-time: `Copy`, no allocation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rate {
    count: u64,
    first: Stamp,
    last: Stamp,
}

impl Rate {
    /// Nothing has happened yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { count: 0, first: Stamp::ORIGIN, last: Stamp::ORIGIN }
    }

    /// It happened at `stamp`.
    pub fn record(&mut self, stamp: Stamp) {
        if self.count == 0 {
            self.first = stamp;
        }
        self.last = stamp;
        self.count = self.count.saturating_add(1);
    }

    /// How often it happened.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// Intervals per second; `None` before two events at different times.
    #[must_use]
    pub fn hz(&self) -> Option<f64> {
        let seconds = self.first.age_at(self.last).as_secs_f64();
        // Counts stay far below 2^53, where every integer is an exact f64.
        (self.count > 1 && seconds > 0.0).then(|| (self.count - 1) as f64 / seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_intervals_not_events() {
        let mut rate = Rate::new();
        assert_eq!(rate.hz(), None);
        rate.record(Stamp::from_nanos(5_000_000_000));
        assert_eq!((rate.count(), rate.hz()), (1, None));
        for millis in 1..=1000 {
            rate.record(Stamp::from_nanos(5_000_000_000 + millis * 1_000_000));
        }
        assert_eq!((rate.count(), rate.hz()), (1001, Some(1000.0)));
    }

    #[test]
    fn no_time_and_time_that_runs_back_have_no_rate() {
        let mut rate = Rate::new();
        rate.record(Stamp::from_nanos(9));
        rate.record(Stamp::from_nanos(9));
        assert_eq!(rate.hz(), None);
        rate.record(Stamp::from_nanos(3));
        assert_eq!(rate.hz(), None);
    }
}
