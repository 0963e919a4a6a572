//! What a Dynamixel servo itself keeps of a calibration.
//!
//! The servo turns its sense of rotation round (drive mode), adds an offset (homing offset) and
//! holds goals within limits, all before the host sees a number. So there are two places that could
//! say which way a joint turns and where its zero is, and only one may: the sense of rotation stays
//! the calibration's, the offset and the limits are the servo's, so that it refuses by itself to
//! leave the joint's range.

use super::bus::DynamixelBus;
use super::registers::{self as register, STEPS_PER_TURN};
use crate::serial::Line;
use crate::{BusError, MotorCalibration};

/// The largest offset within a turn; a larger one is ignored in position control, and counts only
/// in position control over several turns, whose mode is this.
const OFFSET_STEPS_MAX: u32 = 1024;
const SEVERAL_TURNS: i32 = 4;

/// The offset and the limits in a servo's memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Homing {
    /// Added to what the encoder counts, steps.
    pub offset_steps: i32,
    /// The lowest position it goes to, steps, offset included.
    pub steps_min: i32,
    /// The highest, steps.
    pub steps_max: i32,
}

impl Homing {
    /// As the servo has it.
    ///
    /// # Errors
    /// If the line is gone or the servo does not answer.
    pub fn read<L: Line>(bus: &mut DynamixelBus<L>, id: u8) -> Result<Self, BusError> {
        Ok(Self {
            offset_steps: bus.read(id, &register::HOMING_OFFSET)?,
            steps_min: bus.read(id, &register::MIN_POSITION_LIMIT)?,
            steps_max: bus.read(id, &register::MAX_POSITION_LIMIT)?,
        })
    }

    /// The offset with which the pose that the servo is in now reads the middle of its turn, where
    /// it is farthest from both ends; the limits as they are. What is in memory does not change.
    ///
    /// # Errors
    /// If the line is gone or the servo does not answer.
    pub fn here<L: Line>(bus: &mut DynamixelBus<L>, id: u8) -> Result<Self, BusError> {
        let now = Self::read(bus, id)?;
        let counted = bus.read(id, &register::PRESENT_POSITION)? - now.offset_steps;
        Ok(Self { offset_steps: STEPS_PER_TURN / 2 - counted, ..now })
    }

    /// Puts it in the servo's memory, which lets the motor go.
    ///
    /// # Errors
    /// If the line is gone, the servo does not answer or refuses, or it would ignore the offset in
    /// the mode that it is in.
    pub fn write<L: Line>(&self, bus: &mut DynamixelBus<L>, id: u8) -> Result<(), BusError> {
        let found = bus.read(id, &register::OPERATING_MODE)?;
        if self.offset_steps.unsigned_abs() > OFFSET_STEPS_MAX && found != SEVERAL_TURNS {
            let register = register::OPERATING_MODE.name;
            return Err(BusError::Setup { id, register, found, wanted: SEVERAL_TURNS });
        }
        bus.write(id, &register::TORQUE_ENABLE, 0)?;
        bus.write(id, &register::HOMING_OFFSET, self.offset_steps)?;
        bus.write(id, &register::MIN_POSITION_LIMIT, self.steps_min)?;
        bus.write(id, &register::MAX_POSITION_LIMIT, self.steps_max)
    }

    /// The calibration of a joint whose angle is zero where the servo reads the middle of its
    /// range, as LeRobot has it.
    #[must_use]
    pub fn calibration(&self, joint: &str, id: u8, direction: i8) -> MotorCalibration {
        MotorCalibration {
            joint: joint.to_owned(),
            id,
            zero_steps: i32::midpoint(self.steps_min, self.steps_max),
            direction,
            steps_min: self.steps_min,
            steps_max: self.steps_max,
        }
    }
}
