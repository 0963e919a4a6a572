//! An arm of motors on one bus under the firmware's own state machine.
//!
//! No motor watches a whole arm, and some watch nothing at all, so the state machine runs here, next
//! to the line: it is the same code that a microcontroller runs. What is beyond it is this process'
//! own death; what a motor does then is its bus' business ([`MotorBus::shape`]).

use core::time::Duration;

use tandem_protocol::{
    Address, ConfigError, Drive, Fault, Firmware, FirmwareConfig, JointLimits, Joints, Measured,
    MotorFlags, Rest, State as FirmwareState, TooManyJoints,
};
use tandem_robot::Robot;
use tandem_types::{JointVec, Stamp, State};

use crate::inbox::{device_time, micro};
use crate::motor_bus::{BusError, MotorBus, ShaftGoal, ShaftState, Shape};
use crate::{Calibration, MotorCalibration};

/// From the cycle that notices something to a motion that slows down: a late wake-up, the goals' time
/// on the line, and the servo's own.
pub(crate) const REACTION: Duration = Duration::from_millis(3);

/// What the config says about stopping, beside the URDF's limits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ArmLimits {
    /// The highest acceleration when following commands, rad/s^2.
    pub acceleration_rad_s2_max: f64,
    /// How hard it brakes by itself, rad/s^2.
    pub deceleration_rad_s2: f64,
    /// How far a command may be from the one before, rad.
    pub jump_rad_max: f64,
    /// How far a joint may be from where it was told to be, rad.
    pub tracking_rad_max: f64,
    /// Motion begins to stop within this after the last valid command.
    pub stop_within: Duration,
    /// From one cycle to the next.
    pub period: Duration,
    /// Whether the motors go limp while nothing is obeyed.
    pub rest: Rest,
}

impl ArmLimits {
    /// A servo that has not been heard for so many cycles in a row is silent. One lost answer is a
    /// glitch of the line, and two are a busy machine: the kernel brings a serial port's bytes by a
    /// thread of the ordinary class. But the other joints must stop in time.
    fn misses_max(&self) -> u8 {
        let time_us = self.stop_within.saturating_sub(REACTION).as_micros();
        let cycles = time_us / self.period.as_micros().max(1);
        u8::try_from(cycles).unwrap_or(u8::MAX).saturating_sub(1).max(1)
    }
}

