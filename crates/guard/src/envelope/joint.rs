//! One joint for one tick, in ticks: rad, rad per tick, rad per tick^2, rad per tick^3.

use crate::braking::{Braking, Excursion};
use crate::{Cause, JointBounds};

/// A difference of velocities below this is rounding, not an intervention: 1e-6 rad/s is four
/// orders below one encoder step per second.
const VELOCITY_RAD_S_TOLERANCE: f64 = 1e-6;

/// A joint that braking brings this close to its setpoint, rad, brakes, and then rests. Searching on
/// would have it hunt for the last bits of a number.
const REST_RAD_TOLERANCE: f64 = 1e-9;

/// A joint that braking takes further beyond a limit than this, rad, was adopted there; less is
/// rounding.
const BEYOND_RAD: f64 = 1e-10;

/// Halvings in a search for an acceleration. It begins within two ticks' jerk and so ends within
/// a billionth of one.
const HALVINGS: usize = 31;

#[derive(Clone, Copy, Debug)]
pub(super) struct JointLimiter {
    pub(super) q: f64,
    v: f64,
    a: f64,
    /// Where commands may be, rad. A joint adopted outside (between the margin and the mechanical
    /// limit) may go no further out than braking takes it.
    lowest: f64,
    highest: f64,
    speed: f64,
    braking: Braking,
    period_s: f64,
}

/// What a joint may do in the next tick.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    a: f64,
    /// Where braking leads after it.
    way: Excursion,
}

/// A joint after a tick.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moved {
    /// Position, velocity and acceleration: rad, rad/s and rad/s^2.
    pub(super) moving: (f64, f64, f64),
    /// The lowest and the highest point on which braking leads, rad.
    pub(super) way: (f64, f64),
    /// Where braking ends, rad.
    pub(super) rest: f64,
    /// The velocity left without the present acceleration, rad/s.
    pub(super) coasting: f64,
}

impl JointLimiter {
    /// A joint at `(q, dq, ddq)`, rad, rad/s and rad/s^2, that braking takes no lower and no higher
    /// than `way`, rad.
    pub(super) fn new(
        bounds: &JointBounds,
        period_s: f64,
        (q, dq, ddq): (f64, f64, f64),
        (lowest, highest): (f64, f64),
    ) -> Self {
        let square = period_s * period_s;
        let (v, a) = (dq * period_s, ddq * square);
        let braking = Braking {
            jerk: bounds.jerk_rad_s3_max * square * period_s,
            acceleration: bounds.acceleration_rad_s2_max * square,
        };
        let JointBounds { position_rad_min, position_rad_max, .. } = *bounds;
        Self {
            q,
            v,
            a,
            lowest: if lowest < position_rad_min - BEYOND_RAD { lowest } else { position_rad_min },
            highest: if highest > position_rad_max + BEYOND_RAD {
                highest
            } else {
                position_rad_max
            },
            speed: bounds.velocity_rad_s_max * period_s,
            braking,
            period_s,
        }
    }

    /// Rounding must not carry a joint over a limit it was inside of.
    pub(super) fn moved(&self, Step { a, way }: &Step) -> Moved {
        let v = self.v + a;
        let q = within(self.q + v, self.lowest, self.highest);
        Moved {
            moving: (q, v / self.period_s, a / (self.period_s * self.period_s)),
            way: (q + way.lowest, q + way.highest),
            rest: q + way.rest,
            coasting: self.braking.coasting(v, *a) / self.period_s,
        }
    }

    /// The hardest allowed braking.
    pub(super) fn brake(&self) -> Step {
        self.step(self.braking.next(self.v, self.a))
    }

    /// The step that gets to `wanted` soonest, and what was in the way. `drift` is the
    /// setpoint's own velocity, rad per tick: nobody stops at a setpoint that moves on.
    pub(super) fn toward(
        &self,
        joint: usize,
        wanted: f64,
        drift: f64,
        speed_scale: f64,
    ) -> (Step, Option<Cause>) {
        let speed = self.speed * speed_scale;
        let range = self.range(speed);
        let target = within(wanted, self.lowest, self.highest);
        let direct = target - self.q - self.v;
        // A setpoint that this tick can reach as fast as it moves itself is taken at its word.
        let abreast = self.is_rounding(wanted - self.q - drift);
        let steered = if abreast && direct >= range.0 && direct <= range.1 {
            direct
        } else {
            self.pursue(target, within(drift, -speed, speed), range)
        };
        let step = self.viable(steered);
        let clamped = !self.is_rounding(self.v + step.a - (wanted - self.q));
        (step, clamped.then(|| self.reason(joint, wanted, speed, step.a != steered)))
    }

    fn step(&self, a: f64) -> Step {
        Step { a, way: self.braking.excursion(self.v + a, a) }
    }

    /// Whether a difference of velocities, rad per tick, is too small to speak of.
    const fn is_rounding(&self, v: f64) -> bool {
        v.abs() <= VELOCITY_RAD_S_TOLERANCE * self.period_s
    }

