//! The bare timer beside the control thread: how late this machine wakes anybody.

use rtrb::Producer;
use tandem_realtime::{Metronome, PeriodicTimer, Wake};

use crate::shared::Shared;

/// A timer of the control thread's class and period that does nothing by itself. What the control
/// thread is later than this is ours; the rest is the machine's.
pub(crate) struct Floor {
    pub(crate) timer: PeriodicTimer,
    /// Whoever wants to know.
    pub(crate) wakes: Option<Producer<Wake>>,
    /// Where the robot's states ring for the tick, who rings while there are none: this timer runs
    /// anyway, and another would be one more that wakes a core in each period.
    pub(crate) metronome: Option<Metronome>,
}

impl Floor {
    pub(crate) fn run(mut self, shared: &Shared) {
        while !shared.stopping() {
            let wake = self.timer.wait();
            if let Some(metronome) = &mut self.metronome {
                metronome.beat(wake);
            }
            if let Some(wakes) = &mut self.wakes
                && wakes.push(wake).is_err()
            {
                shared.lost_record();
            }
        }
    }
}
