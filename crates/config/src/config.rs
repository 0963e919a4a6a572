//! The checked config.

mod bridge;
mod sim;

use core::time::Duration;
use std::fs;
use std::path::{Path, PathBuf};

use tandem_bundle::Latent;
use tandem_control::{ExecutorConfig, TaskConfig};
use tandem_guard::{Reaction, SpaceSpec, Supervision};
use tandem_robot::Robot;
use tandem_types::JointVec;

use crate::endpoint;
use crate::error::ConfigError;
use crate::sections::{self, Source};

pub use bridge::{BridgeSection, DynamixelSection, MitSection, MotorsSection};
pub use sim::{
    ExpertKinematics, ExpertSection, ObjectCount, ServoSection, SimSection, SpectatorSection,
    WorkspaceSection,
};

/// A robot or a scenario, checked: every number finite and in range, every name known, every rate
/// and age in agreement with the others. One number for each joint, in the order of
/// [`RobotSection::joints`], wherever there is a [`JointVec`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Config {
    /// The file it was read from.
    pub file: PathBuf,
    /// The robot itself.
    pub robot: RobotSection,
    /// Its cameras, in the file's order; names are unique.
    pub cameras: Vec<CameraSection>,
    /// Where the processes meet.
    pub bus: BusSection,
    /// The control tick.
    pub control: ControlSection,
    /// What the guard allows.
    pub guard: GuardSection,
    /// Where the arm may be; `None` leaves that to the joints' limits.
    pub space: Option<SpaceSpec>,
    /// The fast policy.
    pub system1: System1Section,
    /// The slow model.
    pub system2: System2Section,
    /// What may be swapped in while everything runs; `None` if nothing may.
    pub policies: Option<PoliciesSection>,
    /// What ends a task.
    pub task: TaskConfig,
    /// Where the ONNX Runtime is.
    pub onnxruntime: OnnxRuntimeSection,
    /// The servo bus, if the robot has one.
    pub bridge: Option<BridgeSection>,
    /// What may be broken on purpose.
    pub faults: FaultsSection,
    /// The simulated robot, if this scenario has one.
    pub sim: Option<SimSection>,
}

/// The robot itself.
#[derive(Clone, Debug)]
pub struct RobotSection {
    /// Its name on the bus.
    pub name: String,
    /// Its URDF, ready to open.
    pub urdf: PathBuf,
    /// The joints that are driven, in order.
    pub joints: Vec<String>,
    /// The link that is to reach things.
    pub tip_link: String,
    /// The pose it rests in, rad; within the limits less the guard's margin.
    pub home_rad: JointVec,
    /// The robot of that URDF.
    pub model: Robot,
}

/// One camera.
#[derive(Clone, Debug, PartialEq)]
pub struct CameraSection {
    /// Its name on the bus.
    pub name: String,
    /// The picture's width, pixels.
    pub width_px: usize,
    /// The picture's height, pixels.
    pub height_px: usize,
    /// Pictures a second.
    pub rate_hz: u32,
    /// Where a simulated camera is.
    pub mount: Option<Mount>,
    /// The angle from a simulated picture's top to its bottom, rad.
    pub vertical_fov_rad: Option<f64>,
}

/// Where a simulated camera is.
#[derive(Clone, Debug, PartialEq)]
pub enum Mount {
    /// It stands somewhere in the arm's base frame.
    World {
        /// Where, m.
        eye_m: [f64; 3],
        /// The point it looks at, m.
        target_m: [f64; 3],
    },
    /// It rides on a link, whose frame is the camera's optical frame.
    Link {
        /// The link's name in the URDF.
        link: String,
    },
}

/// Where the processes meet: TCP endpoints on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BusSection {
    /// Where the robot (or its simulation) listens.
    pub robot: String,
    /// Where the daemon listens.
    pub daemon: String,
}

/// The control tick.
#[derive(Clone, Debug, PartialEq)]
pub struct ControlSection {
    /// Ticks a second.
    pub rate_hz: u32,
    /// From one tick to the next.
    pub period: Duration,
    /// The `SCHED_FIFO` priority to ask for; `None` asks for none.
    pub priority: Option<u32>,
    /// The processor core to stay on.
    pub cpu: Option<usize>,
    /// What sets its pace.
    pub clock: TickClock,
    /// How long before each tick its thread stops sleeping and waits by spinning.
    pub spin: Duration,
    /// How long an idle processor core may take to wake; `None` leaves that to the kernel.
    pub wake_latency_max: Option<Duration>,
    /// How chunks become setpoints.
    pub executor: ExecutorConfig,
    /// What a latent goal calls for whose age the policy was not trained on.
    pub latent_untrained: Reaction,
    /// How tightly commands follow setpoints, rad/s.
    pub smoothing_rad_s: f64,
    /// How long the speed limit rises after arming.
    pub ramp: Duration,
    /// Whether a bare timer thread of the same class and period runs beside it, for comparison.
    pub measure_floor: bool,
}

/// What sets the pace of the control tick.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TickClock {
    /// This machine's timer.
    #[default]
    Timer,
    /// The robot's state messages; the timer steps in while there are none.
    State,
}

