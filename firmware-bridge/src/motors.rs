//! What motors an arm has, as its config says.

use core::fmt;
use std::path::Path;

use tandem_config::{DynamixelSection, MitSection, MotorsSection};

#[cfg(target_os = "linux")]
use crate::can::CanInterface;
use crate::can::SerialCan;
use crate::dynamixel::{DynamixelBus, Model, registers};
use crate::mit::{MitBus, MitConfigError, MitMotor, ranges};
use crate::serial::{OpenError, SerialLine};
use crate::sts::StsBus;
use crate::survey::SurveyedBus;
use crate::{Calibration, STEPS_PER_TURN};

/// A bus of some kind.
pub type AnyBus = Box<dyn SurveyedBus + Send>;

/// A serial CAN adapter's own line is USB, whatever rate it is opened at.
const ADAPTER_BAUD: u32 = 1_000_000;

/// Where the kernel lists its network interfaces, CAN's among them.
const INTERFACES: &str = "/sys/class/net";

/// What the motors of an arm are. Lists are in the order of the robot's joints.
#[derive(Clone, Debug, PartialEq)]
pub enum Motors {
    /// Feetech's STS servos on a serial port.
    Feetech {
        /// Bits a second on the line.
        baud: u32,
    },
    /// Dynamixel's X series on a serial port.
    Dynamixel {
        /// Bits a second on the line.
        baud: u32,
        /// Each servo's id and model.
        servos: Vec<(u8, &'static Model)>,
    },
    /// MIT-style motors on CAN.
    Mit(Vec<MitMotor>),
}

/// The config's motors are none that this crate can drive.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum MotorsError {
    /// There is no such type of motor.
    #[error(
        "motor {id}: nothing is known about a `{name}` in [[bridge.{table}]]; write one of {known}"
    )]
    Unknown {
        /// Its id.
        id: u8,
        /// What it is called.
        name: String,
        /// Where.
        table: &'static str,
        /// Those that are known.
        known: String,
    },
    /// Its numbers cannot be sent.
    #[error(transparent)]
    Mit(#[from] MitConfigError),
    /// The calibration is of other motors.
    #[error(
        "the calibration has the motors {calibrated:?}, the config {configured:?}, in the joints' \
         order; correct the config, or calibrate again"
    )]
    Ids {
        /// The calibration's.
        calibrated: Vec<u8>,
        /// The config's.
        configured: Vec<u8>,
    },
}

