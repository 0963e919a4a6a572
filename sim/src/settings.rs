//! Everything about the simulated robot that can be set.

use core::ops::RangeInclusive;
use core::time::Duration;

use tandem_robot::Robot;
use tandem_types::{Epoch, JointVec};

use crate::{ExpertSettings, SimError, SuccessRule};

/// One physics step. Fixed: contacts and servos are tuned for it.
pub const STEP: Duration = Duration::from_millis(1);

/// The settings of a [`World`](crate::World).
#[derive(Clone, Debug)]
pub struct SimConfig {
    /// The robot, as its URDF describes it.
    pub robot: Robot,
    /// The simulated robot's own life, told in receipts.
    pub epoch: Epoch,
    /// The servos' model.
    pub servo: ServoConfig,
    /// Where the arm starts an episode, rad: raised, out of the front camera's way.
    pub rest_pose: JointVec,
    /// How far the start may be from the rest pose, either way, rad.
    pub rest_jitter_rad: f64,
    /// Amplitude of the uniform noise on measured positions, rad; zero for none.
    pub encoder_noise_rad: f64,
    /// The cameras, in the order policies see them.
    pub cameras: Vec<CameraConfig>,
    /// From one picture to the next.
    pub camera_period: Duration,
    /// From one joint state to the next; a multiple of [`STEP`].
    pub state_period: Duration,
    /// From one receipt to the next; a multiple of [`STEP`].
    pub receipt_period: Duration,
    /// How many objects lie on the table.
    pub objects: ObjectCount,
    /// Where they lie.
    pub workspace: Workspace,
    /// When an episode has succeeded.
    pub success: SuccessRule,
    /// The manner of the scripted expert with this robot.
    pub expert: ExpertSettings,
    /// Where people look on from.
    pub spectator: SpectatorView,
}

/// The part of the table where objects lie, in the robot's base frame.
#[derive(Clone, Debug, PartialEq)]
pub struct Workspace {
    /// In front of the base, m.
    pub x_m: RangeInclusive<f64>,
    /// To its left, m.
    pub y_m: RangeInclusive<f64>,
}

/// A camera for people, which no policy sees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SpectatorView {
    /// Where it is, m.
    pub eye_m: [f64; 3],
    /// Which point it looks at, m.
    pub target_m: [f64; 3],
    /// The angle from the picture's top to its bottom, rad.
    pub vertical_fov_rad: f64,
}

/// How many objects lie on the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ObjectCount {
    /// At least so many; two or more, so that an instruction has to choose.
    pub min: usize,
    /// At most so many.
    pub max: usize,
}

/// A position servo: a spring and a damper towards the target, with a limit on the torque.
///
/// One number for each joint: a shoulder has another motor than a finger. The torque limits are
/// the URDF's.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ServoConfig {
    /// Torque per radian of error, N m/rad.
    pub stiffness_nm_rad: JointVec,
    /// Torque per rad/s of error against the target's velocity, N m s/rad.
    pub damping_nm_s_rad: JointVec,
    /// Inertia of rotor and gears seen at the joint, kg m^2.
    pub armature_kg_m2: JointVec,
    /// From the arrival of a command to the torque that answers it.
    pub latency: Duration,
}

/// A camera of the simulated robot.
#[derive(Clone, Debug)]
pub struct CameraConfig {
    /// Its name on the bus.
    pub name: String,
    /// Where it is.
    pub mount: Mount,
    /// Width, pixels.
    pub width_px: usize,
    /// Height, pixels.
    pub height_px: usize,
    /// The angle from the picture's top to its bottom, rad.
    pub vertical_fov_rad: f64,
}

/// Where a camera is.
#[derive(Clone, Debug)]
pub enum Mount {
    /// It stands beside the table.
    World {
        /// Where, in the arm's base frame, m.
        eye_m: [f64; 3],
        /// Which point it looks at, m.
        target_m: [f64; 3],
    },
    /// It rides on a link of the robot, whose frame is the camera's optical frame.
    Link {
        /// The link's name.
        link: String,
    },
}

impl ServoConfig {
    /// `dof` times the STS3215 of the SO-101.
    ///
    /// Armature 0.028 kg m^2 is the published identification for this servo. The stiffness is
    /// chosen for a droop below 1.5 degrees at the stretched arm (0.8 N m of gravity at the
    /// shoulder), which is what the real servo's gain gives; with the armature and 0.01 kg m^2 of
    /// arm the damping is then 0.6 of critical. Two milliseconds are one exchange on a 1 Mbit/s
    /// servo bus with six servos.
    #[must_use]
    pub fn sts3215(dof: usize) -> Self {
        Self {
            stiffness_nm_rad: JointVec::splat(dof, 40.0),
            damping_nm_s_rad: JointVec::splat(dof, 1.5),
            armature_kg_m2: JointVec::splat(dof, 0.028),
            latency: Duration::from_millis(2),
        }
    }
}

impl SimConfig {
    /// The most objects a scene may have: more do not fit the workspace at their distances.
    pub const OBJECTS_MAX: usize = 5;

