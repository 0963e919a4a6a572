//! Joint positions that bring the tip to a point.

use nalgebra::{Point3, Unit, UnitQuaternion, Vector3, Vector6};
use tandem_types::JointVec;

use crate::Robot;
use crate::rate::{TaskRows, least_squares};

/// Where the tip should be, and which way it should point.
#[derive(Clone, Copy, Debug)]
pub struct IkGoal {
    /// The point the tip's origin should reach, in the base's frame, metres.
    pub position: Point3<f64>,
    /// Where the tip should point. An arm with fewer than six joints cannot choose a whole
    /// orientation, but often a direction.
    pub pointing: Option<Pointing>,
}

/// Which way an axis of the tip should point.
#[derive(Clone, Copy, Debug)]
pub struct Pointing {
    /// The axis in the tip's frame.
    pub axis: Unit<Vector3<f64>>,
    /// The direction it should have in the base's frame.
    pub direction: Unit<Vector3<f64>>,
}

/// How hard to try.
#[derive(Clone, Copy, Debug)]
pub struct IkSettings {
    /// The most iterations; each costs one Jacobian and one 6x6 solve.
    pub iterations_max: usize,
    /// Stop when the tip is this close, metres.
    pub position_m_tolerance: f64,
    /// How much one radian of wrong direction weighs, in metres of wrong position.
    pub direction_weight_m: f64,
    /// Damping of the least squares, metres: larger is slower and safer near singular postures.
    pub damping_m: f64,
    /// The longest step of one joint in one iteration, rad.
    pub step_rad_max: f64,
}

impl IkSettings {
    /// Settings for an arm of about half a metre.
    pub const TABLETOP: Self = Self {
        iterations_max: 100,
        position_m_tolerance: 1e-4,
        direction_weight_m: 0.02,
        damping_m: 0.01,
        step_rad_max: 0.3,
    };
}

/// What the solver found; always within the joint limits, finite for a finite start.
#[derive(Clone, Copy, Debug)]
pub struct IkSolution {
    /// Joint positions, rad.
    pub q: JointVec,
    /// How far the tip is from the goal there, metres.
    pub position_error_m: f64,
    /// Iterations used.
    pub iterations: usize,
    /// Whether the tip came within the tolerance.
    pub converged: bool,
}

impl Robot {
    /// Damped least squares from `start`, clamped to the joint limits.
    ///
    /// With a direction in the goal the position has priority only by its weight, so a direction
    /// out of reach costs accuracy: use it for what the arm can do, or give it little weight.
    ///
    /// Real-time: no allocation, bounded by `iterations_max`.
    #[must_use]
    pub fn solve_ik(&self, goal: &IkGoal, start: &JointVec, settings: &IkSettings) -> IkSolution {
        let mut q = self.clamped(start);
        let mut iterations = 0;
        loop {
            let error = self.task_error(goal, &q, settings.direction_weight_m);
            let position_error_m = error.fixed_rows::<3>(0).norm();
            let direction_settled =
                error.fixed_rows::<3>(3).norm() <= settings.position_m_tolerance;
            let converged = position_error_m <= settings.position_m_tolerance;
            if (converged && direction_settled) || iterations >= settings.iterations_max {
                return IkSolution { q, position_error_m, iterations, converged };
            }
            let Some(step) = self.step(goal, &q, &error, settings) else {
                return IkSolution { q, position_error_m, iterations, converged };
            };
            q = self.clamped(&q.zip_with(&step, |position, step| position + step));
            iterations = iterations.saturating_add(1);
        }
    }

    /// `q` with every joint inside its limits, and exactly as many joints as the robot has.
    #[must_use]
    pub fn clamped(&self, q: &JointVec) -> JointVec {
        let mut clamped = JointVec::zeros(self.dof());
        for (joint, (out, model)) in clamped.iter_mut().zip(&self.joints).enumerate() {
            let position = q.get(joint).copied().unwrap_or(0.0);
            // `max` then `min`: unlike `clamp` this has no panic, and turns NaN into a limit.
            *out = position.max(model.limits.position_rad_min).min(model.limits.position_rad_max);
        }
        clamped
    }

    fn task_error(&self, goal: &IkGoal, q: &JointVec, direction_weight_m: f64) -> Vector6<f64> {
        let tip = self.tip(q);
        let mut error = Vector6::zeros();
        error.fixed_rows_mut::<3>(0).copy_from(&(goal.position - tip.translation.vector).coords);
        if let Some(Pointing { axis, direction }) = goal.pointing {
            let has = tip.rotation * axis;
            let turn = UnitQuaternion::rotation_between_axis(&has, &direction)
                .map_or_else(Vector3::zeros, |rotation| rotation.scaled_axis());
            error.fixed_rows_mut::<3>(3).copy_from(&(turn * direction_weight_m));
        }
        error
    }

    /// One step of `J^T (J J^T + damping^2 I)^-1 error`, scaled so that no joint jumps.
    fn step(
        &self,
        goal: &IkGoal,
        q: &JointVec,
        error: &Vector6<f64>,
        settings: &IkSettings,
    ) -> Option<JointVec> {
        let weight = if goal.pointing.is_some() { settings.direction_weight_m } else { 0.0 };
        // Turning about the axis itself does not change its direction.
        let free_axis = goal.pointing.map(|wanted| self.tip(q).rotation * wanted.axis.into_inner());
        let rows = TaskRows { angular_weight_m: weight, free_axis };
        let step =
            least_squares(&self.tip_jacobian(q), &rows, error, |_joint| 1.0, settings.damping_m)?;
        let largest = step.max_abs();
        let scale =
            if largest > settings.step_rad_max { settings.step_rad_max / largest } else { 1.0 };
        Some(step.map(|_, value| value * scale))
    }
}

#[cfg(test)]
mod tests;
