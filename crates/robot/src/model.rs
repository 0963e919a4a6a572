//! What a robot is made of.

use nalgebra::{Isometry3, Matrix3, Unit, Vector3};

/// A tree of links; the joints in the order the config lists them.
#[derive(Clone, Debug)]
pub struct Robot {
    // Invariants: every link's attachment points to an earlier link; every joint index in a
    // `Motion` is below `joints.len()`; `tip_chain` holds link indices from the base to the tip.
    pub(crate) joints: Vec<Joint>,
    pub(crate) links: Vec<Link>,
    pub(crate) tip_chain: Vec<usize>,
}

/// A joint that the controller drives.
#[derive(Clone, Debug, PartialEq)]
pub struct Joint {
    /// Its name in the URDF.
    pub name: String,
    /// What it may do.
    pub limits: JointLimits,
    /// Viscous friction, N m s/rad.
    pub damping_nm_s_rad: f64,
    /// Dry friction, N m.
    pub friction_nm: f64,
    /// The link it moves: an index into [`Robot::links`].
    pub child_link: usize,
}

/// What a joint may do. For a prismatic joint read m for rad and N for N m.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct JointLimits {
    /// Lowest position, rad.
    pub position_rad_min: f64,
    /// Highest position, rad.
    pub position_rad_max: f64,
    /// Highest speed, rad/s.
    pub velocity_rad_s_max: f64,
    /// Highest effort, N m.
    pub effort_nm_max: f64,
}

/// A rigid body, or just a named frame.
#[derive(Clone, Debug)]
pub struct Link {
    /// Its name in the URDF.
    pub name: String,
    /// What it hangs on; `None` for the base.
    pub attachment: Option<Attachment>,
    /// Mass, kg; zero for a frame.
    pub mass_kg: f64,
    /// The inertial frame in the link's frame; its origin is the centre of mass.
    pub com: Isometry3<f64>,
    /// Rotational inertia about the centre of mass in the inertial frame, kg m^2.
    pub inertia_kg_m2: Matrix3<f64>,
    /// What it looks like.
    pub shapes: Vec<Shape>,
    /// What it collides with.
    pub collisions: Vec<Shape>,
    /// How many meshes the URDF gave it, which were skipped.
    pub meshes_skipped: usize,
}

/// How a link hangs on its parent.
#[derive(Clone, Copy, Debug)]
pub struct Attachment {
    /// The parent: an index into [`Robot::links`].
    pub parent_link: usize,
    /// The joint's frame in the parent's frame.
    pub parent_from_joint: Isometry3<f64>,
    /// How the link moves in the joint's frame.
    pub motion: Motion,
}

/// How a joint moves; `joint` is an index into [`Robot::joints`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Motion {
    /// Not at all.
    Fixed,
    /// It turns about the axis.
    Revolute {
        /// Which joint.
        joint: usize,
        /// The axis in the joint's frame.
        axis: Unit<Vector3<f64>>,
    },
    /// It slides along the axis.
    Prismatic {
        /// Which joint.
        joint: usize,
        /// The axis in the joint's frame.
        axis: Unit<Vector3<f64>>,
    },
}

/// A primitive shape on a link.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shape {
    /// The shape's frame in the link's frame.
    pub origin: Isometry3<f64>,
    /// Kind and size.
    pub geometry: Geometry,
    /// Red, green, blue and opacity, each in `[0, 1]`.
    pub color_rgba: [f64; 4],
}

/// Kind and size of a shape, metres. Cylinders and capsules lie along their z axis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Geometry {
    /// A box, by the lengths of its edges.
    Box {
        /// Edges along x, y and z.
        size_m: [f64; 3],
    },
    /// A cylinder.
    Cylinder {
        /// Radius.
        radius_m: f64,
        /// Length.
        length_m: f64,
    },
    /// A sphere.
    Sphere {
        /// Radius.
        radius_m: f64,
    },
    /// A cylinder with half a sphere at each end; `length_m` is the cylinder's.
    Capsule {
        /// Radius.
        radius_m: f64,
        /// Length without the ends.
        length_m: f64,
    },
}

impl Robot {
    /// Reads a robot from the text of a URDF.
    ///
    /// `joint_names` lists the joints to drive, in the order every [`tandem_types::JointVec`] of
    /// this robot has; all other joints must be fixed. `tip_link` is the link that touches things.
    ///
    /// # Errors
    /// If the text is not a URDF, is not one tree, or lacks a listed joint, a limit or the tip.
    pub fn from_urdf(
        text: &str,
        joint_names: &[String],
        tip_link: &str,
    ) -> Result<Self, crate::RobotError> {
        crate::urdf::read(text, joint_names, tip_link)
    }

    /// Degrees of freedom.
    #[must_use]
    pub fn dof(&self) -> usize {
        self.joints.len()
    }

    /// The driven joints, in the config's order.
    #[must_use]
    pub fn joints(&self) -> &[Joint] {
        &self.joints
    }

    /// All links, parents before their children; the first one is the base.
    #[must_use]
    pub fn links(&self) -> &[Link] {
        &self.links
    }

    /// The index of the link called `name`.
    #[must_use]
    pub fn link_index(&self, name: &str) -> Option<usize> {
        self.links.iter().position(|link| link.name == name)
    }

    /// The index of the tip link.
    #[must_use]
    pub fn tip_link(&self) -> usize {
        self.tip_chain.last().copied().unwrap_or(0)
    }
}