/// What the guard allows.
#[derive(Clone, Debug, PartialEq)]
pub struct GuardSection {
    /// How far from the URDF's position limits commands stay, rad.
    pub position_margin_rad: f64,
    /// The highest joint speeds, rad/s; none above the URDF's.
    pub velocity_rad_s_max: JointVec,
    /// The highest joint accelerations, rad/s^2.
    pub acceleration_rad_s2_max: JointVec,
    /// The highest joint jerks, rad/s^3.
    pub jerk_rad_s3_max: JointVec,
    /// Hold when the joint state is older.
    pub state_age_max: Duration,
    /// Hold when the observation behind the action chunk is older.
    pub action_age_max: Duration,
    /// Hold when the picture behind the action chunk is older.
    pub frame_age_max: Duration,
    /// Warn when the observation behind the latent goal is older.
    pub latent_age_warn: Duration,
    /// Hold when it is older than this.
    pub latent_age_hold: Duration,
    /// Stop, latched, when it is older than this.
    pub latent_age_stop: Duration,
    /// Hold when the robot has confirmed no command for this long.
    pub receipt_age_max: Duration,
    /// Stop, latched, when the robot has been silent for this long.
    pub silence_age_stop: Duration,
    /// How long the robot may act on one command.
    pub command_valid: Duration,
    /// Hold after this many refused chunks in a row.
    pub refused_chunks_max: u32,
    /// What is watched beside ages and limits.
    pub supervision: Supervision,
}

/// What runs a bundle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EngineName {
    /// Candle: nothing to install.
    Candle,
    /// ONNX Runtime.
    Onnx,
}

/// The fast policy.
#[derive(Clone, Debug, PartialEq)]
pub struct System1Section {
    /// Its bundle's folder, ready to open.
    pub bundle: PathBuf,
    /// What runs it.
    pub engine: EngineName,
    /// Steps a second; divides the control rate.
    pub rate_hz: u32,
    /// From one step to the next.
    pub period: Duration,
    /// How long after the start of its step a head must answer. A bundle of a lower rate has the
    /// periods that it skips on top.
    pub deadline: Duration,
    /// The most steps that a head may take for a chunk; as many as its bundle says, without.
    pub steps_max: Option<usize>,
    /// Whether latent goals are held back until they are as old as those of training.
    pub latent_age_matched: bool,
    /// The `SCHED_FIFO` priority to ask for; `None` asks for none.
    pub priority: Option<u32>,
    /// The processor core to stay on.
    pub cpu: Option<usize>,
}

/// The slow model.
#[derive(Clone, Debug, PartialEq)]
pub struct System2Section {
    /// Its bundle's folder, ready to open.
    pub bundle: PathBuf,
    /// What runs it.
    pub engine: EngineName,
    /// Thoughts a second.
    pub rate_hz: u32,
    /// From one thought to the next.
    pub period: Duration,
    /// How far it steps back for everything else, as `nice` counts: 0 to 19.
    pub nice: u32,
}

/// What may take System 1's place while everything runs, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoliciesSection {
    /// The folder whose sub-folders are the bundles at hand, ready to open.
    pub folder: PathBuf,
    /// How long the motion under way is faded into the new policy's.
    pub fade: Duration,
    /// How long the old policy stands by to come back.
    pub probation: Duration,
    /// Bring it back after this many steps missed on probation.
    pub missed_steps_max: u64,
    /// Bring it back after this many chunks refused or failed on probation.
    pub refused_chunks_max: u64,
}

/// Where the ONNX Runtime is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OnnxRuntimeSection {
    /// The dynamic library, ready to open; `None` searches the usual places.
    pub library: Option<PathBuf>,
}

/// What may be broken on purpose.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FaultsSection {
    /// Whether `ctl` may kill System 2, stall System 1 or make nonsense of what it says.
    pub injection: bool,
}

impl System1Section {
    /// The age that a latent goal is held back to, for a policy.
    #[must_use]
    pub const fn latent_age_min(&self, trained: &Latent) -> Duration {
        if self.latent_age_matched { trained.age_min } else { Duration::ZERO }
    }
}

impl Config {
    /// Reads and checks the config in `file`, with the URDF it names.
    ///
    /// # Errors
    /// If the file cannot be read, or anything in it or in the URDF is wrong: then all of it.
    pub fn load(file: impl AsRef<Path>) -> Result<Self, ConfigError> {
        let file = file.as_ref();
        let text = fs::read_to_string(file)
            .map_err(|error| ConfigError::Read { file: file.to_path_buf(), error })?;
        Self::parse(file, &text)
    }

    /// Checks the config in `text`, whose paths are relative to `file`'s folder.
    ///
    /// # Errors
    /// As [`load`](Self::load) has, but for the reading of the file.
    pub fn parse(file: impl AsRef<Path>, text: &str) -> Result<Self, ConfigError> {
        let file = file.as_ref();
        Source::read(file, text)
            .and_then(|source| sections::config(&source))
            .map_err(|findings| ConfigError::Invalid { file: file.to_path_buf(), findings })
    }

    /// The same config on other endpoints, as a demonstration beside a running daemon needs.
    ///
    /// # Errors
    /// If an endpoint is not on this machine.
    pub fn with_endpoints(self, robot: &str, daemon: &str) -> Result<Self, ConfigError> {
        for endpoint in [robot, daemon] {
            endpoint::check(endpoint).map_err(|fault| {
                let endpoint = endpoint.to_owned();
                ConfigError::Endpoint { endpoint, fault }
            })?;
        }
        let bus = BusSection { robot: robot.to_owned(), daemon: daemon.to_owned() };
        Ok(Self { bus, ..self })
    }

    /// Degrees of freedom.
    #[must_use]
    pub fn dof(&self) -> usize {
        self.robot.joints.len()
    }

    /// The joints that are driven, in order.
    #[must_use]
    pub fn joint_names(&self) -> &[String] {
        &self.robot.joints
    }
}
