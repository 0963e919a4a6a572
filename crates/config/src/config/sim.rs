//! The simulated robot and its world.

use core::ops::RangeInclusive;
use core::time::Duration;

use tandem_types::JointVec;

/// The simulated robot.
#[derive(Clone, Debug, PartialEq)]
pub struct SimSection {
    /// What the first scene is drawn from.
    pub seed: u64,
    /// From one joint state to the next; whole milliseconds.
    pub state_period: Duration,
    /// From one receipt to the next; whole milliseconds.
    pub receipt_period: Duration,
    /// From one picture to the next, for every camera.
    pub camera_period: Duration,
    /// How far the start of an episode may be from home, either way, rad.
    pub rest_jitter_rad: f64,
    /// Amplitude of the noise on measured positions, rad.
    pub encoder_noise_rad: f64,
    /// How many objects lie on the table.
    pub objects: ObjectCount,
    /// Whether a picture of the whole scene is published for people.
    pub spectator: bool,
    /// Where that picture is taken from.
    pub spectator_view: SpectatorSection,
    /// Where objects lie.
    pub workspace: WorkspaceSection,
    /// The scripted expert.
    pub expert: ExpertSection,
    /// The servos.
    pub servo: ServoSection,
}

/// How many objects lie on the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ObjectCount {
    /// At least so many.
    pub min: usize,
    /// At most so many.
    pub max: usize,
}

/// A camera for people.
#[derive(Clone, Debug, PartialEq)]
pub struct SpectatorSection {
    /// Where it stands in the robot's base frame, m.
    pub eye_m: [f64; 3],
    /// The point it looks at, m.
    pub target_m: [f64; 3],
    /// The angle from the picture's top to its bottom, rad.
    pub vertical_fov_rad: f64,
}

/// The part of the table where objects lie, in the robot's base frame.
#[derive(Clone, Debug, PartialEq)]
pub struct WorkspaceSection {
    /// In front of the base, m.
    pub x_m: RangeInclusive<f64>,
    /// To its left, m.
    pub y_m: RangeInclusive<f64>,
}

/// The scripted expert.
#[derive(Clone, Debug, PartialEq)]
pub struct ExpertSection {
    /// How it moves the joints for the tip's sake.
    pub kinematics: ExpertKinematics,
    /// The highest speed of any joint, rad/s.
    pub speed_rad_s_max: f64,
}

/// How the scripted expert moves the joints for the tip's sake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExpertKinematics {
    /// In closed form, for an arm like the SO-101.
    Planar,
    /// Through the Jacobian, for any arm.
    Jacobian {
        /// The joints that serve the tip; the others go home.
        joints: Vec<usize>,
    },
}

/// Position servos, with a number for each joint; their torque limits are the efforts of the URDF.
#[derive(Clone, Debug, PartialEq)]
pub struct ServoSection {
    /// Torque for each radian of error, N m/rad.
    pub stiffness_nm_rad: JointVec,
    /// Torque for each rad/s of error, N m s/rad.
    pub damping_nm_s_rad: JointVec,
    /// Inertia of rotor and gears seen at the joint, kg m^2.
    pub armature_kg_m2: JointVec,
    /// From a command's arrival to the torque that answers it.
    pub latency: Duration,
}
