//! A host on the STS bus: one question at a time, each answer awaited with a deadline.

use core::time::Duration;
use std::collections::VecDeque;
use std::io;

use tandem_types::Stamp;

use super::packet::{BROADCAST, OVERHEAD_BYTES, Packet, Parser};
use super::registers::{self as register, Register};
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

/// Why a servo did not do what it was told.
#[derive(Debug, thiserror::Error)]
pub enum StsError {
    /// The line is gone.
    #[error("the serial line is gone ({0}); is the cable in?")]
    Line(#[from] io::Error),
    /// No answer, or none that could be read.
    #[error("servo {id} does not answer; is it on the bus, powered, and set to this baud rate?")]
    Silent {
        /// Its id.
        id: u8,
    },
}

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
    line: L,
    baud: u32,
    parser: Parser,
    /// Bytes that came and were not looked at yet.
    came: VecDeque<u8>,
}

impl<L: Line> StsBus<L> {
    /// A bus at a baud rate.
    pub fn new(line: L, baud: u32) -> Self {
        Self { line, baud, parser: Parser::default(), came: VecDeque::new() }
    }

    /// How long so many bytes take on the line: ten bits each, with start and stop.
    #[must_use]
    pub fn line_time(&self, bytes: usize) -> Duration {
        line_time(self.baud, bytes)
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
    pub fn write_goals(&mut self, goals: &[(u8, i32)]) -> Result<(), StsError> {
        let goals: Vec<_> = goals
            .iter()
            .map(|(id, steps)| (*id, register::GOAL_POSITION.encode(*steps).to_le_bytes()))
            .collect();
        let packet = Packet::sync_write(register::GOAL_POSITION.address, &goals);
        Ok(self.line.send(&packet.encode())?)
    }

    /// Asks all servos what they do; `None` for each that does not answer in time.
    ///
    /// An answer to the question before that came too late for it stands in for one that does not
    /// come: a servo whose bytes the kernel keeps waiting is not silent.
    ///
    /// # Errors
    /// If the line is gone.
    pub fn read_all(&mut self, ids: &[u8], into: &mut [Option<Reading>]) -> Result<(), StsError> {
        into.fill(None);
        let mut store = |packet: &Packet| {
            let place = ids.iter().position(|id| *id == packet.id)?;
            *into.get_mut(place)? = Some(Reading::of(packet)?);
            Some(place)
        };
        while let Some(late) = self.answer(self.line.now())? {
            store(&late);
        }
        let question =
            Packet::sync_read(register::PRESENT_POSITION.address, READING_BYTES, ids).encode();
        self.line.send(&question)?;
        // What was written before is still on the line, too.
        let bytes = Self::cycle_bytes(ids.len());
        let deadline = self.line.now().after(self.line_time(bytes) + ANSWER_SLACK);
        let mut missing: Vec<usize> = (0..ids.len()).collect();
        while !missing.is_empty() {
            let Some(packet) = self.answer(deadline)? else { break };
            let stored = store(&packet);
            missing.retain(|place| Some(*place) != stored);
        }
        Ok(())
    }

    /// Reads one register of one servo.
    ///
    /// # Errors
    /// If the line is gone or the servo does not answer.
    pub fn read(&mut self, id: u8, register: &Register) -> Result<i32, StsError> {
        let question = Packet::read(id, register.address, register.bytes);
        let answer = self.exchange(&question)?;
        let raw = match answer.parameters[..] {
            [low] if register.bytes == 1 => u16::from(low),
            [low, high] if register.bytes == 2 => u16::from_le_bytes([low, high]),
            _ => return Err(StsError::Silent { id }),
        };
        Ok(register.decode(raw))
    }

    /// Writes one register of one servo, and has it confirmed.
    ///
    /// # Errors
    /// If the line is gone or the servo does not answer.
    pub fn write(&mut self, id: u8, register: &Register, value: i32) -> Result<(), StsError> {
        let bytes = register.encode(value).to_le_bytes();
        let data = bytes.get(..usize::from(register.bytes)).unwrap_or(&bytes);
        self.exchange(&Packet::write(id, register.address, data)).map(drop)
    }

    /// Whether a servo is there.
    ///
    /// # Errors
    /// If the line is gone.
    pub fn ping(&mut self, id: u8) -> Result<bool, StsError> {
        match self.exchange(&Packet::instruction(id, super::Instruction::Ping, vec![])) {
            Ok(_) => Ok(true),
            Err(StsError::Silent { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Switches all motors on. Nobody answers.
    ///
    /// # Errors
    /// If the line is gone.
    pub fn torque_on(&mut self, ids: &[u8]) -> Result<(), StsError> {
        let all: Vec<_> = ids.iter().map(|id| (*id, [1])).collect();
        let packet = Packet::sync_write(register::TORQUE_ENABLE.address, &all);
        Ok(self.line.send(&packet.encode())?)
    }

    /// Lets every motor go: all at once, then each by itself, whatever becomes of the others.
    /// Gives the ids of those that did not confirm.
    pub fn torque_off(&mut self, ids: &[u8]) -> Vec<u8> {
        let all: Vec<_> = ids.iter().map(|id| (*id, [0])).collect();
        let packet = Packet::sync_write(register::TORQUE_ENABLE.address, &all);
        self.line.send(&packet.encode()).ok();
        let mut still_on = |id: &u8| self.write(*id, &register::TORQUE_ENABLE, 0).is_err();
        ids.iter().copied().filter(|id| still_on(id)).collect()
    }

    /// Asks one servo, again if need be: every question here may be asked twice.
    fn exchange(&mut self, question: &Packet) -> Result<Packet, StsError> {
        let silent = StsError::Silent { id: question.id };
        if question.id == BROADCAST {
            return Err(silent);
        }
        let bytes = question.encode();
        let longest = self.line_time(bytes.len() + OVERHEAD_BYTES + 4);
        for _try in 0..TRIES {
            self.ask(&bytes)?;
            let deadline = self.line.now().after(longest + PATIENCE);
            while let Some(packet) = self.answer(deadline)? {
                if packet.id == question.id {
                    return Ok(packet);
                }
            }
        }
        Err(silent)
    }

    /// Sends a question; what was still to come of former answers is forgotten.
    fn ask(&mut self, question: &[u8]) -> Result<(), StsError> {
        self.parser.clear();
        self.came.clear();
        self.line.discard()?;
        Ok(self.line.send(question)?)
    }

    /// The next packet before the deadline.
    fn answer(&mut self, deadline: Stamp) -> Result<Option<Packet>, StsError> {
        loop {
            while let Some(byte) = self.came.pop_front() {
                if let Some(packet) = self.parser.push(byte) {
                    return Ok(Some(packet));
                }
            }
            // Past the deadline, too, what has come is taken: whoever was kept from the processor
            // finds the answers waiting, and no servo is to blame.
            let left = self.line.now().age_at(deadline);
            let mut bytes = [0; 128];
            let count = self.line.receive(&mut bytes, left)?;
            if count == 0 {
                return Ok(None);
            }
            self.came.extend(bytes.iter().take(count));
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

/// How long so many bytes take at a baud rate.
#[must_use]
pub fn line_time(baud: u32, bytes: usize) -> Duration {
    let bits = u64::try_from(bytes).unwrap_or(u64::MAX).saturating_mul(10);
    Duration::from_nanos(bits.saturating_mul(1_000_000_000) / u64::from(baud.max(1)))
}