/// Why the arm cannot be driven.
#[derive(Debug, thiserror::Error)]
pub enum ArmError {
    /// The bus.
    #[error(transparent)]
    Bus(#[from] BusError),
    /// Some motors are not there.
    #[error(
        "no answer from the motors {ids:?}; compare the calibration's ids with the arm, and check \
         its supply and the cable from motor to motor"
    )]
    Missing {
        /// Their ids.
        ids: Vec<u8>,
    },
    /// The limits contradict each other.
    #[error("limits: {0}")]
    Limits(#[from] ConfigError),
    /// The arm has too many joints.
    #[error(transparent)]
    Joints(#[from] TooManyJoints),
    /// A limit does not fit, or is no number.
    #[error("limit {value} is no number that fits")]
    Number {
        /// It.
        value: f64,
    },
}

/// The arm. When it is dropped, however that comes about, every motor is let go.
#[derive(Debug)]
pub struct ServoArm<B: MotorBus> {
    bus: B,
    calibration: Calibration,
    ids: Vec<u8>,
    effort_nm_max: Vec<f64>,
    firmware: Firmware,
    readings: Vec<Option<ShaftState>>,
    misses: Vec<u8>,
    misses_max: u8,
    measured: Vec<Measured>,
    goals: Vec<ShaftGoal>,
    driving: bool,
    told: (FirmwareState, Fault),
}

impl<B: MotorBus> ServoArm<B> {
    /// Finds all motors and reads where they are. They are limp then, and stay so until a first
    /// command is obeyed. Where that fails, they are limp, too: a former host may have died and left
    /// them holding.
    ///
    /// # Errors
    /// If a motor is missing or set up for something else, or the limits contradict each other.
    pub fn start(
        bus: B,
        calibration: Calibration,
        robot: &Robot,
        limits: &ArmLimits,
    ) -> Result<Self, ArmError> {
        let ids = calibration.ids();
        let firmware = Firmware::new(firmware_config(&calibration, robot, limits)?, 1)?;
        let misses_max = limits.misses_max();
        let mut arm = Self {
            effort_nm_max: robot.joints().iter().map(|joint| joint.limits.effort_nm_max).collect(),
            readings: vec![None; ids.len()],
            misses_max,
            misses: vec![misses_max; ids.len()],
            measured: vec![Measured::default(); ids.len()],
            goals: ids.iter().map(|id| ShaftGoal { id: *id, ..ShaftGoal::default() }).collect(),
            told: (firmware.state(), firmware.fault()),
            driving: false,
            bus,
            calibration,
            ids,
            firmware,
        };
        arm.set_up(limits)?;
        arm.sense()?;
        Ok(arm)
    }

    /// The state machine, for whoever brings it commands.
    pub const fn firmware(&mut self) -> &mut Firmware {
        &mut self.firmware
    }

    /// The line's share of one cycle: nothing can be faster.
    #[must_use]
    pub fn floor(&self) -> Duration {
        self.bus.cycle_floor(self.ids.len())
    }

    /// One cycle: the firmware decides, the motors are told, and say what they do.
    ///
    /// # Errors
    /// If the line is gone. A motor that is silent is no error here but a fault of the firmware's.
    pub fn cycle(&mut self, now: Stamp) -> Result<(), ArmError> {
        let drive = self.firmware.tick(device_time(now), &self.measured);
        self.tell_change();
        match drive {
            Drive::Limp if self.driving => {
                self.let_go();
                self.driving = false;
            }
            Drive::Limp | Drive::Hold => {}
            Drive::Follow(setpoints) => {
                let motors = self.calibration.motor.iter().zip(setpoints.iter());
                for (goal, (motor, setpoint)) in self.goals.iter_mut().zip(motors) {
                    goal.position_urad = motor.shaft_urad(setpoint.position_urad);
                    goal.velocity_urad_s = motor.turned(setpoint.velocity_urad_s);
                }
                self.bus.send_goals(&self.goals)?;
                if !self.driving {
                    // Goals first: a motor that is switched on goes to its last goal.
                    self.bus.switch_on(&self.ids)?;
                    self.driving = true;
                }
            }
        }
        self.sense()
    }

    /// What the joints do, as they said last.
    #[must_use]
    pub fn state(&self, stamp: Stamp) -> State {
        let vec = |f: fn(&Measured) -> i32| {
            let mut out = JointVec::zeros(self.measured.len());
            for (out, measured) in out.iter_mut().zip(&self.measured) {
                *out = f64::from(f(measured)) / 1e6;
            }
            out
        };
        let tau = vec(|measured| measured.torque_mnm).map(|_, mnm| mnm * 1e3);
        State { stamp, q: vec(|m| m.position_urad), dq: vec(|m| m.velocity_urad_s), tau }
    }

    /// Which motors are silent, and what the others complain of, by joint and id.
    #[must_use]
    pub fn complaints(&self) -> Vec<(&str, u8, MotorFlags)> {
        let motors = self.calibration.motor.iter().zip(&self.measured);
        let all = motors.map(|(motor, m)| (motor.joint.as_str(), motor.id, m.flags));
        all.filter(|(_, _, flags)| !flags.is_empty()).collect()
    }

    fn set_up(&mut self, limits: &ArmLimits) -> Result<(), ArmError> {
        find_all(&mut self.bus, &self.ids)?;
        self.bus.shape(&Shape {
            period: limits.period,
            deceleration_rad_s2: limits.deceleration_rad_s2,
            stop_within: limits.stop_within,
        });
        self.ids.iter().try_for_each(|id| self.bus.prepare(*id))?;
        Ok(())
    }

    fn sense(&mut self) -> Result<(), ArmError> {
        self.bus.sense(&self.ids, &mut self.readings)?;
        let motors = self.calibration.motor.iter().zip(&self.effort_nm_max);
        let joints = self.measured.iter_mut().zip(&mut self.misses).zip(motors);
        for (((measured, misses), (motor, effort)), reading) in joints.zip(&self.readings) {
            match reading {
                Some(reading) => {
                    *misses = 0;
                    *measured = measure(motor, *effort, reading);
                }
                None => {
                    *misses = misses.saturating_add(1);
                    if *misses >= self.misses_max {
                        measured.flags = MotorFlags::SILENT;
                    }
                }
            }
        }
        Ok(())
    }

    fn let_go(&mut self) {
        let left = self.bus.let_go(&self.ids);
        if !left.is_empty() {
            tracing::error!(?left, "these motors did not confirm that they let go");
        }
    }

    fn tell_change(&mut self) {
        let now = (self.firmware.state(), self.firmware.fault());
        if now == self.told {
            return;
        }
        self.told = now;
        match now {
            (state, Fault::None) => tracing::info!("the arm is {state}"),
            (state, fault) => {
                let complaints = self.complaints();
                tracing::error!(?complaints, "the arm is {state}: {fault}");
            }
        }
    }
}

impl<B: MotorBus> Drop for ServoArm<B> {
    fn drop(&mut self) {
        self.let_go();
    }
}

/// Finds all motors of an arm.
///
/// # Errors
/// If the line is gone, or with all those that are not there.
pub fn find_all<B: MotorBus + ?Sized>(bus: &mut B, ids: &[u8]) -> Result<(), ArmError> {
    let mut missing = Vec::new();
    for id in ids {
        if !bus.find(*id)? {
            missing.push(*id);
        }
    }
    if missing.is_empty() { Ok(()) } else { Err(ArmError::Missing { ids: missing }) }
}

fn measure(motor: &MotorCalibration, effort_nm_max: f64, state: &ShaftState) -> Measured {
    let torque_nm = state.effort.torque_nm(effort_nm_max) * f64::from(motor.direction);
    Measured {
        position_urad: motor.joint_urad(state.position_urad),
        velocity_urad_s: motor.turned(state.velocity_urad_s),
        // A milli-unit is a thousandth of what `micro` gives.
        torque_mnm: micro(torque_nm / 1e3).unwrap_or(0),
        flags: state.flags,
    }
}

/// The URDF's limits, cut to what the calibration says the joint can reach.
fn firmware_config(
    calibration: &Calibration,
    robot: &Robot,
    limits: &ArmLimits,
) -> Result<FirmwareConfig, ArmError> {
    let fit = |value: f64| micro(value).ok_or(ArmError::Number { value });
    let mut joints = Joints::of(robot.joints().len())?;
    let motors = robot.joints().iter().zip(&calibration.motor);
    for (limit, (joint, motor)) in joints.iter_mut().zip(motors) {
        let (low, high) = motor.range_urad();
        *limit = JointLimits {
            position_urad_min: fit(joint.limits.position_rad_min)?.max(low),
            position_urad_max: fit(joint.limits.position_rad_max)?.min(high),
            velocity_urad_s_max: fit(joint.limits.velocity_rad_s_max)?,
            acceleration_urad_s2_max: fit(limits.acceleration_rad_s2_max)?,
            deceleration_urad_s2: fit(limits.deceleration_rad_s2)?,
            jump_urad_max: fit(limits.jump_rad_max)?,
            tracking_urad_max: fit(limits.tracking_rad_max)?,
        };
    }
    let stop_us = u32::try_from(limits.stop_within.as_micros()).unwrap_or(u32::MAX);
    Ok(FirmwareConfig {
        address: Address(2),
        host: Address(1),
        joints,
        watchdog_us: stop_us,
        valid_us_max: stop_us,
        arm_wait_us: 1_000_000,
        refused_run_max: 20,
        rest: limits.rest,
    })
}

#[cfg(test)]
mod tests;
