//! The simplest executor: follow the path of the newest chunk.
//!
//! The path is aligned by the stamp of the observation it was computed from, so a chunk that took
//! long is entered further along and no estimate of the latency is needed. Chunks depart from the
//! *command* of that moment, so where one path ends and the next begins they nearly agree; what
//! step remains is the smoother's.

use core::time::Duration;

use tandem_guard::Provenance;
use tandem_types::{ActionChunk, JointVec, Stamp};

use super::Setpoint;

/// How far the last slope is carried on past the end of a path. Two steps bridge a chunk that is
/// late; further than that is guessing. (Franka's control also extrapolates over lost packets.)
const EXTRAPOLATED_STEPS_MAX: u32 = 2;

#[derive(Clone, Debug)]
pub(crate) struct Newest {
    chunk: Option<ActionChunk>,
}

impl Newest {
    pub(crate) const fn new() -> Self {
        Self { chunk: None }
    }

    pub(crate) const fn accept(&mut self, chunk: &ActionChunk) {
        self.chunk = Some(*chunk);
    }

    pub(crate) fn provenance(&self) -> Option<Provenance> {
        self.chunk.as_ref().map(Provenance::from)
    }

    pub(crate) fn setpoint(&self, now: Stamp) -> Option<Setpoint> {
        self.chunk.as_ref().map(|chunk| along(chunk, now))
    }
}

/// The point of a chunk's path that is due at `now`, and the path's slope there.
fn along(chunk: &ActionChunk, now: Stamp) -> Setpoint {
    let at_rest = Setpoint { q: chunk.origin, dq: JointVec::zeros(chunk.dof()) };
    let Some(last) = chunk.steps().checked_sub(1) else { return at_rest };
    let step_period = chunk.step_period();
    let elapsed = chunk.observed.age_at(now);

    let segment = whole_steps(elapsed, step_period).min(last);
    let Some(to) = chunk.step(segment) else { return at_rest };
    let from = match segment.checked_sub(1) {
        None => chunk.origin,
        Some(previous) => match chunk.step(previous) {
            Some(row) => widen(row, chunk.dof()),
            None => return at_rest,
        },
    };
    let to = widen(to, chunk.dof());

    let end = step_period.saturating_mul(u32::try_from(chunk.steps()).unwrap_or(u32::MAX));
    let limit = end.saturating_add(step_period.saturating_mul(EXTRAPOLATED_STEPS_MAX));
    let begun = step_period.saturating_mul(u32::try_from(segment).unwrap_or(u32::MAX));
    let moved_s = elapsed.min(limit).saturating_sub(begun).as_secs_f64();
    let step_s = step_period.as_secs_f64();
    let slope = from.zip_with(&to, |from, to| (to - from) / step_s);
    let q = from.zip_with(&slope, |from, slope| from + slope * moved_s);
    let dq = if elapsed < limit { slope } else { at_rest.dq };
    Setpoint { q, dq }
}

fn whole_steps(elapsed: Duration, step_period: Duration) -> usize {
    let steps = elapsed.as_nanos().checked_div(step_period.as_nanos()).unwrap_or(0);
    usize::try_from(steps).unwrap_or(usize::MAX)
}

fn widen(row: &[f32], dof: usize) -> JointVec {
    let mut out = JointVec::zeros(dof);
    for (value, &narrow) in out.iter_mut().zip(row) {
        *value = f64::from(narrow);
    }
    out
}
