//! A bus of STS3215 servos.

use core::time::Duration;

use tandem_types::Stamp;

use super::Device;
use super::faults::Faults;
use super::plant::{Drive, Plant, Shaft};
use super::rig::Rig;
use super::transcript::{Said, Transcript};
use super::wire::Wire;
use crate::sts::packet::BROADCAST;
use crate::sts::registers::{self as register, MEMORY_BYTES, Register};
use crate::sts::{Instruction, Packet, Parser};

/// A goal that was not renewed for so long does not move any more.
const GOAL_STANDS_AFTER: Duration = Duration::from_millis(12);

/// Bits of the status register.
const STATUS_VOLTAGE: u8 = 1;
const STATUS_TEMPERATURE: u8 = 1 << 2;
const STATUS_OVERLOAD: u8 = 1 << 5;

/// The bus: servos, the line they share, and what is behind their shafts.
pub struct FeetechBus {
    servos: Vec<Servo>,
    rig: Rig,
    wire: Wire<Parser>,
    transcript: Transcript,
    /// What goes wrong.
    pub faults: Faults,
}

/// One servo: its memory, and how its goal moves.
#[derive(Clone, Debug)]
struct Servo {
    memory: [u8; MEMORY_BYTES],
    goal_since: Stamp,
    goal_speed: f64,
}

