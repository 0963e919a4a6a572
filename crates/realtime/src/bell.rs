//! A loop whose pace is set from outside: by a robot's state messages, say.

use core::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use core::time::Duration;
use std::sync::Arc;

use rustix::thread::futex;
use tandem_types::Stamp;

use crate::{
    clock::{Clock as _, MonotonicClock, sleep_until},
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
        self.ring_for(1, now);
    }

    /// Rings for `times` beats at once, all but the last of which were missed; the first of them was
    /// due at `due`.
    pub(crate) fn ring_for(&self, times: u32, due: Stamp) {
        self.rung_ns.store(due.as_nanos(), Ordering::Relaxed);
        // Release: whoever hears this ring sees its stamp, and what was written before it.
        self.rings.fetch_add(times, Ordering::Release);
        // The only errors are those of a wrong address.
        futex::wake(&self.rings, futex::Flags::PRIVATE, u32::MAX >> 1).ok();
    }

    /// How often it has rung, wrapping.
    pub(crate) fn rings(&self) -> u32 {
        self.rings.load(Ordering::Acquire)
    }

    /// When it rang last.
    pub(crate) fn rung(&self) -> Stamp {
        Stamp::from_nanos(self.rung_ns.load(Ordering::Relaxed))
    }

    /// How often it has rung, as soon as that is not `heard`.
    ///
    /// There is no time limit, because the kernel would set a timer for it at each sleep and take it
    /// back at each ring. In a virtual machine each of these is a way to the host and back, between
    /// the message and the tick. A [`Metronome`](crate::Metronome) is what breaks the silence.
    fn listen(&self, heard: u32) -> u32 {
        loop {
            let rings = self.rings();
            if rings != heard {
                return rings;
            }
            // Whether it was the bell, a signal or nothing that ended the sleep is seen above.
            futex::wait(&self.rings, futex::Flags::PRIVATE, heard, None).ok();
        }
    }
}

/// Wakes its caller when a bell rings.
///
/// Whoever rings is expected to do so once in each period, and where that is another machine, a
/// [`Metronome`](crate::Metronome) rings in its place while it is silent: a silent robot still gets
/// its holds. What was held up somewhere comes in a burst: rings less than half a period after the
/// last wake make one wake together when that half is over, and all but the last of them count as
/// missed. So do rings for which nobody woke.
///
/// Real-time: one sleep, in a burst two, and two clock readings per wait; no allocation.
#[derive(Clone, Debug)]
pub struct BellTimer {
    bell: Arc<Bell>,
    heard: u32,
    period: Duration,
    /// No ring wakes before this.
    soonest: Stamp,
}

impl BellTimer {
    /// A timer that listens to `bell`, whose rings should come once in each `period`.
    #[must_use]
    pub fn new(bell: Arc<Bell>, period: Duration) -> Self {
        let heard = bell.rings();
        Self { bell, heard, period: period.max(PERIOD_MIN), soonest: Stamp::ORIGIN }
    }

    /// Sleeps until the bell rings. A wake is due when the bell was rung, or when the burst had
    /// lasted long enough.
    pub fn wait(&mut self) -> Wake {
        self.bell.listen(self.heard);
        if MonotonicClock.now() < self.soonest {
            sleep_until(self.soonest);
        }
        let rings = self.bell.rings();
        let new = rings.wrapping_sub(self.heard);
        self.heard = rings;
        self.wake(new, self.bell.rung(), MonotonicClock.now())
    }

    /// The wake for `new` rings, the last of them at `rung`.
    fn wake(&mut self, new: u32, rung: Stamp, woke: Stamp) -> Wake {
        let due = rung.max(self.soonest);
        self.soonest = woke.after(self.period / 2);
        Wake { due, woke, missed: new.saturating_sub(1).into() }
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
    /// of them at `rung`: when the wake was due, and what it missed.
    fn check(new: u32, rung: Stamp, woke: Stamp, expected: (Stamp, u64)) {
        let mut timer = BellTimer::new(Arc::new(Bell::new()), PERIOD);
        timer.wake(1, us(10_000), us(10_000));
        let wake = timer.wake(new, rung, woke);
        assert_eq!(wake.woke, woke);
        let found = (wake.due, wake.missed);
        assert_eq!(found, expected, "{new} rings, the last at {rung:?}, awake at {woke:?}");
    }

    #[test]
    fn a_ring_is_a_wake() {
        check(1, us(11_000), us(11_020), (us(11_000), 0));
        check(1, us(10_500), us(10_500), (us(10_500), 0));
    }

    #[test]
    fn a_burst_is_one_wake_half_a_period_after_the_last() {
        check(1, us(10_100), us(10_510), (us(10_500), 0));
        check(4, us(10_100), us(10_510), (us(10_500), 3));
    }

    #[test]
    fn rings_that_found_nobody_are_missed() {
        check(3, us(13_000), us(13_900), (us(13_000), 2));
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
    fn a_sleeper_is_woken_by_the_bell() {
        let bell = Arc::new(Bell::new());
        let heard = std::thread::scope(|scope| {
            let sleeper = scope.spawn(|| bell.listen(0));
            bell.ring_for(3, us(77));
            sleeper.join().unwrap()
        });
        assert_eq!((heard, bell.rung()), (3, us(77)));
    }
}
