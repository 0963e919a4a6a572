//! System 1's beat: one late chunk is covered by the one before it, a limping policy is not.

use core::time::Duration;

use tandem_types::Stamp;

use super::bucket::Bucket;
use crate::Cause;
use crate::supervision::OverrunLimits;

/// So many late chunks of a second never count as too many, whatever the rate.
const LATE_FREE: f64 = 2.0;

#[derive(Clone, Copy, Debug)]
pub(crate) struct Overrun {
    period_s: f64,
    /// A chunk counts as late half a period after it was due; a tick sees it a tick late at most.
    patience_s: f64,
    late_run_max: u32,
    last: Option<Stamp>,
    late: u32,
    second: Bucket,
}

impl Overrun {
    pub(crate) fn new(limits: &OverrunLimits, tick: Duration) -> Self {
        let period_s = limits.period.as_secs_f64();
        let size = (limits.late_share_max / period_s).max(LATE_FREE);
        Self {
            period_s,
            patience_s: period_s / 2.0 + tick.as_secs_f64(),
            late_run_max: limits.late_run_max,
            last: None,
            late: 0,
            second: Bucket::new(size, size * tick.as_secs_f64()),
        }
    }

    pub(crate) const fn hear(&mut self, now: Stamp) {
        (self.last, self.late) = (Some(now), 0);
    }

    /// Once a tick. At rest nobody waits for a chunk.
    pub(crate) fn watch(&mut self, now: Stamp, moves: bool) -> Option<Cause> {
        if !moves {
            self.second.empty();
            self.last = self.last.map(|_| now);
        }
        let waited_s = self.last?.age_at(now).as_secs_f64() - self.patience_s;
        let mut newly_late = 0.0;
        while f64::from(self.late + 1) * self.period_s < waited_s && self.late < u32::MAX / 2 {
            self.late += 1;
            newly_late += 1.0;
        }
        self.second.add(newly_late);
        let over = self.late > self.late_run_max || self.second.full();
        over.then_some(Cause::Overrun { late: self.late, late_max: self.late_run_max })
    }
}
