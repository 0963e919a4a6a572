//! Taking over from another policy without a jolt.

use core::time::Duration;

use tandem_types::{ActionChunk, JointVec, Posture, Stamp};

/// Eases from the motion that was under way when a policy took over to the motion it wants.
///
/// What is faded is velocity, not position: every chunk departs from the command, so at its origin
/// two policies agree, and only the slopes differ. The motion under way is the *command's* velocity
/// at the first step, which the guard has admitted: the policy that made it is not asked again,
/// because it may be the one that failed. Each velocity on the way lies between that one and the
/// new policy's, so a fade never asks for more speed than either.
///
/// Real-time: no allocation; bounded by the length of the chunk.
#[derive(Clone, Copy, Debug)]
pub struct Fade {
    began: Stamp,
    over: Duration,
    dq: JointVec,
}

impl Fade {
    /// A fade of length `over` that begins with the motion of this posture.
    #[must_use]
    pub const fn new(posture: &Posture, over: Duration) -> Self {
        Self { began: posture.stamp, over, dq: posture.command.dq }
    }

    /// Whether a chunk computed from an observation at `observed` needs no fading any more.
    #[must_use]
    pub fn is_over(&self, observed: Stamp) -> bool {
        self.began.age_at(observed) >= self.over
    }

    /// Replaces the chunk's path by the one between the motion under way and its own. A number that
    /// is not finite stays one: the guard shall see it.
    pub fn blend(&self, chunk: &mut ActionChunk) {
        let period_s = chunk.step_period().as_secs_f64();
        let (mut wanted, mut blended) = (chunk.origin, chunk.origin);
        let mut due = chunk.observed;
        for step in 0..chunk.steps() {
            due = due.after(chunk.step_period());
            let share = self.share(due);
            let Some(row) = chunk.step_mut(step) else { return };
            let ends = wanted.iter_mut().zip(blended.iter_mut()).zip(self.dq.iter());
            for (value, ((wanted, blended), dq)) in row.iter_mut().zip(ends) {
                let own = f64::from(*value) - *wanted;
                *wanted = f64::from(*value);
                *blended += (1.0 - share) * dq * period_s + share * own;
                *value = *blended as f32;
            }
        }
    }

    /// The new policy's share in the velocity at a moment: from 0 to 1, level at both ends, so that
    /// the acceleration has no step either.
    fn share(&self, at: Stamp) -> f64 {
        if self.is_over(at) {
            return 1.0;
        }
        let x = self.began.age_at(at).as_secs_f64() / self.over.as_secs_f64();
        x * x * (3.0 - 2.0 * x)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop_assert, proptest};

    use super::*;

    const PERIOD: Duration = Duration::from_millis(5);
    const STEPS: usize = 8;
    const OVER: Duration = Duration::from_millis(100);

    fn at(ms: u64) -> Stamp {
        Stamp::from_nanos(1_000_000_000).after(Duration::from_millis(ms))
    }

    /// One joint that moves at `dq_rad_s` at time zero.
    fn fade(dq_rad_s: f64) -> Fade {
        let mut posture = Posture { stamp: at(0), ..Posture::default() };
        posture.command.dq = JointVec::splat(1, dq_rad_s);
        Fade::new(&posture, OVER)
    }

    /// A straight path at `dq_rad_s` from `q_rad`, observed after `ms`.
    fn straight(ms: u64, q_rad: f64, dq_rad_s: f64) -> ActionChunk {
        let mut chunk = ActionChunk::at_rest(JointVec::splat(1, q_rad), at(ms));
        let path: Vec<f32> = (1_u8..=8)
            .map(|step| (q_rad + f64::from(step) * dq_rad_s * PERIOD.as_secs_f64()) as f32)
            .collect();
        chunk.set_path(PERIOD, &path).unwrap();
        chunk
    }

    /// The velocities along the chunk's path, rad/s.
    fn velocities(chunk: &ActionChunk) -> Vec<f64> {
        let path = (0..STEPS).map(|step| f64::from(chunk.step(step).unwrap()[0]));
        let path: Vec<f64> = core::iter::once(chunk.origin[0]).chain(path).collect();
        path.windows(2).map(|pair| (pair[1] - pair[0]) / PERIOD.as_secs_f64()).collect()
    }

    #[test]
    fn begins_with_the_motion_under_way_and_ends_with_the_wanted_one() {
        let mut first = straight(0, 0.3, -0.5);
        fade(1.0).blend(&mut first);
        let began = velocities(&first);
        assert!((began[0] - 1.0).abs() < 0.02, "{began:?}");
        assert!(began.is_sorted_by(|a, b| a > b), "{began:?}");

        let mut last = straight(100, 0.3, -0.5);
        let wanted = last;
        fade(1.0).blend(&mut last);
        assert!(fade(1.0).is_over(at(100)) && !fade(1.0).is_over(at(99)));
        for step in 0..STEPS {
            assert!((last.step(step).unwrap()[0] - wanted.step(step).unwrap()[0]).abs() < 1e-6);
        }
    }

    #[test]
    fn a_fade_of_no_length_changes_nothing() {
        let posture = Posture { stamp: at(0), ..Posture::default() };
        let none = Fade::new(&posture, Duration::ZERO);
        assert!(none.is_over(at(0)));
        let mut chunk = straight(0, 0.3, -0.5);
        none.blend(&mut chunk);
        assert!((velocities(&chunk)[0] + 0.5).abs() < 1e-4);
    }

    #[test]
    fn what_is_not_finite_stays_so() {
        let mut chunk = straight(50, 0.0, 0.1);
        chunk.step_mut(2).unwrap()[0] = f32::NAN;
        fade(1.0).blend(&mut chunk);
        assert!(chunk.step(1).unwrap()[0].is_finite());
        assert!(chunk.step(2).unwrap()[0].is_nan());
    }

    proptest! {
        /// Replanned every step as System 1 does, the velocity never leaves the range between the
        /// two motions and never changes faster than the steepest part of the fade.
        #[test]
        fn a_faded_motion_lies_between_the_two(before in -3.0..3.0_f64, wanted in -3.0..3.0_f64) {
            let fade = fade(before);
            let (mut q, mut last) = (0.0, before);
            for ms in (0..150).step_by(5) {
                let mut chunk = straight(ms, q, wanted);
                fade.blend(&mut chunk);
                let velocity = velocities(&chunk)[0];
                let (low, high) = (before.min(wanted), before.max(wanted));
                prop_assert!((low - 1e-3..=high + 1e-3).contains(&velocity), "{velocity}");
                let steepest = 1.5 * (wanted - before).abs() / OVER.as_secs_f64();
                let change = (velocity - last).abs();
                prop_assert!(change <= steepest * PERIOD.as_secs_f64() + 1e-3, "{change}");
                (q, last) = (f64::from(chunk.step(0).unwrap()[0]), velocity);
            }
        }
    }
}
