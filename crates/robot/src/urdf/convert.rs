//! One URDF element at a time, with every number checked.

use nalgebra::{Isometry3, Matrix3, Translation3, Unit, UnitQuaternion, Vector3};
use urdf_rs::JointType;

use crate::{Attachment, Geometry, Joint, JointLimits, Link, Motion, RobotError, Shape};

/// Mid grey, for shapes the URDF gives no colour.
const COLOR_DEFAULT: [f64; 4] = [0.5, 0.5, 0.5, 1.0];

/// Whether the joint moves, if it is of a type tandem can drive at all.
pub(super) fn moves(joint: &urdf_rs::Joint) -> Result<bool, RobotError> {
    let unsupported = |kind| RobotError::JointUnsupported { joint: joint.name.clone(), kind };
    if joint.mimic.is_some() {
        return Err(unsupported("a mimic of another joint"));
    }
    match joint.joint_type {
        JointType::Fixed => Ok(false),
        JointType::Revolute | JointType::Prismatic => Ok(true),
        // Without a position range the guard would have nothing to hold the joint in.
        JointType::Continuous => Err(unsupported("continuous")),
        JointType::Floating => Err(unsupported("floating")),
        JointType::Planar => Err(unsupported("planar")),
        JointType::Spherical => Err(unsupported("spherical")),
    }
}

pub(super) fn motion(joint: &urdf_rs::Joint, index: usize) -> Result<Motion, RobotError> {
    // An axis of a micrometre is a typing error, not a direction.
    const LENGTH_MIN: f64 = 1e-6;
    let axis = vector(&joint.axis.xyz, || format!("joint `{}`", joint.name), "axis")?;
    let axis = Unit::try_new(axis, LENGTH_MIN)
        .ok_or_else(|| RobotError::AxisZero { joint: joint.name.clone() })?;
    Ok(match joint.joint_type {
        JointType::Prismatic => Motion::Prismatic { joint: index, axis },
        _ => Motion::Revolute { joint: index, axis },
    })
}

pub(super) fn joint(joint: &urdf_rs::Joint, child_link: usize) -> Result<Joint, RobotError> {
    let missing =
        |limit, value| RobotError::LimitMissing { joint: joint.name.clone(), limit, value };
    let limit = &joint.limit;
    let range = limit.upper - limit.lower;
    if !range.is_finite() || range <= 0.0 {
        return Err(missing("upper - lower", range));
    }
    for (name, value) in [("velocity", limit.velocity), ("effort", limit.effort)] {
        if !value.is_finite() || value <= 0.0 {
            return Err(missing(name, value));
        }
    }
    let (damping, friction) =
        joint.dynamics.as_ref().map_or((0.0, 0.0), |found| (found.damping, found.friction));
    let place = || format!("joint `{}`", joint.name);
    Ok(Joint {
        name: joint.name.clone(),
        limits: JointLimits {
            position_rad_min: limit.lower,
            position_rad_max: limit.upper,
            velocity_rad_s_max: limit.velocity,
            effort_nm_max: limit.effort,
        },
        damping_nm_s_rad: not_negative(damping, place, "damping")?,
        friction_nm: not_negative(friction, place, "friction")?,
        child_link,
    })
}

