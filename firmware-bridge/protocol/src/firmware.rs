//! The firmware's own state machine: it obeys, it checks, and it stops by itself.
//!
//! ```text
//!                  Arm, new epoch          first valid command
//!   .----------.  limits agree, fit   .-------.          .--------.
//!   | disarmed |--------------------->| armed |--------->| active |<-. valid commands
//!   '----------'                      '-------'          '--------'--'
//!     ^   ^  ^                            |                |     |
//!     |   |  '------ Disarm, or no -------'                |     | no valid command in time,
//!     |   |          command in arm_wait                   |     | motor fault, too many refusals,
//!     |   '----------------- Disarm, at rest --------------'     | joint does not follow, Stop
//!     |                                                          v
//!     |  Acknowledge, cause gone     .---------.   at rest   .--------------.
//!     '------------------------------| latched |<------------| decelerating |
//!                                    '---------'             '--------------'
//! ```
//!
//! No time and no frame but `Acknowledge` and then `Arm` leads from `latched` back to motion, and
//! each `Arm` needs an epoch above all before it.

mod follow;
mod judge;

use crate::{
    Address, Command, ConfigError, DeviceTime, Epoch, Fault, FirmwareConfig, Frame, Joints,
    Measured, MotorFlags, Refusal, Report, Rest, Setpoint, State,
};
use follow::Goal;

/// The longest period the path is continued over at once, us. After a longer one, somebody held the
/// processor, and the path goes on from where it was.
const TICK_US_MAX: u64 = 20_000;

/// The firmware of one device, sans input and output: the caller brings frames, the time and what
/// motors measure, and takes what the motors shall do.
///
/// Real-time: no allocation, no panic, bounded by the number of joints.
#[derive(Clone, Copy, Debug)]
pub struct Firmware {
    config: FirmwareConfig,
    limits_hash: u32,
    nonce: u64,
    phase: Phase,
    /// The newest epoch ever armed.
    epoch: Epoch,
    sequence: u32,
    command: Command,
    /// Until when the command is obeyed.
    deadline: DeviceTime,
    /// Where the joints were last told to be; `None` until they were told the first time.
    setpoints: Option<Joints<Setpoint>>,
    measured: Joints<Measured>,
    ticked: DeviceTime,
    fault_number: u16,
    refused_run: u16,
    report: Report,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Disarmed,
    Armed {
        since: DeviceTime,
    },
    Active,
    /// Coming to rest because the host asked for it, which is no fault.
    Disarming,
    Decelerating(Fault),
    Latched(Fault),
}

/// What the motors shall do until the next tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drive {
    /// Nothing: torque off.
    Limp,
    /// Stay where they were told to be last; nothing new.
    Hold,
    /// Go there.
    Follow(Joints<Setpoint>),
}

impl Firmware {
    /// A firmware that has just started, disarmed and limp. `nonce` must differ from those of all
    /// its lives before: a counter in flash, or a random number.
    ///
    /// # Errors
    /// If the config contradicts itself.
    pub fn new(config: FirmwareConfig, nonce: u64) -> Result<Self, ConfigError> {
        config.check()?;
        let limits_hash = config.limits_hash();
        let measured =
            config.joints.map(|_| Measured { flags: MotorFlags::SILENT, ..Measured::default() });
        Ok(Self {
            config,
            limits_hash,
            nonce,
            phase: Phase::Disarmed,
            epoch: Epoch(0),
            sequence: 0,
            command: Command::default(),
            deadline: DeviceTime(0),
            setpoints: None,
            measured,
            ticked: DeviceTime(0),
            fault_number: 0,
            refused_run: 0,
            report: Report::default(),
        })
    }

    /// Takes a frame that came at `now`.
    ///
    /// # Errors
    /// If it is not obeyed, and why. The next report says so too.
    pub fn receive(&mut self, now: DeviceTime, frame: &Frame) -> Result<(), Refusal> {
        let judged = self.judge(now, frame);
        if let Err(refusal) = judged {
            self.refuse(refusal);
        }
        judged
    }

    /// Counts bytes that were no frame: on a line this bad, commands may be missing, too.
    pub fn garbage(&mut self) {
        self.report.refused = self.report.refused.saturating_add(1);
        self.count_refused();
    }

