//! Where the links are, and how the tip moves when a joint moves.

use nalgebra::{Isometry3, Translation3, UnitQuaternion, Vector3, Vector6};
use tandem_types::{JOINTS_MAX, JointVec};

use crate::{Link, Motion, Robot};

/// How the tip's velocity depends on the joints' velocities.
///
/// Column `j` is the tip's twist for one rad/s of joint `j`: linear velocity (m/s) of the tip's
/// origin, then angular velocity (rad/s), both in the base's frame.
#[derive(Clone, Copy, Debug)]
pub struct Jacobian {
    // Invariant: dof <= JOINTS_MAX.
    dof: usize,
    columns: [Vector6<f64>; JOINTS_MAX],
}

impl Jacobian {
    /// The columns, one per joint.
    #[must_use]
    pub fn columns(&self) -> &[Vector6<f64>] {
        self.columns.get(..self.dof).unwrap_or(&[])
    }

    /// The tip's twist for joint velocities `dq`.
    #[must_use]
    pub fn twist(&self, dq: &JointVec) -> Vector6<f64> {
        self.columns()
            .iter()
            .zip(dq.iter())
            .fold(Vector6::zeros(), |sum, (column, speed)| sum + column * *speed)
    }
}

impl Robot {
    /// The tip's pose in the base's frame. Joints missing from `q` are taken to be at zero.
    ///
    /// Real-time: no allocation, bounded by the number of links.
    #[must_use]
    pub fn tip(&self, q: &JointVec) -> Isometry3<f64> {
        self.chain().fold(Isometry3::identity(), |parent, link| parent * parent_from_link(link, q))
    }

    /// The pose of every link in the base's frame, in the order of [`Robot::links`].
    ///
    /// Real-time: allocates only if `out` has less capacity than there are links.
    pub fn link_poses(&self, q: &JointVec, out: &mut Vec<Isometry3<f64>>) {
        out.clear();
        for link in &self.links {
            let parent = link
                .attachment
                .and_then(|hangs| out.get(hangs.parent_link).copied())
                .unwrap_or_else(Isometry3::identity);
            out.push(parent * parent_from_link(link, q));
        }
    }

    /// The tip's Jacobian at `q`.
    ///
    /// Real-time: no allocation, bounded by the number of links.
    #[must_use]
    pub fn tip_jacobian(&self, q: &JointVec) -> Jacobian {
        let tip = self.tip(q).translation.vector;
        let mut jacobian = Jacobian { dof: self.dof(), columns: [Vector6::zeros(); JOINTS_MAX] };
        let mut pose = Isometry3::identity();
        for link in self.chain() {
            pose *= parent_from_link(link, q);
            let Some(attachment) = link.attachment else { continue };
            // A joint's axis is the same before and after its own motion.
            let (joint, linear, angular) = match attachment.motion {
                Motion::Fixed => continue,
                Motion::Revolute { joint, axis } => {
                    let axis = pose.rotation * axis.into_inner();
                    (joint, axis.cross(&(tip - pose.translation.vector)), axis)
                }
                Motion::Prismatic { joint, axis } => {
                    (joint, pose.rotation * axis.into_inner(), Vector3::zeros())
                }
            };
            if let Some(column) = jacobian.columns.get_mut(joint) {
                column.fixed_rows_mut::<3>(0).copy_from(&linear);
                column.fixed_rows_mut::<3>(3).copy_from(&angular);
            }
        }
        jacobian
    }

    fn chain(&self) -> impl Iterator<Item = &Link> {
        self.tip_chain.iter().filter_map(|&index| self.links.get(index))
    }
}

fn parent_from_link(link: &Link, q: &JointVec) -> Isometry3<f64> {
    let Some(attachment) = link.attachment else { return Isometry3::identity() };
    let position = |joint: usize| q.get(joint).copied().unwrap_or(0.0);
    let moved = match attachment.motion {
        Motion::Fixed => return attachment.parent_from_joint,
        Motion::Revolute { joint, axis } => Isometry3::from_parts(
            Translation3::identity(),
            UnitQuaternion::from_axis_angle(&axis, position(joint)),
        ),
        Motion::Prismatic { joint, axis } => Isometry3::from_parts(
            Translation3::from(axis.into_inner() * position(joint)),
            UnitQuaternion::identity(),
        ),
    };
    attachment.parent_from_joint * moved
}

#[cfg(test)]
mod tests;
