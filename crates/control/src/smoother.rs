//! From the command last sent to a setpoint, without a jump and without lag.
//!
//! A critically damped second-order filter with the setpoint's velocity fed forward:
//! `ddq = w^2 (q_d - q) + 2 w (dq_d - dq)`. Without the feed-forward a ramp would be followed
//! `2 / w` late (33 ms at 60 rad/s); with it there is no lag at all. The equation is solved
//! implicitly for the end of the tick, which is stable at any `w` and exact on ramps.
//!
//! It keeps no state of its own: it departs from what was really sent. So whatever the guard cuts
//! off cannot wind up here, and after a hold it starts from rest where the arm stands.

use tandem_guard::{Departure, JointBounds};
use tandem_types::JointVec;

use crate::executor::Setpoint;

/// The part of the acceleration limit that is counted on for braking in front of a setpoint. The
/// rest absorbs that the filter brakes a little later than the ideal curve.
const BRAKING_SHARE: f64 = 0.7;

#[derive(Clone, Copy, Debug)]
pub(crate) struct Smoother {
    bandwidth_rad_s: f64,
    period_s: f64,
}

impl Smoother {
    pub(crate) const fn new(bandwidth_rad_s: f64, period_s: f64) -> Self {
        Self { bandwidth_rad_s, period_s }
    }

    /// Where the joints should be one tick after `from`, rad.
    pub(crate) fn toward(&self, from: &Departure<'_>, setpoint: &Setpoint) -> JointVec {
        let mut q = from.command.q;
        let targets = setpoint.q.iter().zip(setpoint.dq.iter());
        let sent = q.iter_mut().zip(from.command.dq.iter());
        for ((bounds, (&q_d, &dq_d)), (q, &dq)) in from.limits.joints().zip(targets).zip(sent) {
            let velocity = self.velocity(&bounds, from.speed_scale, (q_d - *q, dq_d), dq);
            *q += velocity * self.period_s;
        }
        q
    }

    /// The velocity to move at for one tick, within the joint's velocity and acceleration.
    fn velocity(
        &self,
        bounds: &JointBounds,
        speed_scale: f64,
        (error, dq_d): (f64, f64),
        dq: f64,
    ) -> f64 {
        let gain = self.bandwidth_rad_s * self.period_s;
        let pull = self.bandwidth_rad_s * gain * self.approachable(bounds, error);
        let filtered = (dq + pull + 2.0 * gain * dq_d) / (1.0 + 2.0 * gain + gain * gain);
        if !filtered.is_finite() {
            // `max` and `min` would turn NaN into full speed. The guard must see it, and refuse it.
            return filtered;
        }
        let change = bounds.acceleration_rad_s2_max * self.period_s;
        let speed = bounds.velocity_rad_s_max * speed_scale;
        // Acceleration last: where the speed limit has sunk below the present speed, brake to it.
        filtered.max(-speed).min(speed).max(dq - change).min(dq + change)
    }

    /// The error, cut where following it would build up more speed than can be braked in time.
    ///
    /// The filter approaches an error `e` at `w e / 2`; from a distance `e` a joint can brake from
    /// `sqrt(2 a e)`. Beyond `8 a / w^2` the first exceeds the second, and a filter that is also
    /// limited in acceleration would overshoot.
    fn approachable(&self, bounds: &JointBounds, error: f64) -> f64 {
        let braking = BRAKING_SHARE * bounds.acceleration_rad_s2_max;
        let speed = (2.0 * braking * error.abs()).sqrt();
        let error_max = 2.0 * speed / self.bandwidth_rad_s;
        error.max(-error_max).min(error_max)
    }
}

#[cfg(test)]
mod tests {
    use tandem_guard::{Limits, LimitsSpec};
    use tandem_types::Command;

    use super::*;

    #[test]
    fn what_is_no_number_stays_none() {
        let limits = Limits::new(&LimitsSpec {
            position_rad_min: JointVec::splat(1, -1.0),
            position_rad_max: JointVec::splat(1, 1.0),
            margin_rad: 0.0,
            velocity_rad_s_max: JointVec::splat(1, 1.0),
            acceleration_rad_s2_max: JointVec::splat(1, 10.0),
            jerk_rad_s3_max: JointVec::splat(1, 1_000.0),
        })
        .unwrap();
        let rest = JointVec::zeros(1);
        let command = Command { q: rest, dq: rest };
        let from = Departure {
            command: &command,
            ddq: &rest,
            period_s: 0.001,
            limits: &limits,
            speed_scale: 1.0,
        };
        let smoother = Smoother::new(60.0, 0.001);
        let nan = JointVec::splat(1, f64::NAN);
        assert!(!smoother.toward(&from, &Setpoint { q: nan, dq: rest }).is_finite());
        assert!(!smoother.toward(&from, &Setpoint { q: rest, dq: nan }).is_finite());
    }
}
