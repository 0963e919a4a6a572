//! What there is to see: bodies, their surfaces, the table, the light.
//!
//! The world frame has z up. Colours are linear RGB reflectances or intensities, one is white.

use nalgebra::Isometry3;

/// Everything a picture shows.
#[derive(Clone, Debug, Default)]
pub struct Scenery {
    /// The bodies; the first [`Scenery::PRIMITIVES_MAX`] are drawn.
    pub primitives: Vec<Primitive>,
    /// The lamp and the light of the room.
    pub light: Light,
    /// The table under it all.
    pub table: Table,
    /// What lies beyond the table.
    pub background: Background,
}

/// One body.
#[derive(Clone, Copy, Debug)]
pub struct Primitive {
    /// Its pose in the world.
    pub pose: Isometry3<f32>,
    /// Its form, in its own frame.
    pub shape: Shape,
    /// Its surface.
    pub material: Material,
}

/// A convex form around its own origin.
///
/// The axis of cylinders and capsules is the local **y** axis, as in parry and rapier, so that a
/// collider's pose can be used as it is. A URDF cylinder has its axis along z: turn its pose by
/// 90 degrees about x first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Shape {
    /// A box.
    Cuboid {
        /// Half the edges along x, y and z, m.
        half_extents_m: [f32; 3],
    },
    /// A ball.
    Ball {
        /// Its radius, m.
        radius_m: f32,
    },
    /// A cylinder along y, with flat ends.
    Cylinder {
        /// Half the distance between its ends, m.
        half_height_m: f32,
        /// Its radius, m.
        radius_m: f32,
    },
    /// A cylinder along y with a half ball at each end.
    Capsule {
        /// Half the distance between the centres of the half balls, m.
        half_height_m: f32,
        /// The radius of the cylinder and the balls, m.
        radius_m: f32,
    },
}

/// How a surface answers light.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Material {
    /// Diffuse reflectance.
    pub color_linear_rgb: [f32; 3],
    /// Strength of the highlight: 0 is matt, 0.5 is glossy plastic.
    pub specular: f32,
    /// What modulates the colour.
    pub pattern: Pattern,
}

/// A pattern carved through the body, in its own frame. A `contrast` of 0.1 varies the colour by
/// ten per cent either way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pattern {
    /// One even colour.
    Solid,
    /// Grains of random brightness.
    Speckle {
        /// Edge of a grain, m.
        cell_m: f32,
        /// Strength.
        contrast: f32,
    },
    /// Bright and dark bands across the local x + z diagonal.
    Stripes {
        /// Width of a band, m.
        width_m: f32,
        /// Strength.
        contrast: f32,
    },
    /// Bright and dark cubes.
    Checker {
        /// Edge of a cube, m.
        cell_m: f32,
        /// Strength.
        contrast: f32,
    },
    /// Wood: smooth noise drawn out along the local x axis.
    Wood {
        /// Typical width of the grain, m.
        grain_m: f32,
        /// Strength.
        contrast: f32,
    },
}

/// One lamp infinitely far away, and light from all sides.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Light {
    /// The way the lamp's light travels, in the world; any length but zero.
    pub direction: [f32; 3],
    /// What the lamp adds to a surface that faces it.
    pub color_linear_rgb: [f32; 3],
    /// What the room adds to a surface that faces up; half as much reaches one that faces down.
    pub ambient_linear_rgb: [f32; 3],
}

/// A box whose top is level. It takes shadows but casts none.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Table {
    /// The middle of the top, m.
    pub top_center_m: [f32; 3],
    /// Half its size along x and y, m.
    pub half_size_m: [f32; 2],
    /// From the top to the underside, m.
    pub thickness_m: f32,
    /// Its surface.
    pub material: Material,
}

/// The floor and, above the horizon, the wall. Neither shows shadows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Background {
    /// Where the floor is, m (below zero: under the table's top).
    pub floor_z_m: f32,
    /// The floor's surface.
    pub floor: Material,
    /// The wall's colour, as it is seen.
    pub wall_linear_rgb: [f32; 3],
}

impl Scenery {
    /// How many bodies are drawn; more than ten times what the task's scene holds.
    pub const PRIMITIVES_MAX: usize = 1024;
}

impl Light {
    /// A lamp drawn from the range of light that the task uses, from six numbers in `[0, 1]`
    /// (out of it they are clamped): side, height, brightness, warmth, tint, ambient.
    ///
    /// The lamp stands 50 to 75 degrees high and up to 100 degrees to either side of the front
    /// camera's bearing (+x), so that the faces seen from the front differ in brightness.
    /// Warmth and tint stay within 8 %, which keeps the six task colours apart.
    #[must_use]
    pub fn from_unit(unit: [f32; 6]) -> Self {
        let [side, height, brightness, warmth, tint, ambient] =
            unit.map(|u| if u.is_finite() { u.clamp(0.0, 1.0) } else { 0.5 });
        let bearing_rad = (2.0 * side - 1.0) * 100_f32.to_radians();
        let height_rad = (50.0 + 25.0 * height).to_radians();
        let level = height_rad.cos();
        let warm = 0.08 * (2.0 * warmth - 1.0);
        let green = 0.04 * (2.0 * tint - 1.0);
        let cast = [1.0 + warm, 1.0 + green, 1.0 - warm];
        let lamp = 0.65 + 0.30 * brightness;
        let room = 0.22 + 0.16 * ambient;
        Self {
            direction: [-bearing_rad.cos() * level, -bearing_rad.sin() * level, -height_rad.sin()],
            color_linear_rgb: cast.map(|c| c * lamp),
            ambient_linear_rgb: cast.map(|c| c * room),
        }
    }
}

impl Default for Light {
    /// The middle of the task's range, from the left.
    fn default() -> Self {
        Self::from_unit([0.75, 0.4, 0.5, 0.5, 0.5, 0.5])
    }
}

impl Default for Table {
    /// A pale wooden table, 1.2 m by 1.4 m, its top at height zero.
    fn default() -> Self {
        Self {
            top_center_m: [0.25, 0.0, 0.0],
            half_size_m: [0.6, 0.7],
            thickness_m: 0.03,
            material: Material {
                color_linear_rgb: [0.47, 0.41, 0.34],
                specular: 0.0,
                pattern: Pattern::Wood { grain_m: 0.012, contrast: 0.22 },
            },
        }
    }
}

impl Default for Background {
    /// A dark floor 0.7 m below, and a grey wall.
    fn default() -> Self {
        Self {
            floor_z_m: -0.7,
            floor: Material {
                color_linear_rgb: [0.16, 0.17, 0.19],
                specular: 0.0,
                pattern: Pattern::Checker { cell_m: 0.3, contrast: 0.15 },
            },
            wall_linear_rgb: [0.45, 0.47, 0.50],
        }
    }
}
