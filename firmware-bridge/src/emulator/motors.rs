//! Joints of another world behind a bus of emulated servos.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tandem_types::Stamp;

use super::plant::{Drive, Plant, Shaft};
use crate::{Calibration, MotorCalibration, STEPS_PER_TURN};

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

/// One end is a [`Plant`] for an emulated bus, the other belongs to whoever moves the joints. Between
/// them stands the arm's calibration, as between real servos and joints.
#[derive(Clone, Debug)]
pub struct JointMotors {
    calibration: Calibration,
    joints: Arc<Mutex<Vec<(JointDrive, JointMeasure)>>>,
    /// The unit of the bus' shafts.
    unit_rad: f64,
}

const RAD_PER_STEP: f64 = core::f64::consts::TAU / STEPS_PER_TURN as f64;

impl JointMotors {
    /// Motors of an arm that was put together so, on a bus whose shafts have this unit.
    #[must_use]
    pub fn new(calibration: Calibration, unit_rad: f64) -> Self {
        let joints = vec![Default::default(); calibration.motor.len()];
        Self { calibration, joints: Arc::new(Mutex::new(joints)), unit_rad }
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

    /// Where the shafts are at some angles, in their unit.
    #[must_use]
    pub fn shafts(&self, q_rad: &[f64]) -> Vec<f64> {
        let motors = self.calibration.motor.iter();
        motors
            .zip(q_rad)
            .map(|(motor, q)| self.zero(motor) + f64::from(motor.direction) * q / self.unit_rad)
            .collect()
    }

    /// The reading where a joint's angle is zero.
    fn zero(&self, motor: &MotorCalibration) -> f64 {
        f64::from(motor.zero_steps) * RAD_PER_STEP / self.unit_rad
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
            let rad_per_unit = self.unit_rad * f64::from(motor.direction);
            let zero = self.zero(motor);
            joint.0 = JointDrive {
                on: drive.on,
                q_rad: (drive.goal - zero) * rad_per_unit,
                dq_rad_s: drive.goal_speed * rad_per_unit,
            };
            shaft.position = zero + joint.1.q_rad / rad_per_unit;
            shaft.speed = joint.1.dq_rad_s / rad_per_unit;
            shaft.load = joint.1.load * f64::from(motor.direction);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joints_and_shafts_agree_in_both_units() {
        let motor = |id: u8, direction| MotorCalibration {
            joint: id.to_string(),
            id,
            zero_steps: 1024,
            direction,
            steps_min: 0,
            steps_max: 4095,
        };
        let calibration = Calibration { motor: vec![motor(1, 1), motor(2, -1)] };
        let quarter = core::f64::consts::FRAC_PI_2;
        for (at, unit_rad) in [([2048.0, 0.0], RAD_PER_STEP), ([2.0 * quarter, 0.0], 1.0)] {
            let motors = JointMotors::new(calibration.clone(), unit_rad);
            assert_eq!(motors.shafts(&[quarter, quarter]), at);
            let mut plant = motors.clone();
            let measure = JointMeasure { q_rad: quarter, dq_rad_s: 0.5, load: 0.25 };
            motors.measure([measure; 2]);
            let drives =
                at.map(|goal| Drive { on: true, goal, goal_speed: 0.1, ..Drive::default() });
            let mut shafts = [Shaft::at(0.0); 2];
            plant.step(Stamp::ORIGIN, &drives, &mut shafts);
            let read = shafts.map(|shaft| (shaft.position, shaft.speed * unit_rad, shaft.load));
            assert_eq!(read, [(at[0], 0.5, 0.25), (at[1], -0.5, -0.25)]);
            let told = motors.drives();
            assert!(told.iter().all(|told| told.on && (told.q_rad - quarter).abs() < 1e-12));
            assert_eq!(told[0].dq_rad_s, -told[1].dq_rad_s);
        }
    }
}
