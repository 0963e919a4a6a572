//! A host on the STS bus: one question at a time, each answer awaited with a deadline.

use core::time::Duration;

use super::complaints;
use super::lead::Lead;
use super::packet::{BROADCAST, OVERHEAD_BYTES, Packet, Parser};
use super::registers::{self as register, Register};
use crate::exchange::Exchange;
use crate::motor_bus::{
    BusError, Effort, MotorBus, ShaftGoal, ShaftState, Shape, steps_of_urad, urad_of_steps,
};
use crate::serial::Line;

/// Beyond the time its bytes take, an answer may be so late: the servos' own delay, the adapter's
/// buffering and this process' wake-up. With all its bytes it fits a period of 4 ms at 1 Mbaud, so
/// that a mute servo does not slow the others down.
const ANSWER_SLACK: Duration = Duration::from_millis(2);

/// The same for a question outside the cycle, which nobody's motion waits for.
const PATIENCE: Duration = Duration::from_millis(30);

/// How often a servo is asked before it counts as silent: a line may lose a byte now and then.
const TRIES: usize = 3;

/// How many bytes one sync read asks of each servo: position to load.
const READING_BYTES: u8 = 6;

/// What one sync read learns of a servo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Steps.
    pub position: i32,
    /// Steps/s.
    pub speed: i32,
    /// 0.1 per cent of the most torque.
    pub load: i32,
    /// The error byte.
    pub error: u8,
}

/// The bus, from the host's side.
#[derive(Debug)]
pub struct StsBus<L> {
    exchange: Exchange<L, Parser>,
    lead: Lead,
}

impl<L: Line> StsBus<L> {
    /// A bus at a baud rate.
    pub fn new(line: L, baud: u32) -> Self {
        Self { exchange: Exchange::new(line, baud, Parser::default()), lead: Lead::NONE }
    }

    /// How long so many bytes take on the line: ten bits each, with start and stop.
    #[must_use]
    pub fn line_time(&self, bytes: usize) -> Duration {
        self.exchange.line_time(bytes)
    }

    /// Bytes on the line for one cycle of [`write_goals`](Self::write_goals) and
    /// [`read_all`](Self::read_all) with so many servos.
    #[must_use]
    pub const fn cycle_bytes(servos: usize) -> usize {
        let goals = OVERHEAD_BYTES + 2 + servos * 3;
        let question = OVERHEAD_BYTES + 2 + servos;
        let answers = servos * (OVERHEAD_BYTES + READING_BYTES as usize);
        goals + question + answers
    }

    /// Tells all servos where to go, steps. Nobody answers.
    ///
    /// # Errors
    /// If the line is gone.
    pub fn write_goals(&mut self, goals: &[(u8, i32)]) -> Result<(), BusError> {
        let goals: Vec<_> = goals
            .iter()
            .map(|(id, steps)| (*id, register::GOAL_POSITION.encode(*steps).to_le_bytes()))
            .collect();
        let packet = Packet::sync_write(register::GOAL_POSITION.address, &goals);
        self.exchange.tell(&packet.encode())
    }

    /// Asks all servos what they do; `None` for each that does not answer in time.
    ///
    /// An answer to the question before that came too late for it stands in for one that does not
    /// come: a servo whose bytes the kernel keeps waiting is not silent.
    ///
    /// # Errors
    /// If the line is gone.
    pub fn read_all(&mut self, ids: &[u8], into: &mut [Option<Reading>]) -> Result<(), BusError> {
        into.fill(None);
        let mut store = |packet: &Packet| {
            let place = ids.iter().position(|id| *id == packet.id)?;
            *into.get_mut(place)? = Some(Reading::of(packet)?);
            Some(place)
        };
        while let Some(late) = self.exchange.answer(self.exchange.within(Duration::ZERO))? {
            store(&late);
        }
        let question =
            Packet::sync_read(register::PRESENT_POSITION.address, READING_BYTES, ids).encode();
        self.exchange.tell(&question)?;
        // What was written before is still on the line, too.
        let bytes = Self::cycle_bytes(ids.len());
        let deadline = self.exchange.within(self.line_time(bytes) + ANSWER_SLACK);
        let mut missing: Vec<usize> = (0..ids.len()).collect();
        while !missing.is_empty() {
            let Some(packet) = self.exchange.answer(deadline)? else { break };
            let stored = store(&packet);
            missing.retain(|place| Some(*place) != stored);
        }
        Ok(())
    }

    /// Reads one register of one servo.
    ///
    /// # Errors
    /// If the line is gone or the servo does not answer.
    pub fn read(&mut self, id: u8, register: &Register) -> Result<i32, BusError> {
        let question = Packet::read(id, register.address, register.bytes);
        let answer = self.exchange(&question)?;
        let raw = match answer.parameters[..] {
            [low] if register.bytes == 1 => u16::from(low),
            [low, high] if register.bytes == 2 => u16::from_le_bytes([low, high]),
            _ => return Err(BusError::Silent { id }),
        };
        Ok(register.decode(raw))
    }

    /// Writes one register of one servo, and has it confirmed.
    ///
    /// # Errors
    /// If the line is gone or the servo does not answer.
    pub fn write(&mut self, id: u8, register: &Register, value: i32) -> Result<(), BusError> {
        let bytes = register.encode(value).to_le_bytes();
        let data = bytes.get(..usize::from(register.bytes)).unwrap_or(&bytes);
        self.exchange(&Packet::write(id, register.address, data)).map(drop)
    }

