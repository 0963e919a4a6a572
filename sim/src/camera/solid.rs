//! The four forms in their own frames: where a ray enters them, and their normals.
//!
//! Every form is an intersection of slabs and round walls (or, for the capsule, a union of such
//! that is convex), so "where a ray enters" is the latest of the entries if that comes before
//! the earliest exit. The functions have no branches: that lets the compiler cast four rays
//! at once. They return the entry's distance, negative behind the start, or infinity for a miss.

use super::{
    scenery::Shape,
    vec3::{Vec3, max, min},
};

/// Keeps directions parallel to a slab or an axis from dividing by zero.
const TINY: f32 = 1e-18;

/// From where to where a ray is inside of something.
#[derive(Clone, Copy)]
struct Span {
    enter: f32,
    leave: f32,
}

impl Span {
    #[inline]
    fn and(self, other: Self) -> Self {
        Self { enter: max(self.enter, other.enter), leave: min(self.leave, other.leave) }
    }

    #[inline]
    fn entry(self) -> f32 {
        if self.enter <= self.leave { self.enter } else { f32::INFINITY }
    }
}

#[inline]
fn slab(from: f32, along: f32, half: f32) -> Span {
    let along = if along.abs() < TINY { TINY } else { along };
    let per = 1.0 / along;
    let middle = -from * per;
    let reach = half * per.abs();
    Span { enter: middle - reach, leave: middle + reach }
}

/// The span inside of a round wall: `miss2` is the square of how far the ray passes from the
/// axis or centre, `middle` where it does so, and `per_length2` one over its squared speed.
#[inline]
fn round(middle: f32, miss2: f32, per_length2: f32, radius: f32) -> Span {
    let reach2 = (radius * radius - miss2) * per_length2;
    let reach = max(reach2, 0.0).sqrt();
    let leave = if reach2 < 0.0 { f32::NEG_INFINITY } else { middle + reach };
    Span { enter: middle - reach, leave }
}

/// Where a ray enters a box.
#[inline]
pub(super) fn enter_cuboid(from: Vec3, along: Vec3, half: Vec3) -> f32 {
    slab(from.x, along.x, half.x)
        .and(slab(from.y, along.y, half.y))
        .and(slab(from.z, along.z, half.z))
        .entry()
}

/// Where a ray enters a ball.
#[inline]
pub(super) fn enter_ball(from: Vec3, along: Vec3, radius: f32) -> f32 {
    let per_length2 = 1.0 / max(along.dot(along), TINY);
    let middle = -from.dot(along) * per_length2;
    // The perpendicular itself, not a difference of squares, which would cancel at a distance.
    let miss = from + along * middle;
    round(middle, miss.dot(miss), per_length2, radius).entry()
}

#[inline]
fn round_wall(from: Vec3, along: Vec3, radius: f32) -> Span {
    let per_length2 = 1.0 / max(along.x * along.x + along.z * along.z, TINY);
    let middle = -(from.x * along.x + from.z * along.z) * per_length2;
    let (x, z) = (from.x + along.x * middle, from.z + along.z * middle);
    round(middle, x * x + z * z, per_length2, radius)
}

/// Where a ray enters a cylinder along y.
#[inline]
pub(super) fn enter_cylinder(from: Vec3, along: Vec3, half_height: f32, radius: f32) -> f32 {
    round_wall(from, along, radius).and(slab(from.y, along.y, half_height)).entry()
}

/// Where a ray enters a capsule along y.
#[inline]
pub(super) fn enter_capsule(from: Vec3, along: Vec3, half_height: f32, radius: f32) -> f32 {
    let lift = Vec3::new(0.0, half_height, 0.0);
    let ends = min(enter_ball(from - lift, along, radius), enter_ball(from + lift, along, radius));
    min(ends, enter_cylinder(from, along, half_height, radius))
}

impl Shape {
    /// Where a ray enters, whichever form it is.
    #[inline]
    pub(super) fn enter(&self, from: Vec3, along: Vec3) -> f32 {
        match *self {
            Self::Cuboid { half_extents_m } => enter_cuboid(from, along, half_extents_m.into()),
            Self::Ball { radius_m } => enter_ball(from, along, radius_m),
            Self::Cylinder { half_height_m, radius_m } => {
                enter_cylinder(from, along, half_height_m, radius_m)
            }
            Self::Capsule { half_height_m, radius_m } => {
                enter_capsule(from, along, half_height_m, radius_m)
            }
        }
    }

    /// The outward unit normal at a point on the surface.
    #[inline]
    pub(super) fn normal(&self, at: Vec3) -> Vec3 {
        match *self {
            Self::Cuboid { half_extents_m } => cuboid_normal(at, half_extents_m.into()),
            Self::Ball { .. } => at.unit(),
            Self::Cylinder { half_height_m, radius_m } => {
                let side = Vec3::new(at.x, 0.0, at.z);
                let in_wall = (side.length() - radius_m).abs();
                let in_end = (at.y.abs() - half_height_m).abs();
                if in_end < in_wall { Vec3::new(0.0, at.y.signum(), 0.0) } else { side.unit() }
            }
            Self::Capsule { half_height_m, .. } => {
                let on_axis = max(-half_height_m, min(half_height_m, at.y));
                Vec3::new(at.x, at.y - on_axis, at.z).unit()
            }
        }
    }

    /// Half the edges of the box around it.
    pub(super) fn half_extents(&self) -> Vec3 {
        match *self {
            Self::Cuboid { half_extents_m } => half_extents_m.into(),
            Self::Ball { radius_m } => Vec3::new(radius_m, radius_m, radius_m),
            Self::Cylinder { half_height_m, radius_m } => {
                Vec3::new(radius_m, half_height_m, radius_m)
            }
            Self::Capsule { half_height_m, radius_m } => {
                Vec3::new(radius_m, half_height_m + radius_m, radius_m)
            }
        }
    }

    /// The radius of the ball around it.
    pub(super) fn bounding_radius(&self) -> f32 {
        match *self {
            Self::Ball { radius_m } => radius_m,
            Self::Capsule { half_height_m, radius_m } => half_height_m + radius_m,
            Self::Cylinder { half_height_m, radius_m } => half_height_m.hypot(radius_m),
            Self::Cuboid { half_extents_m } => Vec3::from(half_extents_m).length(),
        }
    }
}

#[inline]
fn cuboid_normal(at: Vec3, half: Vec3) -> Vec3 {
    // On the surface one coordinate is at its half extent; take the one nearest to that.
    let depth = half - at.abs();
    if depth.x < depth.y && depth.x < depth.z {
        Vec3::new(at.x.signum(), 0.0, 0.0)
    } else if depth.y < depth.z {
        Vec3::new(0.0, at.y.signum(), 0.0)
    } else {
        Vec3::new(0.0, 0.0, at.z.signum())
    }
}
