//! How an arm was put together, found out by moving it.

use crate::BusError;
use crate::STEPS_PER_TURN;
use crate::serial::Line;
use crate::sts::StsBus;
use crate::sts::registers as register;
use crate::{Calibration, MotorCalibration};

/// What every servo is made to read at its joint's zero: the middle of its turn, so that no joint
/// reaches the place where the reading starts over.
pub const ZERO_STEPS: i32 = STEPS_PER_TURN / 2;

/// A joint that went so far from its zero has gone in a direction: 18 degrees.
const DIRECTION_STEPS: i32 = 200;

/// The most that a servo's offset register holds, either way.
const OFFSET_STEPS_MAX: i32 = 2047;

/// What one joint has shown so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Survey {
    /// 1 if it counted up when it first went away from its zero, which is to be towards positive
    /// angles.
    direction: Option<i8>,
    low: i32,
    high: i32,
}

impl Default for Survey {
    fn default() -> Self {
        Self { direction: None, low: ZERO_STEPS, high: ZERO_STEPS }
    }
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
    /// Takes a reading.
    pub const fn see(&mut self, steps: i32) {
        let away = steps - ZERO_STEPS;
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
        let Self { direction, low, high } = *self;
        let still = || SurveyError::Still { joint: joint.to_owned(), low, high };
        Ok(MotorCalibration {
            joint: joint.to_owned(),
            id,
            zero_steps: ZERO_STEPS,
            direction: direction.ok_or_else(still)?,
            steps_min: low,
            steps_max: high,
        })
    }
}

/// Makes servos read [`ZERO_STEPS`] where they are now. They remember it without power.
///
/// # Errors
/// If one does not answer.
pub fn set_zero<L: Line>(bus: &mut StsBus<L>, ids: &[u8]) -> Result<(), BusError> {
    for id in ids {
        let read = bus.read(*id, &register::PRESENT_POSITION)?;
        let offset = bus.read(*id, &register::HOMING_OFFSET)?;
        let half = STEPS_PER_TURN / 2;
        // Of all offsets that do it, a turn apart, the one that the register holds.
        let offset = (offset + read - ZERO_STEPS + half).rem_euclid(STEPS_PER_TURN) - half;
        let offset = offset.clamp(-OFFSET_STEPS_MAX, OFFSET_STEPS_MAX);
        unlocked(bus, *id, &[(register::HOMING_OFFSET, offset)])?;
    }
    Ok(())
}

/// Writes each servo's range into the servo itself: it goes no further then, whoever tells it to.
///
/// # Errors
/// If one does not answer.
pub fn set_ranges<L: Line>(bus: &mut StsBus<L>, arm: &Calibration) -> Result<(), BusError> {
    for motor in &arm.motor {
        let range =
            [(register::POSITION_MIN, motor.steps_min), (register::POSITION_MAX, motor.steps_max)];
        unlocked(bus, motor.id, &range)?;
    }
    Ok(())
}

/// Writes registers that are kept without power.
fn unlocked<L: Line>(
    bus: &mut StsBus<L>,
    id: u8,
    values: &[(register::Register, i32)],
) -> Result<(), BusError> {
    bus.write(id, &register::LOCK, 0)?;
    for (register, value) in values {
        bus.write(id, register, *value)?;
    }
    bus.write(id, &register::LOCK, 1)
}

#[cfg(test)]
mod tests {
    use core::time::Duration;

    use tandem_types::Stamp;

    use super::*;
    use crate::emulator::{FeetechBus, FreeShafts, VirtualLine};

    const IDS: [u8; 2] = [1, 2];

    /// Two joints moved by hand: the second counts the other way, and its encoder starts over in the
    /// middle of its range.
    #[test]
    fn a_hand_that_moves_the_joints_tells_offsets_directions_and_ranges() {
        let servos = [(1, 3000.0), (2, 4000.0)];
        let bus = FeetechBus::new(&servos, 1_000_000, Box::new(FreeShafts::default()), 1);
        let line = VirtualLine::new(bus, Stamp::from_nanos(1_000_000_000));
        let mut bus = StsBus::new(line.clone(), 1_000_000);
        assert_eq!(bus.torque_off(&IDS), [0; 0]);
        set_zero(&mut bus, &IDS).unwrap();
        let mut surveys = [Survey::default(); 2];
        for step in 0..=40 {
            let away =
                |to: f64, back: f64| if step <= 20 { to * f64::from(step) / 20.0 } else { back };
            line.with(|bus| {
                bus.place(&[3000.0 + away(900.0, -700.0), 4000.0 + away(-500.0, 600.0)])
            });
            line.wait_until(line.now().after(Duration::from_millis(20)));
            for (survey, id) in surveys.iter_mut().zip(IDS) {
                survey.see(bus.read(id, &register::PRESENT_POSITION).unwrap());
            }
        }
        let motors = [("pan", 1), ("lift", 2)].map(|(joint, id)| (joint, id));
        let motor = surveys.iter().zip(motors).map(|(s, (joint, id))| s.motor(joint, id).unwrap());
        let arm = Calibration { motor: motor.collect() };
        let found = arm.motor.iter().map(|m| (m.zero_steps, m.direction, m.steps_min, m.steps_max));
        assert_eq!(found.collect::<Vec<_>>(), [(2048, 1, 1348, 2948), (2048, -1, 1548, 2648)]);
        set_ranges(&mut bus, &arm).unwrap();
        assert_eq!(line.with(|bus| bus.register(2, &register::POSITION_MAX)), Some(2648));
    }

    #[test]
    fn a_joint_that_nobody_moved_is_named() {
        let error = Survey::default().motor("pan", 1).unwrap_err();
        assert!(error.to_string().contains("`pan`"), "{error}");
    }
}
