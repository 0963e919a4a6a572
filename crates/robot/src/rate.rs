//! Joint velocities that move the tip as it should go.

use nalgebra::{Matrix6, Unit, Vector3, Vector6};
use tandem_types::JointVec;

use crate::{Jacobian, Robot};

/// How the tip should move, in the base's frame.
#[derive(Clone, Copy, Debug)]
pub struct TipRate {
    /// The velocity of its origin, m/s.
    pub linear_m_s: Vector3<f64>,
    /// Its angular velocity, rad/s.
    pub angular_rad_s: Vector3<f64>,
    /// An axis about which it may turn as it likes: that of a finger that only has to point.
    pub free_axis: Option<Unit<Vector3<f64>>>,
}

/// What the joints may do about it.
#[derive(Clone, Copy, Debug)]
pub struct RatePreference {
    /// What the joints would do if the tip did not matter, rad/s.
    pub dq: JointVec,
    /// How willingly each joint leaves that for the tip's sake: 0 not at all, 1 as any other.
    pub willing: JointVec,
    /// How much one rad/s of wrong turn weighs, in m/s of wrong velocity: metres.
    pub angular_weight_m: f64,
    /// Damping of the least squares, metres: larger is slower and safer near singular postures.
    pub damping_m: f64,
}

impl Robot {
    /// The joint velocities that move the tip at `wanted`, as near to the preferred ones as that
    /// leaves room for: `dq0 + W J^T (J W J^T + damping^2 I)^-1 (v - J dq0)`, the damped and
    /// weighted resolved rate of Whitney (1969) and Nakamura and Hanafusa (1986), with the
    /// redundancy put to use as by Liegeois (1977).
    ///
    /// Smooth in every argument; where the arm cannot go as wanted, the tip lags behind.
    ///
    /// Real-time: no allocation, bounded by the number of links.
    #[must_use]
    pub fn joint_rates(
        &self,
        q: &JointVec,
        wanted: &TipRate,
        preference: &RatePreference,
    ) -> JointVec {
        let jacobian = self.tip_jacobian(q);
        let rows = TaskRows {
            angular_weight_m: preference.angular_weight_m,
            free_axis: wanted.free_axis.map(Unit::into_inner),
        };
        let mut asked = Vector6::zeros();
        asked.fixed_rows_mut::<3>(0).copy_from(&wanted.linear_m_s);
        asked.fixed_rows_mut::<3>(3).copy_from(&wanted.angular_rad_s);
        let missing = rows.of(&(asked - jacobian.twist(&preference.dq)));
        let more = least_squares(
            &jacobian,
            &rows,
            &missing,
            |joint| preference.willing.get(joint).copied().unwrap_or(0.0),
            preference.damping_m,
        );
        let more = more.unwrap_or(JointVec::zeros(self.dof()));
        more.map(|joint, more| preference.dq.get(joint).copied().unwrap_or(0.0) + more)
    }
}

/// How a twist is weighed: turning against moving, and about which axis it does not matter.
pub(crate) struct TaskRows {
    pub(crate) angular_weight_m: f64,
    pub(crate) free_axis: Option<Vector3<f64>>,
}

impl TaskRows {
    /// A twist as the solver sees it, metres.
    pub(crate) fn of(&self, twist: &Vector6<f64>) -> Vector6<f64> {
        let mut weighed = *twist;
        let mut turn: Vector3<f64> = twist.fixed_rows::<3>(3).into_owned();
        if let Some(axis) = self.free_axis {
            turn -= axis * axis.dot(&turn);
        }
        weighed.fixed_rows_mut::<3>(3).copy_from(&(turn * self.angular_weight_m));
        weighed
    }
}

/// `W J^T (J W J^T + damping^2 I)^-1 task` with the joints' weights `willing`; `None` if the
/// numbers are none.
pub(crate) fn least_squares(
    jacobian: &Jacobian,
    rows: &TaskRows,
    task: &Vector6<f64>,
    willing: impl Fn(usize) -> f64,
    damping_m: f64,
) -> Option<JointVec> {
    let mut gram = Matrix6::identity() * damping_m.powi(2);
    for (joint, column) in jacobian.columns().iter().enumerate() {
        let column = rows.of(column);
        gram += column * column.transpose() * willing(joint);
    }
    let solved = gram.cholesky()?.solve(task);
    let mut joints = JointVec::zeros(jacobian.columns().len());
    for (joint, (out, column)) in joints.iter_mut().zip(jacobian.columns()).enumerate() {
        *out = willing(joint) * rows.of(column).dot(&solved);
    }
    Some(joints)
}

#[cfg(test)]
mod tests;