/// A bus cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum BusOpenError {
    /// Its serial port.
    #[error(transparent)]
    Serial(#[from] OpenError),
    /// Its CAN interface.
    #[error(
        "CAN interface {name} does not open ({source}); is it there and up \
         (`ip link set {name} up type can bitrate 1000000`)?"
    )]
    Can {
        /// Its name.
        name: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// A motor's numbers.
    #[error(transparent)]
    Motor(#[from] MitConfigError),
}

impl Motors {
    /// The motors that a config names.
    ///
    /// # Errors
    /// If there is no such motor, or its numbers cannot be sent.
    pub fn of(section: &MotorsSection) -> Result<Self, MotorsError> {
        Ok(match section {
            MotorsSection::Feetech { baud } => Self::Feetech { baud: *baud },
            MotorsSection::Dynamixel { baud, servos } => {
                let servos = servos.iter().map(servo).collect::<Result<_, _>>()?;
                Self::Dynamixel { baud: *baud, servos }
            }
            MotorsSection::Mit(motors) => {
                Self::Mit(motors.iter().map(motor).collect::<Result<_, _>>()?)
            }
        })
    }

    /// The ids of so many motors, in the joints' order. Feetech's count from 1 at the base, as
    /// LeRobot has them; the others' are the config's.
    #[must_use]
    pub fn ids(&self, joints: usize) -> Vec<u8> {
        match self {
            Self::Feetech { .. } => (1..).take(joints).collect(),
            Self::Dynamixel { servos, .. } => servos.iter().map(|(id, _)| *id).collect(),
            Self::Mit(motors) => motors.iter().map(|motor| motor.id).collect(),
        }
    }

    /// Whether these are the motors that an arm was calibrated with. Feetech's may have any ids.
    ///
    /// # Errors
    /// If they are not.
    pub fn fit(&self, calibration: &Calibration) -> Result<(), MotorsError> {
        let calibrated = calibration.ids();
        let configured = match self {
            Self::Feetech { .. } => return Ok(()),
            Self::Dynamixel { .. } | Self::Mit(_) => self.ids(calibrated.len()),
        };
        if calibrated == configured {
            return Ok(());
        }
        Err(MotorsError::Ids { calibrated, configured })
    }

    /// The unit of these motors' shafts where they are emulated, rad.
    #[must_use]
    pub fn shaft_unit_rad(&self) -> f64 {
        match self {
            Self::Feetech { .. } | Self::Dynamixel { .. } => {
                core::f64::consts::TAU / f64::from(STEPS_PER_TURN)
            }
            Self::Mit(_) => 1.0,
        }
    }

    /// Whether there is such a port: servos' and a serial adapter's are files, a CAN interface is
    /// none.
    #[must_use]
    pub fn has_port(&self, port: &str) -> bool {
        if self.is_interface(port) {
            return Path::new(INTERFACES).join(port).exists();
        }
        Path::new(port).exists()
    }

    /// Opens their bus. A port of MIT-style motors is a serial adapter if it is a path, and one of
    /// the kernel's interfaces if not.
    ///
    /// # Errors
    /// If the port does not open.
    pub fn open(&self, port: &str) -> Result<AnyBus, BusOpenError> {
        let can_error = |source| BusOpenError::Can { name: port.to_owned(), source };
        Ok(match self {
            Self::Feetech { baud } => Box::new(StsBus::new(SerialLine::open(port, *baud)?, *baud)),
            Self::Dynamixel { baud, servos } => {
                let bus = DynamixelBus::new(SerialLine::open(port, *baud)?, *baud);
                Box::new(bus.expecting(servos))
            }
            Self::Mit(motors) if !self.is_interface(port) => {
                let adapter = SerialCan::open(SerialLine::open(port, ADAPTER_BAUD)?);
                Box::new(MitBus::new(adapter.map_err(can_error)?, motors)?)
            }
            #[cfg(target_os = "linux")]
            Self::Mit(motors) => {
                Box::new(MitBus::new(CanInterface::open(port).map_err(can_error)?, motors)?)
            }
            #[cfg(not(target_os = "linux"))]
            Self::Mit(_) => return Err(can_error(std::io::ErrorKind::Unsupported.into())),
        })
    }

    fn is_interface(&self, port: &str) -> bool {
        matches!(self, Self::Mit(_)) && !port.contains('/')
    }
}

impl fmt::Display for Motors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Feetech { .. } => "Feetech servos",
            Self::Dynamixel { .. } => "Dynamixel servos",
            Self::Mit(_) => "MIT-style motors",
        })
    }
}

fn servo(section: &DynamixelSection) -> Result<(u8, &'static Model), MotorsError> {
    let known = registers::MODELS.iter().find(|model| model.name == section.model);
    let model = known.ok_or_else(|| MotorsError::Unknown {
        id: section.id,
        name: section.model.clone(),
        table: "dynamixel",
        known: list(registers::MODELS.iter().map(|model| model.name)),
    })?;
    Ok((section.id, model))
}

fn motor(section: &MitSection) -> Result<MitMotor, MotorsError> {
    let kind = ranges::kind(&section.kind).ok_or_else(|| MotorsError::Unknown {
        id: section.id,
        name: section.kind.clone(),
        table: "mit",
        known: list(ranges::KINDS.iter().map(|kind| kind.name)),
    })?;
    let motor = MitMotor {
        id: section.id,
        kind,
        kp: section.kp_nm_rad,
        kd: section.kd_nm_s_rad,
        damping: section.damping_nm_s_rad,
    };
    motor.check()?;
    Ok(motor)
}

fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests;
