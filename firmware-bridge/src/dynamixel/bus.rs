//! A host on the Dynamixel bus: one question at a time, each answer awaited with a deadline.

use core::time::Duration;

use tandem_protocol::MotorFlags;

use super::Parser;
use super::packet::{
    BROADCAST, INSTRUCTION_OVERHEAD_BYTES, Instruction, Kind, Packet, STATUS_OVERHEAD_BYTES,
    StatusError,
};
use super::reading::{Reading, SHOWN, SHOWN_BYTES};
use super::registers::{self as register, Model, Register};
use crate::exchange::Exchange;
use crate::motor_bus::{BusError, MotorBus, ShaftGoal, ShaftState, Shape, steps_of_urad};
use crate::serial::Line;

/// Beyond the time its bytes take, an answer may be so late: the servos' own delay, the adapter's
/// buffering and this process' wake-up.
const ANSWER_SLACK: Duration = Duration::from_millis(3);

/// The same for a question outside the cycle, which nobody's motion waits for.
const PATIENCE: Duration = Duration::from_millis(30);

/// How often a servo is asked before it counts as silent: a line may lose a byte now and then.
const TRIES: usize = 3;

/// No answer is longer: the data of a reading, stuffed.
const ANSWER_BYTES_MAX: usize = 64;

/// The watchdog's unit.
const WATCHDOG_STEP: Duration = Duration::from_millis(20);

/// What a servo says of itself when it is asked whether it is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    /// See [`Model::number`].
    pub model: u16,
    /// Version of its firmware.
    pub firmware: u8,
}

/// The bus, from the host's side.
#[derive(Debug)]
pub struct DynamixelBus<L> {
    exchange: Exchange<L, Parser>,
    expected: Vec<(u8, &'static Model)>,
    servos: Vec<Known>,
    goals_sent: bool,
    /// How long the servos' watchdogs may wait.
    watchdog: Duration,
}

/// A servo that was found.
#[derive(Clone, Copy, Debug)]
struct Known {
    id: u8,
    model: &'static Model,
    /// It was told to drive.
    on: bool,
    /// What it did, as it said last.
    last: Option<ShaftState>,
}

impl<L: Line> DynamixelBus<L> {
    /// A bus at a baud rate.
    pub fn new(line: L, baud: u32) -> Self {
        let exchange = Exchange::new(line, baud, Parser::up_to(ANSWER_BYTES_MAX));
        let (expected, servos) = (Vec::new(), Vec::new());
        Self { exchange, expected, servos, goals_sent: false, watchdog: WATCHDOG_STEP }
    }

