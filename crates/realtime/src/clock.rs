//! The host's monotonic clock, and sleeping on it.

use core::time::Duration;

use rustix::{
    io::Errno,
    thread::clock_nanosleep_absolute,
    time::{ClockId, Timespec, clock_gettime},
};
use tandem_types::Stamp;

const NANOS_PER_SECOND: u64 = 1_000_000_000;

/// Something that tells the time.
pub trait Clock {
    /// The present moment.
    fn now(&self) -> Stamp;
}

/// A clock that a thread can sleep on.
pub trait Sleep: Clock {
    /// Sleeps until the clock shows `due`; returns at once if it already does.
    fn sleep_until(&self, due: Stamp);
}

/// `CLOCK_MONOTONIC`: the same for all processes of a host, and never set back.
///
/// Real-time: one vDSO call, about 40 ns on a virtual machine; no system call.
#[derive(Clone, Copy, Debug, Default)]
pub struct MonotonicClock;

impl Clock for MonotonicClock {
    fn now(&self) -> Stamp {
        let time = clock_gettime(ClockId::Monotonic);
        // The monotonic clock starts at zero and its nanoseconds stay below a second, so neither
        // conversion can fail before the year 2554.
        let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
        let nanos = u64::try_from(time.tv_nsec).unwrap_or(0);
        Stamp::from_nanos(seconds.saturating_mul(NANOS_PER_SECOND).saturating_add(nanos))
    }
}

impl Sleep for MonotonicClock {
    fn sleep_until(&self, due: Stamp) {
        let due = timespec(due);
        // A signal ends the sleep early; the time asked for is absolute, so asking again is exact.
        // No other error is possible: the clock exists and the nanoseconds are below a second.
        while clock_nanosleep_absolute(ClockId::Monotonic, &due) == Err(Errno::INTR) {}
    }
}

impl<C: Clock + ?Sized> Clock for &C {
    fn now(&self) -> Stamp {
        (**self).now()
    }
}

impl<C: Sleep + ?Sized> Sleep for &C {
    fn sleep_until(&self, due: Stamp) {
        (**self).sleep_until(due);
    }
}

/// Sleeps until the monotonic clock shows `due`; returns at once if it already does.
pub fn sleep_until(due: Stamp) {
    MonotonicClock.sleep_until(due);
}

/// How long the calling thread has been on a CPU. The difference of two readings is what a piece of
/// work costs, however often the thread was preempted in between.
#[must_use]
pub fn thread_cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    Duration::new(seconds, u32::try_from(time.tv_nsec).unwrap_or(0))
}

/// Seconds since 1970 by the wall clock, to date a report. It may jump and must not measure
/// anything.
#[must_use]
pub fn unix_time_s() -> u64 {
    u64::try_from(clock_gettime(ClockId::Realtime).tv_sec).unwrap_or(0)
}

pub(crate) fn timespec(stamp: Stamp) -> Timespec {
    let (seconds, nanos) =
        (stamp.as_nanos() / NANOS_PER_SECOND, stamp.as_nanos() % NANOS_PER_SECOND);
    // Both fit: 2^64 ns are 1.8e10 s, and the rest is below 1e9.
    Timespec { tv_sec: seconds.cast_signed(), tv_nsec: nanos.cast_signed() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_does_not_go_back() {
        let stamps: Vec<Stamp> = (0..1000).map(|_| MonotonicClock.now()).collect();
        assert!(stamps.is_sorted());
        assert!(stamps[0] > Stamp::ORIGIN);
    }

    #[test]
    fn a_sleep_ends_at_its_stamp_or_later_and_never_before() {
        for ahead_us in [0, 1, 300] {
            let due = MonotonicClock.now().after(Duration::from_micros(ahead_us));
            sleep_until(due);
            assert!(MonotonicClock.now() >= due);
        }
        sleep_until(Stamp::ORIGIN);
    }

    #[test]
    fn sleeping_costs_no_cpu_time_and_work_does() {
        let before = thread_cpu_time();
        let slept = MonotonicClock.now();
        sleep_until(slept.after(Duration::from_millis(20)));
        let rested = thread_cpu_time();
        assert!(rested - before < slept.age_at(MonotonicClock.now()));
        while thread_cpu_time() == rested {
            core::hint::spin_loop();
        }
    }

    #[test]
    fn every_stamp_is_a_valid_timespec() {
        for nanos in [0, 999_999_999, NANOS_PER_SECOND, u64::MAX] {
            let time = timespec(Stamp::from_nanos(nanos));
            assert!(time.tv_sec >= 0 && (0..1_000_000_000).contains(&time.tv_nsec));
        }
    }
}
