//! A bus of STS3215 servos.

mod servo;

use core::time::Duration;
use std::collections::VecDeque;

use tandem_types::Stamp;

use super::Device;
use super::faults::Faults;
use super::pace::Pace;
use super::plant::{Drive, Plant, Shaft};
use super::transcript::{Said, Sample, Transcript};
use crate::sts::packet::BROADCAST;
use crate::sts::registers::{self as register, Register};
use crate::sts::{Instruction, Packet, Parser};
use servo::Servo;

/// From one look at the shafts to the next.
const SAMPLE_PERIOD: Duration = Duration::from_millis(1);

/// The bus: servos, the line they share, and what is behind their shafts.
pub struct FeetechBus {
    servos: Vec<Servo>,
    drives: Vec<Drive>,
    shafts: Vec<Shaft>,
    plant: Box<dyn Plant>,
    pace: Pace,
    parser: Parser,
    todo: VecDeque<(Stamp, Packet)>,
    out: VecDeque<(Stamp, Vec<u8>)>,
    sample_due: Stamp,
    collisions: u64,
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
            drives: vec![Drive::default(); servos.len()],
            shafts: servos.iter().map(|(_, position)| Shaft::at(*position)).collect(),
            plant,
            pace: Pace::new(baud),
            parser: Parser::default(),
            todo: VecDeque::new(),
            out: VecDeque::new(),
            sample_due: Stamp::ORIGIN,
            collisions: 0,
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
        self.drives.iter().map(|drive| drive.on).collect()
    }

    /// How often the host spoke while a servo did.
    #[must_use]
    pub const fn collisions(&self) -> u64 {
        self.collisions
    }

    /// Puts the shafts somewhere, as a hand would; servos that drive take it for their goal.
    pub fn place(&mut self, positions: &[f64]) {
        for ((servo, shaft), position) in
            self.servos.iter_mut().zip(&mut self.shafts).zip(positions)
        {
            *shaft = Shaft { position: *position, speed: 0.0, ..*shaft };
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
            self.servos.iter_mut().zip(&self.shafts).zip(&mut self.drives)
        {
            if plan.brown_out {
                *servo = Servo::new(servo.id(), shaft.position);
            }
            let overloaded = plan.overloaded.contains(&servo.id());
            servo.complain(shaft, overloaded, plan.brown_out);
            *drive = servo.drive(now, shaft, overloaded);
        }
        self.plant.step(now, &self.drives, &mut self.shafts);
        for (servo, shaft) in self.servos.iter_mut().zip(&self.shafts) {
            servo.feel(shaft);
        }
        if now >= self.sample_due {
            self.sample_due = now.after(SAMPLE_PERIOD);
            self.transcript.sample(Sample {
                stamp: now,
                on: self.drives.iter().map(|drive| drive.on).collect(),
                positions: self.shafts.iter().map(|shaft| shaft.position).collect(),
                speeds: self.shafts.iter().map(|shaft| shaft.speed).collect(),
                driven: self.drives.iter().map(|drive| drive.goal_speed).collect(),
            });
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

    /// Puts a servo's answer on the line. One that is not there, or says nothing, leaves its time
    /// to pass: the next servo of a sync read waits it out.
    fn answer(&mut self, at: Stamp, id: u8, (address, bytes): (u8, u8)) {
        let Some(servo) = self.servos.iter().find(|servo| servo.id() == id) else { return };
        let parameters = servo.read(address, bytes).to_vec();
        let code = u8::try_from(servo.get(&register::STATUS)).unwrap_or(0);
        let encoded = Packet { id, code, parameters }.encode();
        let delay_us = u64::try_from(servo.get(&register::RETURN_DELAY)).unwrap_or(0) * 2;
        let began = self.pace.free().max(at);
        self.pace.carry(began, 0);
        self.pace.pause(Duration::from_micros(delay_us) + self.faults.plan.delay);
        let arrived = self.pace.carry(began, encoded.len());
        if !self.faults.plan.mute.contains(&id) && !self.faults.plan.brown_out {
            self.out.push_back((arrived, encoded));
        }
    }
}

impl Device for FeetechBus {
    fn receive(&mut self, now: Stamp, bytes: &[u8]) {
        if !self.out.is_empty() {
            // Two at once on one wire: neither is understood.
            self.collisions += 1;
            self.out.clear();
        }
        for byte in bytes {
            let arrived = self.pace.carry(now, 1);
            let byte = self.faults.mangle(*byte);
            if let Some(packet) = byte.and_then(|byte| self.parser.push(byte)) {
                self.todo.push_back((arrived, packet));
            }
        }
    }

    fn due(&self) -> Option<Stamp> {
        let todo = self.todo.front().map(|(stamp, _)| *stamp);
        let out = self.out.front().map(|(stamp, _)| *stamp);
        [todo, out, Some(self.sample_due)].into_iter().flatten().min()
    }

    fn poll(&mut self, now: Stamp, out: &mut Vec<u8>) {
        while let Some((at, packet)) = due(&mut self.todo, now) {
            self.execute(at, &packet);
        }
        while let Some((at, bytes)) = due(&mut self.out, now) {
            self.transcript.say(at, Said::Device, &bytes);
            out.extend(bytes.into_iter().filter_map(|byte| self.faults.mangle(byte)));
        }
        if now >= self.sample_due {
            self.move_on(now);
        }
    }
}

/// The next of a queue, if its time has come.
fn due<T>(queue: &mut VecDeque<(Stamp, T)>, now: Stamp) -> Option<(Stamp, T)> {
    queue.front().filter(|(at, _)| *at <= now)?;
    queue.pop_front()
}

#[cfg(test)]
mod tests;
