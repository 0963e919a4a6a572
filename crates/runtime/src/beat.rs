//! What sets the pace of the control tick, and of the thread that sends its commands.

use std::sync::Arc;
use std::time::Duration;

use tandem_realtime::{Bell, BellTimer, PeriodicTimer, Wake};

/// What a thread of the tick's rate sleeps on.
pub(crate) enum Beat {
    /// This machine's timer.
    Timer(PeriodicTimer),
    /// A bell that rings for each state message, or by a metronome while there are none.
    Bell(BellTimer),
}

impl Beat {
    /// A beat of `period` on the timer, or on the bell if there is one.
    pub(crate) fn of(period: Duration, bell: Option<Arc<Bell>>) -> Self {
        bell.map_or_else(
            || Self::Timer(PeriodicTimer::new(period, Duration::ZERO)),
            |bell| Self::Bell(BellTimer::new(bell, period)),
        )
    }

    /// The same beat, waited for by spinning at the end of each sleep. A bell is not: when it rings
    /// is not known before.
    #[must_use]
    pub(crate) fn with_spin(self, spin: Duration) -> Self {
        match self {
            Self::Timer(timer) => Self::Timer(timer.with_spin(spin)),
            bell @ Self::Bell(_) => bell,
        }
    }

    /// Sleeps until the next beat. Real-time: one sleep, in a burst of rings two; no allocation.
    pub(crate) fn wait(&mut self) -> Wake {
        match self {
            Self::Timer(timer) => timer.wait(),
            Self::Bell(timer) => timer.wait(),
        }
    }
}
