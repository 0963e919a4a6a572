//! The six colours that the task's instructions name.
//!
//! Chosen so that no two share a chromaticity (the share of red, green and blue), which survives
//! shading and the task's range of light; a test holds them to it.

use super::scenery::{Material, Pattern};

/// The task's red, linear RGB; the others likewise.
pub const RED: [f32; 3] = [0.60, 0.025, 0.03];
/// The task's green.
pub const GREEN: [f32; 3] = [0.04, 0.40, 0.07];
/// The task's blue.
pub const BLUE: [f32; 3] = [0.03, 0.11, 0.60];
/// The task's yellow.
pub const YELLOW: [f32; 3] = [0.80, 0.60, 0.03];
/// The task's purple.
pub const PURPLE: [f32; 3] = [0.30, 0.05, 0.45];
/// The task's orange.
pub const ORANGE: [f32; 3] = [0.82, 0.24, 0.02];

/// The glossy, faintly mottled plastic that the task's objects are made of.
#[must_use]
pub const fn plastic(color_linear_rgb: [f32; 3]) -> Material {
    Material {
        color_linear_rgb,
        specular: 0.35,
        pattern: Pattern::Speckle { cell_m: 0.004, contrast: 0.10 },
    }
}
