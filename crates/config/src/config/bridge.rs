//! The motors' bus, and what is on it.

use core::time::Duration;
use std::path::PathBuf;

/// The servo bus.
#[derive(Clone, Debug, PartialEq)]
pub struct BridgeSection {
    /// What the motors are.
    pub motors: MotorsSection,
    /// The serial port, or the CAN interface, ready to open.
    pub port: String,
    /// Where the bridge listens, for `tandem bridge status` and `ack`.
    pub listen: String,
    /// How the arm was put together, ready to open.
    pub calibration: PathBuf,
    /// From one exchange with all motors to the next.
    pub period: Duration,
    /// The `SCHED_FIFO` priority to ask for; `None` asks for none.
    pub priority: Option<u32>,
    /// Motion begins to stop within this after the last valid command.
    pub stop_within: Duration,
    /// The highest acceleration when following commands, rad/s^2.
    pub acceleration_rad_s2_max: f64,
    /// How hard the arm brakes by itself, rad/s^2.
    pub deceleration_rad_s2: f64,
    /// How far a command may be from the one before, rad.
    pub jump_rad_max: f64,
    /// How far a joint may be from where it was told to be, rad.
    pub tracking_rad_max: f64,
    /// Whether the motors go limp while nothing is obeyed.
    pub limp_at_rest: bool,
    /// Whether the simulation puts an emulated arm at the port.
    pub emulated: bool,
}

/// What the motors of an arm are. Lists have one entry for each joint, in the robot's order.
#[derive(Clone, Debug, PartialEq)]
pub enum MotorsSection {
    /// Feetech's STS servos.
    Feetech {
        /// Bits a second on the line.
        baud: u32,
    },
    /// Dynamixel's X series.
    Dynamixel {
        /// Bits a second on the line.
        baud: u32,
        /// The servos.
        servos: Vec<DynamixelSection>,
    },
    /// Motors on CAN that take MIT-style frames.
    Mit(Vec<MitSection>),
}

/// One Dynamixel servo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DynamixelSection {
    /// Its id on the bus.
    pub id: u8,
    /// ROBOTIS' name of its model.
    pub model: String,
}

/// One MIT-style motor, and how it shall drive.
#[derive(Clone, Debug, PartialEq)]
pub struct MitSection {
    /// Its identifier on CAN.
    pub id: u8,
    /// The name of its type, which says what the bits of its frames mean.
    pub kind: String,
    /// Stiffness, N m/rad.
    pub kp_nm_rad: f64,
    /// Damping while it follows, N m s/rad.
    pub kd_nm_s_rad: f64,
    /// Damping when it is let go, N m s/rad.
    pub damping_nm_s_rad: f64,
}
