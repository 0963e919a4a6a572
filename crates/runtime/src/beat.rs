//! What sets the pace of the control tick, and of the thread that sends its commands.

use std::sync::Arc;
use std::time::Duration;

use tandem_config::ControlSection;
use tandem_realtime::{Bell, BellTimer, PeriodicTimer, Wake};

/// What a thread of the tick's rate sleeps on.
pub(crate) enum Beat {
    /// This machine's timer.
    Timer(PeriodicTimer),
    /// A bell that rings for each state message; the timer steps in while it is silent.
    Bell(BellTimer),
}

impl Beat {
    /// The beat that the config asks for, given the bell if it asks for one.
    pub(crate) fn of(control: &ControlSection, bell: Option<Arc<Bell>>) -> Self {
        match bell {
            Some(bell) => Self::Bell(BellTimer::new(bell, control.period)),
            None => {
                let timer = PeriodicTimer::new(control.period, Duration::ZERO);
                Self::Timer(timer.with_spin(control.spin))
            }
        }
    }

    /// Sleeps until the next beat. Real-time: one sleep, no allocation.
    pub(crate) fn wait(&mut self) -> Wake {
        match self {
            Self::Timer(timer) => timer.wait(),
            Self::Bell(timer) => timer.wait(),
        }
    }
}
