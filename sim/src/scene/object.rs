//! The objects of the task: six colours, three forms, two sizes.

use rand::RngExt as _;
use rand_pcg::Pcg64Mcg;

use crate::camera::{BLUE, GREEN, ORANGE, PURPLE, RED, YELLOW};

/// An object on the table.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Object {
    /// What it is.
    pub kind: ObjectKind,
    /// Where its centre stands, x forward and y left of the arm's base, m.
    pub position_m: [f64; 2],
    /// How it is turned about the vertical, rad.
    pub yaw_rad: f64,
    /// How much brighter than its colour's standard it is: no two prints are alike.
    pub tint: f32,
}

/// What an object is: all an instruction can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ObjectKind {
    /// Its colour.
    pub color: Color,
    /// Its form.
    pub form: Form,
    /// Its size.
    pub size: Size,
}

/// A colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Color {
    /// Red.
    Red,
    /// Green.
    Green,
    /// Blue.
    Blue,
    /// Yellow.
    Yellow,
    /// Purple.
    Purple,
    /// Orange.
    Orange,
}

/// A form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// A cube.
    Cube,
    /// An upright cylinder, as high as wide.
    Cylinder,
    /// A ball.
    Ball,
}

/// A size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Size {
    /// 3 cm.
    Small,
    /// 4.8 cm.
    Large,
}

impl Color {
    /// Every colour.
    pub const ALL: [Self; 6] =
        [Self::Red, Self::Green, Self::Blue, Self::Yellow, Self::Purple, Self::Orange];

    /// Its name.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Red => "red",
            Self::Green => "green",
            Self::Blue => "blue",
            Self::Yellow => "yellow",
            Self::Purple => "purple",
            Self::Orange => "orange",
        }
    }

    /// Its reflectance, linear RGB.
    #[must_use]
    pub const fn linear_rgb(self) -> [f32; 3] {
        match self {
            Self::Red => RED,
            Self::Green => GREEN,
            Self::Blue => BLUE,
            Self::Yellow => YELLOW,
            Self::Purple => PURPLE,
            Self::Orange => ORANGE,
        }
    }
}

impl Form {
    /// Every form.
    pub const ALL: [Self; 3] = [Self::Cube, Self::Cylinder, Self::Ball];

    /// Its names; the first is the one used in reports.
    #[must_use]
    pub const fn words(self) -> &'static [&'static str] {
        match self {
            Self::Cube => &["cube", "block", "box"],
            Self::Cylinder => &["cylinder", "drum"],
            Self::Ball => &["ball", "sphere"],
        }
    }
}

impl Size {
    /// Every size.
    pub const ALL: [Self; 2] = [Self::Small, Self::Large];

    /// Its names; the first is the one used in reports.
    #[must_use]
    pub const fn words(self) -> &'static [&'static str] {
        match self {
            Self::Small => &["small", "little", "tiny"],
            Self::Large => &["large", "big"],
        }
    }

    /// Edge or diameter, and height, m.
    #[must_use]
    pub const fn extent_m(self) -> f64 {
        match self {
            Self::Small => 0.030,
            Self::Large => 0.048,
        }
    }
}

impl ObjectKind {
    /// For example `small red cube`.
    #[must_use]
    pub fn describe(&self) -> String {
        format!("{} {} {}", self.size.words()[0], self.color.word(), self.form.words()[0])
    }

    /// The radius of the circle around its footprint, m.
    #[must_use]
    pub fn footprint_radius_m(&self) -> f64 {
        let half = self.size.extent_m() / 2.0;
        if self.form == Form::Cube { half * core::f64::consts::SQRT_2 } else { half }
    }
}

/// Draws `count` kinds, no two alike. Every other object takes over two of the three attributes
/// of an earlier one, so that colour, form and size all have to be understood.
pub(super) fn draw_kinds(count: usize, rng: &mut Pcg64Mcg) -> Vec<ObjectKind> {
    let mut kinds: Vec<ObjectKind> = Vec::with_capacity(count);
    // There are 36 kinds and at most five objects, so this ends soon.
    while kinds.len() < count {
        let mut kind = ObjectKind {
            color: Color::ALL[rng.random_range(0..Color::ALL.len())],
            form: Form::ALL[rng.random_range(0..Form::ALL.len())],
            size: Size::ALL[rng.random_range(0..Size::ALL.len())],
        };
        if !kinds.is_empty() && rng.random_bool(0.5) {
            let like = kinds[rng.random_range(0..kinds.len())];
            match rng.random_range(0..3) {
                0 => kind = ObjectKind { color: kind.color, ..like },
                1 => kind = ObjectKind { form: kind.form, ..like },
                _ => kind = ObjectKind { size: kind.size, ..like },
            }
        }
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    kinds
}