    /// The tabletop scenario with the SO-101 that ships with tandem: for tests, examples and
    /// training without a config file.
    ///
    /// # Errors
    /// Never with the URDF as it ships; the type tells of a broken one.
    pub fn so101() -> Result<Self, SimError> {
        let names = SO101_JOINTS.map(str::to_owned);
        let robot = Robot::from_urdf(SO101_URDF, &names, "fingertip")?;
        let dof = robot.dof();
        let mut rest_pose = JointVec::zeros(dof);
        // Fingertip 13 cm above the near edge of the workspace, pointing down and forward.
        for (joint, q) in rest_pose.iter_mut().zip([0.0, -0.7, 0.3, 1.3, 0.0, 0.0]) {
            *joint = q;
        }
        Ok(Self {
            robot,
            epoch: Epoch(1),
            servo: ServoConfig::sts3215(dof),
            rest_pose,
            rest_jitter_rad: 0.08,
            encoder_noise_rad: 0.0005,
            cameras: vec![CameraConfig::front(), CameraConfig::wrist()],
            camera_period: Duration::from_nanos(33_333_333),
            state_period: Duration::from_millis(1),
            receipt_period: Duration::from_millis(10),
            objects: ObjectCount { min: 2, max: Self::OBJECTS_MAX },
            workspace: Workspace { x_m: 0.16..=0.32, y_m: -0.16..=0.16 },
            success: SuccessRule::TASK,
            expert: ExpertSettings::SO101,
            spectator: SpectatorView {
                eye_m: [0.75, -0.55, 0.5],
                target_m: [0.15, 0.0, 0.08],
                vertical_fov_rad: 0.75,
            },
        })
    }

    pub(crate) fn check(&self) -> Result<(), SimError> {
        let dof = self.robot.dof();
        let servo = &self.servo;
        let per_joint = [
            ("rest_pose", &self.rest_pose),
            ("servo stiffness_nm_rad", &servo.stiffness_nm_rad),
            ("servo damping_nm_s_rad", &servo.damping_nm_s_rad),
            ("servo armature_kg_m2", &servo.armature_kg_m2),
        ];
        for (key, values) in per_joint {
            if values.len() != dof {
                return Err(SimError::PerJoint { key, found: values.len(), dof });
            }
        }
        let least = |values: &JointVec| values.iter().copied().fold(f64::INFINITY, f64::min);
        let positive = [
            ("servo stiffness_nm_rad", least(&servo.stiffness_nm_rad)),
            ("servo damping_nm_s_rad", least(&servo.damping_nm_s_rad)),
            ("servo armature_kg_m2", least(&servo.armature_kg_m2)),
            ("camera period_s", self.camera_period.as_secs_f64()),
            ("state period_s", self.state_period.as_secs_f64()),
            ("receipt period_s", self.receipt_period.as_secs_f64()),
        ];
        let not_negative = [
            ("rest_jitter_rad", self.rest_jitter_rad),
            ("encoder_noise_rad", self.encoder_noise_rad),
        ];
        for (key, value) in positive {
            if !value.is_finite() || value <= 0.0 {
                return Err(SimError::Setting { key, value, expected: "a positive number" });
            }
        }
        for (key, value) in not_negative {
            if !value.is_finite() || value < 0.0 {
                return Err(SimError::Setting { key, value, expected: "zero or positive" });
            }
        }
        let Workspace { x_m, y_m } = &self.workspace;
        for (key, side) in [("workspace x_m", x_m), ("workspace y_m", y_m)] {
            let value = side.end() - side.start();
            if !value.is_finite() || value < Workspace::SIDE_M_MIN {
                let expected = "0.16 m long or more, so that all objects find a place";
                return Err(SimError::Setting { key, value, expected });
            }
        }
        let (min, max) = (self.objects.min, self.objects.max);
        if min < 2 || max < min || max > Self::OBJECTS_MAX {
            let (key, expected) = ("objects", "a range within 2 to 5");
            return Err(SimError::Setting { key, value: max as f64, expected });
        }
        Ok(())
    }
}

impl Workspace {
    /// The shortest side that five objects at their distances fit into, m.
    pub const SIDE_M_MIN: f64 = 0.16;
}

impl CameraConfig {
    /// The front camera: beside the table, looking back at the arm and down at the workspace, so
    /// that the arm which reaches over an object does not hide it.
    #[must_use]
    pub fn front() -> Self {
        Self {
            name: "front".to_owned(),
            mount: Mount::World { eye_m: [0.95, 0.0, 0.85], target_m: [0.16, 0.0, 0.015] },
            width_px: 96,
            height_px: 96,
            vertical_fov_rad: 0.352,
        }
    }

    /// The wrist camera: on the gripper, seeing the fingertip and what lies under it.
    #[must_use]
    pub fn wrist() -> Self {
        Self {
            name: "wrist".to_owned(),
            mount: Mount::Link { link: "wrist_camera".to_owned() },
            width_px: 96,
            height_px: 96,
            vertical_fov_rad: 1.0,
        }
    }
}

/// The URDF that ships with tandem.
const SO101_URDF: &str = include_str!("../../configs/robots/so101.urdf");

/// Its joints, from the base to the gripper.
pub const SO101_JOINTS: [&str; 6] =
    ["shoulder_pan", "shoulder_lift", "elbow_flex", "wrist_flex", "wrist_roll", "gripper"];
