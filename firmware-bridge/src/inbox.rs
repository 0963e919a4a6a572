//! From the bus' commands to the firmware's frames: who is obeyed, and when arming is due.
//!
//! A controller that begins to send has been armed by its operator; the stream itself is the word
//! for that. A *run* is the stream of one arming, and its epoch is the moment of that arming. A run
//! that falls silent at rest is disarmed in order, and may go on; one that falls silent in motion is
//! a lost link, and the firmware stops and latches. A run that began before this robot's life, or
//! before its last stop was acknowledged, is spent, however late it is heard: whoever armed it knew
//! nothing of that. So an acknowledgement alone moves nothing, and neither does a restart.

use core::time::Duration;

use tandem_protocol::{
    Body, Command, DeviceTime, Epoch as ArmEpoch, Fault, Firmware, Frame, Joints,
    Refusal as FirmwareRefusal, Request, Setpoint, State,
};
use tandem_types::{Epoch, Sequence, Stamp};
use tandem_wire::{JointCommand, Receipt, Refusal};

/// How far in the future a command's stamp may lie: sender and receiver share a clock, but not the
/// moment in which they read it.
const AHEAD_MAX: Duration = Duration::from_millis(1);

/// Takes commands, refuses what must not be obeyed, and passes the rest to the firmware.
#[derive(Clone, Debug)]
pub struct Inbox {
    /// No command is obeyed for longer after its stamp, whatever it says.
    valid_max: Duration,
    /// The run that is heard, and until when it alone is.
    heard: Option<(Epoch, Sequence)>,
    expires: Stamp,
    /// Until when the arm was not fit to be armed; runs from before are spent.
    unfit: Stamp,
    at_rest: bool,
    sequence: u32,
    receipt: Receipt,
}

impl Inbox {
    /// An inbox of a robot whose own life, `epoch`, begins at that moment, and which keeps limits of
    /// this hash.
    #[must_use]
    pub fn new(epoch: Epoch, valid_max: Duration, limits_hash: u64) -> Self {
        Self {
            valid_max,
            heard: None,
            expires: Stamp::ORIGIN,
            unfit: epoch.began(),
            at_rest: true,
            sequence: 0,
            receipt: Receipt { epoch, limits_hash, ..Receipt::default() },
        }
    }

    /// Takes or refuses one command.
    ///
    /// # Errors
    /// If it is not obeyed, and why. The receipt says so, too.
    pub fn receive(
        &mut self,
        now: Stamp,
        message: &JointCommand,
        firmware: &mut Firmware,
    ) -> Result<(), Refusal> {
        let judged = self.judge(now, message, firmware);
        match judged {
            Ok(()) => {
                self.receipt.applied += 1;
                self.receipt.command_epoch = message.epoch;
                self.receipt.command_sequence = message.sequence;
            }
            Err(refusal) => {
                self.receipt.refused += 1;
                self.receipt.refusal = refusal;
            }
        }
        judged
    }

    /// Ends a run in order that came to rest and then fell silent, before the firmware would take
    /// it for a lost link. To be called once a cycle of `period`, before the firmware's tick.
    pub fn watch(&mut self, now: Stamp, period: Duration, firmware: &mut Firmware) {
        let ends = now.after(period) >= self.expires && self.at_rest;
        if ends && firmware.state() == State::Active && firmware.fault() == Fault::None {
            self.disarm(now, firmware);
        }
        if matches!(firmware.state(), State::Decelerating | State::Latched) {
            self.unfit = now;
        }
    }

    /// Acknowledges a latched fault on behalf of somebody who has looked at the arm.
    ///
    /// # Errors
    /// If none is latched, or its cause is still there.
    pub fn acknowledge(
        &mut self,
        now: Stamp,
        firmware: &mut Firmware,
    ) -> Result<(), FirmwareRefusal> {
        let fault_number = firmware.report(device_time(now)).fault_number;
        let epoch = firmware.epoch();
        self.say(now, epoch, Body::Request(Request::Acknowledge { fault_number }), firmware)
    }

    /// Brings an arm to rest that obeys somebody, in order: nothing is latched.
    pub fn disarm(&mut self, now: Stamp, firmware: &mut Firmware) {
        // Refused if it obeys nobody, and is at rest or about to be.
        self.say(now, firmware.epoch(), Body::Request(Request::Disarm), firmware).ok();
    }

    /// The receipt to send. After a stop it names no controller: a receipt confirms that commands
    /// are obeyed, and the daemon's guard holds, then stops, when no more are confirmed.
    #[must_use]
    pub const fn receipt(&self, now: Stamp) -> Receipt {
        let mut receipt = Receipt { stamp: now, ..self.receipt };
        if self.is_spent(receipt.command_epoch) {
            receipt.command_epoch = Epoch(0);
        }
        receipt
    }

