//! Three numbers, with just the arithmetic that ray casting needs.
//!
//! nalgebra's vectors do the same, but their generic code is slow in unoptimised builds, where
//! tests render thousands of pictures.

use core::ops::{Add, Mul, Neg, Sub};

use nalgebra::{Isometry3, UnitQuaternion};

/// A point, direction or linear RGB colour.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Vec3 {
    pub(super) x: f32,
    pub(super) y: f32,
    pub(super) z: f32,
}

/// A rotation, by its columns: where the three axes go.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rotation {
    pub(super) x: Vec3,
    pub(super) y: Vec3,
    pub(super) z: Vec3,
}

/// The smaller one; unlike `f32::min` it compiles to one instruction, and NaN yields `b`.
#[inline]
pub(super) fn min(a: f32, b: f32) -> f32 {
    if a < b { a } else { b }
}

/// The larger one; unlike `f32::max` it compiles to one instruction, and NaN yields `b`.
#[inline]
pub(super) fn max(a: f32, b: f32) -> f32 {
    if a > b { a } else { b }
}

impl Vec3 {
    pub(super) const ZERO: Self = Self::new(0.0, 0.0, 0.0);

    #[inline]
    pub(super) const fn new(x: f32, y: f32, z: f32) -> Self {
        Self { x, y, z }
    }

    #[inline]
    pub(super) fn dot(self, other: Self) -> f32 {
        self.x * other.x + self.y * other.y + self.z * other.z
    }

    #[inline]
    pub(super) fn cross(self, other: Self) -> Self {
        Self::new(
            self.y * other.z - self.z * other.y,
            self.z * other.x - self.x * other.z,
            self.x * other.y - self.y * other.x,
        )
    }

    /// Element by element.
    #[inline]
    pub(super) fn times(self, other: Self) -> Self {
        Self::new(self.x * other.x, self.y * other.y, self.z * other.z)
    }

    #[inline]
    pub(super) fn abs(self) -> Self {
        Self::new(self.x.abs(), self.y.abs(), self.z.abs())
    }

    #[inline]
    pub(super) fn length(self) -> f32 {
        self.dot(self).sqrt()
    }

    /// At length one; a vector too short to have a direction stays near zero.
    #[inline]
    pub(super) fn unit(self) -> Self {
        self * (1.0 / max(self.length(), 1e-12))
    }
}

impl From<[f32; 3]> for Vec3 {
    fn from([x, y, z]: [f32; 3]) -> Self {
        Self::new(x, y, z)
    }
}

impl Add for Vec3 {
    type Output = Self;
    #[inline]
    fn add(self, other: Self) -> Self {
        Self::new(self.x + other.x, self.y + other.y, self.z + other.z)
    }
}

impl Sub for Vec3 {
    type Output = Self;
    #[inline]
    fn sub(self, other: Self) -> Self {
        Self::new(self.x - other.x, self.y - other.y, self.z - other.z)
    }
}

impl Mul<f32> for Vec3 {
    type Output = Self;
    #[inline]
    fn mul(self, factor: f32) -> Self {
        Self::new(self.x * factor, self.y * factor, self.z * factor)
    }
}

impl Neg for Vec3 {
    type Output = Self;
    #[inline]
    fn neg(self) -> Self {
        Self::new(-self.x, -self.y, -self.z)
    }
}

impl Rotation {
    /// No rotation.
    pub(super) const UPRIGHT: Self = Self {
        x: Vec3::new(1.0, 0.0, 0.0),
        y: Vec3::new(0.0, 1.0, 0.0),
        z: Vec3::new(0.0, 0.0, 1.0),
    };

    pub(super) fn of(rotation: &UnitQuaternion<f32>) -> Self {
        let matrix = rotation.to_rotation_matrix();
        let column = |j: usize| Vec3::new(matrix[(0, j)], matrix[(1, j)], matrix[(2, j)]);
        Self { x: column(0), y: column(1), z: column(2) }
    }

    #[inline]
    pub(super) fn apply(&self, v: Vec3) -> Vec3 {
        self.x * v.x + self.y * v.y + self.z * v.z
    }

    #[inline]
    pub(super) fn invert(&self, v: Vec3) -> Vec3 {
        Vec3::new(self.x.dot(v), self.y.dot(v), self.z.dot(v))
    }
}

/// Where a pose puts its origin.
pub(super) fn translation(pose: &Isometry3<f32>) -> Vec3 {
    let t = &pose.translation.vector;
    Vec3::new(t.x, t.y, t.z)
}
