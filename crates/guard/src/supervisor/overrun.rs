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
    limits: OverrunLimits,
    tick_s: f64,
    /// From one chunk to the next of the policy that is heard.
    period_s: f64,
    last: Option<Stamp>,
    late: u32,
    second: Bucket,
}

impl Overrun {
    pub(crate) fn new(limits: OverrunLimits, tick: Duration) -> Self {
        let mut overrun = Self {
            limits,
            tick_s: tick.as_secs_f64(),
            period_s: 0.0,
            last: None,
            late: 0,
            second: Bucket::ENDLESS,
        };
        overrun.expect_every(limits.period);
        overrun
    }

    /// A chunk, and when the next is to come: no sooner than System 1's period.
    pub(crate) fn hear(&mut self, now: Stamp, renewed_after: Duration) {
        (self.last, self.late) = (Some(now), 0);
        self.expect_every(renewed_after.max(self.limits.period));
    }

    fn expect_every(&mut self, period: Duration) {
        self.period_s = period.as_secs_f64();
        let size = (self.limits.late_share_max / self.period_s).max(LATE_FREE);
        self.second.resize(size, size * self.tick_s);
    }

    /// Once a tick. At rest nobody waits for a chunk.
    pub(crate) fn watch(&mut self, now: Stamp, moves: bool) -> Option<Cause> {
        if !moves {
            self.second.empty();
            self.last = self.last.map(|_| now);
        }
        // A chunk counts as late half a period after it was due; a tick sees it a tick late at most.
        let patience_s = self.period_s / 2.0 + self.tick_s;
        let waited_s = self.last?.age_at(now).as_secs_f64() - patience_s;
        let mut newly_late = 0.0;
        while f64::from(self.late + 1) * self.period_s < waited_s && self.late < u32::MAX / 2 {
            self.late += 1;
            newly_late += 1.0;
        }
        self.second.add(newly_late);
        let late_max = self.limits.late_run_max;
        let over = self.late > late_max || self.second.full();
        over.then_some(Cause::Overrun { late: self.late, late_max })
    }
}
