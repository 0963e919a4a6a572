//! A chunk, aligned to the ticks that execute it.

use core::time::Duration;

use tandem_guard::Provenance;
use tandem_types::ActionChunk;

use crate::curve::{self, COASTING_STEPS};
use crate::executor::Setpoint;

/// A chunk and the tick its observation belongs to; ticks are counted by the
/// [timeline](crate::timeline).
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    chunk: ActionChunk,
    begun_tick: u64,
    period: Duration,
}

impl Plan {
    pub(crate) const fn new(chunk: ActionChunk, begun_tick: u64, period: Duration) -> Self {
        Self { chunk, begun_tick, period }
    }

    /// The setpoint of a tick.
    pub(crate) fn at(&self, tick: u64) -> Setpoint {
        curve::along(&self.chunk, self.elapsed(tick))
    }

    pub(crate) fn provenance(&self) -> Provenance {
        Provenance::from(&self.chunk)
    }

    /// Whether a tick lies past the last point, so that the chunk predicts nothing for it.
    pub(crate) fn is_over(&self, tick: u64) -> bool {
        self.chunk.steps() > 0 && self.elapsed(tick) > self.length()
    }

    /// Whether a tick lies even past the coasting, where the path says nothing but "stay".
    pub(crate) fn is_spent(&self, tick: u64) -> bool {
        let coasting = self.chunk.step_period().saturating_mul(COASTING_STEPS);
        self.chunk.steps() > 0 && self.elapsed(tick) >= self.length().saturating_add(coasting)
    }

    /// How many ticks some steps last, rounded up.
    pub(crate) fn ticks(&self, steps: u32) -> u64 {
        let time = self.chunk.step_period().saturating_mul(steps).as_nanos();
        let period = self.period.as_nanos().max(1);
        u64::try_from(time.div_ceil(period)).unwrap_or(u64::MAX)
    }

    /// The tick's period, s.
    pub(crate) fn period_s(&self) -> f64 {
        self.period.as_secs_f64()
    }

    fn length(&self) -> Duration {
        self.chunk.observed.age_at(self.chunk.end())
    }

    fn elapsed(&self, tick: u64) -> Duration {
        let ticks = tick.saturating_sub(self.begun_tick);
        let period_ns = u64::try_from(self.period.as_nanos()).unwrap_or(u64::MAX);
        Duration::from_nanos(ticks.saturating_mul(period_ns))
    }
}
