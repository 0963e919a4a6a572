//! The table and the objects as physics sees them.

use rapier3d::prelude::{
    ColliderBuilder, ColliderHandle, PhysicsWorld, Pose, RigidBodyBuilder, SharedShape, Vector,
};

use super::Snapshot;
use crate::camera::{Primitive, Shape, plastic};
use crate::settings::STEP;
use crate::{Form, Object, Scene, convert};

/// Half the table, x and y, m, and where its middle is: the table the cameras draw by default.
const TABLE_HALF_M: [f32; 2] = [0.6, 0.7];
const TABLE_CENTER_X_M: f32 = 0.25;
const TABLE_THICKNESS_M: f32 = 0.03;

/// Printed plastic on varnished wood.
const FRICTION: f32 = 0.6;
/// A print with 30 % infill, kg/m^3.
const DENSITY_KG_M3: f32 = 450.0;
/// Rolling resistance: a damping of the rotation that stops a nudged ball within a few
/// centimetres, as layer lines on wood do, 1/s.
const ROLLING_DAMPING_PER_S: f32 = 12.0;

/// The objects in the physics world, in the scene's order.
pub(super) struct Stage {
    objects: Vec<Prop>,
}

struct Prop {
    collider: ColliderHandle,
    shape: SharedShape,
    half_height_m: f64,
}

/// A world with gravity and nothing in it.
pub(crate) fn empty_world() -> PhysicsWorld {
    let mut physics = PhysicsWorld::new();
    physics.gravity = Vector::new(0.0, 0.0, -9.81);
    let parameters = &mut physics.integration_parameters;
    parameters.dt = STEP.as_secs_f32();
    // The engine's tolerances scale with the size of things: here that is a cube's edge.
    parameters.length_unit = 0.05;
    // At a millisecond one pass is as good as the default four at sixty hertz.
    parameters.num_solver_iterations = 1;
    physics
}

/// The table, whose top is at height zero.
pub(crate) fn lay_table(physics: &mut PhysicsWorld) {
    let [x, y] = TABLE_HALF_M;
    let table = ColliderBuilder::cuboid(x, y, TABLE_THICKNESS_M / 2.0)
        .translation(Vector::new(TABLE_CENTER_X_M, 0.0, -TABLE_THICKNESS_M / 2.0))
        .friction(FRICTION);
    physics.insert_collider(table, None);
}

impl Stage {
    pub(super) fn install(physics: &mut PhysicsWorld, scene: &Scene) -> Self {
        lay_table(physics);
        let objects = scene.objects.iter().map(|object| insert(physics, object)).collect();
        Self { objects }
    }

    /// The distance of a point to every object's surface; zero inside.
    pub(super) fn distances_into(
        &self,
        physics: &PhysicsWorld,
        point_m: [f64; 3],
        out: &mut Vec<f64>,
    ) {
        let point = convert::vector(point_m);
        out.clear();
        out.extend(self.objects.iter().map(|prop| {
            let pose = prop.pose(physics);
            f64::from(prop.shape.distance_to_point(&pose, point, true))
        }));
    }

    /// The middle of an object's top.
    pub(super) fn top_m(&self, physics: &PhysicsWorld, object: usize) -> [f64; 3] {
        let Some(prop) = self.objects.get(object) else { return [0.0; 3] };
        let center = prop.pose(physics).translation;
        [f64::from(center.x), f64::from(center.y), f64::from(center.z) + prop.half_height_m]
    }

    /// Adds the objects to what the cameras see.
    pub(super) fn add_to(&self, physics: &PhysicsWorld, scene: &Scene, snapshot: &mut Snapshot) {
        for (prop, object) in self.objects.iter().zip(&scene.objects) {
            let color = object.kind.color.linear_rgb().map(|c| (c * object.tint).min(1.0));
            snapshot.push(Primitive {
                pose: convert::isometry(&prop.pose(physics)),
                shape: shape(object),
                material: plastic(color),
            });
        }
    }
}

impl Prop {
    fn pose(&self, physics: &PhysicsWorld) -> Pose {
        physics.colliders.get(self.collider).map_or(Pose::IDENTITY, |found| *found.position())
    }
}

fn insert(physics: &mut PhysicsWorld, object: &Object) -> Prop {
    let half = (object.kind.size.extent_m() / 2.0) as f32;
    let [x, y] = object.position_m.map(|value| value as f32);
    let turned = Pose::rotation(Vector::Z * object.yaw_rad as f32);
    let collider = match object.kind.form {
        Form::Cube => ColliderBuilder::cuboid(half, half, half),
        // The engine's cylinders lie along y.
        Form::Cylinder => ColliderBuilder::cylinder(half, half)
            .position(Pose::rotation(Vector::X * core::f32::consts::FRAC_PI_2)),
        Form::Ball => ColliderBuilder::ball(half),
    };
    let body = RigidBodyBuilder::dynamic()
        .pose(Pose::from_translation(Vector::new(x, y, half)) * turned)
        .angular_damping(if object.kind.form == Form::Ball { ROLLING_DAMPING_PER_S } else { 0.0 })
        // It lies still until something touches it, which also saves its share of every step.
        .sleeping(true);
    let collider = collider.density(DENSITY_KG_M3).friction(FRICTION).build();
    let shape = collider.shared_shape().clone();
    let (_, collider) = physics.insert(body, collider);
    Prop { collider, shape, half_height_m: f64::from(half) }
}

fn shape(object: &Object) -> Shape {
    let half = (object.kind.size.extent_m() / 2.0) as f32;
    match object.kind.form {
        Form::Cube => Shape::Cuboid { half_extents_m: [half; 3] },
        Form::Cylinder => Shape::Cylinder { half_height_m: half, radius_m: half },
        Form::Ball => Shape::Ball { radius_m: half },
    }
}
