//! From the command last sent to a setpoint, without a jump and without lag.
//!
//! A critically damped second-order filter with the setpoint's velocity fed forward:
//! `ddq = w^2 (q_d - q) + 2 w (dq_d - dq)`. Without the feed-forward a ramp would be followed
//! `2 / w` late (33 ms at 60 rad/s); with it there is no lag at all. The equation is solved
//! implicitly for the end of the tick, which is stable at any `w` and exact on ramps.
//!
//! What the filter asks for is then brought within the joint's velocity, acceleration and jerk, so
//! that the guard finds nothing to change in normal operation. A filter whose output is merely cut
//! off overshoots, because it brakes too late; so each limit is looked ahead to: the error counts
//! only as far as the joint can still brake for, and an acceleration only as far as it can be ramped
//! down again before its velocity is reached.
//!
//! It keeps no state of its own: it departs from what was really sent. So whatever the guard cuts
//! off cannot wind up here, and after a hold it starts from rest where the arm stands.

use tandem_guard::{Departure, JointBounds};
use tandem_types::JointVec;

use crate::executor::Setpoint;

/// The part of the acceleration limit that is counted on for braking in front of a setpoint. The
/// rest absorbs that the filter brakes a little later than the ideal curve.
const BRAKING_SHARE: f64 = 0.7;

/// The filter's bandwidth times the time that the whole acceleration takes to build up. A filter
/// that is faster than that asks for accelerations that come too late, and overshoots; from 0.6 down
/// it does not overshoot a step of any size.
const BANDWIDTH_RAMPS_MAX: f64 = 0.6;

/// How much of each limit is used: all but what rounding could carry over it.
const USED_SHARE: f64 = 1.0 - 1e-6;

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
        let moving = from.command.dq.iter().zip(from.ddq.iter());
        let sent = q.iter_mut().zip(moving);
        for ((bounds, (&q_d, &dq_d)), (q, (&dq, &ddq))) in
            from.limits.joints().zip(targets).zip(sent)
        {
            let joint = Joint::new(self, &bounds, from.speed_scale);
            *q += joint.velocity((q_d - *q, dq_d), dq, ddq) * self.period_s;
        }
        q
    }
}

/// One joint and what it may do now.
struct Joint {
    period_s: f64,
    bandwidth_rad_s: f64,
    speed_rad_s_max: f64,
    acceleration_rad_s2_max: f64,
    jerk_rad_s3_max: f64,
}

impl Joint {
    fn new(smoother: &Smoother, bounds: &JointBounds, speed_scale: f64) -> Self {
        let acceleration = USED_SHARE * bounds.acceleration_rad_s2_max;
        let jerk = USED_SHARE * bounds.jerk_rad_s3_max;
        Self {
            period_s: smoother.period_s,
            bandwidth_rad_s: smoother
                .bandwidth_rad_s
                .min(BANDWIDTH_RAMPS_MAX * jerk / acceleration),
            speed_rad_s_max: USED_SHARE * bounds.velocity_rad_s_max * speed_scale,
            acceleration_rad_s2_max: acceleration,
            jerk_rad_s3_max: jerk,
        }
    }

    /// The velocity to move at for one tick, from the velocity and acceleration of the last.
    fn velocity(&self, (error, dq_d): (f64, f64), dq: f64, ddq: f64) -> f64 {
        let (w, gain) = (self.bandwidth_rad_s, self.bandwidth_rad_s * self.period_s);
        let error = self.approachable(error);
        let filtered =
            (dq + w * gain * error + 2.0 * gain * dq_d) / (1.0 + 2.0 * gain + gain * gain);
        if !filtered.is_finite() {
            // `max` and `min` would turn NaN into full speed. The guard must see it, and refuse it.
            return filtered;
        }
        let speed = self.speed_rad_s_max;
        // The velocity that the filter would leave as it is.
        let aim = within((w * error + 2.0 * dq_d) / (2.0 + gain), -speed, speed);
        let most = (self.acceleration_rad_s2_max * self.period_s).min(self.fading(aim - dq).abs());
        let change = within(within(filtered, -speed, speed) - dq, -most, most);
        // Where the speed limit has sunk below the present speed, this asks for braking to it.
        let change = within(change, self.fading(-speed - dq), self.fading(speed - dq));
        let (before, ramp) = (ddq * self.period_s, self.ramp());
        dq + within(change, before - ramp, before + ramp)
    }

    /// The error, cut where following it would build up more speed than can be braked in time.
    ///
    /// The filter approaches an error `e` at `w e / 2`. Braking from a speed `v` with an acceleration
    /// `a` that ramps up and down by the jerk `j` takes at most `v^2 / 2a + v a / 2j`.
    fn approachable(&self, error: f64) -> f64 {
        let braking = BRAKING_SHARE * self.acceleration_rad_s2_max;
        let ramp_s = braking / (2.0 * self.jerk_rad_s3_max);
        let root = (ramp_s * ramp_s + 2.0 * error.abs() / braking).sqrt();
        let error_max = 2.0 * braking * (root - ramp_s) / self.bandwidth_rad_s;
        within(error, -error_max, error_max)
    }

    /// The largest change of velocity in a tick that can be ramped down to nothing again within
    /// `room`, this tick included; odd. A change `u` and those after it, each smaller by `r`, add up
    /// to `(n + 1) (u - r n / 2)` with `n = floor(u / r)`.
    fn fading(&self, room: f64) -> f64 {
        let ramp = self.ramp();
        let ticks = ((0.25 + 2.0 * room.abs() / ramp).sqrt() - 0.5).floor();
        (room.abs() / (ticks + 1.0) + ramp * ticks / 2.0).copysign(room)
    }

    /// By how much the change of velocity may change from one tick to the next, rad/s.
    fn ramp(&self) -> f64 {
        self.jerk_rad_s3_max * self.period_s * self.period_s
    }
}

/// Like `f64::clamp`, but total: where the bounds cross by rounding, the upper one wins.
const fn within(value: f64, lowest: f64, highest: f64) -> f64 {
    value.max(lowest).min(highest)
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
