//! From a servo's steps to a joint's angle, and back.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::motor_bus::{steps_of_urad, urad_of_steps};

/// Steps in a turn: what the encoders of Feetech's STS and Dynamixel's X servos count, and the unit
/// of calibrations whatever the motor.
pub const STEPS_PER_TURN: i32 = 4096;

/// Microradians in a turn.
pub(crate) const URAD_PER_TURN: i64 = 6_283_185;

/// The highest id a servo can have.
const ID_MAX: u8 = 253;

/// How an arm was put together: one entry for each joint, in the robot's order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// The motors.
    pub motor: Vec<MotorCalibration>,
}

/// How one motor sits in its joint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MotorCalibration {
    /// The joint's name, as in the robot's config.
    pub joint: String,
    /// The servo's id on the bus, 0 to 253.
    pub id: u8,
    /// What the servo reads where the URDF's angle is zero, steps.
    pub zero_steps: i32,
    /// 1 if both count the same way, -1 if not.
    pub direction: i8,
    /// The lowest reading the joint can reach, steps.
    pub steps_min: i32,
    /// The highest reading the joint can reach, steps.
    pub steps_max: i32,
}

/// Why a calibration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CalibrationError {
    /// The file cannot be read or written.
    #[error("{}: {source}; `tandem bridge calibrate` makes this file", .file.display())]
    File {
        /// Which.
        file: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// It is no calibration.
    #[error("{}: {reason}", .file.display())]
    Syntax {
        /// Which file.
        file: PathBuf,
        /// What is wrong, and where.
        reason: String,
    },
    /// It is of another arm.
    #[error("the calibration has the joints {found:?}, the robot has {expected:?}, in this order")]
    Joints {
        /// The calibration's.
        found: Vec<String>,
        /// The robot's.
        expected: Vec<String>,
    },
    /// A value contradicts itself or another.
    #[error("joint `{joint}`: {fault}; calibrate it again")]
    Motor {
        /// Which joint.
        joint: String,
        /// What is wrong with it.
        fault: &'static str,
    },
}

impl Calibration {
    /// Reads a calibration of the robot with these joints.
    ///
    /// # Errors
    /// If there is none, or it is no sound one of this robot.
    pub fn load(file: &Path, joints: &[String]) -> Result<Self, CalibrationError> {
        let calibration: Self =
            toml::from_str(&read(file)?).map_err(|error| syntax(file, &error))?;
        calibration.check(joints)?;
        Ok(calibration)
    }

    /// Reads what LeRobot wrote for the robot with these joints
    /// (`~/.cache/huggingface/lerobot/calibration/robots/..json`).
    ///
    /// LeRobot puts the middle of a joint's range at zero, as the SO-101's URDF of the new
    /// calibration does, and has written the homing offset to the servo, which takes it off itself.
    ///
    /// # Errors
    /// If there is none, or it is no sound one of this robot.
    pub fn import_lerobot(file: &Path, joints: &[String]) -> Result<Self, CalibrationError> {
        #[derive(Deserialize)]
        struct Entry {
            id: u8,
            drive_mode: i32,
            range_min: i32,
            range_max: i32,
        }
        let entries: BTreeMap<String, Entry> =
            serde_json::from_str(&read(file)?).map_err(|error| syntax(file, &error))?;
        let found = || entries.keys().cloned().collect();
        let of = |joint: &String| {
            let entry = entries.get(joint)?;
            Some(MotorCalibration {
                joint: joint.clone(),
                id: entry.id,
                zero_steps: i32::midpoint(entry.range_min, entry.range_max),
                direction: if entry.drive_mode == 0 { 1 } else { -1 },
                steps_min: entry.range_min,
                steps_max: entry.range_max,
            })
        };
        let motor = joints.iter().map(of).collect::<Option<Vec<_>>>();
        let motor = motor.filter(|_| entries.len() == joints.len()).ok_or_else(|| {
            CalibrationError::Joints { found: found(), expected: joints.to_vec() }
        })?;
        let calibration = Self { motor };
        calibration.check(joints)?;
        Ok(calibration)
    }

