//! A bus of STS3215 servos.

mod servo;

use core::time::Duration;

use tandem_types::Stamp;

use super::plant::Plant;
use super::servo_bus::{ServoBus, WiredServo};
use super::transcript::Said;
use super::wire::Wire;
use crate::sts::packet::BROADCAST;
use crate::sts::registers as register;
use crate::sts::{Instruction, Packet, Parser};
use servo::Servo;

/// The bus.
pub type FeetechBus = ServoBus<Servo>;

impl FeetechBus {
    /// Servos with these ids, each at a position in steps, on a line of some baud rate. `seed` is
    /// for the faults.
    #[must_use]
    pub fn new(servos: &[(u8, f64)], baud: u32, plant: Box<dyn Plant>, seed: u64) -> Self {
        let servos = servos.iter().map(|(id, position)| (Servo::new(*id, *position), *position));
        Self::of(servos, Wire::new(baud, Parser::default()), plant, seed)
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
        self.speak(at, id, Duration::from_micros(delay_us), encoded);
    }
}

#[cfg(test)]
mod tests;
