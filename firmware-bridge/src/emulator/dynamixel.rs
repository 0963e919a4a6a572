//! A bus of Dynamixel servos of the X series.

mod servo;

use core::time::Duration;

use tandem_types::Stamp;

use super::plant::Plant;
use super::servo_bus::{ServoBus, WiredServo};
use super::transcript::Said;
use super::wire::Wire;
use crate::dynamixel::packet::BROADCAST;
use crate::dynamixel::registers::{self as register, Model};
use crate::dynamixel::{Instruction, Kind, Packet, Parser, StatusError};
use servo::Servo;

/// The bus.
pub type DynamixelServos = ServoBus<Servo>;

impl DynamixelServos {
    /// Servos with these ids and models, each at a position in steps, on a line of some baud rate.
    /// `seed` is for the faults.
    #[must_use]
    pub fn new(
        servos: &[(u8, &'static Model, f64)],
        baud: u32,
        plant: Box<dyn Plant>,
        seed: u64,
    ) -> Self {
        let servos = servos.iter().map(|(id, model, position)| (Servo::new(*id, model), *position));
        Self::of(servos, Wire::new(baud, Parser::default()), plant, seed)
    }

    fn execute(&mut self, at: Stamp, packet: &Packet) {
        self.transcript.say(at, Said::Host, &packet.encode());
        self.move_on(at);
        let mute = &self.faults.plan.mute;
        self.servos
            .iter_mut()
            .filter(|servo| !mute.contains(&servo.id()))
            .for_each(|servo| servo.hear(at));
        let Kind::Instruction(instruction) = packet.kind else { return };
        match (instruction, &packet.parameters[..]) {
            (Instruction::SyncWrite, [a, b, c, d, data @ ..]) => {
                let (address, bytes) = (u16::from_le_bytes([*a, *b]), u16::from_le_bytes([*c, *d]));
                for chunk in data.chunks_exact(usize::from(bytes) + 1) {
                    let write = |servo: &mut Servo| servo.write(address, &chunk[1..]).err();
                    self.each(chunk[0], write);
                }
            }
            (Instruction::SyncRead, [a, b, c, d, ids @ ..]) => {
                for id in ids {
                    self.read(at, *id, u16::from_le_bytes([*a, *b]), u16::from_le_bytes([*c, *d]));
                }
            }
            (Instruction::Write, [a, b, data @ ..]) => {
                let address = u16::from_le_bytes([*a, *b]);
                for (id, error) in self.each(packet.id, |servo| servo.write(address, data).err()) {
                    self.answer(at, packet.id, (id, error), (2, &[]));
                }
            }
            (Instruction::Read, [a, b, c, d]) => {
                let (address, bytes) = (u16::from_le_bytes([*a, *b]), u16::from_le_bytes([*c, *d]));
                self.read(at, packet.id, address, bytes);
            }
            (Instruction::Ping, []) => {
                let all = self.each(packet.id, |servo| servo.identity());
                for (id, [low, high, firmware]) in all {
                    // Pings are answered whatever the level, and by all if all are asked.
                    self.answer(at, id, (id, None), (0, &[low, high, firmware]));
                }
            }
            (Instruction::Reboot, []) => {
                for (id, ()) in self.each(packet.id, |servo| servo.restart()) {
                    self.answer(at, packet.id, (id, None), (2, &[]));
                }
            }
            _ => {
                for (id, ()) in self.each(packet.id, |_| ()) {
                    self.answer(at, packet.id, (id, Some(StatusError::Instruction)), (2, &[]));
                }
            }
        }
    }

    /// Has the servo that is meant do something, or all.
    fn each<T>(&mut self, id: u8, mut act: impl FnMut(&mut Servo) -> T) -> Vec<(u8, T)> {
        let mute = &self.faults.plan.mute;
        self.servos
            .iter_mut()
            .filter(|servo| id == servo.id() || id == BROADCAST)
            .filter(|servo| !mute.contains(&servo.id()))
            .map(|servo| (servo.id(), act(servo)))
            .collect()
    }

    fn read(&mut self, at: Stamp, id: u8, address: u16, bytes: u16) {
        let Some(servo) = self.servos.iter().find(|servo| servo.id() == id) else { return };
        let (error, data) = match servo.read(address, bytes) {
            Ok(data) => (None, data),
            Err(error) => (Some(error), vec![]),
        };
        self.answer(at, id, (id, error), (1, &data));
    }

    /// Puts a servo's answer on the line if it answers this level of questions, and none that all
    /// were asked.
    fn answer(
        &mut self,
        at: Stamp,
        asked: u8,
        (id, error): (u8, Option<StatusError>),
        (level, data): (i32, &[u8]),
    ) {
        let Some(servo) = self.servos.iter().find(|servo| servo.id() == id) else { return };
        if asked == BROADCAST || servo.get(&register::STATUS_RETURN_LEVEL) < level {
            return;
        }
        let alert = if servo.get(&register::HARDWARE_ERROR_STATUS) == 0 { 0 } else { 0x80 };
        let kind = Kind::Status(error.map_or(0, code) | alert);
        let bytes = Packet { id, kind, parameters: data.to_vec() }.encode();
        let delay_us = u64::try_from(servo.get(&register::RETURN_DELAY_TIME)).unwrap_or(0) * 2;
        self.speak(at, id, Duration::from_micros(delay_us), bytes);
    }
}

/// The number that a servo says it by.
const fn code(error: StatusError) -> u8 {
    match error {
        StatusError::Failed => 1,
        StatusError::Instruction => 2,
        StatusError::Check => 3,
        StatusError::Range => 4,
        StatusError::Length => 5,
        StatusError::Limit => 6,
        StatusError::Access => 7,
        StatusError::Unknown => 0x7f,
    }
}

#[cfg(test)]
mod tests;
