//! Motors that take MIT-style frames, on CAN behind a serial adapter.

use core::time::Duration;
use std::collections::VecDeque;

use tandem_types::Stamp;

use super::faults::Faults;
use super::pace::Pace;
use super::plant::{Drive, Plant, Shaft};
use super::rig::Rig;
use super::transcript::{Said, Transcript};
use super::{Device, EmulatedMotors};
use crate::can::{CanFrame, Slcan, frame_time};
use crate::mit::damiao;
use crate::mit::{Dialect, MitCommand, MitReply, MotorKind, Status, Word};
use tandem_protocol::MotorFlags;

const BITS_S: u32 = 1_000_000;

/// Where motors answer to, whoever asked.
const MASTER: u16 = 0;

/// What a motor says of itself.
const DAMIAO_LOST: u8 = 0xd;
const DAMIAO_OVERLOAD: u8 = 0xe;
const CUBEMARS_STALL: u8 = 7;

/// Below this damping, stiffness alone would swing for ever; a real motor's bearings give some.
const DAMPING_MIN: f64 = 0.01;

/// The motors, their bus, the adapter, and what is behind the shafts. Its plant's unit is the radian.
pub struct MitMotors {
    motors: Vec<Motor>,
    rig: Rig,
    pace: Pace,
    adapter: Slcan,
    todo: VecDeque<(Stamp, CanFrame)>,
    out: VecDeque<(Stamp, Vec<u8>)>,
    transcript: Transcript,
    /// CAN finds wrong bits and sends again; a lost byte is a frame that the adapter has lost.
    faults: Faults,
}

struct Motor {
    id: u8,
    kind: &'static MotorKind,
    /// It obeys commands.
    entered: bool,
    command: MitCommand,
    error: u8,
    /// After so long without a frame it lets go; zero is never.
    timeout: Duration,
    /// The same after power-up.
    timeout_kept: Duration,
    heard: Stamp,
    zero_rad: f64,
}

