//! From the world to what the cameras see.

use nalgebra::{Isometry3, Point3, Translation3, UnitQuaternion, Vector3};
use tandem_robot::Geometry;
use tandem_types::{Frame, Stamp};

use crate::arm::shape_pose;
use crate::camera::{Background, Material, Pattern, Primitive, Renderer, Scenery, Shape, View};
use crate::scene::CameraOffset;
use crate::{Mount, Scene, SimConfig, SimError, convert};

/// What all cameras see at one moment. Small and independent of the world, so that pictures can be
/// drawn later, or on another thread while the physics goes on.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    stamp: Stamp,
    seed: u64,
    scenery: Scenery,
    views: Vec<View>,
    /// For every camera the link it rides on.
    mounts: Vec<Option<usize>>,
    /// The robot's shapes, with the link each hangs on.
    robot: Vec<(usize, Primitive)>,
}

impl Snapshot {
    pub(super) fn new(config: &SimConfig) -> Result<Self, SimError> {
        let mut mounts = Vec::with_capacity(config.cameras.len());
        for camera in &config.cameras {
            mounts.push(match &camera.mount {
                Mount::World { .. } => None,
                Mount::Link { link } => {
                    let found = config.robot.link_index(link);
                    let (camera, link) = (camera.name.clone(), link.clone());
                    Some(found.ok_or(SimError::CameraLink { camera, link })?)
                }
            });
        }
        Ok(Self { mounts, robot: robot_primitives(config), ..Self::default() })
    }

    /// The moment it shows.
    #[must_use]
    pub const fn stamp(&self) -> Stamp {
        self.stamp
    }

    /// What there is to see.
    #[must_use]
    pub const fn scenery(&self) -> &Scenery {
        &self.scenery
    }

    /// Where the cameras are.
    #[must_use]
    pub fn views(&self) -> &[View] {
        &self.views
    }

    /// Draws what a camera sees; a camera that does not exist draws nothing.
    pub fn render(&self, renderer: &mut Renderer, camera: usize, out: &mut Frame) {
        let Some(view) = self.views.get(camera) else { return };
        // Every picture of every camera has noise of its own, the same in every run.
        let noise_seed = self.seed ^ self.stamp.as_nanos().rotate_left(20) ^ (camera as u64) << 60;
        renderer.render(&self.scenery, view, noise_seed, out);
        out.stamp = self.stamp;
    }

    /// Everything but the objects.
    pub(super) fn take(
        &mut self,
        stamp: Stamp,
        seed: u64,
        config: &SimConfig,
        scene: &Scene,
        link_pose: impl Fn(usize) -> Isometry3<f32>,
    ) {
        (self.stamp, self.seed) = (stamp, seed);
        self.scenery.light = scene.light;
        self.scenery.table = scene.table;
        self.scenery.background = Background::default();
        self.scenery.primitives.clear();
        self.scenery.primitives.extend(self.robot.iter().map(|(link, primitive)| Primitive {
            pose: link_pose(*link) * primitive.pose,
            ..*primitive
        }));
        self.views.clear();
        let cameras = config.cameras.iter().zip(&self.mounts).zip(&scene.camera_offsets);
        for ((camera, mount), offset) in cameras {
            let fov = camera.vertical_fov_rad as f32;
            let mut view = match (&camera.mount, mount) {
                (Mount::World { eye_m, target_m }, _) => {
                    View::looking_at(point(eye_m), point(target_m), fov)
                }
                (Mount::Link { .. }, link) => {
                    View { camera_in_world: link_pose(link.unwrap_or(0)), vertical_fov_rad: fov }
                }
            };
            view.camera_in_world *= displacement(offset);
            self.views.push(view);
        }
    }

    pub(super) fn push(&mut self, primitive: Primitive) {
        self.scenery.primitives.push(primitive);
    }
}

fn point(from: &[f64; 3]) -> Point3<f32> {
    Point3::from(from.map(|value| value as f32))
}

fn displacement(offset: &CameraOffset) -> Isometry3<f32> {
    let [x, y, z] = offset.shift_m.map(|value| value as f32);
    let turn = Vector3::from(offset.turn_rad.map(|value| value as f32));
    Isometry3::from_parts(Translation3::new(x, y, z), UnitQuaternion::from_scaled_axis(turn))
}

/// The robot's looks. The pose of each primitive is the one in its link.
fn robot_primitives(config: &SimConfig) -> Vec<(usize, Primitive)> {
    let links = config.robot.links().iter().enumerate();
    links
        .flat_map(|(index, link)| link.shapes.iter().map(move |shape| (index, primitive(shape))))
        .collect()
}

fn primitive(shape: &tandem_robot::Shape) -> Primitive {
    let [r, g, b, _] = shape.color_rgba.map(|channel| linear(channel as f32));
    let half = |length_m: f64| (length_m / 2.0) as f32;
    Primitive {
        pose: convert::isometry(&shape_pose(shape)),
        shape: match shape.geometry {
            Geometry::Box { size_m } => Shape::Cuboid { half_extents_m: size_m.map(half) },
            Geometry::Cylinder { radius_m, length_m } => {
                Shape::Cylinder { half_height_m: half(length_m), radius_m: radius_m as f32 }
            }
            Geometry::Sphere { radius_m } => Shape::Ball { radius_m: radius_m as f32 },
            Geometry::Capsule { radius_m, length_m } => {
                Shape::Capsule { half_height_m: half(length_m), radius_m: radius_m as f32 }
            }
        },
        material: Material {
            color_linear_rgb: [r, g, b],
            specular: 0.2,
            pattern: Pattern::Stripes { width_m: 0.004, contrast: 0.04 },
        },
    }
}

/// A URDF's colours are meant for a screen (sRGB); the renderer's are reflectances.
fn linear(srgb: f32) -> f32 {
    if srgb <= 0.04045 { srgb / 12.92 } else { ((srgb + 0.055) / 1.055).powf(2.4) }
}
