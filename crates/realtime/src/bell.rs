//! A loop whose pace is set from outside: by a robot's state messages, say.

use core::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use core::{num::NonZeroU32, time::Duration};
use std::sync::Arc;

use rustix::thread::futex;
use tandem_types::Stamp;

use crate::{
    clock::{Clock as _, MonotonicClock, sleep_until, timespec},
    timer::{PERIOD_MIN, Wake},
};

/// A bell that anybody may ring and that wakes every thread asleep on it.
#[derive(Debug, Default)]
pub struct Bell {
    // Counts up and wraps; a sleeper compares it with what it has heard, so that a ring between its
    // look and its sleep is not lost.
    rings: AtomicU32,
    rung_ns: AtomicU64,
}

impl Bell {
    /// One that has not rung.
    #[must_use]
    pub const fn new() -> Self {
        Self { rings: AtomicU32::new(0), rung_ns: AtomicU64::new(0) }
    }

    /// Rings at `now`. One system call, which never waits.
    pub fn ring(&self, now: Stamp) {
        self.rung_ns.store(now.as_nanos(), Ordering::Relaxed);
        // Release: whoever hears this ring sees its stamp, and what was written before it.
        self.rings.fetch_add(1, Ordering::Release);
        // The only errors are those of a wrong address.
        futex::wake(&self.rings, futex::Flags::PRIVATE, u32::MAX >> 1).ok();
    }

    /// How often it has rung, wrapping; as soon as that is not `heard`, and at `until` at the
    /// latest.
    fn listen(&self, heard: u32, until: Stamp) -> u32 {
        let until_time = timespec(until);
        loop {
            let rings = self.rings.load(Ordering::Acquire);
            if rings != heard || MonotonicClock.now() >= until {
                return rings;
            }
            // Whether it was the bell, the time, a signal or nothing that ended the sleep is seen
            // above.
            let flags = futex::Flags::PRIVATE;
            futex::wait_bitset(&self.rings, flags, heard, Some(&until_time), NonZeroU32::MAX).ok();
        }
    }

    fn rung(&self) -> Stamp {
        Stamp::from_nanos(self.rung_ns.load(Ordering::Relaxed))
    }
}

/// Wakes its caller when a bell rings, and by itself when the bell falls silent.
///
/// Whoever rings is expected to do so once in each period. Half a period late, the wake comes
/// without it, and from then on once in each period until the bell is heard again: a silent robot
/// still gets its holds. What was held up somewhere comes in a burst: rings less than half a period
/// after the last wake make one wake together when that half is over, and all but the last of them
/// count as missed. So do rings for which nobody woke.
///
/// Real-time: one sleep, in a burst two, and two clock readings per wait; no allocation.
#[derive(Clone, Debug)]
pub struct BellTimer {
    bell: Arc<Bell>,
    heard: u32,
    period: Duration,
    // None until the first wait.
    plan: Option<Plan>,
}

/// What follows from the last wake.
#[derive(Clone, Copy, Debug)]
struct Plan {
    /// No ring wakes before this.
    soonest: Stamp,
    /// When to wake without a ring.
    alone: Stamp,
}

impl BellTimer {
    /// A timer that listens to `bell`, whose rings should come once in each `period`.
    #[must_use]
    pub fn new(bell: Arc<Bell>, period: Duration) -> Self {
        let heard = bell.rings.load(Ordering::Relaxed);
        Self { bell, heard, period: period.max(PERIOD_MIN), plan: None }
    }

    /// Sleeps until the bell rings or its silence has lasted too long. A wake is due when the bell
    /// was rung, or when the burst or the silence had lasted long enough.
    pub fn wait(&mut self) -> Wake {
        let plan = *self.plan.get_or_insert_with(|| Plan {
            soonest: Stamp::ORIGIN,
            alone: MonotonicClock.now().after(self.period),
        });
        let rings = self.bell.listen(self.heard, plan.alone);
        if rings != self.heard && MonotonicClock.now() < plan.soonest {
            sleep_until(plan.soonest);
        }
        let rings = self.bell.rings.load(Ordering::Acquire);
        let new = rings.wrapping_sub(self.heard);
        self.heard = rings;
        self.wake(plan, new, self.bell.rung(), MonotonicClock.now())
    }

