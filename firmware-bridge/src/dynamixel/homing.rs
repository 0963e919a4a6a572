//! What a Dynamixel servo itself keeps of a calibration.
//!
//! The servo turns its sense of rotation round (drive mode), adds an offset (homing offset) and
//! holds goals within limits, all before the host sees a number. So there are two places that could
//! say which way a joint turns and where its zero is, and only one may: the sense of rotation stays
//! the calibration's, the offset and the limits are the servo's, so that it refuses by itself to
//! leave the joint's range.

use super::bus::DynamixelBus;
use super::registers as register;
use crate::serial::Line;
use crate::survey::{SurveyedBus, ZERO_STEPS};
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

    /// The offset for a joint whose zero is the pose that the servo is in now; the limits as they
    /// are. What is in memory does not change.
    ///
    /// Over several turns the pose shall read the middle of a turn. Within one turn the encoder's own
    /// count is what the limits are about, and an offset would only push one end of the turn out of
    /// them: there it is zero.
    ///
    /// # Errors
    /// If the line is gone or the servo does not answer.
    pub fn here<L: Line>(bus: &mut DynamixelBus<L>, id: u8) -> Result<Self, BusError> {
        let now = Self::read(bus, id)?;
        if bus.read(id, &register::OPERATING_MODE)? != SEVERAL_TURNS {
            return Ok(Self { offset_steps: 0, ..now });
        }
        let counted = bus.read(id, &register::PRESENT_POSITION)? - now.offset_steps;
        Ok(Self { offset_steps: ZERO_STEPS - counted, ..now })
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

impl<L: Line> SurveyedBus for DynamixelBus<L> {
    fn set_zero(&mut self, id: u8) -> Result<i32, BusError> {
        Homing::here(self, id)?.write(self, id)?;
        self.read(id, &register::PRESENT_POSITION)
    }

    /// Over several turns it has limits, but does not keep them.
    fn keep_range(&mut self, motor: &MotorCalibration) -> Result<(), BusError> {
        let now = Homing::read(self, motor.id)?;
        let kept = Homing { steps_min: motor.steps_min, steps_max: motor.steps_max, ..now };
        kept.write(self, motor.id)
    }
}
