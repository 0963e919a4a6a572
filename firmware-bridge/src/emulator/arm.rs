//! An arm's emulated motors, whatever they are.

use core::time::Duration;

use super::{
    Device, DynamixelServos, Faults, FeetechBus, FreeShafts, JointMotors, MitMotors, Plant,
    Transcript,
};
use crate::inbox::micro;
use crate::{Calibration, Motors};

/// Emulated motors on one line, for whoever watches and breaks them.
pub trait EmulatedMotors: Device {
    /// What goes wrong.
    fn faults(&mut self) -> &mut Faults;

    /// What was said and done.
    fn transcript(&mut self) -> &mut Transcript;

    /// Whether each motor holds a place.
    fn torques(&self) -> Vec<bool>;

    /// Puts the shafts somewhere, as a hand would, in the unit of these motors' shafts; motors that
    /// drive take it for their goal.
    fn place(&mut self, positions: &[f64]);
}

impl Motors {
    /// Emulated motors of an arm that was put together so, with nothing but air around it, its joints
    /// at these angles.
    #[must_use]
    pub fn emulate(&self, arm: &Calibration, q_rad: &[f64]) -> Box<dyn EmulatedMotors> {
        let shafts = match self {
            Self::Feetech { .. } | Self::Dynamixel { .. } => FreeShafts::default(),
            Self::Mit(_) => FreeShafts::new(MIT_GAIN_PER_S, MIT_SPEED_RAD_S),
        };
        self.emulate_on(Box::new(shafts), arm, q_rad)
    }

    /// The same, moving joints of another world, which begin at these angles.
    #[must_use]
    pub fn emulate_behind(
        &self,
        arm: &Calibration,
        q_rad: &[f64],
    ) -> (Box<dyn EmulatedMotors>, JointMotors) {
        let joints = JointMotors::new(arm.clone(), self.shaft_unit_rad());
        (self.emulate_on(Box::new(joints.clone()), arm, q_rad), joints)
    }

    fn emulate_on(
        &self,
        plant: Box<dyn Plant>,
        arm: &Calibration,
        q_rad: &[f64],
    ) -> Box<dyn EmulatedMotors> {
        let shafts = arm.motor.iter().zip(q_rad).map(|(motor, q_rad)| {
            let shaft_urad = motor.shaft_urad(micro(*q_rad).unwrap_or(0));
            (motor.id, f64::from(shaft_urad) * 1e-6 / self.shaft_unit_rad())
        });
        match self {
            Self::Feetech { baud } => {
                Box::new(FeetechBus::new(&shafts.collect::<Vec<_>>(), *baud, plant, SEED))
            }
            Self::Dynamixel { baud, servos } => {
                let servos = shafts.zip(servos).map(|((id, at), (_, model))| (id, *model, at));
                Box::new(DynamixelServos::new(&servos.collect::<Vec<_>>(), *baud, plant, SEED))
            }
            Self::Mit(motors) => {
                let motors = shafts.zip(motors).map(|((id, at), motor)| (id, motor.kind, at));
                // As they are delivered: nobody has set a timeout.
                let timeout = Duration::ZERO;
                Box::new(MitMotors::new(&motors.collect::<Vec<_>>(), timeout, plant, SEED))
            }
        }
    }
}

/// The dice of the faults, of which none is in force until somebody asks for it.
const SEED: u64 = 1;

/// An MIT-style motor's host says how fast its loop closes; this is before it has. Its speed is that
/// of a small geared motor.
const MIT_GAIN_PER_S: f64 = 25.0;
const MIT_SPEED_RAD_S: f64 = 20.0;
