//! A smooth curve through the points of a chunk.
//!
//! Points come at the policy's rate (10 to 200 Hz), setpoints go at the tick's (200 to 1000 Hz). In
//! between lies a cubic through every point, whose slope at a point is the mean of those to both
//! sides (E. Catmull and R. Rom, "A class of local interpolating splines", 1974). So the velocity
//! has no step, and on a smooth path hardly more acceleration than the path itself. Along straight
//! lines a slow policy would be felt at each of its points.
//!
//! A monotone cubic would never swing beyond the points, where this one may by 4/27 of a step. But
//! it must stop at every turn of the path, which on a sine at 20 Hz costs three times the sine's
//! acceleration. Only where the path itself rests between two points does this one rest, too.

use core::time::Duration;

use tandem_types::{ActionChunk, JointVec};

use crate::executor::Setpoint;

/// How far a path is carried on past its end, in steps. One step at full speed bridges a chunk that
/// is late; two more come to rest evenly. (Franka's control also extrapolates over lost packets.)
pub(crate) const COASTING_STEPS: u32 = 3;

/// The point of a chunk's path that is due `elapsed` after its observation, and the velocity there.
pub(crate) fn along(chunk: &ActionChunk, elapsed: Duration) -> Setpoint {
    let mut setpoint = Setpoint { q: chunk.origin, dq: JointVec::zeros(chunk.dof()) };
    let step_period = chunk.step_period();
    let Some(whole) = elapsed.as_nanos().checked_div(step_period.as_nanos()) else {
        return setpoint;
    };
    let step_s = step_period.as_secs_f64();
    let segment = usize::try_from(whole).unwrap_or(usize::MAX);
    let outs = setpoint.q.iter_mut().zip(setpoint.dq.iter_mut());
    for (joint, (q, dq)) in outs.enumerate() {
        let knots = Knots { chunk, joint };
        let point = if segment < chunk.steps() {
            let begun = step_period.saturating_mul(u32::try_from(whole).unwrap_or(u32::MAX));
            knots.within(segment, elapsed.saturating_sub(begun).as_secs_f64() / step_s)
        } else {
            let end = chunk.observed.age_at(chunk.end());
            knots.beyond(elapsed.saturating_sub(end).as_secs_f64() / step_s)
        };
        if let Some((position, slope)) = point {
            (*q, *dq) = (position, slope / step_s);
        }
    }
    setpoint
}

/// One joint's points, the origin first. Time is in steps here, slopes are per step.
struct Knots<'a> {
    chunk: &'a ActionChunk,
    joint: usize,
}

impl Knots<'_> {
    fn at(&self, index: usize) -> Option<f64> {
        match index.checked_sub(1) {
            None => self.chunk.origin.get(self.joint).copied(),
            Some(step) => self.chunk.step(step)?.get(self.joint).copied().map(f64::from),
        }
    }

    /// Between the point `segment` and the next, `u` in `[0, 1)` of the way in time.
    fn within(&self, segment: usize, u: f64) -> Option<(f64, f64)> {
        let (from, to) = (self.at(segment)?, self.at(segment.checked_add(1)?)?);
        let secant = to - from;
        let before = segment.checked_sub(1).and_then(|index| self.at(index));
        let after = self.at(segment.checked_add(2)?).map(|after| after - to);
        let start = match (before, after) {
            (Some(before), _) => tangent(from - before, secant),
            (None, Some(after)) => first_tangent(secant, after),
            (None, None) => secant,
        };
        let end = after.map_or(secant, |after| tangent(secant, after));
        // Hermite's cubic, as a polynomial from its start: a path at rest stays exactly there.
        let (square, cube) = (3.0 * secant - 2.0 * start - end, start + end - 2.0 * secant);
        let q = from + u * (start + u * (square + u * cube));
        Some((q, start + u * (2.0 * square + u * 3.0 * cube)))
    }

    /// `past` steps past the end.
    fn beyond(&self, past: f64) -> Option<(f64, f64)> {
        let steps = self.chunk.steps();
        let last = self.at(steps)?;
        let Some(before) = steps.checked_sub(1).and_then(|index| self.at(index)) else {
            return Some((last, 0.0));
        };
        let (travel, speed) = coast(past);
        let slope = last - before;
        Some((last + slope * travel, slope * speed))
    }
}