impl FeetechBus {
    /// Servos with these ids, each at a position in steps, on a line of some baud rate. `seed` is
    /// for the faults.
    #[must_use]
    pub fn new(servos: &[(u8, f64)], baud: u32, plant: Box<dyn Plant>, seed: u64) -> Self {
        Self {
            servos: servos.iter().map(|(id, _)| Servo::new(*id)).collect(),
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
            servo.set(&register::GOAL_POSITION, position.round() as i32);
            servo.goal_speed = 0.0;
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
                *servo = Servo::new(servo.id());
            }
            let overloaded = plan.overloaded.contains(&servo.id());
            servo.complain(shaft, overloaded, plan.brown_out);
            *drive = servo.drive(now, overloaded);
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
                    self.write(at, chunk[0], *address, &chunk[1..]);
                }
            }
            (Some(Instruction::SyncRead), [address, bytes, ids @ ..]) => {
                for id in ids {
                    self.answer(at, *id, (*address, *bytes));
                }
            }
            (Some(Instruction::Write), [address, data @ ..]) => {
                self.write(at, packet.id, *address, data);
                self.answer(at, packet.id, (0, 0));
            }
            (Some(Instruction::Read), [address, bytes]) => {
                self.answer(at, packet.id, (*address, *bytes));
            }
            (Some(Instruction::Ping), []) => self.answer(at, packet.id, (0, 0)),
            _ => {}
        }
    }

    fn write(&mut self, at: Stamp, id: u8, address: u8, data: &[u8]) {
        let mute = &self.faults.plan.mute;
        let meant = self
            .servos
            .iter_mut()
            .filter(|servo| (servo.id() == id || id == BROADCAST) && !mute.contains(&servo.id()));
        for servo in meant {
            servo.write(at, address, data);
        }
    }

    /// Puts a servo's answer on the line.
    fn answer(&mut self, at: Stamp, id: u8, (address, bytes): (u8, u8)) {
        let Some(servo) = self.servos.iter().find(|servo| servo.id() == id) else { return };
        let end = usize::from(address) + usize::from(bytes);
        let parameters = servo.memory.get(usize::from(address)..end).unwrap_or(&[]).to_vec();
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

impl Servo {
    /// As it comes from the factory, and as it is after each power-up as far as RAM goes.
    fn new(id: u8) -> Self {
        let memory = [0; MEMORY_BYTES];
        let mut servo = Self { memory, goal_since: Stamp::ORIGIN, goal_speed: 0.0 };
        for (register, value) in [
            (register::MODEL, 777),
            (register::ID, i32::from(id)),
            (register::STATUS_LEVEL, 1),
            (register::POSITION_MAX, 4095),
            (register::TEMPERATURE_MAX, 70),
            (register::VOLTAGE_MAX, 80),
            (register::VOLTAGE_MIN, 40),
            (register::TORQUE_MAX, 1000),
            (register::GAIN_P, 32),
            (register::GAIN_D, 32),
            (register::TORQUE_LIMIT, 1000),
            (register::LOCK, 1),
        ] {
            servo.set(&register, value);
        }
        servo
    }

    const fn id(&self) -> u8 {
        self.memory[register::ID.address as usize]
    }

    fn get(&self, register: &Register) -> i32 {
        let at = usize::from(register.address);
        let raw = match register.bytes {
            1 => u16::from(self.memory[at]),
            _ => u16::from_le_bytes([self.memory[at], self.memory[at + 1]]),
        };
        register.decode(raw)
    }

    fn set(&mut self, register: &Register, value: i32) {
        let at = usize::from(register.address);
        let bytes = register.encode(value).to_le_bytes();
        let count = usize::from(register.bytes);
        self.memory[at..at + count].copy_from_slice(&bytes[..count]);
    }

    /// Takes bytes that a host writes, register by register; what may not be written stays.
    fn write(&mut self, at: Stamp, address: u8, data: &[u8]) {
        let goal_before = self.get(&register::GOAL_POSITION);
        let written = usize::from(address)..usize::from(address) + data.len();
        for register in register::STS3215 {
            let place = usize::from(register.address);
            let whole = written.contains(&place)
                && written.contains(&(place + usize::from(register.bytes) - 1));
            let allowed = match register.storage {
                crate::sts::Storage::Ram => true,
                crate::sts::Storage::Eeprom => self.get(&register::LOCK) == 0,
                crate::sts::Storage::ReadOnly => false,
            };
            if whole && allowed {
                let from = place - usize::from(address);
                let count = usize::from(register.bytes);
                self.memory[place..place + count].copy_from_slice(&data[from..from + count]);
            }
        }
        let goal = register::GOAL_POSITION.address;
        if written.contains(&usize::from(goal)) {
            let elapsed = self.goal_since.age_at(at);
            let moved = f64::from(self.get(&register::GOAL_POSITION) - goal_before);
            let fresh = elapsed > Duration::ZERO && elapsed < GOAL_STANDS_AFTER;
            self.goal_speed = if fresh { moved / elapsed.as_secs_f64() } else { 0.0 };
            self.goal_since = at;
        }
    }

    fn drive(&self, now: Stamp, overloaded: bool) -> Drive {
        let (low, high) = (self.get(&register::POSITION_MIN), self.get(&register::POSITION_MAX));
        let goal = self.get(&register::GOAL_POSITION);
        // Both zero means without limits: several turns.
        let goal = if low == 0 && high == 0 { goal } else { goal.clamp(low, high.max(low)) };
        let moves = self.goal_since.age_at(now) < GOAL_STANDS_AFTER;
        Drive {
            on: self.get(&register::TORQUE_ENABLE) == 1 && !overloaded,
            goal: f64::from(goal),
            goal_speed: if moves { self.goal_speed } else { 0.0 },
            torque_limit: f64::from(self.get(&register::TORQUE_LIMIT)) / 1000.0,
            gain_per_s: None,
        }
    }

    fn complain(&mut self, shaft: &Shaft, overloaded: bool, brown_out: bool) {
        let mut status = 0;
        let voltage = (shaft.voltage_v * 10.0).round() as i32;
        let range = self.get(&register::VOLTAGE_MIN)..=self.get(&register::VOLTAGE_MAX);
        if brown_out || !range.contains(&voltage) {
            status |= STATUS_VOLTAGE;
        }
        if shaft.temperature_c > f64::from(self.get(&register::TEMPERATURE_MAX)) {
            status |= STATUS_TEMPERATURE;
        }
        if overloaded {
            status |= STATUS_OVERLOAD;
        }
        self.set(&register::STATUS, i32::from(status));
    }

    fn feel(&mut self, shaft: &Shaft) {
        self.set(&register::PRESENT_POSITION, shaft.position.round() as i32);
        self.set(&register::PRESENT_SPEED, shaft.speed.round() as i32);
        self.set(&register::PRESENT_LOAD, (shaft.load * 1000.0).round() as i32);
        self.set(&register::PRESENT_VOLTAGE, (shaft.voltage_v * 10.0).round() as i32);
        self.set(&register::PRESENT_TEMPERATURE, shaft.temperature_c.round() as i32);
        self.set(&register::MOVING, i32::from(shaft.speed.abs() >= 1.0));
    }
}

#[cfg(test)]
mod tests;
