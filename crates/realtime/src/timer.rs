//! The periodic timer that everything with a rate runs on.

use core::time::Duration;

use tandem_types::Stamp;

use crate::clock::{MonotonicClock, Sleep};

/// The shortest period a timer takes: below it, no thread could do more than wake (a wake costs
/// some microseconds).
pub const PERIOD_MIN: Duration = Duration::from_micros(10);

/// Wakes its caller at the multiples of a period, shifted by a phase, on an absolute clock.
///
/// Waking late never shifts the later wakes, so the rate is exact in the long run. A caller that
/// comes too late for one or more wakes does not get them in a burst: they are skipped and counted.
///
/// Real-time: one sleep and, unless it [spins](Self::with_spin), one clock reading per wait; no
/// allocation.
#[derive(Clone, Debug)]
pub struct PeriodicTimer<C = MonotonicClock> {
    clock: C,
    // Invariant: PERIOD_MIN <= period_ns, and phase_ns < period_ns.
    period_ns: u64,
    phase_ns: u64,
    // Invariant: at most half the period.
    spin: Duration,
    // None until the first wait, so that what happens between construction and the loop is not
    // counted as missed.
    due: Option<Stamp>,
}

/// One wake of a timer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wake {
    /// When it should have been.
    pub due: Stamp,
    /// When it was.
    pub woke: Stamp,
    /// How many periods after `due` have passed already and will not be made up for.
    pub missed: u64,
}

impl Wake {
    /// How late the caller woke. After missed periods it is counted from the first one, so that a
    /// long stall is not mistaken for a short one.
    #[must_use]
    pub const fn lateness(&self) -> Duration {
        self.due.age_at(self.woke)
    }
}

impl PeriodicTimer {
    /// A timer on the monotonic clock, due at every multiple of `period` plus `phase`.
    ///
    /// A period below [`PERIOD_MIN`] is raised to it, one above 584 years is cut to that, and of a
    /// phase only what exceeds whole periods counts.
    #[must_use]
    pub fn new(period: Duration, phase: Duration) -> Self {
        Self::on(MonotonicClock, period, phase)
    }
}

impl<C: Sleep> PeriodicTimer<C> {
    /// As [`new`](PeriodicTimer::new), on a clock of the caller's.
    #[must_use]
    pub fn on(clock: C, period: Duration, phase: Duration) -> Self {
        let period_ns = nanos(period.max(PERIOD_MIN));
        let phase_ns = nanos(phase) % period_ns;
        Self { clock, period_ns, phase_ns, spin: Duration::ZERO, due: None }
    }

    /// The same timer, but each sleep ends `spin` early, and the rest is waited for by reading the
    /// clock again and again. That takes out how late the kernel wakes a thread, for `spin` of
    /// processor time in each period; more than half a period is cut to that.
    #[must_use]
    pub fn with_spin(mut self, spin: Duration) -> Self {
        self.spin = spin.min(Duration::from_nanos(self.period_ns / 2));
        self
    }

    /// Sleeps until the next wake is due. The first one is the first after this call.
    pub fn wait(&mut self) -> Wake {
        let due = self.due.unwrap_or_else(|| self.first_after(self.clock.now()));
        self.clock.sleep_until(due.before(self.spin));
        let mut woke = self.clock.now();
        while woke < due {
            core::hint::spin_loop();
            woke = self.clock.now();
        }
        let missed = woke.as_nanos().saturating_sub(due.as_nanos()) / self.period_ns;
        let ahead_ns = self.period_ns.saturating_mul(missed.saturating_add(1));
        self.due = Some(due.after(Duration::from_nanos(ahead_ns)));
        Wake { due, woke, missed }
    }

    /// The first moment after `now` that is a multiple of the period plus the phase.
    fn first_after(&self, now: Stamp) -> Stamp {
        let into_ns = now.as_nanos().wrapping_sub(self.phase_ns) % self.period_ns;
        if now.as_nanos() < self.phase_ns {
            return Stamp::from_nanos(self.phase_ns);
        }
        now.after(Duration::from_nanos(self.period_ns - into_ns))
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
