//! What a Feetech servo itself keeps of a calibration, without power: its offset and its range.

use super::bus::StsBus;
use super::registers::{self as register, Register};
use crate::serial::Line;
use crate::survey::{SurveyedBus, ZERO_STEPS};
use crate::{BusError, MotorCalibration, STEPS_PER_TURN};

/// The most that a servo's offset register holds, either way.
const OFFSET_STEPS_MAX: i32 = 2047;

impl<L: Line> SurveyedBus for StsBus<L> {
    fn set_zero(&mut self, id: u8) -> Result<i32, BusError> {
        let read = self.read(id, &register::PRESENT_POSITION)?;
        let offset = self.read(id, &register::HOMING_OFFSET)?;
        let half = STEPS_PER_TURN / 2;
        // Of all offsets that do it, a turn apart, the one that the register holds.
        let offset = (offset + read - ZERO_STEPS + half).rem_euclid(STEPS_PER_TURN) - half;
        let offset = offset.clamp(-OFFSET_STEPS_MAX, OFFSET_STEPS_MAX);
        self.keep(id, &[(register::HOMING_OFFSET, offset)])?;
        self.read(id, &register::PRESENT_POSITION)
    }

    fn keep_range(&mut self, motor: &MotorCalibration) -> Result<(), BusError> {
        let range =
            [(register::POSITION_MIN, motor.steps_min), (register::POSITION_MAX, motor.steps_max)];
        self.keep(motor.id, &range)
    }
}

impl<L: Line> StsBus<L> {
    /// Writes registers that are kept without power.
    pub(super) fn keep(&mut self, id: u8, values: &[(Register, i32)]) -> Result<(), BusError> {
        self.write(id, &register::LOCK, 0)?;
        for (register, value) in values {
            self.write(id, register, *value)?;
        }
        self.write(id, &register::LOCK, 1)
    }
}
