//! How long bytes take.

use core::time::Duration;

use tandem_types::Stamp;

use crate::exchange::line_time;

/// A line that carries one byte after the other.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    baud: u32,
    /// When the last byte given to the line has arrived.
    free: Stamp,
}

impl Pace {
    pub(super) const fn new(baud: u32) -> Self {
        Self { baud, free: Stamp::ORIGIN }
    }

    /// So many bytes are given to the line at `now`; gives when the last of them arrives.
    pub(super) fn carry(&mut self, now: Stamp, bytes: usize) -> Stamp {
        self.occupy(now, line_time(self.baud, bytes))
    }

    /// The line is taken for so long from `now` on; gives until when.
    pub(super) fn occupy(&mut self, now: Stamp, time: Duration) -> Stamp {
        self.free = self.free.max(now).after(time);
        self.free
    }

    /// The line stays silent for so long.
    pub(super) fn pause(&mut self, pause: Duration) {
        self.free = self.free.after(pause);
    }

    pub(super) const fn free(&self) -> Stamp {
        self.free
    }
}
