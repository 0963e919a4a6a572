//! The law for any arm: the tip's velocity, resolved into joint velocities.

use nalgebra::{Unit, UnitQuaternion, Vector3};
use tandem_robot::{RatePreference, Robot, TipRate};
use tandem_types::JointVec;

use super::ExpertError;

/// How fast what the tip leaves free returns to the rest pose, as a share of how fast the tip goes
/// to its carrot: slower, so that a posture is tidied up on the way and not in a hurry.
const TIDY_SHARE: f64 = 0.3;

/// How much a radian of wrong tilt weighs, m: between the length of a finger, for which the tilt
/// is about where the finger's root is, and what leaves the position the clear priority.
const TILT_WEIGHT_M: f64 = 0.06;

/// Damping of the least squares, m: two per cent of an arm's length. It slows the arm down where
/// one joint alone would have to go faster than 25 rad/s for each m/s of the tip.
const DAMPING_M: f64 = 0.02;

/// Any arm, about its rest pose.
#[derive(Clone, Debug)]
pub(super) struct ResolvedRate {
    robot: Robot,
    rest: JointVec,
    willing: JointVec,
    /// What points straight down at the rest pose, in the tip's frame.
    down_in_tip: Unit<Vector3<f64>>,
}

impl ResolvedRate {
    /// An arm of which the joints serve the tip as `willing`ly as that says.
    ///
    /// # Errors
    /// If none of the willing joints moves the tip.
    pub(super) fn new(
        robot: Robot,
        rest: JointVec,
        willing: JointVec,
    ) -> Result<Self, ExpertError> {
        let jacobian = robot.tip_jacobian(&rest);
        let serves = |(column, willing): (&nalgebra::Vector6<f64>, &f64)| {
            *willing > 0.0 && column.fixed_rows::<3>(0).norm() > 0.0
        };
        if !jacobian.columns().iter().zip(willing.iter()).any(serves) {
            return Err(ExpertError::NoJoint);
        }
        let down_in_tip = robot.tip(&rest).rotation.inverse() * -Vector3::z_axis();
        Ok(Self { robot, rest, willing, down_in_tip })
    }

    /// The tip at `q`, in the base's frame, m.
    pub(super) fn tip_m(&self, q: &JointVec) -> [f64; 3] {
        self.robot.tip(q).translation.vector.into()
    }

    /// Where the joints should head for at `q` so that the tip heads for `carrot`: to first order
    /// where they will be when it has arrived, rad.
    pub(super) fn goal(&self, q: &JointVec, carrot: [f64; 3]) -> JointVec {
        let tip = self.robot.tip(q);
        let points = tip.rotation * self.down_in_tip;
        // Upside down there are many ways back, and none is better: there the tilt has to wait.
        let turn = UnitQuaternion::rotation_between_axis(&points, &-Vector3::z_axis())
            .map_or_else(Vector3::zeros, |turn| turn.scaled_axis());
        // In units of a time in which the tip would arrive.
        let wanted = TipRate {
            linear_m_s: Vector3::from(carrot) - tip.translation.vector,
            angular_rad_s: turn,
            free_axis: Some(points),
        };
        let homewards = self.rest.zip_with(q, |rest, q| rest - q);
        let preference = RatePreference {
            // A joint that does not serve the tip has nothing else to do.
            dq: homewards.zip_with(&self.willing, |way, willing| {
                way * (TIDY_SHARE * willing + (1.0 - willing))
            }),
            willing: self.willing,
            angular_weight_m: TILT_WEIGHT_M,
            damping_m: DAMPING_M,
        };
        q.zip_with(&self.robot.joint_rates(q, &wanted, &preference), |q, step| q + step)
    }
}
