//! The bounding pass: in which rectangle of the picture a body can be seen.
//!
//! Always conservative: a rectangle may be too large, never too small; a test compares pictures
//! with and without it.

use super::{
    scenery::Shape,
    vec3::{Rotation, Vec3},
    view::{Lens, NEAR_M},
};

/// A rectangle of pixels, from `x0` to before `x1` and from `y0` to before `y1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) x0: usize,
    pub(super) x1: usize,
    pub(super) y0: usize,
    pub(super) y1: usize,
}

impl Window {
    const NONE: Self = Self { x0: 0, x1: 0, y0: 0, y1: 0 };

    pub(super) const fn whole([x1, y1]: [usize; 2]) -> Self {
        Self { x0: 0, x1, y0: 0, y1 }
    }

    /// Where the body can be seen.
    pub(super) fn around(lens: &Lens, shape: &Shape, rotation: &Rotation, center: Vec3) -> Self {
        let in_camera = lens.in_camera(center);
        let radius = shape.bounding_radius();
        if in_camera.z + radius < NEAR_M {
            return Self::NONE;
        }
        let whole = Self::whole(lens.size_px);
        let of_ball = ball_bounds(lens, in_camera, radius).map(|b| b.window(lens.size_px));
        let of_box = box_bounds(lens, shape.half_extents(), rotation, center)
            .map(|b| b.window(lens.size_px));
        whole.and(of_ball.unwrap_or(whole)).and(of_box.unwrap_or(whole))
    }

    fn and(self, other: Self) -> Self {
        Self {
            x0: self.x0.max(other.x0),
            x1: self.x1.min(other.x1),
            y0: self.y0.max(other.y0),
            y1: self.y1.min(other.y1),
        }
    }
}

/// A rectangle in pixel coordinates.
#[derive(Clone, Copy, Debug)]
struct Bounds {
    low: [f32; 2],
    high: [f32; 2],
}

impl Bounds {
    /// The pixels it touches, and half a pixel more against rounding. NaN makes it unlimited.
    fn window(&self, size_px: [usize; 2]) -> Window {
        // A cast from float to integer saturates, and turns NaN into zero.
        let first = |low: f32| (low - 0.5) as usize;
        let end = |high: f32, size: usize| {
            if high.is_nan() { size } else { ((high + 1.5) as usize).min(size) }
        };
        Window {
            x0: first(self.low[0]),
            x1: end(self.high[0], size_px[0]),
            y0: first(self.low[1]),
            y1: end(self.high[1], size_px[1]),
        }
    }
}

/// The bounds of a ball wholly before the camera: the planes through the eye that touch it.
fn ball_bounds(lens: &Lens, center: Vec3, radius: f32) -> Option<Bounds> {
    if center.z - radius <= NEAR_M {
        return None;
    }
    let per = 1.0 / (center.z * center.z - radius * radius);
    // A plane of slope m = x/z touches where (x - m z)^2 = r^2 (1 + m^2).
    let slopes = |side: f32| {
        let root = (side * side + center.z * center.z - radius * radius).sqrt();
        let (middle, reach) = (side * center.z * per, radius * root * per);
        (middle - reach, middle + reach)
    };
    let (x, y) = (slopes(center.x), slopes(center.y));
    Some(Bounds { low: lens.slope_px(x.0, y.0), high: lens.slope_px(x.1, y.1) })
}

/// The bounds of a box whose corners are all before the camera.
fn box_bounds(lens: &Lens, half: Vec3, rotation: &Rotation, center: Vec3) -> Option<Bounds> {
    let mut bounds = Bounds { low: [f32::INFINITY; 2], high: [f32::NEG_INFINITY; 2] };
    for corner in 0..8_u8 {
        let sign = |axis: u8| if corner >> axis & 1 == 0 { -1.0 } else { 1.0 };
        let offset = half.times(Vec3::new(sign(0), sign(1), sign(2)));
        let pixel = lens.pixel(lens.in_camera(center + rotation.apply(offset)))?;
        for ((low, high), at) in bounds.low.iter_mut().zip(&mut bounds.high).zip(pixel) {
            *low = low.min(at);
            *high = high.max(at);
        }
    }
    Some(bounds)
}
