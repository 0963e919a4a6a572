//! What the machine alone is worth.

use core::time::Duration;

use crate::{Histogram, PeriodicTimer};

/// Runs a bare timer of `period` until `until` says so, and returns how late it woke each time.
///
/// That is the floor under every lateness measured on the same machine in the same run: whatever a
/// loop of the same period and [`Schedule`](crate::Schedule) adds to it is the loop's own doing.
/// The caller gives it a thread of its own, with the same schedule as the loop to compare with.
/// `until` is asked after each wake, so it runs once at least and stops within one period.
#[must_use]
pub fn measure_floor(period: Duration, until: impl Fn() -> bool) -> Histogram {
    let mut lateness = Histogram::new();
    let mut timer = PeriodicTimer::new(period, Duration::ZERO);
    loop {
        lateness.record(timer.wait().lateness());
        if until() {
            return lateness;
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
        let lateness = measure_floor(Duration::from_micros(200), || {
            wakes.set(wakes.get() + 1);
            wakes.get() == 25
        });
        assert_eq!(lateness.count(), 25);
    }
}
