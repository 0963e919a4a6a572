//! The bare timer beside the control thread: how late this machine wakes anybody.

use rtrb::Producer;
use tandem_realtime::{PeriodicTimer, Wake};

use crate::shared::Shared;

/// A timer of the control thread's class and period that does nothing. What the control thread is
/// later than this is ours; the rest is the machine's.
pub(crate) struct Floor {
    pub(crate) timer: PeriodicTimer,
    pub(crate) wakes: Producer<Wake>,
}

impl Floor {
    pub(crate) fn run(&mut self, shared: &Shared) {
        while !shared.stopping() {
            let wake = self.timer.wait();
            if self.wakes.push(wake).is_err() {
                shared.lost_record();
            }
        }
    }
}