    /// Writes it for people and for [`load`](Self::load).
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn save(&self, file: &Path) -> Result<(), CalibrationError> {
        let text = toml::to_string(self).map_err(|error| syntax(file, &error))?;
        let text = format!(
            "# How this arm was put together; `tandem bridge calibrate` writes it.\n\n{text}"
        );
        fs::write(file, text)
            .map_err(|source| CalibrationError::File { file: file.to_owned(), source })
    }

    /// The servos' ids, in the joints' order.
    #[must_use]
    pub fn ids(&self) -> Vec<u8> {
        self.motor.iter().map(|motor| motor.id).collect()
    }

    fn check(&self, joints: &[String]) -> Result<(), CalibrationError> {
        let found: Vec<String> = self.motor.iter().map(|motor| motor.joint.clone()).collect();
        if found != joints {
            return Err(CalibrationError::Joints { found, expected: joints.to_vec() });
        }
        for (index, motor) in self.motor.iter().enumerate() {
            let twice = self.motor.iter().take(index).any(|other| other.id == motor.id);
            let range = motor.steps_min..=motor.steps_max;
            let fault = match motor {
                _ if twice => "its id is another joint's, too",
                _ if motor.id > ID_MAX => "its id is above 253",
                _ if motor.direction.abs() != 1 => "direction is neither 1 nor -1",
                _ if motor.steps_min >= motor.steps_max => "steps_min is not below steps_max",
                _ if !range.contains(&motor.zero_steps) => "zero_steps is outside its range",
                _ => continue,
            };
            return Err(CalibrationError::Motor { joint: motor.joint.clone(), fault });
        }
        Ok(())
    }
}

impl MotorCalibration {
    /// The joint's angle where the shaft's is this, urad.
    #[must_use]
    pub fn joint_urad(&self, shaft_urad: i32) -> i32 {
        self.turned(shaft_urad.saturating_sub(urad_of_steps(self.zero_steps)))
    }

    /// The shaft's angle where the joint's is this, urad, within the range that the joint can
    /// reach.
    #[must_use]
    pub fn shaft_urad(&self, joint_urad: i32) -> i32 {
        let shaft = self.turned(joint_urad).saturating_add(urad_of_steps(self.zero_steps));
        // Two limits, not `clamp`, which panics at a range that is none.
        shaft.max(urad_of_steps(self.steps_min)).min(urad_of_steps(self.steps_max))
    }

    /// A velocity of the joint's as one of the shaft's, or the other way round.
    #[must_use]
    pub fn turned(&self, urad_s: i32) -> i32 {
        urad_s.saturating_mul(i32::from(self.direction))
    }

    /// The joint's angle at a reading, urad.
    #[must_use]
    pub fn urad(&self, steps: i32) -> i32 {
        self.joint_urad(urad_of_steps(steps))
    }

    /// The nearest reading to an angle, within the range that the joint can reach.
    #[must_use]
    pub fn steps(&self, urad: i32) -> i32 {
        steps_of_urad(self.shaft_urad(urad))
    }

    /// The lowest and the highest angle that the joint can reach, urad.
    #[must_use]
    pub fn range_urad(&self) -> (i32, i32) {
        let (a, b) = (self.urad(self.steps_min), self.urad(self.steps_max));
        (a.min(b), a.max(b))
    }
}

fn read(file: &Path) -> Result<String, CalibrationError> {
    fs::read_to_string(file)
        .map_err(|source| CalibrationError::File { file: file.to_owned(), source })
}

fn syntax(file: &Path, error: &impl core::fmt::Display) -> CalibrationError {
    CalibrationError::Syntax { file: file.to_owned(), reason: error.to_string() }
}

#[cfg(test)]
mod tests;
