//! The arm: a multibody in reduced coordinates, and a servo at every joint.

mod build;

pub(crate) use build::shape_pose;

use nalgebra::Isometry3;
use rapier3d::prelude::{MultibodyJointHandle, PhysicsWorld, Pose, RigidBodyHandle};
use tandem_types::{Command, JointVec};

use crate::{ServoConfig, convert};

/// The robot inside the physics world.
///
/// Each servo is a torsion spring and a damper that the engine integrates implicitly, together
/// with the arm's own dynamics and without iterating. So it neither oscillates nor depends on a
/// solver's accuracy, at any stiffness. The torque limit moves the spring's rest position to where
/// the spring gives just that torque.
pub(crate) struct Arm {
    servo: ServoConfig,
    joints: Vec<ServoJoint>,
    /// For every link of the robot the body that carries it, and where.
    carriers: Vec<Carrier>,
    tau: JointVec,
}

struct ServoJoint {
    handle: MultibodyJointHandle,
    /// Which of the six coordinates between two bodies moves.
    coordinate: usize,
    effort_nm_max: f64,
    friction_nm: f64,
}

#[derive(Clone, Copy)]
struct Carrier {
    body: RigidBodyHandle,
    body_from_link: Pose,
}

impl Arm {
    /// Positions, rad.
    pub(crate) fn q(&self, physics: &PhysicsWorld) -> JointVec {
        self.map(physics, |(q, _)| q)
    }

    /// Velocities, rad/s.
    pub(crate) fn dq(&self, physics: &PhysicsWorld) -> JointVec {
        self.map(physics, |(_, dq)| dq)
    }

    /// The servos' torques in the last step, N m.
    pub(crate) const fn tau(&self) -> &JointVec {
        &self.tau
    }

    /// Where a link is.
    pub(crate) fn link_pose(&self, physics: &PhysicsWorld, link: usize) -> Isometry3<f32> {
        let Some(carrier) = self.carriers.get(link) else { return Isometry3::identity() };
        let body = physics.bodies.get(carrier.body).map_or(Pose::IDENTITY, |body| *body.position());
        convert::isometry(&(body * carrier.body_from_link))
    }

    /// Sets the servos' torques for the next step.
    pub(crate) fn drive(&mut self, physics: &mut PhysicsWorld, target: &Command) {
        // At this speed a joint has nearly all its dry friction; below it the friction fades, so
        // that a joint at rest is not torn between two signs.
        const FRICTION_SPEED_RAD_S: f64 = 0.02;
        for (index, joint) in self.joints.iter().enumerate() {
            let stiffness = self.servo.stiffness_nm_rad[index];
            let damping = self.servo.damping_nm_s_rad[index];
            let Some((q, dq)) = joint.read(physics) else { continue };
            let (q_target, dq_target) = (target.q[index], target.dq[index]);
            let wanted = stiffness * (q_target - q) + damping * (dq_target - dq);
            let motor = wanted.clamp(-joint.effort_nm_max, joint.effort_nm_max);
            let torque = motor - joint.friction_nm * (dq / FRICTION_SPEED_RAD_S).tanh();
            // The engine adds -damping * dq by itself, as part of its implicit step.
            let rest = q + (torque + damping * dq) / stiffness;
            joint.set_spring(physics, stiffness as f32, rest as f32);
            self.tau[index] = motor;
        }
    }

    fn map(&self, physics: &PhysicsWorld, f: impl Fn((f64, f64)) -> f64) -> JointVec {
        let mut out = JointVec::zeros(self.joints.len());
        for (value, joint) in out.iter_mut().zip(&self.joints) {
            *value = joint.read(physics).map_or(0.0, &f);
        }
        out
    }
}

impl ServoJoint {
    /// Position and velocity.
    fn read(&self, physics: &PhysicsWorld) -> Option<(f64, f64)> {
        let (multibody, link) = physics.multibody_joints.get(self.handle)?;
        let link = multibody.link(link)?;
        let q = link.joint.coords()[self.coordinate];
        let dq = multibody.joint_velocity(link)[0];
        Some((f64::from(q), f64::from(dq)))
    }

    fn set_spring(&self, physics: &mut PhysicsWorld, stiffness: f32, rest: f32) {
        let found = physics.multibody_joints.get_mut_internal(self.handle);
        if let Some(link) = found.and_then(|(multibody, link)| multibody.link_mut(link)) {
            link.joint.set_spring(self.coordinate, stiffness, rest);
        }
    }
}

#[cfg(test)]
mod tests;