    /// Moves on to `now`, given what the motors measure, in the joints' order. What is not measured
    /// is missing, and that is a fault.
    pub fn tick(&mut self, now: DeviceTime, measured: &[Measured]) -> Drive {
        let dt_us = i64::try_from(now.since(self.ticked).min(TICK_US_MAX)).unwrap_or(0);
        self.ticked = now;
        for (index, joint) in self.measured.iter_mut().enumerate() {
            let silent = Measured { flags: MotorFlags::SILENT, ..*joint };
            *joint = measured.get(index).copied().unwrap_or(silent);
        }
        if let Some(fault) = self.watch(now) {
            self.stop(fault);
        }
        match self.phase {
            Phase::Armed { since } if now.since(since) > u64::from(self.config.arm_wait_us) => {
                self.phase = Phase::Disarmed;
            }
            Phase::Active => self.follow(now, dt_us),
            Phase::Disarming => self.brake(dt_us, Phase::Disarmed),
            Phase::Decelerating(fault) => self.brake(dt_us, Phase::Latched(fault)),
            _ => {}
        }
        self.drive()
    }

    /// What to tell the host.
    #[must_use]
    pub fn report(&self, now: DeviceTime) -> Report {
        Report {
            now,
            nonce: self.nonce,
            limits_hash: self.limits_hash,
            state: self.state(),
            fault: self.fault(),
            fault_number: self.fault_number,
            flags: self.flags(),
            joints: self.measured,
            ..self.report
        }
    }

    /// What it does.
    #[must_use]
    pub const fn state(&self) -> State {
        match self.phase {
            Phase::Disarmed => State::Disarmed,
            Phase::Armed { .. } => State::Armed,
            Phase::Active | Phase::Disarming => State::Active,
            Phase::Decelerating(_) => State::Decelerating,
            Phase::Latched(_) => State::Latched,
        }
    }

    /// Why it brakes or is latched.
    #[must_use]
    pub const fn fault(&self) -> Fault {
        match self.phase {
            Phase::Decelerating(fault) | Phase::Latched(fault) => fault,
            _ => Fault::None,
        }
    }

    /// The newest epoch it was armed with; the next must be above it.
    #[must_use]
    pub const fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// The limits it keeps.
    #[must_use]
    pub const fn config(&self) -> &FirmwareConfig {
        &self.config
    }

    /// Its address and that of its host.
    #[must_use]
    pub const fn stations(&self) -> (Address, Address) {
        (self.config.address, self.config.host)
    }

    /// What calls for a stop at this moment.
    fn watch(&self, now: DeviceTime) -> Option<Fault> {
        if !matches!(self.phase, Phase::Armed { .. } | Phase::Active | Phase::Disarming) {
            return None;
        }
        if !self.flags().is_empty() {
            return Some(Fault::Motor);
        }
        if self.phase == Phase::Active && now > self.deadline {
            return Some(Fault::Silence);
        }
        let told = self.setpoints.unwrap_or_default();
        let lost = self.config.joints.iter().zip(self.measured.iter()).zip(told.iter()).any(
            |((limits, joint), told)| {
                let apart = joint.position_urad.abs_diff(told.position_urad);
                apart > limits.tracking_urad_max.unsigned_abs()
            },
        );
        lost.then_some(Fault::Tracking)
    }

    /// Begins to brake, unless it does already. What is disarmed does not move and latches nothing.
    fn stop(&mut self, fault: Fault) {
        if matches!(self.phase, Phase::Armed { .. } | Phase::Active | Phase::Disarming) {
            self.phase = Phase::Decelerating(fault);
            self.fault_number = self.fault_number.wrapping_add(1);
        }
    }

    fn follow(&mut self, now: DeviceTime, dt_us: i64) {
        let Some(setpoints) = self.setpoints.as_mut() else { return };
        let age_us = i64::try_from(now.since(self.command.made)).unwrap_or(0);
        let joints = self.config.joints.iter().zip(self.command.joints.iter());
        for (setpoint, (limits, command)) in setpoints.iter_mut().zip(joints) {
            *setpoint = follow::toward(limits, *setpoint, Goal::of(*command, age_us), dt_us);
        }
    }

    /// Brakes; what comes `then` comes when all joints are at rest.
    fn brake(&mut self, dt_us: i64, then: Phase) {
        let Some(setpoints) = self.setpoints.as_mut() else {
            self.phase = then;
            return;
        };
        for (setpoint, limits) in setpoints.iter_mut().zip(self.config.joints.iter()) {
            *setpoint = follow::brake(limits, *setpoint, dt_us);
        }
        if setpoints.iter().all(|setpoint| setpoint.velocity_urad_s == 0) {
            self.phase = then;
        }
    }

    fn drive(&self) -> Drive {
        match (self.phase, self.setpoints) {
            (_, None) => Drive::Limp,
            (Phase::Disarmed | Phase::Latched(_), Some(_)) => match self.config.rest {
                Rest::Hold => Drive::Hold,
                Rest::Limp => Drive::Limp,
            },
            (_, Some(setpoints)) => Drive::Follow(setpoints),
        }
    }

    fn flags(&self) -> MotorFlags {
        self.measured.iter().fold(MotorFlags::default(), |all, joint| all.with(joint.flags))
    }
}
