//! From the robot's links to bodies, colliders and joints.

use rapier3d::parry::mass_properties::MassProperties;
use rapier3d::prelude::{
    ColliderBuilder, GenericJointBuilder, Group, InteractionGroups, InteractionTestMode,
    JointAxesMask, PhysicsWorld, Pose, RigidBodyBuilder, RigidBodyHandle, Rotation, Vector,
};
use tandem_robot::{Geometry, Link, Motion, Robot, Shape};
use tandem_types::JointVec;

use super::{Arm, Carrier, ServoJoint};
use crate::{ServoConfig, SimError, convert};

/// The arm collides with everything but itself: the joint limits keep its links apart well enough,
/// and its primitive shapes overlap at the joints.
const ARM: Group = Group::GROUP_1;

/// Printed plastic on printed plastic.
const FRICTION: f32 = 0.5;

/// Bodies without a mass in the URDF still need one for the dynamics to have a solution.
const MASS_KG_MIN: f64 = 1e-3;

impl Arm {
    /// Puts the robot into the world, at rest at `q`.
    pub(crate) fn install(
        physics: &mut PhysicsWorld,
        robot: &Robot,
        servo: ServoConfig,
        q: &JointVec,
    ) -> Result<Self, SimError> {
        let carriers = insert_bodies(physics, robot);
        insert_masses(physics, robot, &carriers);
        for (link, carrier) in robot.links().iter().zip(&carriers) {
            insert_colliders(physics, link, carrier);
        }
        let mut joints = Vec::with_capacity(robot.dof());
        for (index, joint) in robot.joints().iter().enumerate() {
            let refused = || SimError::Joint { joint: joint.name.clone() };
            let link = &robot.links()[joint.child_link];
            let attachment = link.attachment.ok_or_else(refused)?;
            let parent = carriers[attachment.parent_link];
            let (axis, mask, coordinate) = match attachment.motion {
                Motion::Revolute { axis, .. } => (axis, JointAxesMask::LOCKED_REVOLUTE_AXES, 3),
                Motion::Prismatic { axis, .. } => (axis, JointAxesMask::LOCKED_PRISMATIC_AXES, 0),
                Motion::Fixed => return Err(refused()),
            };
            // The engine's joints move along their own x axis.
            let turn =
                Rotation::from_rotation_arc(Vector::X, convert::vector(axis.into_inner().into()));
            let turn = Pose::from_rotation(turn);
            let frame = parent.body_from_link * convert::pose(&attachment.parent_from_joint);
            let data = GenericJointBuilder::new(mask)
                .local_frame1(frame * turn)
                .local_frame2(turn)
                .build();
            let child = carriers[joint.child_link].body;
            let handle =
                physics.insert_multibody_joint(parent.body, child, data).ok_or_else(refused)?;
            debug_assert_eq!(index, joints.len());
            joints.push(ServoJoint {
                handle,
                coordinate,
                effort_nm_max: joint.limits.effort_nm_max,
                friction_nm: joint.friction_nm,
            });
        }
        let arm = Self { servo, joints, carriers, tau: JointVec::zeros(robot.dof()) };
        arm.pose_at(physics, robot, q);
        Ok(arm)
    }

    /// Gives the joints their damping and armature, and moves them to `q`.
    fn pose_at(&self, physics: &mut PhysicsWorld, robot: &Robot, q: &JointVec) {
        let Some(first) = self.joints.first() else { return };
        let handles: Vec<_> = self.joints.iter().map(|joint| joint.handle).collect();
        let places: Vec<Option<usize>> = handles
            .iter()
            .map(|handle| {
                let (multibody, link) = physics.multibody_joints.get(*handle)?;
                Some(multibody.link(link)?.link_id())
            })
            .collect();
        let PhysicsWorld { multibody_joints, bodies, .. } = physics;
        let Some((multibody, _)) = multibody_joints.get_mut_internal(first.handle) else { return };
        // Makes the fixed base lose the six coordinates it is born with.
        multibody.forward_kinematics(bodies, true);
        let mut displacement = vec![0.0; multibody.ndofs()];
        for (index, place) in places.iter().enumerate() {
            let Some(dof) =
                place.and_then(|link| multibody.link(link)).map(|link| link.assembly_id())
            else {
                continue;
            };
            let joint = &robot.joints()[index];
            displacement[dof] = q[index] as f32;
            multibody.armature_mut()[dof] = self.servo.armature_kg_m2[index] as f32;
            multibody.damping_mut()[dof] =
                (self.servo.damping_nm_s_rad[index] + joint.damping_nm_s_rad) as f32;
        }
        multibody.apply_displacements(&displacement);
        multibody.forward_kinematics(bodies, false);
        multibody.update_rigid_bodies(bodies, true);
    }
}

