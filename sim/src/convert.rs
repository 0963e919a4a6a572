//! Between the robot's double-precision nalgebra and the physics engine's single-precision glam.

use nalgebra::{Isometry3, Quaternion, Translation3, UnitQuaternion};
use rapier3d::prelude::{Pose, Rotation, Vector};

/// A pose for the physics engine.
pub(crate) fn pose(from: &Isometry3<f64>) -> Pose {
    let (t, r) = (&from.translation, &from.rotation);
    Pose::from_parts(
        Vector::new(t.x as f32, t.y as f32, t.z as f32),
        Rotation::from_xyzw(r.i as f32, r.j as f32, r.k as f32, r.w as f32).normalize(),
    )
}

/// A pose for the cameras.
pub(crate) fn isometry(from: &Pose) -> Isometry3<f32> {
    let (t, r) = (from.translation, from.rotation);
    Isometry3::from_parts(
        Translation3::new(t.x, t.y, t.z),
        UnitQuaternion::from_quaternion(Quaternion::new(r.w, r.x, r.y, r.z)),
    )
}

/// A vector for the physics engine.
pub(crate) fn vector(from: [f64; 3]) -> Vector {
    Vector::new(from[0] as f32, from[1] as f32, from[2] as f32)
}
