//! Closed-form kinematics of an arm that turns about the vertical and bends in one plane.

use nalgebra::{Isometry3, Vector3};
use tandem_robot::{Motion, Robot};
use tandem_types::JointVec;

/// An arm with a pan joint about z, three pitch joints about y and any joints after them that are
/// kept at zero.
///
/// In the plane a direction is given by its *pitch*: the angle below the horizontal.
#[derive(Clone, Copy, Debug)]
pub struct PlanarArm {
    dof: usize,
    /// The shoulder in the plane: distance from the pan axis, and height, m.
    shoulder_m: [f64; 2],
    /// The three rods.
    rods: [Rod; 3],
}

/// A rod of the arm in its plane.
#[derive(Clone, Copy, Debug)]
struct Rod {
    length_m: f64,
    /// Its pitch when all joints are at zero, rad.
    pitch_at_zero: f64,
}

/// The expert cannot drive a robot.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExpertError {
    /// There are too few joints.
    #[error(
        "the planar expert needs a pan joint and three pitch joints, but the robot has {dof} \
         joints; write kinematics = \"jacobian\" in [sim.expert]"
    )]
    TooFewJoints {
        /// How many there are.
        dof: usize,
    },
    /// The joints are not laid out as they must be.
    #[error(
        "the planar expert cannot drive this robot: {what}; write kinematics = \"jacobian\" in \
         [sim.expert]"
    )]
    Layout {
        /// What is in the way.
        what: &'static str,
    },
    /// No joint may serve the tip.
    #[error("the expert may move no joint that moves the tip; name some in [sim.expert] joints")]
    NoJoint,
}

impl PlanarArm {
    /// Measures a robot at its zero pose.
    ///
    /// # Errors
    /// If its first four joints do not pan about z at the origin and bend about y, or its tip is
    /// off the plane.
    pub fn new(robot: &Robot) -> Result<Self, ExpertError> {
        const TOLERANCE: f64 = 1e-6;
        let layout =
            |holds: bool, what| if holds { Ok(()) } else { Err(ExpertError::Layout { what }) };
        let dof = robot.dof();
        if dof < 4 {
            return Err(ExpertError::TooFewJoints { dof });
        }
        let mut poses = Vec::new();
        robot.link_poses(&JointVec::zeros(dof), &mut poses);
        let joint = |index: usize| axis_and_place(robot, &poses, index);
        let (axis, place) = joint(0);
        let centred = place.xy().norm() < TOLERANCE;
        layout(
            (axis - Vector3::z()).norm() < TOLERANCE && centred,
            "joint 0 does not pan about z",
        )?;
        let mut points = Vec::with_capacity(4);
        for index in 1..4 {
            let (axis, place) = joint(index);
            let bends = (axis - Vector3::y()).norm() < TOLERANCE;
            layout(bends, "joints 1 to 3 do not all pitch about y")?;
            points.push(place);
        }
        points.push(poses[robot.tip_link()].translation.vector);
        let flat = points.iter().all(|point| point.y.abs() < TOLERANCE);
        layout(flat, "a joint or the tip is off the plane y = 0")?;
        let rod = |from: usize| {
            let along = points[from + 1] - points[from];
            Rod { length_m: along.norm(), pitch_at_zero: (-along.z).atan2(along.x) }
        };
        let rods = [rod(0), rod(1), rod(2)];
        layout(rods.iter().all(|rod| rod.length_m > TOLERANCE), "a rod has no length")?;
        Ok(Self { dof, shoulder_m: [points[0].x, points[0].z], rods })
    }

    /// The tip at `q` with all joints after the fourth at zero, in the base's frame, m.
    #[must_use]
    pub fn tip(&self, q: &JointVec) -> [f64; 3] {
        let at = |joint: usize| q.get(joint).copied().unwrap_or(0.0);
        let [mut reach, mut height] = self.shoulder_m;
        let mut bent = 0.0;
        for (index, rod) in self.rods.iter().enumerate() {
            bent += at(index + 1);
            let pitch = rod.pitch_at_zero + bent;
            reach += rod.length_m * pitch.cos();
            height -= rod.length_m * pitch.sin();
        }
        [reach * at(0).cos(), reach * at(0).sin(), height]
    }

    /// [`reach`](Self::reach) at the pitch that suits an arm of the SO-101's size there.
    pub(super) fn reach_at(&self, point_m: [f64; 3]) -> JointVec {
        let [x, y, _] = point_m;
        self.reach(point_m, pitch_at(x.hypot(y)))
    }

    /// Joint positions, elbow up, that bring the tip to a point with the last rod at a pitch. A
    /// point out of reach is approached as far as the arm goes.
    #[must_use]
    pub fn reach(&self, [x, y, z]: [f64; 3], pitch: f64) -> JointVec {
        let [upper, fore, hand] = self.rods;
        let wrist_reach = x.hypot(y) - hand.length_m * pitch.cos() - self.shoulder_m[0];
        let wrist_height = z + hand.length_m * pitch.sin() - self.shoulder_m[1];
        // A little inside the two rods' limits the elbow still has a definite direction.
        const SPARE_M: f64 = 1e-3;
        let far = upper.length_m + fore.length_m - SPARE_M;
        let near = (upper.length_m - fore.length_m).abs() + SPARE_M;
        let distance = wrist_reach.hypot(wrist_height).max(near).min(far);
        let (u, f) = (upper.length_m, fore.length_m);
        let at_shoulder = ((u * u + distance * distance - f * f) / (2.0 * u * distance)).acos();
        let at_elbow = ((u * u + f * f - distance * distance) / (2.0 * u * f)).acos();
        let pitch_upper = (-wrist_height).atan2(wrist_reach) - at_shoulder;
        let pitch_fore = pitch_upper + core::f64::consts::PI - at_elbow;
        let lift = pitch_upper - upper.pitch_at_zero;
        let elbow = pitch_fore - fore.pitch_at_zero - lift;
        let wrist = pitch - hand.pitch_at_zero - lift - elbow;
        let mut q = JointVec::zeros(self.dof);
        for (joint, position) in q.iter_mut().zip([y.atan2(x), lift, elbow, wrist]) {
            *joint = position;
        }
        q
    }
}

/// How steeply the fingertip points down at a reach, rad: nearly upright close by, where the arm
/// is folded, and flatter the farther out, where it is stretched. A line between two postures that
/// the SO-101's rods allow with some room at a travelling height of 14 cm.
pub(super) fn pitch_at(reach_m: f64) -> f64 {
    const NEAR: (f64, f64) = (0.16, 1.35);
    const FAR: (f64, f64) = (0.36, 0.60);
    let share = (reach_m - NEAR.0) / (FAR.0 - NEAR.0);
    NEAR.1 + (FAR.1 - NEAR.1) * share.clamp(-0.2, 1.2)
}

/// A joint's axis and place in the base's frame.
fn axis_and_place(
    robot: &Robot,
    poses: &[Isometry3<f64>],
    joint: usize,
) -> (Vector3<f64>, Vector3<f64>) {
    let link = robot.joints()[joint].child_link;
    let pose = poses[link];
    let axis = match robot.links()[link].attachment.map(|hangs| hangs.motion) {
        Some(Motion::Revolute { axis, .. }) => pose.rotation * axis.into_inner(),
        _ => Vector3::zeros(),
    };
    (axis, pose.translation.vector)
}