/// `palette` holds the materials described once for the whole robot.
pub(super) fn link(
    link: &urdf_rs::Link,
    attachment: Option<Attachment>,
    palette: &[urdf_rs::Material],
) -> Result<Link, RobotError> {
    let place = || format!("link `{}`", link.name);
    let inertia = &link.inertial.inertia;
    let inertia_kg_m2 = Matrix3::new(
        inertia.ixx,
        inertia.ixy,
        inertia.ixz,
        inertia.ixy,
        inertia.iyy,
        inertia.iyz,
        inertia.ixz,
        inertia.iyz,
        inertia.izz,
    );
    if !inertia_kg_m2.iter().all(|value| value.is_finite()) {
        return Err(RobotError::BadNumber { place: place(), quantity: "inertia" });
    }
    let mut meshes_skipped = 0;
    let mut shapes = Vec::new();
    for visual in &link.visual {
        let color = visual.material.as_ref().map_or(COLOR_DEFAULT, |named| color(named, palette));
        match shape(&visual.origin, &visual.geometry, color, place)? {
            Some(shape) => shapes.push(shape),
            None => meshes_skipped += 1,
        }
    }
    let mut collisions = Vec::new();
    for collision in &link.collision {
        match shape(&collision.origin, &collision.geometry, COLOR_DEFAULT, place)? {
            Some(shape) => collisions.push(shape),
            None => meshes_skipped += 1,
        }
    }
    Ok(Link {
        name: link.name.clone(),
        attachment,
        mass_kg: not_negative(link.inertial.mass.value, place, "mass")?,
        com: pose(&link.inertial.origin, place)?,
        inertia_kg_m2,
        shapes,
        collisions,
        meshes_skipped,
    })
}

/// The colour a material brings along, or the one the palette has under its name.
fn color(material: &urdf_rs::Material, palette: &[urdf_rs::Material]) -> [f64; 4] {
    let shared = || palette.iter().find(|shared| shared.name == material.name);
    let own = material.color.as_ref();
    own.or_else(|| shared()?.color.as_ref()).map_or(COLOR_DEFAULT, |color| color.rgba.0)
}

pub(super) fn pose(
    pose: &urdf_rs::Pose,
    place: impl Fn() -> String,
) -> Result<Isometry3<f64>, RobotError> {
    let translation = vector(&pose.xyz, &place, "origin")?;
    let rpy = vector(&pose.rpy, &place, "orientation")?;
    let rotation = UnitQuaternion::from_euler_angles(rpy.x, rpy.y, rpy.z);
    Ok(Isometry3::from_parts(Translation3::from(translation), rotation))
}

/// A shape, or `None` for a mesh.
fn shape(
    origin: &urdf_rs::Pose,
    geometry: &urdf_rs::Geometry,
    color_rgba: [f64; 4],
    place: impl Fn() -> String,
) -> Result<Option<Shape>, RobotError> {
    let (geometry, sizes) = match *geometry {
        urdf_rs::Geometry::Box { size } => (Geometry::Box { size_m: size.0 }, size.0),
        urdf_rs::Geometry::Cylinder { radius, length } => {
            (Geometry::Cylinder { radius_m: radius, length_m: length }, [radius, length, 1.0])
        }
        urdf_rs::Geometry::Capsule { radius, length } => {
            (Geometry::Capsule { radius_m: radius, length_m: length }, [radius, length, 1.0])
        }
        urdf_rs::Geometry::Sphere { radius } => {
            (Geometry::Sphere { radius_m: radius }, [radius, 1.0, 1.0])
        }
        urdf_rs::Geometry::Mesh { .. } => return Ok(None),
    };
    let bad = |quantity| RobotError::BadNumber { place: place(), quantity };
    if !sizes.iter().all(|size| size.is_finite() && *size > 0.0) {
        return Err(bad("size of a shape"));
    }
    if !color_rgba.iter().all(|channel| (0.0..=1.0).contains(channel)) {
        return Err(bad("colour"));
    }
    Ok(Some(Shape { origin: pose(origin, &place)?, geometry, color_rgba }))
}

fn vector(
    values: &urdf_rs::Vec3,
    place: impl Fn() -> String,
    quantity: &'static str,
) -> Result<Vector3<f64>, RobotError> {
    if values.iter().all(|value| value.is_finite()) {
        Ok(Vector3::from(values.0))
    } else {
        Err(RobotError::BadNumber { place: place(), quantity })
    }
}

fn not_negative(
    value: f64,
    place: impl Fn() -> String,
    quantity: &'static str,
) -> Result<f64, RobotError> {
    if value.is_finite() && value >= 0.0 {
        Ok(value)
    } else {
        Err(RobotError::BadNumber { place: place(), quantity })
    }
}