    /// Whether a servo is there.
    ///
    /// # Errors
    /// If the line is gone.
    pub fn ping(&mut self, id: u8) -> Result<bool, BusError> {
        match self.exchange(&Packet::instruction(id, super::Instruction::Ping, vec![])) {
            Ok(_) => Ok(true),
            Err(BusError::Silent { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Switches all motors on. Nobody answers.
    ///
    /// # Errors
    /// If the line is gone.
    pub fn torque_on(&mut self, ids: &[u8]) -> Result<(), BusError> {
        let all: Vec<_> = ids.iter().map(|id| (*id, [1])).collect();
        let packet = Packet::sync_write(register::TORQUE_ENABLE.address, &all);
        self.exchange.tell(&packet.encode())
    }

    /// Lets every motor go: all at once, then each by itself, whatever becomes of the others.
    /// Gives the ids of those that did not confirm.
    pub fn torque_off(&mut self, ids: &[u8]) -> Vec<u8> {
        let all: Vec<_> = ids.iter().map(|id| (*id, [0])).collect();
        let packet = Packet::sync_write(register::TORQUE_ENABLE.address, &all);
        self.exchange.tell(&packet.encode()).ok();
        let mut still_on = |id: &u8| self.write(*id, &register::TORQUE_ENABLE, 0).is_err();
        ids.iter().copied().filter(|id| still_on(id)).collect()
    }

    /// Asks one servo, again if need be: every question here may be asked twice.
    fn exchange(&mut self, question: &Packet) -> Result<Packet, BusError> {
        let silent = BusError::Silent { id: question.id };
        if question.id == BROADCAST {
            return Err(silent);
        }
        let bytes = question.encode();
        let longest = self.line_time(bytes.len() + OVERHEAD_BYTES + 4);
        for _try in 0..TRIES {
            self.exchange.ask(&bytes)?;
            let deadline = self.exchange.within(longest + PATIENCE);
            while let Some(packet) = self.exchange.answer(deadline)? {
                if packet.id == question.id {
                    return Ok(packet);
                }
            }
        }
        Err(silent)
    }
}

impl<L: Line> MotorBus for StsBus<L> {
    fn find(&mut self, id: u8) -> Result<bool, BusError> {
        self.ping(id)
    }

    fn shape(&mut self, shape: &Shape) {
        self.lead = Lead::new(shape.period, shape.deceleration_rad_s2);
    }

    fn prepare(&mut self, id: u8) -> Result<(), BusError> {
        let mode = self.read(id, &register::MODE)?;
        if mode != 0 {
            return Err(BusError::Setup { id, register: "MODE (33)", found: mode, wanted: 0 });
        }
        self.write(id, &register::TORQUE_ENABLE, 0)?;
        // Out of the box a servo waits 0.5 ms before each answer: more than all its bytes take.
        if self.read(id, &register::RETURN_DELAY)? != 0 {
            self.keep(id, &[(register::RETURN_DELAY, 0)])?;
        }
        // The firmware shapes the path; the profile is what stops the motor when nobody speaks to it.
        self.write(id, &register::ACCELERATION, self.lead.acceleration_count())?;
        self.write(id, &register::GOAL_SPEED, 0)
    }

    fn send_goals(&mut self, goals: &[ShaftGoal]) -> Result<(), BusError> {
        let steps = goals.iter().map(|goal| (goal.id, steps_of_urad(self.lead.goal_urad(goal))));
        self.write_goals(&steps.collect::<Vec<_>>())
    }

    fn switch_on(&mut self, ids: &[u8]) -> Result<(), BusError> {
        self.torque_on(ids)
    }

    fn let_go(&mut self, ids: &[u8]) -> Vec<u8> {
        self.torque_off(ids)
    }

    fn sense(&mut self, ids: &[u8], into: &mut [Option<ShaftState>]) -> Result<(), BusError> {
        let mut readings = vec![None; ids.len()];
        self.read_all(ids, &mut readings)?;
        for (state, reading) in into.iter_mut().zip(readings) {
            *state = reading.map(ShaftState::from);
        }
        Ok(())
    }

    fn cycle_floor(&self, motors: usize) -> Duration {
        self.line_time(Self::cycle_bytes(motors))
    }
}

impl From<Reading> for ShaftState {
    fn from(reading: Reading) -> Self {
        Self {
            position_urad: urad_of_steps(reading.position),
            velocity_urad_s: urad_of_steps(reading.speed),
            effort: Effort::Share(f64::from(reading.load) / 1000.0),
            flags: complaints(reading.error),
        }
    }
}

impl Reading {
    fn of(packet: &Packet) -> Option<Self> {
        let [p0, p1, s0, s1, l0, l1] = packet.parameters[..] else { return None };
        let value =
            |register: &Register, low, high| register.decode(u16::from_le_bytes([low, high]));
        Some(Self {
            position: value(&register::PRESENT_POSITION, p0, p1),
            speed: value(&register::PRESENT_SPEED, s0, s1),
            load: value(&register::PRESENT_LOAD, l0, l1),
            error: packet.code,
        })
    }
}
