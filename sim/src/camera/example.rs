//! Sceneries to measure with and to look at.

use nalgebra::{Isometry3, Point3, Translation3, UnitQuaternion, Vector3};

use super::{
    palette::{BLUE, GREEN, ORANGE, PURPLE, RED, YELLOW, plastic},
    scenery::{Material, Pattern, Primitive, Scenery, Shape},
    view::{View, front_view},
};

/// What a front camera sees in an episode: an arm of 14 bodies that reaches over five objects.
/// `tandem bench camera` measures with it.
#[must_use]
pub fn bench_scenery() -> (Scenery, View) {
    let mut scenery = Scenery { primitives: arm(), ..Scenery::default() };
    scenery.primitives.extend([
        object(RED, 0.30, 0.10, 0.048, cube(0.048), 0.4),
        object(GREEN, 0.20, -0.12, 0.03, ball(0.03), 0.0),
        object(BLUE, 0.25, 0.02, 0.048, cylinder(0.048), 0.0),
        object(YELLOW, 0.17, 0.09, 0.03, cube(0.03), 1.0),
        object(PURPLE, 0.31, -0.08, 0.048, ball(0.048), 0.0),
    ]);
    (scenery, front_view())
}

/// Every colour, shape and size of the task on one table: the six colours from left to right,
/// small ones in the far rows and large ones in the near rows.
#[must_use]
pub fn task_table() -> (Scenery, View) {
    let colors = [RED, GREEN, BLUE, YELLOW, PURPLE, ORANGE];
    let mut primitives = Vec::new();
    for (row, x) in [0.11_f32, 0.16, 0.21, 0.26, 0.315, 0.37].into_iter().enumerate() {
        let size = if row < 3 { 0.03 } else { 0.048 };
        for (column, color) in colors.into_iter().enumerate() {
            let shape = [cube(size), cylinder(size), ball(size)][(row + column) % 3];
            let turn_rad = 0.5 + 0.7 * column as f32;
            let y = 0.155 - 0.062 * column as f32;
            primitives.push(object(color, x, y, size, shape, turn_rad));
        }
    }
    (Scenery { primitives, ..Scenery::default() }, front_view())
}

const fn cube(size: f32) -> Shape {
    Shape::Cuboid { half_extents_m: [size / 2.0; 3] }
}

const fn ball(size: f32) -> Shape {
    Shape::Ball { radius_m: size / 2.0 }
}

const fn cylinder(size: f32) -> Shape {
    Shape::Cylinder { half_height_m: size / 2.0, radius_m: size / 2.0 }
}

/// An object of the task on the table, turned about the vertical.
fn object(color: [f32; 3], x: f32, y: f32, size: f32, shape: Shape, turn_rad: f32) -> Primitive {
    let stand = match shape {
        Shape::Cylinder { .. } => core::f32::consts::FRAC_PI_2,
        _ => 0.0,
    };
    let rotation = UnitQuaternion::from_axis_angle(&Vector3::z_axis(), turn_rad)
        * UnitQuaternion::from_axis_angle(&Vector3::x_axis(), stand);
    let pose = Isometry3::from_parts(Translation3::new(x, y, size / 2.0), rotation);
    Primitive { pose, shape, material: plastic(color) }
}

/// An arm like the simulated one: base, column, upper arm, forearm and a gripper with two jaws,
/// with a motor at every joint.
fn arm() -> Vec<Primitive> {
    let printed = Material {
        color_linear_rgb: [0.55, 0.55, 0.52],
        specular: 0.15,
        pattern: Pattern::Stripes { width_m: 0.004, contrast: 0.04 },
    };
    let motor =
        Material { color_linear_rgb: [0.03, 0.03, 0.035], specular: 0.3, pattern: Pattern::Solid };
    let at = |x: f32, y: f32, z: f32| Point3::new(x, y, z);
    let (shoulder, elbow) = (at(0.03, 0.0, 0.115), at(0.06, 0.01, 0.225));
    let (wrist, tip) = (at(0.17, 0.04, 0.19), at(0.215, 0.055, 0.11));
    let hinge = Shape::Cylinder { half_height_m: 0.022, radius_m: 0.016 };
    let servo = Shape::Cuboid { half_extents_m: [0.0125, 0.018, 0.0175] };
    let still = |point: Point3<f32>, shape: Shape, material: Material| Primitive {
        pose: Isometry3::from_parts(point.into(), UnitQuaternion::identity()),
        shape,
        material,
    };
    let plate = Shape::Cuboid { half_extents_m: [0.055, 0.05, 0.012] };
    let column = Shape::Cylinder { half_height_m: 0.03, radius_m: 0.03 };
    let jaw = |side: f32| rod(wrist, tip + Vector3::new(0.0, side, 0.0), 0.006, 0.55, printed);
    vec![
        still(at(-0.01, 0.0, 0.012), plate, printed),
        rod(at(0.0, 0.0, 0.024), at(0.0, 0.0, 0.09), 0.028, 0.0, printed),
        still(at(0.0, 0.0, 0.07), column, motor),
        still(shoulder, hinge, motor),
        still(at(0.03, 0.025, 0.115), servo, motor),
        rod(shoulder, elbow, 0.013, 0.0, printed),
        rod(shoulder, elbow, 0.017, 0.3, printed),
        still(elbow, hinge, motor),
        rod(elbow, wrist, 0.012, 0.0, printed),
        rod(elbow, wrist, 0.015, 0.3, printed),
        still(wrist, servo, motor),
        rod(wrist, tip, 0.018, 0.0, printed),
        jaw(0.012),
        jaw(-0.012),
    ]
}

/// A capsule from `from` (after skipping a share of the way) to `to`.
fn rod(
    from: Point3<f32>,
    to: Point3<f32>,
    radius_m: f32,
    skip: f32,
    material: Material,
) -> Primitive {
    let start = from + (to - from) * skip;
    let way = to - start;
    let rotation = UnitQuaternion::rotation_between(&Vector3::y(), &way).unwrap_or_default();
    let half_height_m = (way.norm() / 2.0 - radius_m).max(0.001);
    let pose = Isometry3::from_parts(nalgebra::center(&start, &to).into(), rotation);
    Primitive { pose, shape: Shape::Capsule { half_height_m, radius_m }, material }
}