/// How far and how fast a path of one step per step goes `past` steps past its end.
fn coast(past: f64) -> (f64, f64) {
    let full = 1.0;
    let braking = (past - full).max(0.0).min(f64::from(COASTING_STEPS) - full);
    let share = braking / (f64::from(COASTING_STEPS) - full);
    (past.min(full) + braking * (1.0 - share / 2.0), 1.0 - share)
}

/// The slope at a point between two secants.
const fn tangent(before: f64, after: f64) -> f64 {
    if before == 0.0 || after == 0.0 { 0.0 } else { f64::midpoint(before, after) }
}

/// The slope at the first point, as the two secants after it would have it go on backwards.
const fn first_tangent(secant: f64, after: f64) -> f64 {
    if secant == 0.0 || after == 0.0 { secant } else { secant - (after - secant) / 2.0 }
}

#[cfg(test)]
mod tests {
    use tandem_types::Stamp;

    use super::*;

    const STEP: Duration = Duration::from_millis(10);

    fn chunk(origin: f64, path: &[f32]) -> ActionChunk {
        let mut chunk = ActionChunk::at_rest(JointVec::splat(1, origin), Stamp::ORIGIN);
        chunk.set_path(STEP, path).unwrap();
        chunk
    }

    fn check(chunk: &ActionChunk, after_us: u64, q_rad: f64, dq_rad_s: f64) {
        let setpoint = along(chunk, Duration::from_micros(after_us));
        let near = |found: f64, expected: f64| (found - expected).abs() < 1e-9;
        assert!(near(setpoint.q[0], q_rad), "at {after_us} us: {setpoint:?}");
        assert!(near(setpoint.dq[0], dq_rad_s), "at {after_us} us: {setpoint:?}");
    }

    #[test]
    fn passes_through_every_point_and_rests_where_the_path_does() {
        let chunk = chunk(1.0, &[1.5, 1.5, 2.5]);
        check(&chunk, 0, 1.0, 50.0);
        // Hermite's cubic of slopes 0.5 and 0 at 0.4: 0.4 * (0.5 + 0.4 * (0.5 - 0.4 * 0.5)).
        check(&chunk, 4_000, 1.248, 66.0);
        check(&chunk, 10_000, 1.5, 0.0);
        check(&chunk, 17_000, 1.5, 0.0);
        check(&chunk, 30_000, 2.5, 100.0);
    }

    #[test]
    fn a_straight_path_is_straight() {
        let chunk = chunk(0.0, &[0.25, 0.5, 0.75]);
        for after_us in [0, 1_000, 9_999, 10_000, 25_000, 29_000] {
            let seconds = Duration::from_micros(after_us).as_secs_f64();
            check(&chunk, after_us, 25.0 * seconds, 25.0);
        }
    }

    #[test]
    fn goes_on_past_the_end_and_comes_to_rest_there() {
        let chunk = chunk(0.0, &[0.5, 1.0]);
        check(&chunk, 25_000, 1.25, 50.0);
        check(&chunk, 30_000, 1.5, 50.0);
        check(&chunk, 40_000, 1.875, 25.0);
        check(&chunk, 50_000, 2.0, 0.0);
        check(&chunk, 60_000_000, 2.0, 0.0);
    }

    #[test]
    fn a_chunk_without_steps_stays_at_its_origin() {
        let chunk = ActionChunk::at_rest(JointVec::splat(2, 0.3), Stamp::ORIGIN);
        let setpoint = along(&chunk, Duration::from_secs(1));
        assert_eq!((&*setpoint.q, &*setpoint.dq), (&[0.3, 0.3][..], &[0.0, 0.0][..]));
    }

    /// The velocity has no step: over a microsecond it changes by a bounded acceleration's worth.
    #[test]
    fn the_velocity_never_steps() {
        let chunk = chunk(0.0, &[0.1, 0.1, -0.3, -0.2, 0.4, 0.5, 0.5]);
        let mut before = along(&chunk, Duration::ZERO);
        for after_us in 1..120_000 {
            let now = along(&chunk, Duration::from_micros(after_us));
            // 0.6 rad in 10 ms: the cubic's acceleration stays within 6 * 0.6 / 0.01^2 rad/s^2.
            assert!((now.dq[0] - before.dq[0]).abs() < 0.04, "at {after_us} us");
            assert!((now.q[0] - before.q[0]).abs() < 1e-4, "at {after_us} us");
            before = now;
        }
    }
}