/// One body for the base and one for every link that a joint moves; the others ride along.
fn insert_bodies(physics: &mut PhysicsWorld, robot: &Robot) -> Vec<Carrier> {
    let mut carriers: Vec<Carrier> = Vec::with_capacity(robot.links().len());
    for link in robot.links() {
        let carrier = match link.attachment {
            None => on_its_own(physics.insert_body(RigidBodyBuilder::fixed())),
            Some(attachment) if attachment.motion == Motion::Fixed => {
                let parent = carriers[attachment.parent_link];
                let body_from_link =
                    parent.body_from_link * convert::pose(&attachment.parent_from_joint);
                Carrier { body: parent.body, body_from_link }
            }
            Some(_) => {
                on_its_own(physics.insert_body(RigidBodyBuilder::dynamic().can_sleep(false)))
            }
        };
        carriers.push(carrier);
    }
    carriers
}

const fn on_its_own(body: RigidBodyHandle) -> Carrier {
    Carrier { body, body_from_link: Pose::IDENTITY }
}

/// Gives every body the mass of all links it carries.
fn insert_masses(physics: &mut PhysicsWorld, robot: &Robot, carriers: &[Carrier]) {
    for carrier in carriers {
        let carried = robot.links().iter().zip(carriers).filter(|(_, at)| at.body == carrier.body);
        let total = carried
            .map(|(link, at)| mass_of(link).transform_by(&at.body_from_link))
            .reduce(|sum, mass| sum + mass);
        if let (Some(total), Some(body)) = (total, physics.bodies.get_mut(carrier.body)) {
            body.set_additional_mass_properties(total, false);
            body.recompute_mass_properties_from_colliders(&physics.colliders);
        }
    }
}

fn mass_of(link: &Link) -> MassProperties {
    let com = convert::pose(&link.com);
    let mass = link.mass_kg.max(MASS_KG_MIN) as f32;
    let i = link.inertia_kg_m2.map(|value| value as f32);
    let inertia = rapier3d::math::Matrix::from_cols_array(&[
        i.m11, i.m21, i.m31, i.m12, i.m22, i.m32, i.m13, i.m23, i.m33,
    ]);
    MassProperties::with_inertia_matrix(Vector::ZERO, mass, inertia).transform_by(&com)
}

fn insert_colliders(physics: &mut PhysicsWorld, link: &Link, carrier: &Carrier) {
    for shape in &link.collisions {
        let collider = collider(shape)
            .position(carrier.body_from_link * shape_pose(shape))
            .density(0.0)
            .friction(FRICTION)
            .collision_groups(InteractionGroups::new(ARM, !ARM, InteractionTestMode::And));
        physics.insert_collider(collider, Some(carrier.body));
    }
}

fn collider(shape: &Shape) -> ColliderBuilder {
    match shape.geometry {
        Geometry::Box { size_m: [x, y, z] } => {
            ColliderBuilder::cuboid((x / 2.0) as f32, (y / 2.0) as f32, (z / 2.0) as f32)
        }
        Geometry::Cylinder { radius_m, length_m } => {
            ColliderBuilder::cylinder((length_m / 2.0) as f32, radius_m as f32)
        }
        Geometry::Sphere { radius_m } => ColliderBuilder::ball(radius_m as f32),
        Geometry::Capsule { radius_m, length_m } => {
            ColliderBuilder::capsule_y((length_m / 2.0) as f32, radius_m as f32)
        }
    }
}

/// The pose of a shape whose cylinders lie along y, as engine and renderer have them, while a
/// URDF's lie along z.
pub(crate) fn shape_pose(shape: &Shape) -> Pose {
    let origin = convert::pose(&shape.origin);
    match shape.geometry {
        Geometry::Cylinder { .. } | Geometry::Capsule { .. } => {
            origin * Pose::rotation(Vector::X * core::f32::consts::FRAC_PI_2)
        }
        Geometry::Box { .. } | Geometry::Sphere { .. } => origin,
    }
}
