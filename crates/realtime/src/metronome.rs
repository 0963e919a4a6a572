//! Who rings a bell while the one who should is silent.

use core::time::Duration;
use std::sync::Arc;

use crate::{Bell, Wake};

/// Rings a bell once a period while nobody else does.
///
/// Its owner runs a [`PeriodicTimer`](crate::PeriodicTimer) of the bell's period and calls
/// [`beat`](Self::beat) at each wake. It begins where the bell was silent for a period and a half,
/// so between that and two and a half periods after the last ring, and is silent itself as soon as
/// somebody else rings.
///
/// Real-time: one system call, and only in a silence; no allocation.
#[derive(Clone, Debug)]
pub struct Metronome {
    bell: Arc<Bell>,
    patience: Duration,
    known: u32,
    leads: bool,
}

impl Metronome {
    /// One that stands in for whoever should ring `bell` once in each `period`.
    #[must_use]
    pub fn new(bell: Arc<Bell>, period: Duration) -> Self {
        let known = bell.rings();
        Self { bell, patience: period + period / 2, known, leads: false }
    }

    /// Rings at this `wake` of the timer, if nobody else did for long enough. For periods that the
    /// timer missed it rings at once.
    pub fn beat(&mut self, wake: Wake) {
        let rings = self.bell.rings();
        let silent = rings == self.known;
        self.leads = silent && (self.leads || self.bell.rung().age_at(wake.due) >= self.patience);
        self.known = rings;
        if self.leads {
            let times = u32::try_from(wake.missed).unwrap_or(u32::MAX).saturating_add(1);
            self.bell.ring_for(times, wake.due);
            self.known = rings.wrapping_add(times);
        }
    }
}

impl Drop for Metronome {
    /// Whoever still sleeps on the bell is woken once more, to look whether there is anything left to
    /// wait for.
    fn drop(&mut self) {
        self.bell.ring(self.bell.rung());
    }
}

#[cfg(test)]
mod tests {
    use tandem_types::Stamp;

    use super::*;
    use crate::BellTimer;

    const PERIOD: Duration = Duration::from_millis(1);

    const fn us(us: u64) -> Stamp {
        Stamp::from_nanos(1_000 * us)
    }

    const fn wake(due: Stamp, missed: u64) -> Wake {
        Wake { due, woke: due, missed }
    }

    /// How often `metronome` rang at a wake that was due at `due`.
    fn beats(metronome: &mut Metronome, due: Stamp, missed: u64) -> u32 {
        let before = metronome.bell.rings();
        metronome.beat(wake(due, missed));
        metronome.bell.rings() - before
    }

    #[test]
    fn it_rings_once_a_period_from_a_period_and_a_half_on_until_somebody_else_does() {
        let bell = Arc::new(Bell::new());
        bell.ring(us(10_000));
        let mut metronome = Metronome::new(bell.clone(), PERIOD);
        assert_eq!(beats(&mut metronome, us(10_400), 0), 0, "just heard");
        assert_eq!(beats(&mut metronome, us(11_499), 0), 0, "a ring may be late");
        assert_eq!(beats(&mut metronome, us(12_400), 0), 1, "silence");
        assert_eq!(bell.rung(), us(12_400));
        assert_eq!(beats(&mut metronome, us(13_400), 0), 1, "its own ring is not another's");
        bell.ring(us(13_900));
        assert_eq!(beats(&mut metronome, us(14_400), 0), 0, "somebody rings");
        assert_eq!(beats(&mut metronome, us(15_400), 0), 1, "and is silent again");
    }

    #[test]
    fn a_ring_since_the_last_look_is_no_silence_however_old() {
        let bell = Arc::new(Bell::new());
        let mut metronome = Metronome::new(bell.clone(), PERIOD);
        bell.ring(us(10_000));
        assert_eq!(beats(&mut metronome, us(60_000), 50), 0);
        assert_eq!(beats(&mut metronome, us(61_000), 0), 1);
    }

    #[test]
    fn a_bell_that_never_rang_is_silent_and_missed_periods_are_rung_at_once() {
        let bell = Arc::new(Bell::new());
        let mut timer = BellTimer::new(bell.clone(), PERIOD);
        let mut metronome = Metronome::new(bell, PERIOD);
        assert_eq!(beats(&mut metronome, us(20_000), 0), 1);
        assert_eq!(beats(&mut metronome, us(21_000), 4), 5);
        let heard = timer.wait();
        assert_eq!((heard.due, heard.missed), (us(21_000), 5), "six rings in one wake");
    }

    #[test]
    fn its_end_wakes_whoever_sleeps() {
        let bell = Arc::new(Bell::new());
        let mut timer = BellTimer::new(bell.clone(), PERIOD);
        std::thread::scope(|scope| {
            let sleeper = scope.spawn(move || timer.wait());
            drop(Metronome::new(bell, PERIOD));
            assert_eq!(sleeper.join().unwrap().missed, 0);
        });
    }
}