    /// A bus that refuses servos with these ids if they are of other models.
    #[must_use]
    pub fn expecting(self, servos: &[(u8, &'static Model)]) -> Self {
        Self { expected: servos.to_vec(), ..self }
    }

    /// Whether a servo is there, and which.
    ///
    /// # Errors
    /// If the line is gone.
    pub fn ping(&mut self, id: u8) -> Result<Option<Identity>, BusError> {
        match self.exchange(&Packet::instruction(id, Instruction::Ping, vec![]), 3) {
            Ok(data) => Ok(match data[..] {
                [low, high, firmware] => {
                    Some(Identity { model: u16::from_le_bytes([low, high]), firmware })
                }
                _ => None,
            }),
            Err(BusError::Silent { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Reads one register of one servo.
    ///
    /// # Errors
    /// If the line is gone, the servo does not answer or refuses.
    pub fn read(&mut self, id: u8, register: &Register) -> Result<i32, BusError> {
        let question = Packet::read(id, register.address, register.bytes);
        let data = self.exchange(&question, usize::from(register.bytes))?;
        register.decode(&data).ok_or(BusError::Silent { id })
    }

    /// Writes one register of one servo, and has it confirmed.
    ///
    /// # Errors
    /// If the line is gone, the servo does not answer or refuses.
    pub fn write(&mut self, id: u8, register: &Register, value: i32) -> Result<(), BusError> {
        let bytes = register.encode(value);
        let data = bytes.get(..usize::from(register.bytes)).unwrap_or(&bytes);
        self.exchange(&Packet::write(id, register.address, data), 0).map(drop)
    }

    /// Has a servo start anew, as after power-up. It answers before it does.
    ///
    /// # Errors
    /// If the line is gone, the servo does not answer or refuses.
    pub fn reboot(&mut self, id: u8) -> Result<(), BusError> {
        self.exchange(&Packet::instruction(id, Instruction::Reboot, vec![]), 0).map(drop)
    }

    /// Writes a byte to all these servos at once. Nobody answers.
    fn tell(&mut self, ids: &[u8], register: &Register, value: i32) -> Result<(), BusError> {
        let [byte, ..] = register.encode(value);
        let all: Vec<_> = ids.iter().map(|id| (*id, [byte])).collect();
        self.exchange.tell(&Packet::sync_write(register.address, &all).encode())
    }

    /// Asks one servo, again if need be: every question here may be asked twice. `bytes` is what it
    /// answers with.
    fn exchange(&mut self, question: &Packet, bytes: usize) -> Result<Vec<u8>, BusError> {
        let id = question.id;
        if id == BROADCAST {
            return Err(BusError::Silent { id });
        }
        let encoded = question.encode();
        let longest = self.exchange.line_time(encoded.len() + STATUS_OVERHEAD_BYTES + bytes);
        let mut trouble = BusError::Silent { id };
        for _try in 0..TRIES {
            self.exchange.ask(&encoded)?;
            let deadline = self.exchange.within(longest + PATIENCE);
            while let Some(packet) = self.exchange.answer(deadline)? {
                match (packet.kind, StatusError::of(packet.error())) {
                    (Kind::Status(_), None)
                        if packet.id == id && packet.parameters.len() == bytes =>
                    {
                        return Ok(packet.parameters);
                    }
                    (Kind::Status(_), Some(reason)) if packet.id == id => {
                        trouble = BusError::Refused { id, reason };
                        break;
                    }
                    // An echo of the question, or somebody else.
                    _ => {}
                }
            }
        }
        Err(trouble)
    }

    fn know(&mut self, id: u8, model: &'static Model) {
        self.servos.retain(|known| known.id != id);
        self.servos.push(Known { id, model, on: false, last: None });
    }

    fn known(&self, id: u8) -> Option<&Known> {
        self.servos.iter().find(|known| known.id == id)
    }

    /// The places in memory that these servos' readings are at: one sync read each.
    fn places(&self, ids: &[u8]) -> Vec<u16> {
        let mut places: Vec<_> =
            ids.iter().filter_map(|id| Some(self.known(*id)?.model.indirect_data)).collect();
        places.sort_unstable();
        places.dedup();
        places
    }

    /// Reads these servos, whose readings are all in one place.
    fn read_group(
        &mut self,
        place: u16,
        ids: &[u8],
        into: &mut [Option<ShaftState>],
    ) -> Result<(), BusError> {
        let is_here = |id: &u8| self.known(*id).is_some_and(|k| k.model.indirect_data == place);
        let group: Vec<u8> = ids.iter().copied().filter(is_here).collect();
        self.exchange.ask(&Packet::sync_read(place, SHOWN_BYTES, &group).encode())?;
        // What was written before is still on the line, too.
        let bytes = cycle_bytes(ids.len(), 1);
        let deadline = self.exchange.within(self.exchange.line_time(bytes) + ANSWER_SLACK);
        let mut missing = group.len();
        while missing > 0 {
            let Some(packet) = self.exchange.answer(deadline)? else { break };
            let at = ids.iter().position(|id| *id == packet.id);
            let slot = at.and_then(|at| into.get_mut(at)).filter(|slot| slot.is_none());
            let known = self.servos.iter_mut().find(|known| known.id == packet.id);
            if let (Some(slot), Some(known), Some(reading)) = (slot, known, Reading::of(&packet)) {
                *slot = known.hear(&reading);
                missing -= 1;
            }
        }
        Ok(())
    }

    /// As long as the watchdog may wait, but so long that a cycle may come late twice.
    fn watchdog_steps(&self, servos: usize) -> i32 {
        let step = WATCHDOG_STEP.as_micros();
        let cycles = (3 * self.cycle_floor(servos).as_micros()).div_ceil(step);
        let steps = (self.watchdog.as_micros() / step).max(cycles).clamp(1, 127);
        i32::try_from(steps).unwrap_or(127)
    }
}

impl<L: Line> MotorBus for DynamixelBus<L> {
    fn find(&mut self, id: u8) -> Result<bool, BusError> {
        let found = self.ping(id)?;
        // Whoever was its host before has told it what to show.
        let model = found.and_then(|identity| register::model(i32::from(identity.model)));
        if let Some(model) = model {
            self.know(id, model);
        }
        Ok(found.is_some())
    }

    fn shape(&mut self, shape: &Shape) {
        self.watchdog = shape.stop_within;
    }

    fn prepare(&mut self, id: u8) -> Result<(), BusError> {
        // Before anything else, and without an answer: a servo may be set to give none.
        self.tell(&[id], &register::STATUS_RETURN_LEVEL, 2)?;
        self.write(id, &register::TORQUE_ENABLE, 0)?;
        self.write(id, &register::BUS_WATCHDOG, 0)?;
        let number = self.read(id, &register::MODEL_NUMBER)?;
        let model = register::model(number).ok_or(BusError::Model { id, number })?;
        let expected = self.expected.iter().find(|(expected, _)| *expected == id);
        if let Some((_, expected)) = expected.filter(|(_, expected)| *expected != model) {
            return Err(BusError::OtherModel { id, found: model.name, expected: expected.name });
        }
        let require = |register: &Register, found: i32, wanted: i32| {
            let register = register.name;
            if found == wanted {
                Ok(())
            } else {
                Err(BusError::Setup { id, register, found, wanted })
            }
        };
        // LeRobot has its arms do position control over several turns; goals mean the same there.
        let mode = self.read(id, &register::OPERATING_MODE)?;
        require(&register::OPERATING_MODE, mode, if mode == 4 { 4 } else { 3 })?;
        // The calibration says which way a motor turns, and no goal may switch it on.
        let drive_mode = self.read(id, &register::DRIVE_MODE)?;
        require(&register::DRIVE_MODE, drive_mode, drive_mode & !0b1001)?;
        // Out of the box a servo waits 0.5 ms before each answer: more than all its bytes take.
        if self.read(id, &register::RETURN_DELAY_TIME)? != 0 {
            self.write(id, &register::RETURN_DELAY_TIME, 0)?;
        }
        // The firmware shapes the path; the servo's own profile would only add lag.
        self.write(id, &register::PROFILE_ACCELERATION, 0)?;
        self.write(id, &register::PROFILE_VELOCITY, 0)?;
        let shown = SHOWN.iter().flat_map(|register| register.address..register.end());
        let addresses: Vec<u8> = shown.flat_map(u16::to_le_bytes).collect();
        self.exchange(&Packet::write(id, register::INDIRECT_ADDRESS, &addresses), 0)?;
        self.know(id, model);
        Ok(())
    }

    fn send_goals(&mut self, goals: &[ShaftGoal]) -> Result<(), BusError> {
        let goals: Vec<_> = goals
            .iter()
            .map(|goal| {
                let steps = steps_of_urad(goal.position_urad);
                (goal.id, register::GOAL_POSITION.encode(steps))
            })
            .collect();
        self.goals_sent = true;
        self.exchange.tell(&Packet::sync_write(register::GOAL_POSITION.address, &goals).encode())
    }

    fn switch_on(&mut self, ids: &[u8]) -> Result<(), BusError> {
        let steps = self.watchdog_steps(ids.len());
        // Each twice: nobody answers, and a lost byte would leave a motor limp or unwatched.
        for (register, value) in [
            (register::BUS_WATCHDOG, steps),
            (register::BUS_WATCHDOG, steps),
            (register::TORQUE_ENABLE, 1),
            (register::TORQUE_ENABLE, 1),
        ] {
            self.tell(ids, &register, value)?;
        }
        let told = self.servos.iter_mut().filter(|known| ids.contains(&known.id));
        told.for_each(|known| known.on = true);
        Ok(())
    }

    fn let_go(&mut self, ids: &[u8]) -> Vec<u8> {
        self.servos.iter_mut().for_each(|known| known.on = false);
        self.tell(ids, &register::TORQUE_ENABLE, 0).ok();
        let mut still_on = |id: &u8| self.write(*id, &register::TORQUE_ENABLE, 0).is_err();
        let left = ids.iter().copied().filter(|id| still_on(id)).collect();
        self.tell(ids, &register::BUS_WATCHDOG, 0).ok();
        left
    }

    fn sense(&mut self, ids: &[u8], into: &mut [Option<ShaftState>]) -> Result<(), BusError> {
        into.fill(None);
        for place in self.places(ids) {
            self.read_group(place, ids, into)?;
        }
        let sent = core::mem::take(&mut self.goals_sent);
        let expired = into.iter().flatten().any(|state| state.flags.has(MotorFlags::LINK));
        if expired && !sent {
            // Nothing will move now: the watchdogs have done their work, and may be set again.
            let steps = self.watchdog_steps(ids.len());
            self.tell(ids, &register::BUS_WATCHDOG, 0)?;
            self.tell(ids, &register::BUS_WATCHDOG, steps)?;
        }
        Ok(())
    }

    fn cycle_floor(&self, motors: usize) -> Duration {
        let ids: Vec<u8> = self.servos.iter().map(|known| known.id).collect();
        self.exchange.line_time(cycle_bytes(motors, self.places(&ids).len().max(1)))
    }
}

impl Known {
    /// What it does, given what it shows.
    fn hear(&mut self, reading: &Reading) -> Option<ShaftState> {
        if reading.id == self.id {
            self.last = Some(reading.state(self.model, self.on));
            return self.last;
        }
        // It has forgotten what to show: where it is, nobody knows.
        self.last.map(|last| ShaftState {
            velocity_urad_s: 0,
            flags: last.flags.with(MotorFlags::RESTARTED),
            ..last
        })
    }
}

/// Bytes on the line for goals to and readings of so many servos in so many groups.
const fn cycle_bytes(servos: usize, groups: usize) -> usize {
    let goals = INSTRUCTION_OVERHEAD_BYTES + 4 + servos * 5;
    let questions = groups * (INSTRUCTION_OVERHEAD_BYTES + 4) + servos;
    let answers = servos * (STATUS_OVERHEAD_BYTES + SHOWN_BYTES as usize);
    goals + questions + answers
}

#[cfg(test)]
mod tests;