    /// The accelerations that keep the limits of jerk, acceleration and velocity: now, and while
    /// they are ramped down again. `speed` lowers the velocity limit gently, where the joint is
    /// faster already.
    fn range(&self, speed: f64) -> (f64, f64) {
        let Self { v, a, braking: Braking { jerk, acceleration }, .. } = *self;
        let up = self.braking.fading_within((self.speed - v).max(0.0));
        let down = self.braking.fading_within((-self.speed - v).min(0.0));
        let lowest = (a - jerk).max(-acceleration).max(down);
        let highest = (a + jerk).min(acceleration).min(up);
        (
            within(self.braking.fading_within(-speed - v), lowest, highest),
            within(self.braking.fading_within(speed - v), lowest, highest),
        )
    }

    /// The acceleration in `range` from which braking, seen from a setpoint that moves by `drift` a
    /// tick, comes to rest at the setpoint; or the end of the range on that side. Keeping to it is
    /// the fastest way there that does not overshoot.
    fn pursue(&self, target: f64, drift: f64, range: (f64, f64)) -> f64 {
        let overshoots = |a: f64| {
            let v = self.v + a;
            self.q + v + self.braking.excursion(v - drift, a).rest > target
        };
        let v = self.v - drift;
        let off = self.q + self.braking.excursion(v, self.a).rest - (target - drift);
        if off.abs() <= REST_RAD_TOLERANCE {
            return within(self.braking.next(v, self.a), range.0, range.1);
        }
        let (mut lowest, mut highest) = range;
        if overshoots(lowest) {
            return lowest;
        }
        if !overshoots(highest) {
            return highest;
        }
        for _ in 0..HALVINGS {
            let middle = f64::midpoint(lowest, highest);
            *(if overshoots(middle) { &mut highest } else { &mut lowest }) = middle;
        }
        lowest
    }

    /// The step with the acceleration nearest to `a` after which braking stays within the positions.
    /// Braking at once always does.
    fn viable(&self, a: f64) -> Step {
        let wanted = self.step(a);
        if self.stays_inside(&wanted) {
            return wanted;
        }
        let (mut good, mut bad) = (self.brake(), wanted);
        for _ in 0..HALVINGS {
            let middle = self.step(f64::midpoint(good.a, bad.a));
            *(if self.stays_inside(&middle) { &mut good } else { &mut bad }) = middle;
        }
        good
    }

    fn stays_inside(&self, Step { a, way }: &Step) -> bool {
        let q = self.q + self.v + a;
        q + way.highest <= self.highest && q + way.lowest >= self.lowest
    }

    /// Which limit it was. A position outside the limits explains everything that follows from it.
    fn reason(&self, joint: usize, wanted: f64, speed: f64, near_limit: bool) -> Cause {
        let Self { highest, lowest, period_s, .. } = *self;
        let position_rad = wanted;
        if wanted > highest || wanted < lowest {
            let limit_rad = if wanted > highest { highest } else { lowest };
            return Cause::Position { joint, position_rad, limit_rad };
        }
        let tolerance = VELOCITY_RAD_S_TOLERANCE * period_s;
        let (v, a) = (wanted - self.q, wanted - self.q - self.v);
        let Braking { jerk, acceleration } = self.braking;
        let (velocity, square) = (self.braking.coasting(v, a), period_s * period_s);
        if v.abs() > speed + tolerance {
            let (velocity_rad_s, limit_rad_s) = (v / period_s, speed / period_s);
            return Cause::Velocity { joint, velocity_rad_s, limit_rad_s };
        }
        if a.abs() > acceleration + tolerance {
            let (acceleration_rad_s2, limit_rad_s2) = (a / square, acceleration / square);
            return Cause::Acceleration { joint, acceleration_rad_s2, limit_rad_s2 };
        }
        let change = a - self.a;
        let limit_rad_s3 = jerk / square / period_s;
        if change.abs() > jerk + tolerance {
            return Cause::Jerk { joint, jerk_rad_s3: change / square / period_s, limit_rad_s3 };
        }
        if velocity.abs() > speed + tolerance {
            // The speed that would follow while the acceleration is taken back.
            let (velocity_rad_s, limit_rad_s) = (velocity / period_s, speed / period_s);
            return Cause::Velocity { joint, velocity_rad_s, limit_rad_s };
        }
        if near_limit {
            let limit_rad = if v > 0.0 { highest } else { lowest };
            return Cause::Position { joint, position_rad, limit_rad };
        }
        // It could get there in this tick, but not stop there in the next.
        Cause::Jerk { joint, jerk_rad_s3: (-v - a) / square / period_s, limit_rad_s3 }
    }
}

/// Like `f64::clamp`, but total: where the bounds cross by rounding, the lower one wins.
const fn within(value: f64, lowest: f64, highest: f64) -> f64 {
    value.min(highest).max(lowest)
}

#[cfg(test)]
mod tests;
