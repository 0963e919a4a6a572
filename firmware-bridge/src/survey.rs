//! How an arm was put together, found out by moving it.

use crate::motor_bus::steps_of_urad;
use crate::{BusError, MotorBus, MotorCalibration, STEPS_PER_TURN};

/// What a motor is made to read at its joint's zero where it can be: the middle of a turn, so that no
/// joint reaches the place where the reading starts over.
pub const ZERO_STEPS: i32 = STEPS_PER_TURN / 2;

/// A joint that went so far from its zero has gone in a direction: 18 degrees.
const DIRECTION_STEPS: i32 = 200;

/// What a survey asks of a bus, beside what an arm does. Motors keep of a calibration what they can
/// keep without power, and the calibration's file the rest.
pub trait SurveyedBus: MotorBus {
    /// The place where a limp motor is now is its joint's zero. Gives what the motor reads there from
    /// now on, steps.
    ///
    /// # Errors
    /// If it does not answer.
    fn set_zero(&mut self, id: u8) -> Result<i32, BusError>;

    /// Has a motor keep to its joint's range by itself, whoever tells it to go further. Not every
    /// motor can.
    ///
    /// # Errors
    /// If it does not answer.
    fn keep_range(&mut self, motor: &MotorCalibration) -> Result<(), BusError>;
}

/// Where a motor is, steps.
///
/// # Errors
/// If it does not answer.
pub fn steps<B: MotorBus + ?Sized>(bus: &mut B, id: u8) -> Result<i32, BusError> {
    let mut states = [None];
    // A lost byte is no silence.
    for _try in 0..TRIES {
        bus.sense(&[id], &mut states)?;
        if let [Some(state)] = states {
            return Ok(steps_of_urad(state.position_urad));
        }
    }
    Err(BusError::Silent { id })
}

/// How often a motor is asked before it counts as silent.
const TRIES: usize = 3;

/// What one joint has shown so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Survey {
    zero: i32,
    /// 1 if it counted up when it first went away from its zero, which is to be towards positive
    /// angles.
    direction: Option<i8>,
    low: i32,
    high: i32,
}

/// Why a joint's survey says nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SurveyError {
    /// It was hardly moved.
    #[error(
        "joint `{joint}` moved only from {low} to {high}; move it from end to end, to the positive \
         one first"
    )]
    Still {
        /// Which joint.
        joint: String,
        /// Its lowest reading.
        low: i32,
        /// Its highest reading.
        high: i32,
    },
}

impl Survey {
    /// A joint whose motor reads this at its zero, steps.
    #[must_use]
    pub const fn from_zero(zero_steps: i32) -> Self {
        Self { zero: zero_steps, direction: None, low: zero_steps, high: zero_steps }
    }

    /// Takes a reading.
    pub const fn see(&mut self, steps: i32) {
        let away = steps - self.zero;
        if self.direction.is_none() && away.abs() >= DIRECTION_STEPS {
            self.direction = Some(if away > 0 { 1 } else { -1 });
        }
        if steps < self.low {
            self.low = steps;
        }
        if steps > self.high {
            self.high = steps;
        }
    }

    /// What is known about the motor of a joint now.
    ///
    /// # Errors
    /// If the joint was hardly moved.
    pub fn motor(&self, joint: &str, id: u8) -> Result<MotorCalibration, SurveyError> {
        let Self { zero, direction, low, high } = *self;
        let still = || SurveyError::Still { joint: joint.to_owned(), low, high };
        Ok(MotorCalibration {
            joint: joint.to_owned(),
            id,
            zero_steps: zero,
            direction: direction.ok_or_else(still)?,
            steps_min: low,
            steps_max: high,
        })
    }
}

#[cfg(test)]
mod tests;
