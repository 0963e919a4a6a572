//! A loop whose pace is set from outside: by a robot's state messages, say.

use core::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use core::{num::NonZeroU32, time::Duration};
use std::sync::Arc;

use rustix::thread::futex;
use tandem_types::Stamp;

use crate::{
    clock::{Clock as _, MonotonicClock, timespec},
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
/// still gets its holds. Rings less than half a period after the last wake are a burst, of what
/// was held up somewhere; they wake nobody and count as missed, and so do rings nobody woke for.
///
/// Real-time: one sleep and two clock readings per wait; no allocation.
#[derive(Clone, Debug)]
pub struct BellTimer {
    bell: Arc<Bell>,
    heard: u32,
    period: Duration,
    // None until the first wait.
    plan: Option<Plan>,
    missed: u64,
}

/// What follows from the last wake.
#[derive(Clone, Copy, Debug)]
struct Plan {
    /// A ring before this is part of a burst.
    soonest: Stamp,
    /// When to wake without a ring.
    alone: Stamp,
}

impl BellTimer {
    /// A timer that listens to `bell`, whose rings should come once in each `period`.
    #[must_use]
    pub fn new(bell: Arc<Bell>, period: Duration) -> Self {
        let heard = bell.rings.load(Ordering::Relaxed);
        Self { bell, heard, period: period.max(PERIOD_MIN), plan: None, missed: 0 }
    }

    /// Sleeps until the bell rings or its silence has lasted too long. A wake is due when the bell
    /// was rung, or when the silence was too long.
    pub fn wait(&mut self) -> Wake {
        let plan = *self.plan.get_or_insert_with(|| {
            let now = MonotonicClock.now();
            Plan { soonest: now, alone: now.after(self.period) }
        });
        loop {
            let rings = self.bell.listen(self.heard, plan.alone);
            let woke = MonotonicClock.now();
            let new = rings.wrapping_sub(self.heard);
            self.heard = rings;
            let rung = (new > 0).then(|| self.bell.rung());
            if let Some(wake) = self.wake(plan, rung, new, woke) {
                return wake;
            }
        }
    }

    /// What to make of `new` rings, the last of them at `rung`; `None` to go on sleeping.
    fn wake(&mut self, plan: Plan, rung: Option<Stamp>, new: u32, woke: Stamp) -> Option<Wake> {
        let (due, alone) = match rung {
            Some(_) if woke < plan.soonest => {
                self.missed += u64::from(new);
                return None;
            }
            Some(rung) => {
                self.missed += u64::from(new.saturating_sub(1));
                (rung, woke.after(self.period + self.period / 2))
            }
            None => {
                let late = plan.alone.age_at(woke);
                let periods = late.as_nanos() / self.period.as_nanos();
                let periods = u32::try_from(periods).unwrap_or(u32::MAX);
                self.missed += u64::from(periods);
                let ahead = self.period.saturating_mul(periods.saturating_add(1));
                (plan.alone, plan.alone.after(ahead))
            }
        };
        self.plan = Some(Plan { soonest: woke.after(self.period / 2), alone });
        Some(Wake { due, woke, missed: core::mem::take(&mut self.missed) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PERIOD: Duration = Duration::from_millis(1);

    const fn us(us: u64) -> Stamp {
        Stamp::from_nanos(1_000 * us)
    }

    /// A timer that woke for a ring at 10 ms, and what it makes of what came next.
    fn check(rung: Option<Stamp>, new: u32, woke: Stamp, expected: Option<(Stamp, u64, Stamp)>) {
        let mut timer = BellTimer::new(Arc::new(Bell::new()), PERIOD);
        let plan = Plan { soonest: us(10_000), alone: us(11_000) };
        assert!(timer.wake(plan, Some(us(10_000)), 1, us(10_000)).is_some());
        let wake = timer.wake(timer.plan.unwrap(), rung, new, woke);
        let found = wake.map(|wake| {
            assert_eq!(wake.woke, woke);
            (wake.due, wake.missed, timer.plan.unwrap().alone)
        });
        assert_eq!(found, expected, "{new} rings, the last at {rung:?}, awake at {woke:?}");
    }

    #[test]
    fn a_ring_in_time_is_a_wake() {
        check(Some(us(11_000)), 1, us(11_020), Some((us(11_000), 0, us(12_520))));
        check(Some(us(10_500)), 1, us(10_500), Some((us(10_500), 0, us(12_000))));
    }

    #[test]
    fn a_burst_wakes_nobody() {
        check(Some(us(10_499)), 1, us(10_499), None);
    }

    #[test]
    fn rings_that_found_nobody_are_missed() {
        check(Some(us(13_000)), 3, us(13_900), Some((us(13_000), 2, us(15_400))));
    }

    #[test]
    fn silence_is_broken_once_a_period() {
        check(None, 0, us(11_500), Some((us(11_500), 0, us(12_500))));
        check(None, 0, us(14_600), Some((us(11_500), 3, us(15_500))));
    }

    #[test]
    fn what_a_burst_held_is_missed_in_the_next_wake() {
        let mut timer = BellTimer::new(Arc::new(Bell::new()), PERIOD);
        let plan = Plan { soonest: us(500), alone: us(1_500) };
        assert_eq!(timer.wake(plan, Some(us(100)), 2, us(100)), None);
        let wake = timer.wake(plan, Some(us(700)), 1, us(700)).unwrap();
        assert_eq!((wake.due, wake.missed), (us(700), 2));
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
        let mut periods = 0;
        for _ in 0..20 {
            let wake = timer.wait();
            periods += 1;
            assert_eq!(wake.due, first.due.after(Duration::from_micros(300) * periods));
            assert!(wake.woke >= wake.due);
            periods += u32::try_from(wake.missed).unwrap();
        }
    }
}
