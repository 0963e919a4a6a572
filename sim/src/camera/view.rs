//! Where a camera is, and which ray each of its pixels looks along.

use nalgebra::{Isometry3, Matrix3, Point3, Rotation3, Translation3, UnitQuaternion, Vector3};

use super::vec3::{Rotation, Vec3, translation};

/// Nothing nearer than this to the camera's plane is seen, m.
pub(super) const NEAR_M: f32 = 1e-3;

/// A camera without distortion and with square pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct View {
    /// The camera's pose in the world, in the optical convention: x right, y down, z forward.
    pub camera_in_world: Isometry3<f32>,
    /// The angle from the picture's top to its bottom, rad; clamped to what a flat picture can
    /// hold (0.001 to 3.0).
    pub vertical_fov_rad: f32,
}

impl View {
    /// A camera at `eye` that looks at `target`, with the world's z up in the picture, or its x
    /// when looking straight down.
    #[must_use]
    pub fn looking_at(eye: Point3<f32>, target: Point3<f32>, vertical_fov_rad: f32) -> Self {
        let forward = (target - eye).try_normalize(1e-6).unwrap_or(-Vector3::z());
        let level = forward.cross(&Vector3::z()).try_normalize(1e-3);
        let right = level.unwrap_or_else(|| -Vector3::y());
        let down = forward.cross(&right);
        let axes = Matrix3::from_columns(&[right, down, forward]);
        let rotation =
            UnitQuaternion::from_rotation_matrix(&Rotation3::from_matrix_unchecked(axes));
        let camera_in_world = Isometry3::from_parts(Translation3::from(eye.coords), rotation);
        Self { camera_in_world, vertical_fov_rad }
    }
}

/// Where the picture of `size_px` (width, height) shows a point of the world, in pixels from its
/// top left corner: pixel `(i, j)` covers `[i, i + 1) x [j, j + 1)`. `None` behind the camera;
/// the answer may lie outside the picture.
#[must_use]
pub fn project(view: &View, size_px: [usize; 2], point: &Point3<f32>) -> Option<[f32; 2]> {
    let lens = Lens::new(view, size_px);
    lens.pixel(lens.in_camera(Vec3::new(point.x, point.y, point.z)))
}

/// The front camera's proposed place: before the table, looking back at the arm.
///
/// It stands 1.1 m from the workspace and looks 47 degrees down. So the arm, which reaches over
/// from the far side, hides little, cubes show a face and their top, and cylinders their disc.
/// Standing far off with a narrow angle, it sees near and far objects at almost one size: at
/// 96x96 pixels a 3 cm object is 7.0 px wide in the farthest row of the workspace and 7.8 px in
/// the nearest. Large objects at the workspace's corners (x 0.16 to 0.32 m, y -0.16 to 0.16 m)
/// fit to within a pixel. Above them the picture holds the arm's base and whatever of the arm
/// reaches over the workspace no higher than 0.2 m.
#[must_use]
pub fn front_view() -> View {
    View::looking_at(Point3::new(0.95, 0.0, 0.85), Point3::new(0.16, 0.0, 0.015), 0.352)
}

/// The wrist camera's proposed angle from top to bottom, rad.
///
/// It shows the fingertip in the middle of the picture and, when that is just above an object,
/// some 20 cm of the table; a wider angle would mostly show more of the gripper's palm.
pub const WRIST_FOV_RAD: f32 = 1.0;

/// The wrist camera's proposed pose in the frame of the gripper (x out of the finger, z up): on a
/// mast above the palm, tilted by 20 degrees towards the finger.
#[must_use]
pub fn wrist_camera_in_gripper() -> Isometry3<f32> {
    let eye = Point3::new(-0.014, 0.0, 0.055);
    let tilt_rad = 0.35_f32;
    let ahead = Vector3::new(tilt_rad.cos(), 0.0, -tilt_rad.sin());
    View::looking_at(eye, eye + ahead, WRIST_FOV_RAD).camera_in_world
}

/// A view of one picture size, ready to cast.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lens {
    pub(super) eye: Vec3,
    pub(super) rotation: Rotation,
    pub(super) size_px: [usize; 2],
    focal_px: f32,
    center_px: [f32; 2],
}

impl Lens {
    pub(super) fn new(view: &View, size_px: [usize; 2]) -> Self {
        let center_px = size_px.map(|size| size as f32 / 2.0);
        let half_fov_rad = view.vertical_fov_rad.clamp(1e-3, 3.0) / 2.0;
        Self {
            eye: translation(&view.camera_in_world),
            rotation: Rotation::of(&view.camera_in_world.rotation),
            size_px,
            focal_px: center_px[1] / half_fov_rad.tan(),
            center_px,
        }
    }

    /// A point of the world in the camera's frame.
    pub(super) fn in_camera(&self, point: Vec3) -> Vec3 {
        self.rotation.invert(point - self.eye)
    }

    /// Where a point in the camera's frame is seen.
    pub(super) fn pixel(&self, in_camera: Vec3) -> Option<[f32; 2]> {
        (in_camera.z > NEAR_M)
            .then(|| self.slope_px(in_camera.x / in_camera.z, in_camera.y / in_camera.z))
    }

    /// Where a ray of the slopes x/z and y/z is seen.
    pub(super) fn slope_px(&self, x: f32, y: f32) -> [f32; 2] {
        [self.center_px[0] + self.focal_px * x, self.center_px[1] + self.focal_px * y]
    }

    /// The rays of all pixels in a frame that `rotation` and `origin` place in the world.
    pub(super) fn rays_in(&self, rotation: &Rotation, origin: Vec3) -> Rays {
        let turn = |v: Vec3| rotation.invert(self.rotation.apply(v));
        let pixel = 1.0 / self.focal_px;
        let [x, y] = self.center_px.map(|center| -center * pixel);
        Rays {
            from: rotation.invert(self.eye - origin),
            corner: turn(Vec3::new(x, y, 1.0)),
            per_x: turn(Vec3::new(pixel, 0.0, 0.0)),
            per_y: turn(Vec3::new(0.0, pixel, 0.0)),
        }
    }

    /// The rays of all pixels in the world.
    pub(super) fn rays(&self) -> Rays {
        self.rays_in(&Rotation::UPRIGHT, Vec3::ZERO)
    }
}

/// The rays of all pixels in some frame. Their directions have length one along the camera's
/// forward axis, so the distance along a ray is a depth, the same in every frame.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rays {
    pub(super) from: Vec3,
    corner: Vec3,
    per_x: Vec3,
    per_y: Vec3,
}

impl Rays {
    /// The direction through a place in the picture, in pixels.
    #[inline]
    pub(super) fn along(&self, x_px: f32, y_px: f32) -> Vec3 {
        self.row(y_px).along(x_px)
    }

    /// The rays of one row.
    #[inline]
    pub(super) fn row(&self, y_px: f32) -> RayRow {
        RayRow { start: self.corner + self.per_y * y_px, per_x: self.per_x }
    }
}

/// The rays of one row of the picture.
#[derive(Clone, Copy, Debug)]
pub(super) struct RayRow {
    start: Vec3,
    per_x: Vec3,
}

impl RayRow {
    #[inline]
    pub(super) fn along(&self, x_px: f32) -> Vec3 {
        self.start + self.per_x * x_px
    }
}
