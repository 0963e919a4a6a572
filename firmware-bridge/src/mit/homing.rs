//! What an MIT-style motor itself keeps of a calibration.
//!
//! All of them can be told that where they are is zero. Damiao's keep that without power. Of the others
//! it is not certain: there the calibration's file keeps the zero, and the motor counts from where its
//! maker's tool has put it. None has a range of its own; what is beyond the file's, the firmware refuses.

use super::bus::MitBus;
use super::ranges::Dialect;
use crate::can::CanLine;
use crate::survey::{SurveyedBus, steps};
use crate::{BusError, MotorCalibration};

impl<C: CanLine> SurveyedBus for MitBus<C> {
    fn set_zero(&mut self, id: u8) -> Result<i32, BusError> {
        match self.told(id)?.motor.kind.dialect {
            Dialect::Damiao => self.zero_here(id)?,
            Dialect::MiniCheetah | Dialect::CubeMars => {}
        }
        steps(self, id)
    }

    fn keep_range(&mut self, _motor: &MotorCalibration) -> Result<(), BusError> {
        Ok(())
    }
}
