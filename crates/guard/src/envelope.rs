//! The largest motion that keeps every limit, now and for as long as it takes to brake.
//!
//! Time is discrete: a command moves from `q` to `q + v dt`, so a limit on `v` and on the change of
//! `v` holds for the commands exactly as sent, not for some continuous idealisation of them.
//!
//! Three limits at once need care: a joint that meets its position limit at full speed can only
//! break one of the other two. So a velocity is allowed only if, after moving one tick with it, the
//! joint can still brake to rest inside the position limit. That is an invariant: braking by one
//! more `a dt` is always allowed next, and rest is always allowed at the end.

use tandem_types::{Command, JointVec};

use crate::{Cause, JointBounds, Limits};

/// A difference of velocities below this is rounding, not an intervention: 1e-6 rad/s is four
/// orders below one encoder step per second.
const VELOCITY_RAD_S_TOLERANCE: f64 = 1e-6;

#[derive(Clone, Copy, Debug)]
pub(crate) struct Envelope {
    limits: Limits,
    period_s: f64,
}

/// One admitted motion of all joints.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Motion {
    pub(crate) command: Command,
    /// The first intervention, if there was one.
    pub(crate) clamped: Option<Cause>,
}

impl Envelope {
    pub(crate) const fn new(limits: Limits, period_s: f64) -> Self {
        Self { limits, period_s }
    }

    pub(crate) const fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The nearest allowed motion from the command last sent to `wanted` (finite, one per joint).
    /// `speed_scale` in `[0, 1]` lowers the velocity limits.
    pub(crate) fn toward(&self, sent: &Command, wanted: &JointVec, speed_scale: f64) -> Motion {
        let mut motion = Motion { command: *sent, clamped: None };
        let joints = self.limits.joints().zip(wanted.iter().copied());
        let outs = motion.command.q.iter_mut().zip(motion.command.dq.iter_mut());
        for (joint, ((bounds, wanted_rad), (q, dq))) in joints.zip(outs).enumerate() {
            let limit = JointLimiter { bounds, q: *q, dq: *dq, period_s: self.period_s };
            let (velocity, clamped) = limit.toward(joint, wanted_rad, speed_scale);
            motion.clamped = motion.clamped.or(clamped);
            *q = limit.moved(velocity);
            *dq = velocity;
        }
        motion
    }

    /// The hardest allowed braking.
    pub(crate) fn brake(&self, sent: &Command) -> Command {
        let mut command = *sent;
        let outs = command.q.iter_mut().zip(command.dq.iter_mut());
        for (bounds, (q, dq)) in self.limits.joints().zip(outs) {
            let limit = JointLimiter { bounds, q: *q, dq: *dq, period_s: self.period_s };
            let velocity = limit.feasible(0.0);
            *q = limit.moved(velocity);
            *dq = velocity;
        }
        command
    }
}

struct JointLimiter {
    bounds: JointBounds,
    q: f64,
    dq: f64,
    period_s: f64,
}

impl JointLimiter {
    fn toward(&self, joint: usize, wanted_rad: f64, speed_scale: f64) -> (f64, Option<Cause>) {
        let speed_rad_s_max = self.bounds.velocity_rad_s_max * speed_scale;
        // A huge finite position may overflow to infinity here; the limits below cut that too.
        let wanted = (wanted_rad - self.q) / self.period_s;
        let slowed = within(wanted, -speed_rad_s_max, speed_rad_s_max);
        let velocity = self.feasible(slowed);
        if (velocity - wanted).abs() <= VELOCITY_RAD_S_TOLERANCE {
            return (velocity, None);
        }
        let cause = self.reason(joint, wanted_rad, wanted, slowed, velocity);
        (velocity, Some(cause))
    }

    /// Which limit it was. A position outside the limits explains everything that follows from it.
    fn reason(
        &self,
        joint: usize,
        wanted_rad: f64,
        wanted: f64,
        slowed: f64,
        velocity: f64,
    ) -> Cause {
        let JointBounds { position_rad_min, position_rad_max, .. } = self.bounds;
        let position_rad = wanted_rad;
        if wanted_rad > position_rad_max {
            return Cause::Position { joint, position_rad, limit_rad: position_rad_max };
        }
        if wanted_rad < position_rad_min {
            return Cause::Position { joint, position_rad, limit_rad: position_rad_min };
        }
        if (wanted - slowed).abs() > VELOCITY_RAD_S_TOLERANCE {
            return Cause::Velocity { joint, velocity_rad_s: wanted, limit_rad_s: slowed.abs() };
        }
        if self.reachable(slowed) == velocity {
            let limit_rad_s2 = self.bounds.acceleration_rad_s2_max;
            let acceleration_rad_s2 = (wanted - self.dq) / self.period_s;
            return Cause::Acceleration { joint, acceleration_rad_s2, limit_rad_s2 };
        }
        let limit_rad = if wanted > 0.0 { position_rad_max } else { position_rad_min };
        Cause::Position { joint, position_rad, limit_rad }
    }

    /// The velocity nearest to `velocity` that keeps the acceleration and position limits.
    fn feasible(&self, velocity: f64) -> f64 {
        let up = self.speed_to_stop_within(self.bounds.position_rad_max - self.q);
        let down = self.speed_to_stop_within(self.q - self.bounds.position_rad_min);
        within(self.reachable(velocity), -down, up)
    }

    /// The velocity nearest to `velocity` that keeps the acceleration limit.
    fn reachable(&self, velocity: f64) -> f64 {
        let change = self.velocity_change_max();
        within(velocity, self.dq - change, self.dq + change)
    }

    /// The largest speed from which the joint comes to rest within `room_rad`.
    ///
    /// With `d = a dt`, moving one tick at `v` and then at `v - d`, `v - 2d`, ... down to zero takes
    /// `n = floor(v / d)` braking ticks and covers `dt ((n + 1) v - d n (n + 1) / 2)`. Solved for
    /// `v` that is a line for each `n`; the `n` that holds is the largest with
    /// `dt d n (n + 1) / 2 <= room`.
    fn speed_to_stop_within(&self, room_rad: f64) -> f64 {
        let room = room_rad.max(0.0) / self.period_s;
        let change = self.velocity_change_max();
        let ticks = ((0.25 + 2.0 * room / change).sqrt() - 0.5).floor();
        room / (ticks + 1.0) + change * ticks / 2.0
    }

    fn velocity_change_max(&self) -> f64 {
        self.bounds.acceleration_rad_s2_max * self.period_s
    }

    /// The position after one tick. Rounding must not carry it over a limit it was inside of; a
    /// joint adopted outside (between the margin and the mechanical limit) may only come inwards.
    fn moved(&self, velocity: f64) -> f64 {
        let lowest = self.bounds.position_rad_min.min(self.q);
        let highest = self.bounds.position_rad_max.max(self.q);
        within(self.q + velocity * self.period_s, lowest, highest)
    }
}

/// Like `f64::clamp`, but total: where the bounds cross by rounding, the lower one wins.
const fn within(value: f64, lowest: f64, highest: f64) -> f64 {
    value.min(highest).max(lowest)
}
