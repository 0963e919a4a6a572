//! Joints of another world behind a bus of emulated servos.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tandem_types::Stamp;

use super::plant::{Drive, Plant, Shaft};
use crate::Calibration;
use crate::calibration::STEPS_PER_TURN;

/// What a servo makes its joint do.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct JointDrive {
    /// Whether it drives at all.
    pub on: bool,
    /// Where to, rad.
    pub q_rad: f64,
    /// How fast the goal moves, rad/s.
    pub dq_rad_s: f64,
}

/// What a joint does.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct JointMeasure {
    /// Position, rad.
    pub q_rad: f64,
    /// Velocity, rad/s.
    pub dq_rad_s: f64,
    /// The share of its torque that the motor uses.
    pub load: f64,
}

/// One end is a [`Plant`] for a [`FeetechBus`](super::FeetechBus), the other belongs to whoever
/// moves the joints. Between them stands the arm's calibration, as between real servos and joints.
#[derive(Clone, Debug)]
pub struct JointMotors {
    calibration: Calibration,
    joints: Arc<Mutex<Vec<(JointDrive, JointMeasure)>>>,
}

const RAD_PER_STEP: f64 = core::f64::consts::TAU / STEPS_PER_TURN as f64;

impl JointMotors {
    /// Motors of an arm that was put together so.
    #[must_use]
    pub fn new(calibration: Calibration) -> Self {
        let joints = vec![Default::default(); calibration.motor.len()];
        Self { calibration, joints: Arc::new(Mutex::new(joints)) }
    }

    /// What the servos make the joints do now.
    #[must_use]
    pub fn drives(&self) -> Vec<JointDrive> {
        self.lock().iter().map(|(drive, _)| *drive).collect()
    }

    /// Tells the servos' sensors what the joints do now.
    pub fn measure(&self, measures: impl IntoIterator<Item = JointMeasure>) {
        for ((_, measure), new) in self.lock().iter_mut().zip(measures) {
            *measure = new;
        }
    }

    /// The readings at some angles, steps, not rounded.
    #[must_use]
    pub fn steps(&self, q_rad: &[f64]) -> Vec<f64> {
        let motors = self.calibration.motor.iter();
        motors
            .zip(q_rad)
            .map(|(motor, q)| {
                f64::from(motor.zero_steps) + f64::from(motor.direction) * q / RAD_PER_STEP
            })
            .collect()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(JointDrive, JointMeasure)>> {
        self.joints.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Plant for JointMotors {
    fn step(&mut self, _now: Stamp, drives: &[Drive], shafts: &mut [Shaft]) {
        let mut joints = self.joints.lock().unwrap_or_else(PoisonError::into_inner);
        let motors = self.calibration.motor.iter();
        for (((joint, motor), drive), shaft) in
            joints.iter_mut().zip(motors).zip(drives).zip(shafts)
        {
            let rad_per_step = RAD_PER_STEP * f64::from(motor.direction);
            let zero = f64::from(motor.zero_steps);
            joint.0 = JointDrive {
                on: drive.on,
                q_rad: (drive.goal - zero) * rad_per_step,
                dq_rad_s: drive.goal_speed * rad_per_step,
            };
            shaft.position = zero + joint.1.q_rad / rad_per_step;
            shaft.speed = joint.1.dq_rad_s / rad_per_step;
            shaft.load = joint.1.load * f64::from(motor.direction);
        }
    }
}
