//! What the machine alone is worth.

use core::time::Duration;

use crate::{Histogram, PeriodicTimer};

/// How a bare timer fared.
#[derive(Clone, Debug, Default)]
pub struct Floor {
    /// How late it woke each time.
    pub lateness: Histogram,
    /// How many periods it slept through.
    pub missed: u64,
}

/// Runs a bare timer of `period` until `until` says so, and returns how late it woke each time.
///
/// That is the floor under every lateness measured on the same machine in the same run: whatever a
/// loop of the same period and [`Schedule`](crate::Schedule) adds to it is the loop's own doing.
/// The caller gives it a thread of its own, with the same schedule as the loop to compare with.
/// `until` is asked after each wake, so it runs once at least and stops within one period.
#[must_use]
pub fn measure_floor(period: Duration, until: impl Fn() -> bool) -> Floor {
    let mut floor = Floor::default();
    let mut timer = PeriodicTimer::new(period, Duration::ZERO);
    loop {
        let wake = timer.wait();
        floor.lateness.record(wake.lateness());
        floor.missed += wake.missed;
        if until() {
            return floor;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn records_each_wake_until_it_is_told_to_stop() {
        let wakes = Cell::new(0);
        let floor = measure_floor(Duration::from_micros(200), || {
            wakes.set(wakes.get() + 1);
            wakes.get() == 25
        });
        assert_eq!(floor.lateness.count(), 25);
    }
}
