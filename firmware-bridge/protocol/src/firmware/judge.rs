//! Which frames the firmware obeys, and what each does to it.

use super::{Firmware, Phase};
use crate::{Body, Command, DeviceTime, Fault, Frame, Joints, Receipt, Refusal, Request, Setpoint};

/// A joint slower than this is at rest, urad/s: sensors are noisy.
const REST_URAD_S: i32 = 50_000;

/// How far a sequence may run ahead within an epoch. At 1 kHz this is more than any watchdog lets
/// pass in silence, so a number beyond it was not counted up to by the host.
const SEQUENCE_AHEAD_MAX: u32 = 200;

impl Firmware {
    pub(super) fn judge(&mut self, now: DeviceTime, frame: &Frame) -> Result<(), Refusal> {
        if frame.destination != self.config.address {
            return Err(Refusal::Address);
        }
        if frame.source != self.config.host {
            return Err(Refusal::Source);
        }
        match &frame.body {
            Body::Report(_) => Err(Refusal::Kind),
            Body::Request(Request::Hello) => Ok(()),
            // Whoever asks for a stop gets one, in order or out of it.
            Body::Request(Request::Stop) => {
                self.stop(Fault::Stop);
                Ok(())
            }
            Body::Request(Request::Acknowledge { fault_number }) => self.acknowledge(*fault_number),
            Body::Request(Request::Arm { limits_hash }) => self.arm(now, frame, *limits_hash),
            Body::Request(Request::Disarm) => {
                self.in_order(frame)?;
                self.phase = match self.phase {
                    Phase::Armed { .. } => Phase::Disarmed,
                    Phase::Active | Phase::Disarming => Phase::Disarming,
                    Phase::Disarmed => return Err(Refusal::NotArmed),
                    Phase::Decelerating(_) | Phase::Latched(_) => return Err(Refusal::Latched),
                };
                self.sequence = frame.sequence;
                Ok(())
            }
            Body::Command(command) => self.command(now, frame, command),
        }
    }

    /// Within the epoch, and newer than what came before. A gap is what was lost on the way.
    fn in_order(&self, frame: &Frame) -> Result<u32, Refusal> {
        if frame.epoch != self.epoch {
            return Err(Refusal::Epoch);
        }
        match frame.sequence.checked_sub(self.sequence) {
            Some(step) if (1..=SEQUENCE_AHEAD_MAX).contains(&step) => Ok(step.saturating_sub(1)),
            _ => Err(Refusal::Sequence),
        }
    }

    fn arm(&mut self, now: DeviceTime, frame: &Frame, limits_hash: u32) -> Result<(), Refusal> {
        match self.phase {
            Phase::Disarmed => {}
            Phase::Decelerating(_) | Phase::Latched(_) => return Err(Refusal::Latched),
            _ => return Err(Refusal::NotDisarmed),
        }
        if frame.epoch <= self.epoch {
            return Err(Refusal::Epoch);
        }
        if limits_hash != self.limits_hash {
            return Err(Refusal::Limits);
        }
        let fit = self.config.joints.iter().zip(self.measured.iter()).all(|(limits, joint)| {
            let range = limits.position_urad_min..=limits.position_urad_max;
            joint.flags.is_empty()
                && joint.velocity_urad_s.unsigned_abs() <= REST_URAD_S.unsigned_abs()
                && range.contains(&joint.position_urad)
        });
        if !fit {
            return Err(Refusal::Unfit);
        }
        (self.epoch, self.sequence) = (frame.epoch, frame.sequence);
        self.setpoints = Some(
            self.measured
                .map(|joint| Setpoint { position_urad: joint.position_urad, velocity_urad_s: 0 }),
        );
        self.phase = Phase::Armed { since: now };
        self.refused_run = 0;
        Ok(())
    }

    fn acknowledge(&mut self, fault_number: u16) -> Result<(), Refusal> {
        match self.phase {
            Phase::Latched(_) if fault_number == self.fault_number => {}
            Phase::Decelerating(_) => return Err(Refusal::CauseRemains),
            _ => return Err(Refusal::NotLatched),
        }
        if !self.flags().is_empty() {
            return Err(Refusal::CauseRemains);
        }
        self.phase = Phase::Disarmed;
        Ok(())
    }

    fn command(
        &mut self,
        now: DeviceTime,
        frame: &Frame,
        command: &Command,
    ) -> Result<(), Refusal> {
        match self.phase {
            Phase::Armed { .. } | Phase::Active => {}
            Phase::Disarmed | Phase::Disarming => return Err(Refusal::NotArmed),
            Phase::Decelerating(_) | Phase::Latched(_) => return Err(Refusal::Latched),
        }
        let lost = self.in_order(frame)?;
        if command.made > now || command.valid_us > self.config.valid_us_max {
            return Err(Refusal::Validity);
        }
        let valid_until = command.made.after(u64::from(command.valid_us));
        if now > valid_until {
            return Err(Refusal::Expired);
        }
        self.within_limits(&command.joints)?;
        self.phase = Phase::Active;
        self.refused_run = 0;
        self.sequence = frame.sequence;
        self.command = *command;
        self.deadline = valid_until.min(now.after(u64::from(self.config.watchdog_us)));
        self.report.lost = self.report.lost.saturating_add(lost);
        self.report.receipt =
            Receipt { epoch: frame.epoch, sequence: frame.sequence, applied: now };
        Ok(())
    }

    fn within_limits(&self, joints: &Joints<Setpoint>) -> Result<(), Refusal> {
        if joints.len() != self.config.joints.len() {
            return Err(Refusal::Shape);
        }
        let told = self.setpoints.unwrap_or_default();
        for ((limits, joint), told) in self.config.joints.iter().zip(joints.iter()).zip(told.iter())
        {
            let range = limits.position_urad_min..=limits.position_urad_max;
            if !range.contains(&joint.position_urad) {
                return Err(Refusal::Position);
            }
            let speed_max = limits.velocity_urad_s_max.unsigned_abs();
            if joint.velocity_urad_s.unsigned_abs() > speed_max {
                return Err(Refusal::Velocity);
            }
            let jump = joint.position_urad.abs_diff(told.position_urad);
            if jump > limits.jump_urad_max.unsigned_abs() {
                return Err(Refusal::Jump);
            }
        }
        Ok(())
    }

    pub(super) fn refuse(&mut self, refusal: Refusal) {
        self.report.refused = self.report.refused.saturating_add(1);
        self.report.refusal = Some(refusal);
        // What is meant for another station says nothing about this line.
        if refusal != Refusal::Address {
            self.count_refused();
        }
    }

    pub(super) fn count_refused(&mut self) {
        self.refused_run = self.refused_run.saturating_add(1);
        if self.refused_run >= self.config.refused_run_max && self.phase == Phase::Active {
            self.stop(Fault::Refusals);
        }
    }
}
