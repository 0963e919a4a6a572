//! How a joint comes to rest under limits of jerk and acceleration, in closed form.
//!
//! Units are ticks: `v` is a velocity in rad per tick, `a` an acceleration in rad per tick^2, the
//! jerk limit `J` in rad per tick^3. Each tick adds a change of at most `J` to `a`, then `a` to `v`,
//! then `v` to the position, so that these *are* the differences of the commands as sent, and no
//! continuous idealisation of them.
//!
//! Everything rests on one sum. Ramping an acceleration `u > 0` down by `J` a tick adds
//!
//! ```text
//! R(u) = u + (u - J) + (u - 2J) + ..   (positive terms only)
//!      = (n + 1) (u - J n / 2),  n = floor(u / J)
//!      = u^2 / 2J + u / 2 + J f (1 - f) / 2,  f = u / J - n
//! ```
//!
//! to the velocity. Braking at `v > 0` therefore means: accelerate by `-u` with the largest `u <= A`
//! and `R(u) <= v` that the jerk limit lets one reach. On the curve `R(u) = v` the next `u` is
//! exactly `J` less, so braking ends in a finite number of ticks, at `v = 0` and `a = 0`.

/// Braking of one joint.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Braking {
    /// The largest change of acceleration in a tick, rad per tick^3.
    pub(crate) jerk: f64,
    /// The largest acceleration, rad per tick^2.
    pub(crate) acceleration: f64,
}

/// Where braking leads, as displacements from where it begins, rad.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Excursion {
    /// The lowest point on the way, zero or less.
    pub(crate) lowest: f64,
    /// The highest point on the way, zero or more.
    pub(crate) highest: f64,
    /// Where the joint comes to rest.
    pub(crate) rest: f64,
}

impl Excursion {
    /// How far the joint moves in all, there and back, rad: it turns once at most, and before it
    /// goes where it comes to rest.
    pub(crate) fn travel(&self) -> f64 {
        2.0 * (self.highest - self.lowest) - self.rest.abs()
    }
}

impl Braking {
    /// `R(u)`: what ramping `u >= 0` down to nothing adds to the velocity.
    fn faded(&self, u: f64) -> f64 {
        let ticks = (u / self.jerk).floor();
        (ticks + 1.0) * (u - self.jerk * ticks / 2.0)
    }

    /// The inverse of `R`: the largest acceleration that can be ramped down to nothing within a
    /// change of velocity. Odd, so that a negative room gives a negative acceleration.
    pub(crate) fn fading_within(&self, room: f64) -> f64 {
        let size = room.abs();
        let ticks = ((0.25 + 2.0 * size / self.jerk).sqrt() - 0.5).floor();
        (size / (ticks + 1.0) + self.jerk * ticks / 2.0).copysign(room)
    }

    /// The velocity reached if `a` is ramped down to nothing from the next tick on.
    pub(crate) fn coasting(&self, v: f64, a: f64) -> f64 {
        v + self.faded((a.abs() - self.jerk).max(0.0)).copysign(a)
    }

    /// The acceleration of the next tick of braking.
    pub(crate) fn next(&self, v: f64, a: f64) -> f64 {
        let wanted = -self.fading_within(v).abs().min(self.acceleration).copysign(v);
        wanted.min(a + self.jerk).max(a - self.jerk)
    }

    /// Where braking leads from `v` and `a`: what repeating [`next`](Self::next) adds up to.
    pub(crate) fn excursion(&self, v: f64, a: f64) -> Excursion {
        if self.coasting(v, a) < 0.0 {
            let Excursion { lowest, highest, rest } = self.downhill(-v, -a);
            Excursion { lowest: -highest, highest: -lowest, rest: -rest }
        } else {
            self.downhill(v, a)
        }
    }

    /// [`excursion`](Self::excursion) where `coasting(v, a) >= 0`: the acceleration is lowered first
    /// and raised last. Three stretches: a ramp by `-J` a tick, a stretch at `-A`, and the curve
    /// `R(u) = v` down to rest.
    fn downhill(&self, v: f64, a: f64) -> Excursion {
        let Self { jerk, acceleration } = *self;
        // The ramp goes on while R(i J - a) <= v(i - 1). The fraction f of i J - a is the same for
        // every i, which leaves one quadratic in i.
        let fraction = (-a / jerk) - (-a / jerk).floor();
        let bend = jerk * fraction * (1.0 - fraction) / 2.0;
        let root = (a * a / 2.0 + jerk * (v - a / 2.0 - bend)).max(0.0).sqrt();
        let ramp = (a + root).min(a + acceleration);
        let ramp_ticks = (ramp / jerk).floor().max(0.0);
        let v_ramped = v + velocity_change(ramp_ticks, a, jerk);

        let spare = v_ramped - self.faded(acceleration);
        let flat_ticks = if spare >= 0.0 { (spare / acceleration).floor() + 1.0 } else { 0.0 };
        let v_flat = v_ramped - flat_ticks * acceleration;

        let u = self.fading_within(v_flat.max(0.0));
        let n = (u / jerk).floor();
        let curve = jerk * (n - 1.0) * n * (n + 1.0) / 6.0 + (u - n * jerk) * n * (n + 1.0) / 2.0;

        let rest = displacement(ramp_ticks, v, a, jerk) + flat_ticks * v_ramped
            - acceleration * flat_ticks * (flat_ticks + 1.0) / 2.0
            + curve;
        Excursion { lowest: self.dip(v, a), highest: rest.max(0.0), rest }
    }

    /// How far a joint that still moves backwards goes before the acceleration has turned it.
    fn dip(&self, v: f64, a: f64) -> f64 {
        if v >= 0.0 {
            return 0.0;
        }
        let half = a - self.jerk / 2.0;
        let root = (half * half + 2.0 * self.jerk * v).max(0.0).sqrt();
        let ticks = ((half - root) / self.jerk).floor().max(0.0);
        displacement(ticks, v, a, self.jerk).min(0.0)
    }
}

/// The change of velocity over some ticks of a ramp by `-jerk`.
fn velocity_change(ticks: f64, a: f64, jerk: f64) -> f64 {
    ticks * a - jerk * ticks * (ticks + 1.0) / 2.0
}

/// The change of position over some ticks of a ramp by `-jerk`.
fn displacement(ticks: f64, v: f64, a: f64, jerk: f64) -> f64 {
    let pairs = ticks * (ticks + 1.0) / 2.0;
    ticks * v + pairs * a - jerk * pairs * (ticks + 2.0) / 3.0
}

#[cfg(test)]
mod tests;