    /// The wake for `new` rings, the last of them at `rung`, or for none.
    fn wake(&mut self, plan: Plan, new: u32, rung: Stamp, woke: Stamp) -> Wake {
        let half = self.period / 2;
        let (due, missed, alone) = if let Some(missed) = new.checked_sub(1) {
            (rung.max(plan.soonest), missed, woke.after(self.period + half))
        } else {
            let late = plan.alone.age_at(woke).as_nanos() / self.period.as_nanos();
            let missed = u32::try_from(late).unwrap_or(u32::MAX);
            let ahead = self.period.saturating_mul(missed.saturating_add(1));
            (plan.alone, missed, plan.alone.after(ahead))
        };
        self.plan = Some(Plan { soonest: woke.after(half), alone });
        Wake { due, woke, missed: missed.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PERIOD: Duration = Duration::from_millis(1);

    const fn us(us: u64) -> Stamp {
        Stamp::from_nanos(1_000 * us)
    }

    /// A timer that woke for a ring at 10 ms, and what it makes of `new` rings after that, the last
    /// of them at `rung`: when the wake was due, what it missed, and when the next comes by itself.
    fn check(new: u32, rung: Stamp, woke: Stamp, expected: (Stamp, u64, Stamp)) {
        let mut timer = BellTimer::new(Arc::new(Bell::new()), PERIOD);
        let first = Plan { soonest: us(10_000), alone: us(11_000) };
        timer.wake(first, 1, us(10_000), us(10_000));
        let wake = timer.wake(timer.plan.unwrap(), new, rung, woke);
        assert_eq!(wake.woke, woke);
        let found = (wake.due, wake.missed, timer.plan.unwrap().alone);
        assert_eq!(found, expected, "{new} rings, the last at {rung:?}, awake at {woke:?}");
    }

    #[test]
    fn a_ring_is_a_wake() {
        check(1, us(11_000), us(11_020), (us(11_000), 0, us(12_520)));
        check(1, us(10_500), us(10_500), (us(10_500), 0, us(12_000)));
    }

    #[test]
    fn a_burst_is_one_wake_half_a_period_after_the_last() {
        check(1, us(10_100), us(10_510), (us(10_500), 0, us(12_010)));
        check(4, us(10_100), us(10_510), (us(10_500), 3, us(12_010)));
    }

    #[test]
    fn rings_that_found_nobody_are_missed() {
        check(3, us(13_000), us(13_900), (us(13_000), 2, us(15_400)));
    }

    #[test]
    fn silence_is_broken_once_a_period() {
        check(0, us(10_000), us(11_500), (us(11_500), 0, us(12_500)));
        check(0, us(10_000), us(14_600), (us(11_500), 3, us(15_500)));
    }

    #[test]
    fn a_burst_on_the_real_clock_wakes_no_sooner_than_half_a_period_later() {
        let bell = Arc::new(Bell::new());
        let period = Duration::from_millis(4);
        let mut timer = BellTimer::new(bell.clone(), period);
        bell.ring(MonotonicClock.now());
        let first = timer.wait();
        (0..3).for_each(|_| bell.ring(MonotonicClock.now()));
        let second = timer.wait();
        assert_eq!((first.missed, second.missed), (0, 2));
        assert!(second.woke >= first.woke.after(period / 2));
    }

    #[test]
    fn a_sleeper_is_woken_by_the_bell_and_by_nothing_else() {
        let bell = Arc::new(Bell::new());
        let ages_away = MonotonicClock.now().after(Duration::from_secs(3600));
        let heard = std::thread::scope(|scope| {
            let sleeper = scope.spawn(|| bell.listen(0, ages_away));
            bell.ring(us(77));
            sleeper.join().unwrap()
        });
        assert_eq!((heard, bell.rung()), (1, us(77)));
    }

    #[test]
    fn without_a_bell_it_is_a_timer() {
        let mut timer = BellTimer::new(Arc::new(Bell::new()), Duration::from_micros(300));
        let first = timer.wait();
        let mut periods = u32::try_from(first.missed).unwrap();
        for _ in 0..20 {
            let wake = timer.wait();
            periods += 1;
            assert_eq!(wake.due, first.due.after(Duration::from_micros(300) * periods));
            assert!(wake.woke >= wake.due);
            periods += u32::try_from(wake.missed).unwrap();
        }
    }
}
