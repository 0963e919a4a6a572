//! A bus of STS3215 servos.

mod servo;

use core::time::Duration;

use tandem_types::Stamp;

use super::Device;
use super::faults::Faults;
use super::plant::Plant;
use super::rig::Rig;
use super::transcript::{Said, Transcript};
use super::wire::Wire;
use crate::sts::packet::BROADCAST;
use crate::sts::registers::{self as register, Register};
use crate::sts::{Instruction, Packet, Parser};
use servo::Servo;

/// The bus: servos, the line they share, and what is behind their shafts.
pub struct FeetechBus {
    servos: Vec<Servo>,
    rig: Rig,
    wire: Wire<Parser>,
    transcript: Transcript,
    /// What goes wrong.
    pub faults: Faults,
}

impl FeetechBus {
    /// Servos with these ids, each at a position in steps, on a line of some baud rate. `seed` is
    /// for the faults.
    #[must_use]
    pub fn new(servos: &[(u8, f64)], baud: u32, plant: Box<dyn Plant>, seed: u64) -> Self {
        Self {
            servos: servos.iter().map(|(id, position)| Servo::new(*id, *position)).collect(),
            rig: Rig::new(servos.iter().map(|(_, position)| *position), plant),
            wire: Wire::new(baud, Parser::default()),
            transcript: Transcript::default(),
            faults: Faults::new(seed),
        }
    }

    /// What was said and done.
    pub const fn transcript(&mut self) -> &mut Transcript {
        &mut self.transcript
    }

    /// Whether each servo drives its motor.
    #[must_use]
    pub fn torques(&self) -> Vec<bool> {
        self.rig.torques()
    }

    /// How often the host spoke while a servo did.
    #[must_use]
    pub const fn collisions(&self) -> u64 {
        self.wire.collisions()
    }

    /// Puts the shafts somewhere, as a hand would; servos that drive take it for their goal.
    pub fn place(&mut self, positions: &[f64]) {
        self.rig.place(positions);
        for (servo, position) in self.servos.iter_mut().zip(positions) {
            servo.stand_at(*position);
        }
    }

    /// A register of a servo, if there is such a servo.
    #[must_use]
    pub fn register(&self, id: u8, register: &Register) -> Option<i32> {
        self.servos.iter().find(|servo| servo.id() == id).map(|servo| servo.get(register))
    }

    fn move_on(&mut self, now: Stamp) {
        let plan = &self.faults.plan;
        for ((servo, shaft), drive) in
            self.servos.iter_mut().zip(&self.rig.shafts).zip(&mut self.rig.drives)
        {
            if plan.brown_out {
                *servo = Servo::new(servo.id(), shaft.position);
            }
            let overloaded = plan.overloaded.contains(&servo.id());
            servo.complain(shaft, overloaded, plan.brown_out);
            *drive = servo.drive(now, shaft, overloaded);
        }
        self.rig.step(now, &mut self.transcript);
        for (servo, shaft) in self.servos.iter_mut().zip(&self.rig.shafts) {
            servo.feel(shaft);
        }
    }

    fn execute(&mut self, at: Stamp, packet: &Packet) {
        self.transcript.say(at, Said::Host, &packet.encode());
        self.move_on(at);
        let parameters = &packet.parameters[..];
        match (Instruction::from_code(packet.code), parameters) {
            (Some(Instruction::SyncWrite), [address, bytes, data @ ..]) => {
                let bytes = usize::from(*bytes);
                for chunk in data.chunks_exact(bytes + 1) {
                    self.write(chunk[0], *address, &chunk[1..]);
                }
            }
            (Some(Instruction::SyncRead), [address, bytes, ids @ ..]) => {
                for id in ids {
                    self.answer(at, *id, (*address, *bytes));
                }
            }
            (Some(Instruction::Write), [address, data @ ..]) => {
                self.write(packet.id, *address, data);
                self.answer(at, packet.id, (0, 0));
            }
            (Some(Instruction::Read), [address, bytes]) => {
                self.answer(at, packet.id, (*address, *bytes));
            }
            (Some(Instruction::Ping), []) => self.answer(at, packet.id, (0, 0)),
            _ => {}
        }
    }

    fn write(&mut self, id: u8, address: u8, data: &[u8]) {
        let mute = &self.faults.plan.mute;
        let meant = self
            .servos
            .iter_mut()
            .filter(|servo| (servo.id() == id || id == BROADCAST) && !mute.contains(&servo.id()));
        for servo in meant {
            servo.write(address, data);
        }
    }

    /// Puts a servo's answer on the line.
    fn answer(&mut self, at: Stamp, id: u8, (address, bytes): (u8, u8)) {
        let Some(servo) = self.servos.iter().find(|servo| servo.id() == id) else { return };
        let parameters = servo.read(address, bytes).to_vec();
        let code = u8::try_from(servo.get(&register::STATUS)).unwrap_or(0);
        let encoded = Packet { id, code, parameters }.encode();
        let delay_us = u64::try_from(servo.get(&register::RETURN_DELAY)).unwrap_or(0) * 2;
        let pause = Duration::from_micros(delay_us) + self.faults.plan.delay;
        let mute = self.faults.plan.mute.contains(&id) || self.faults.plan.brown_out;
        self.wire.speak(at, pause, encoded, mute);
    }
}

impl Device for FeetechBus {
    fn receive(&mut self, now: Stamp, bytes: &[u8]) {
        self.wire.hear(now, bytes, &mut self.faults);
    }

    fn due(&self) -> Option<Stamp> {
        self.wire.due().into_iter().chain([self.rig.due()]).min()
    }

    fn poll(&mut self, now: Stamp, out: &mut Vec<u8>) {
        while let Some((at, packet)) = self.wire.next(now) {
            self.execute(at, &packet);
        }
        self.wire.deliver(now, &mut self.faults, &mut self.transcript, out);
        if self.rig.is_due(now) {
            self.move_on(now);
        }
    }
}

#[cfg(test)]
mod tests;