impl MitMotors {
    /// Motors with these ids and types, each at a position in rad, on a bus of 1 Mbit/s. `timeout` is
    /// what the vendor's tool has set, zero if nothing. `seed` is for the faults.
    #[must_use]
    pub fn new(
        motors: &[(u8, &'static MotorKind, f64)],
        timeout: Duration,
        plant: Box<dyn Plant>,
        seed: u64,
    ) -> Self {
        let motor = |(id, kind, _): &(u8, &'static MotorKind, f64)| Motor {
            id: *id,
            kind,
            entered: false,
            command: MitCommand::default(),
            error: 0,
            timeout,
            timeout_kept: timeout,
            heard: Stamp::ORIGIN,
            zero_rad: 0.0,
        };
        Self {
            motors: motors.iter().map(motor).collect(),
            rig: Rig::new(motors.iter().map(|(_, _, position)| *position), plant),
            pace: Pace::new(BITS_S),
            adapter: Slcan::default(),
            todo: VecDeque::new(),
            out: VecDeque::new(),
            transcript: Transcript::default(),
            faults: Faults::new(seed),
        }
    }

    /// What each motor was told last, if it obeys.
    #[must_use]
    pub fn commands(&self) -> Vec<Option<MitCommand>> {
        self.motors.iter().map(|motor| motor.entered.then_some(motor.command)).collect()
    }

    fn move_on(&mut self, now: Stamp) {
        let plan = &self.faults.plan;
        for (motor, drive) in self.motors.iter_mut().zip(&mut self.rig.drives) {
            if plan.brown_out {
                motor.restart();
            }
            motor.watch(now);
            if plan.overloaded.contains(&motor.id) {
                motor.overload();
            }
            *drive = motor.drive();
        }
        self.rig.step(now, &mut self.transcript);
    }

    fn execute(&mut self, at: Stamp, frame: &CanFrame) {
        self.transcript.say(at, Said::Host, &Slcan::encode(frame));
        self.move_on(at);
        let plan = &self.faults.plan;
        if plan.brown_out {
            return;
        }
        let asked = damiao::asked(frame);
        let meant = asked.map_or(frame.id(), |(who, ..)| u16::from(who));
        let motors = self.motors.iter_mut().zip(&self.rig.shafts);
        let found = motors
            .into_iter()
            .find(|(motor, _)| u16::from(motor.id) == meant && !plan.mute.contains(&motor.id));
        let Some((motor, shaft)) = found else { return };
        let answer = match asked {
            Some((_, number, write)) => motor.register(number, write),
            None => motor.obey(at, frame, shaft),
        };
        // What it was told counts at once.
        for (motor, drive) in self.motors.iter().zip(&mut self.rig.drives) {
            *drive = motor.drive();
        }
        let answer = answer.and_then(|data| CanFrame::new(MASTER, &data));
        if let Some(answer) = answer {
            let delay = self.faults.plan.delay;
            if let Some(arrived) = self.carry(at.after(delay), &answer) {
                self.out.push_back((arrived, Slcan::encode(&answer)));
            }
        }
    }

    /// Puts a frame on the bus; gives when it has arrived, if it does.
    fn carry(&mut self, at: Stamp, frame: &CanFrame) -> Option<Stamp> {
        let time = frame_time(BITS_S, frame.data().len());
        let mut arrived = self.pace.occupy(at, time);
        for byte in frame.data() {
            if self.faults.mangle(*byte)? != *byte {
                // The receivers have found it out by the frame's own check sequence.
                arrived = self.pace.occupy(at, time);
            }
        }
        Some(arrived)
    }
}

impl Device for MitMotors {
    fn receive(&mut self, now: Stamp, bytes: &[u8]) {
        for byte in bytes {
            let Some(frame) = self.adapter.push(*byte) else { continue };
            if let Some(arrived) = self.carry(now, &frame) {
                self.todo.push_back((arrived, frame));
            }
        }
    }

    fn due(&self) -> Option<Stamp> {
        let todo = self.todo.front().map(|(stamp, _)| *stamp);
        let out = self.out.front().map(|(stamp, _)| *stamp);
        [todo, out, Some(self.rig.due())].into_iter().flatten().min()
    }

    fn poll(&mut self, now: Stamp, out: &mut Vec<u8>) {
        while self.todo.front().is_some_and(|(at, _)| *at <= now) {
            let Some((at, frame)) = self.todo.pop_front() else { break };
            self.execute(at, &frame);
        }
        while self.out.front().is_some_and(|(at, _)| *at <= now) {
            let Some((at, bytes)) = self.out.pop_front() else { break };
            self.transcript.say(at, Said::Device, &bytes);
            out.extend(bytes);
        }
        if self.rig.is_due(now) {
            self.move_on(now);
        }
    }
}

impl EmulatedMotors for MitMotors {
    fn faults(&mut self) -> &mut Faults {
        &mut self.faults
    }

    /// Bytes are those of the adapter's line.
    fn transcript(&mut self) -> &mut Transcript {
        &mut self.transcript
    }

    /// A motor that only damps gives way.
    fn torques(&self) -> Vec<bool> {
        self.rig.torques()
    }

    fn place(&mut self, positions: &[f64]) {
        self.rig.place(positions);
        for (motor, position) in self.motors.iter_mut().zip(positions) {
            motor.command.position_rad = position - motor.zero_rad;
        }
    }
}

impl Motor {
    /// As after power-up.
    fn restart(&mut self) {
        self.entered = false;
        self.command = MitCommand::default();
        self.error = 0;
        self.timeout = self.timeout_kept;
    }

    fn watch(&mut self, now: Stamp) {
        let late = self.timeout > Duration::ZERO && self.heard.age_at(now) > self.timeout;
        if !self.entered || !late {
            return;
        }
        self.command = MitCommand::default();
        if self.kind.dialect == Dialect::Damiao {
            self.entered = false;
            self.error = DAMIAO_LOST;
        }
    }

    fn overload(&mut self) {
        self.entered = false;
        self.error = match self.kind.dialect {
            Dialect::Damiao => DAMIAO_OVERLOAD,
            Dialect::CubeMars => CUBEMARS_STALL,
            Dialect::MiniCheetah => 0,
        };
    }

    /// Takes a frame that is for it, and answers.
    fn obey(&mut self, at: Stamp, frame: &CanFrame, shaft: &Shaft) -> Option<Vec<u8>> {
        let data: [u8; 8] = frame.data().try_into().ok()?;
        self.heard = at;
        match Word::decode(data) {
            Some(Word::Enter) if self.error == 0 => {
                // Nothing that it was told before counts any more.
                (self.entered, self.command) = (true, MitCommand::default());
            }
            Some(Word::Exit) => self.entered = false,
            Some(Word::Zero) => self.zero_rad = shaft.position,
            Some(Word::Clear) => self.error = 0,
            Some(Word::Enter) => {}
            None if self.entered => self.command = MitCommand::decode(data, self.kind),
            None => {}
        }
        let status = Status { enabled: None, flags: MotorFlags::default() };
        let reply = MitReply {
            id: self.id,
            position_rad: shaft.position - self.zero_rad,
            velocity_rad_s: shaft.speed,
            torque_nm: shaft.load * self.kind.torque_nm,
            status,
        };
        let code = match (self.kind.dialect, self.error) {
            (Dialect::Damiao, 0) => u8::from(self.entered),
            (_, error) => error,
        };
        Some(reply.encode(self.kind, code))
    }

    /// Answers for a register, if it has such things.
    fn register(&mut self, number: u8, write: Option<u32>) -> Option<Vec<u8>> {
        if self.kind.dialect != Dialect::Damiao {
            return None;
        }
        if let (damiao::TIMEOUT, Some(units)) = (number, write) {
            self.timeout = units * Duration::from_micros(50);
        }
        let float = |value: f64| (value as f32).to_bits();
        let value = match number {
            damiao::TIMEOUT => damiao::timeout(self.timeout),
            damiao::CONTROL_MODE => damiao::MIT_MODE,
            damiao::POSITION_MAX => float(self.kind.position_rad),
            damiao::VELOCITY_MAX => float(self.kind.velocity_rad_s),
            damiao::TORQUE_MAX => float(self.kind.torque_nm),
            _ => return None,
        };
        let how = if write.is_some() { damiao::WRITE } else { damiao::READ };
        Some([&[self.id, 0, how, number], &value.to_le_bytes()[..]].concat())
    }

    /// A shaft without inertia moves so that its motor's torque vanishes:
    /// `kp * (position - q) + kd * (velocity - dq) + torque = 0`, which is a first-order servo with the
    /// gain `kp / kd`.
    fn drive(&self) -> Drive {
        let MitCommand { position_rad, velocity_rad_s, kp, kd, torque_nm } = self.command;
        let kd = kd.max(DAMPING_MIN);
        // One code is the least torque that can be told from none.
        let torque_nm =
            if torque_nm.abs() > self.kind.torque_nm / 2000.0 { torque_nm } else { 0.0 };
        Drive {
            on: self.entered && kp > 0.0,
            goal: position_rad + self.zero_rad,
            goal_speed: velocity_rad_s + torque_nm / kd,
            torque_limit: 1.0,
            gain_per_s: Some(kp / kd),
        }
    }
}

#[cfg(test)]
mod tests;
