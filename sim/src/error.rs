//! Why a world cannot be built.

/// Why the simulator refused to build a world.
#[derive(Debug, thiserror::Error)]
pub enum SimError {
    /// The robot's URDF is unusable.
    #[error("the simulated robot cannot be read: {0}")]
    Robot(#[from] tandem_robot::RobotError),
    /// The physics engine refused a joint.
    #[error("joint `{joint}` cannot be simulated: it closes a loop of bodies")]
    Joint {
        /// Its name.
        joint: String,
    },
    /// A camera is mounted on a link the robot does not have.
    #[error("camera `{camera}` is mounted on link `{link}`, which the urdf does not have")]
    CameraLink {
        /// The camera.
        camera: String,
        /// The link named.
        link: String,
    },
    /// The scenario has no simulated robot.
    #[error("{}: has no [sim] section, so there is nothing to simulate; add one", file.display())]
    NoSim {
        /// The scenario's file.
        file: std::path::PathBuf,
    },
    /// A simulated camera is nowhere.
    #[error("{}: camera `{camera}` has no mount, so it cannot be simulated; add one", file.display())]
    NoMount {
        /// The scenario's file.
        file: std::path::PathBuf,
        /// The camera.
        camera: String,
    },
    /// A number in the settings makes no sense.
    #[error("{key} is {value}; it must be {expected}")]
    Setting {
        /// Which one.
        key: &'static str,
        /// What it is.
        value: f64,
        /// What it may be.
        expected: &'static str,
    },
    /// A setting has another number of joints than the robot.
    #[error("{key} has {found} values, but the robot has {dof} joints")]
    PerJoint {
        /// Which one.
        key: &'static str,
        /// Values in it.
        found: usize,
        /// Joints of the robot.
        dof: usize,
    },
    /// The expert cannot drive this robot.
    #[error(transparent)]
    Expert(#[from] crate::ExpertError),
}
