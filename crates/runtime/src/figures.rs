//! What the control thread came to, for whoever compares it with something.

use tandem_realtime::Histogram;

/// How the control thread ran over some time.
#[derive(Clone, Debug, Default)]
pub struct TickFigures {
    /// Ticks made.
    pub ticks: u64,
    /// Ticks of them in which the policy moved the arm.
    pub armed: u64,
    /// Periods that passed without a tick.
    pub missed: u64,
    /// How late each tick began.
    pub lateness: Histogram,
    /// How long each took.
    pub compute: Histogram,
    /// How late the bare timer woke that ran beside it.
    pub floor_lateness: Histogram,
    /// Periods that the bare timer slept through.
    pub floor_missed: u64,
}

impl TickFigures {
    /// Adds those of another time.
    pub fn merge(&mut self, other: &Self) {
        self.ticks += other.ticks;
        self.armed += other.armed;
        self.missed += other.missed;
        self.lateness.merge(&other.lateness);
        self.compute.merge(&other.compute);
        self.floor_lateness.merge(&other.floor_lateness);
        self.floor_missed += other.floor_missed;
    }
}
