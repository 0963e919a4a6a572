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

#[cfg(test)]
mod tests {
    use super::*;

    const OBSERVED: Stamp = Stamp::from_nanos(1_000_000_000);

    /// From 1.0 rad in steps of 10 ms through 1.5, 1.5 and 2.5 rad.
    fn chunk() -> ActionChunk {
        let mut chunk = ActionChunk::at_rest(JointVec::splat(1, 1.0), OBSERVED);
        chunk.set_path(Duration::from_millis(10), &[1.5, 1.5, 2.5]).unwrap();
        chunk
    }

    fn check(after_ms: u64, q_rad: f64, dq_rad_s: f64) {
        let setpoint = along(&chunk(), OBSERVED.after(Duration::from_millis(after_ms)));
        let near = |found: f64, expected: f64| (found - expected).abs() < 1e-9;
        assert!(near(setpoint.q[0], q_rad), "at {after_ms} ms: {setpoint:?}");
        assert!(near(setpoint.dq[0], dq_rad_s), "at {after_ms} ms: {setpoint:?}");
    }

    #[test]
    fn follows_the_path_by_the_stamp_of_the_observation() {
        check(0, 1.0, 50.0);
        check(4, 1.2, 50.0);
        check(10, 1.5, 0.0);
        check(17, 1.5, 0.0);
        check(25, 2.0, 100.0);
    }

    #[test]
    fn goes_on_for_two_steps_past_the_end_and_then_stays() {
        check(30, 2.5, 100.0);
        check(45, 4.0, 100.0);
        check(50, 4.5, 0.0);
        check(60_000, 4.5, 0.0);
    }

    #[test]
    fn before_its_observation_a_path_has_only_begun() {
        let setpoint = along(&chunk(), OBSERVED.before(Duration::from_millis(1)));
        assert_eq!(&*setpoint.q, [1.0]);
    }

    #[test]
    fn a_chunk_without_steps_stays_at_its_origin() {
        let chunk = ActionChunk::at_rest(JointVec::splat(2, 0.3), OBSERVED);
        let setpoint = along(&chunk, OBSERVED.after(Duration::from_secs(1)));
        assert_eq!((&*setpoint.q, &*setpoint.dq), (&[0.3, 0.3][..], &[0.0, 0.0][..]));
    }

    #[test]
    fn says_where_its_setpoints_come_from() {
        let mut newest = Newest::new();
        assert_eq!((newest.provenance(), newest.setpoint(OBSERVED)), (None, None));
        newest.accept(&chunk());
        assert_eq!(newest.provenance().unwrap().observed, OBSERVED);
    }
}