    const fn is_spent(&self, run: Epoch) -> bool {
        run.began().as_nanos() <= self.unfit.as_nanos()
    }

    fn judge(
        &mut self,
        now: Stamp,
        message: &JointCommand,
        firmware: &mut Firmware,
    ) -> Result<(), Refusal> {
        let valid_for = message.valid_for.min(self.valid_max);
        if message.stamp > now.after(AHEAD_MAX) || message.stamp.age_at(now) > valid_for {
            return Err(Refusal::Stale);
        }
        match self.heard {
            Some((epoch, sequence)) if epoch == message.epoch && message.sequence <= sequence => {
                return Err(Refusal::Sequence);
            }
            Some((epoch, _)) if epoch != message.epoch && now <= self.expires => {
                return Err(Refusal::Epoch);
            }
            // Nobody is armed after the commands that it sends.
            _ if message.epoch.began() > message.stamp => return Err(Refusal::Epoch),
            _ => {}
        }
        let stamp = message.stamp.min(now);
        // Whoever is heard holds the link, obeyed or not: silence is what ends a run.
        self.heard = Some((message.epoch, message.sequence));
        self.expires = stamp.after(valid_for);
        if self.is_spent(message.epoch) {
            return Err(Refusal::Stopped);
        }
        let joints = setpoints(message, firmware.config().joints.len())?;
        if firmware.state() == State::Disarmed {
            let arm = Body::Request(Request::Arm { limits_hash: firmware.config().limits_hash() });
            let epoch = ArmEpoch(firmware.epoch().0.saturating_add(1));
            self.say(now, epoch, arm, firmware).map_err(refusal)?;
        }
        let valid_us = u32::try_from(valid_for.as_micros()).unwrap_or(u32::MAX);
        let command = Command { made: device_time(stamp), valid_us, joints };
        let epoch = firmware.epoch();
        self.say(now, epoch, Body::Command(command), firmware).map_err(refusal)?;
        self.at_rest = message.command.dq.iter().all(|velocity| *velocity == 0.0);
        Ok(())
    }

    fn say(
        &mut self,
        now: Stamp,
        epoch: ArmEpoch,
        body: Body,
        firmware: &mut Firmware,
    ) -> Result<(), FirmwareRefusal> {
        self.sequence = self.sequence.wrapping_add(1);
        let (destination, source) = firmware.stations();
        let frame = Frame { source, destination, epoch, sequence: self.sequence, body };
        let said = firmware.receive(device_time(now), &frame);
        if said.is_err() {
            // What was refused was not counted on the other side either.
            self.sequence = self.sequence.wrapping_sub(1);
        }
        said
    }
}

/// A stamp on the firmware's clock, when the firmware runs in this process.
pub(crate) fn device_time(stamp: Stamp) -> DeviceTime {
    DeviceTime(stamp.as_nanos() / 1000)
}

/// Radians as microradians; what does not fit is not finite in any sense a joint knows.
pub(crate) fn micro(value: f64) -> Option<i32> {
    let micro = (value * 1e6).round();
    let range = f64::from(i32::MIN)..=f64::from(i32::MAX);
    // In range and whole, so the cast is exact.
    range.contains(&micro).then_some(micro as i32)
}

fn setpoints(message: &JointCommand, dof: usize) -> Result<Joints<Setpoint>, Refusal> {
    let (q, dq) = (&message.command.q, &message.command.dq);
    if q.len() != dof || dq.len() != dof {
        return Err(Refusal::Shape);
    }
    if !q.is_finite() || !dq.is_finite() {
        return Err(Refusal::NotFinite);
    }
    let mut joints = Joints::of(dof).map_err(|_too_many| Refusal::Shape)?;
    for (joint, (q, dq)) in joints.iter_mut().zip(q.iter().zip(dq.iter())) {
        *joint = Setpoint {
            position_urad: micro(*q).ok_or(Refusal::Limits)?,
            velocity_urad_s: micro(*dq).ok_or(Refusal::Limits)?,
        };
    }
    Ok(joints)
}

const fn refusal(refusal: FirmwareRefusal) -> Refusal {
    match refusal {
        FirmwareRefusal::Shape => Refusal::Shape,
        FirmwareRefusal::Position | FirmwareRefusal::Velocity | FirmwareRefusal::Jump => {
            Refusal::Limits
        }
        FirmwareRefusal::Expired | FirmwareRefusal::Validity => Refusal::Stale,
        FirmwareRefusal::Epoch => Refusal::Epoch,
        FirmwareRefusal::Sequence => Refusal::Sequence,
        _ => Refusal::Stopped,
    }
}

#[cfg(test)]
mod tests;
