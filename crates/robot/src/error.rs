//! Why a URDF does not describe a robot tandem can drive.

/// Why [`Robot::from_urdf`](crate::Robot::from_urdf) refused a robot.
#[derive(Debug, thiserror::Error)]
pub enum RobotError {
    /// The text is not a URDF.
    #[error("the urdf cannot be read: {0}")]
    Parse(#[source] urdf_rs::UrdfError),
    /// The text is too long.
    #[error("the urdf has {bytes} bytes, but at most {bytes_max} are read")]
    TooLong {
        /// Its length.
        bytes: usize,
        /// The limit.
        bytes_max: usize,
    },
    /// There are too many links.
    #[error("the urdf has {links} links, but at most {links_max} are supported")]
    TooManyLinks {
        /// How many.
        links: usize,
        /// The limit.
        links_max: usize,
    },
    /// The list of joints to drive is empty or too long.
    #[error("{joints} joints are listed, but between 1 and {joints_max} can be driven")]
    JointCount {
        /// How many are listed.
        joints: usize,
        /// The limit.
        joints_max: usize,
    },
    /// A listed joint is not in the URDF.
    #[error("joint `{joint}` is not in the urdf, whose moving joints are: {known}")]
    JointMissing {
        /// The name listed.
        joint: String,
        /// The names there are, with commas.
        known: String,
    },
    /// A joint is listed, or described, twice.
    #[error("joint `{joint}` appears twice; every joint needs a name of its own")]
    JointRepeated {
        /// Its name.
        joint: String,
    },
    /// The URDF has a moving joint that is not listed.
    #[error("joint `{joint}` moves but is not listed; list it, or make it fixed in the urdf")]
    JointNotListed {
        /// Its name.
        joint: String,
    },
    /// A joint has a type that is not supported, or mimics another one.
    #[error("joint `{joint}` is {kind}; only revolute, prismatic and fixed joints are supported")]
    JointUnsupported {
        /// Its name.
        joint: String,
        /// What it is.
        kind: &'static str,
    },
    /// A moving joint has no usable limit.
    #[error("joint `{joint}` has no usable limit: {limit} is {value}; add <limit> to the urdf")]
    LimitMissing {
        /// Its name.
        joint: String,
        /// Which limit.
        limit: &'static str,
        /// What was found.
        value: f64,
    },
    /// A joint's axis has no direction.
    #[error("joint `{joint}` has an axis of length zero")]
    AxisZero {
        /// Its name.
        joint: String,
    },
    /// A link is named that the URDF does not describe.
    #[error("link `{link}`, named by {by}, is not in the urdf")]
    LinkMissing {
        /// The name.
        link: String,
        /// Who named it.
        by: String,
    },
    /// Two links have one name.
    #[error("link `{link}` is described twice")]
    LinkRepeated {
        /// Its name.
        link: String,
    },
    /// A link hangs on two joints.
    #[error("link `{link}` hangs on two joints, which closes a loop; only trees are supported")]
    SeveralParents {
        /// Its name.
        link: String,
    },
    /// Links hang on each other in a circle.
    #[error("link `{link}` is part of a loop of joints; only trees are supported")]
    Loop {
        /// One of them.
        link: String,
    },
    /// There is more than one root.
    #[error("links `{first}` and `{second}` both hang on nothing; a robot has one base")]
    SeveralRoots {
        /// One of them.
        first: String,
        /// Another one.
        second: String,
    },
    /// A number is NaN, infinite, or negative where it must not be.
    #[error("{place} has an impossible {quantity}")]
    BadNumber {
        /// The link or joint.
        place: String,
        /// What is wrong with it.
        quantity: &'static str,
    },
}
