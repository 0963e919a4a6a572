//! What lies on the table, and in which light: everything random about an episode's world.

mod layout;
mod object;

use rand::RngExt as _;
use rand_pcg::Pcg64Mcg;
use tandem_types::JointVec;

use crate::camera::{Light, Pattern, Table};
use crate::{ObjectCount, SimConfig};

pub use layout::{CENTER_DISTANCE_M_MIN, SURFACE_DISTANCE_M_MIN};
pub use object::{Color, Form, Object, ObjectKind, Size};

/// One episode's world before anything moves. Pure data: the same seed gives the same scene.
#[derive(Clone, Debug)]
pub struct Scene {
    /// The objects, no two alike.
    pub objects: Vec<Object>,
    /// The lamp and the room.
    pub light: Light,
    /// The table.
    pub table: Table,
    /// Where the arm starts, rad.
    pub start: JointVec,
    /// For every camera how far it is from where it should be.
    pub camera_offsets: Vec<CameraOffset>,
}

/// How far a camera is from its nominal pose, in its own frame.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CameraOffset {
    /// Shift, m.
    pub shift_m: [f64; 3],
    /// Rotation vector, rad.
    pub turn_rad: [f64; 3],
}

/// A camera's mount gives way by so much, either way: a screw's play and a knock.
const CAMERA_SHIFT_M_MAX: f64 = 0.004;
const CAMERA_TURN_RAD_MAX: f64 = 0.008;

impl Scene {
    /// Draws a scene.
    #[must_use]
    pub fn generate(config: &SimConfig, count: ObjectCount, rng: &mut Pcg64Mcg) -> Self {
        let kinds = object::draw_kinds(rng.random_range(count.min..=count.max), rng);
        let objects = layout::place(&kinds, &config.workspace, rng);
        let light = Light::from_unit(core::array::from_fn(|_| rng.random_range(0.0..1.0)));
        let jitter = config.rest_jitter_rad;
        let mut start = config.rest_pose;
        for q in start.iter_mut() {
            *q += symmetric(rng, jitter);
        }
        let camera_offsets = config
            .cameras
            .iter()
            .map(|_| CameraOffset {
                shift_m: core::array::from_fn(|_| symmetric(rng, CAMERA_SHIFT_M_MAX)),
                turn_rad: core::array::from_fn(|_| symmetric(rng, CAMERA_TURN_RAD_MAX)),
            })
            .collect();
        let start = config.robot.clamped(&start);
        Self { objects, light, table: table(rng), start, camera_offsets }
    }
}

/// A table top of another shade and grain every time; never as colourful as an object.
fn table(rng: &mut Pcg64Mcg) -> Table {
    let mut table = Table::default();
    let shade = rng.random_range(0.75..1.2_f32);
    let warmth = rng.random_range(-0.08..0.08_f32);
    let [r, g, b] = table.material.color_linear_rgb;
    table.material.color_linear_rgb =
        [r * shade * (1.0 + warmth), g * shade, b * shade * (1.0 - warmth)];
    table.material.pattern = Pattern::Wood {
        grain_m: rng.random_range(0.008..0.02),
        contrast: rng.random_range(0.12..0.26),
    };
    table
}

fn symmetric(rng: &mut Pcg64Mcg, most: f64) -> f64 {
    most * rng.random_range(-1.0..=1.0)
}

#[cfg(test)]
mod tests;
