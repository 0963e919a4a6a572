//! One servo of the X series: its memory, and what it does by itself.

use core::time::Duration;

use tandem_types::Stamp;

use super::DynamixelServos;
use crate::dynamixel::registers::{
    self as register, Effort, INDIRECT_ADDRESS, INDIRECT_COUNT, Model, Register, Storage,
};
use crate::dynamixel::{Packet, Parser, StatusError};
use crate::emulator::faults::FaultPlan;
use crate::emulator::plant::{Drive, SUPPLY_V, Shaft};
use crate::emulator::servo_bus::WiredServo;

/// To the last byte of the indirect data of the models known here.
const MEMORY_BYTES: usize = 256;

/// Bits of the hardware error register.
const ERROR_VOLTAGE: i32 = 1;
const ERROR_TEMPERATURE: i32 = 1 << 2;
const ERROR_OVERLOAD: i32 = 1 << 5;

/// A count of velocity, steps/s.
const VELOCITY_STEPS_S: f64 = 0.229 / 60.0 * register::STEPS_PER_TURN as f64;

/// One servo.
#[derive(Clone, Debug)]
pub struct Servo {
    model: &'static Model,
    memory: [u8; MEMORY_BYTES],
    /// When the last packet came, to whomever.
    heard: Stamp,
    /// Where it stopped when the host was silent for too long.
    stopped_at: Option<i32>,
}

impl Servo {
    /// As it comes from the factory, but for the mode.
    pub(super) fn new(id: u8, model: &'static Model) -> Self {
        let memory = [0; MEMORY_BYTES];
        let mut servo = Self { model, memory, heard: Stamp::ORIGIN, stopped_at: None };
        let (volts_min, volts_max) = match model.number {
            1190 | 1200 => (35, 70),
            1060 => (60, 140),
            _ => (95, 160),
        };
        for (register, value) in [
            (register::MODEL_NUMBER, model.number),
            (register::FIRMWARE_VERSION, 52),
            (register::ID, i32::from(id)),
            (register::BAUD_RATE, 1),
            (register::RETURN_DELAY_TIME, 250),
            (register::OPERATING_MODE, 3),
            (register::TEMPERATURE_LIMIT, 72),
            (register::MAX_VOLTAGE_LIMIT, volts_max),
            (register::MIN_VOLTAGE_LIMIT, volts_min),
            (register::PWM_LIMIT, 885),
            (register::MAX_POSITION_LIMIT, register::STEPS_PER_TURN - 1),
            // Overload, electrical shock and overheating.
            (register::SHUTDOWN, 0b11_0100),
        ] {
            servo.set(&register, value);
        }
        servo.restart();
        servo
    }

    /// Starts anew, as after power-up: what is not in the EEPROM is as at the factory.
    pub(super) fn restart(&mut self) {
        self.memory[usize::from(register::SHUTDOWN.end())..].fill(0);
        self.stopped_at = None;
        self.set(&register::STATUS_RETURN_LEVEL, 2);
        self.set(&register::POSITION_P_GAIN, 800);
        self.set(&register::GOAL_PWM, self.get(&register::PWM_LIMIT));
        for index in 0..INDIRECT_COUNT {
            let at = usize::from(INDIRECT_ADDRESS + 2 * index);
            let shown = (self.model.indirect_data + index).to_le_bytes();
            self.memory[at..at + 2].copy_from_slice(&shown);
        }
    }

    /// What it says of itself when it is asked whether it is there.
    pub(super) fn identity(&self) -> [u8; 3] {
        let firmware = usize::from(register::FIRMWARE_VERSION.address);
        [self.memory[0], self.memory[1], self.memory[firmware]]
    }

    fn set(&mut self, register: &Register, value: i32) {
        let at = usize::from(register.address)..usize::from(register.end());
        self.memory[at].copy_from_slice(&register.encode(value)[..usize::from(register.bytes)]);
    }

    /// Bytes of its memory; those of the indirect data are what their addresses point to.
    pub(super) fn read(&self, address: u16, bytes: u16) -> Result<Vec<u8>, StatusError> {
        let end = address.checked_add(bytes).filter(|end| usize::from(*end) <= MEMORY_BYTES);
        let end = end.ok_or(StatusError::Access)?;
        Ok((address..end).map(|at| self.memory[usize::from(self.pointed_to(at))]).collect())
    }

    fn pointed_to(&self, at: u16) -> u16 {
        let index = at.wrapping_sub(self.model.indirect_data);
        if index >= INDIRECT_COUNT {
            return at;
        }
        let place = usize::from(INDIRECT_ADDRESS + 2 * index);
        let address = u16::from_le_bytes([self.memory[place], self.memory[place + 1]]);
        // Beyond the control table there is nothing to point to but the place itself.
        if address < INDIRECT_ADDRESS { address } else { at }
    }

    /// Takes bytes that a host writes: all, or nothing.
    pub(super) fn write(&mut self, address: u16, data: &[u8]) -> Result<(), StatusError> {
        let bytes = u16::try_from(data.len()).map_err(|_too_many| StatusError::Length)?;
        let end = address.checked_add(bytes).ok_or(StatusError::Access)?;
        let indirect = INDIRECT_ADDRESS..=INDIRECT_ADDRESS + 2 * INDIRECT_COUNT;
        if indirect.contains(&address) && indirect.contains(&end) {
            if self.get(&register::TORQUE_ENABLE) == 1 {
                return Err(StatusError::Access);
            }
            self.memory[usize::from(address)..usize::from(end)].copy_from_slice(data);
            return Ok(());
        }
        let touched = || {
            let all = register::X_SERIES.iter();
            all.filter(move |register| register.address < end && register.end() > address)
        };
        if touched().next().is_none() {
            return Err(StatusError::Access);
        }
        if touched().any(|register| register.address < address || register.end() > end) {
            return Err(StatusError::Length);
        }
        let values = touched().map(|register| {
            let from = usize::from(register.address - address);
            let raw = &data[from..from + usize::from(register.bytes)];
            Ok((register, register.decode(raw).ok_or(StatusError::Length)?))
        });
        let values = values.collect::<Result<Vec<_>, StatusError>>()?;
        values.iter().try_for_each(|(register, value)| self.allows(register, *value))?;
        for (register, value) in values {
            self.set(register, value);
            if *register == register::BUS_WATCHDOG && value == 0 {
                self.stopped_at = None;
            }
        }
        Ok(())
    }

    fn allows(&self, register: &Register, value: i32) -> Result<(), StatusError> {
        let on = self.get(&register::TORQUE_ENABLE) == 1;
        let range = match *register {
            register::TORQUE_ENABLE => 0..=1,
            register::RETURN_DELAY_TIME => 0..=254,
            register::OPERATING_MODE => 0..=16,
            register::STATUS_RETURN_LEVEL => 0..=2,
            register::BUS_WATCHDOG => 0..=127,
            register::ID => 0..=252,
            _ => i32::MIN..=i32::MAX,
        };
        let goals = [
            register::GOAL_PWM,
            register::GOAL_CURRENT,
            register::GOAL_VELOCITY,
            register::GOAL_POSITION,
        ];
        match register.storage {
            Storage::ReadOnly => return Err(StatusError::Access),
            Storage::Eeprom if on => return Err(StatusError::Access),
            _ => {}
        }
        if !range.contains(&value) {
            return Err(StatusError::Range);
        }
        if goals.contains(register) && self.get(&register::BUS_WATCHDOG) < 0 {
            return Err(StatusError::Range);
        }
        let limits =
            self.get(&register::MIN_POSITION_LIMIT)..=self.get(&register::MAX_POSITION_LIMIT);
        let within_a_turn = self.get(&register::OPERATING_MODE) == 3;
        if *register == register::GOAL_POSITION && within_a_turn && !limits.contains(&value) {
            return Err(StatusError::Limit);
        }
        // What made it let go is still there until it starts anew.
        if *register == register::TORQUE_ENABLE && value == 1 && self.is_shut_down() {
            return Err(StatusError::Failed);
        }
        Ok(())
    }

    fn is_shut_down(&self) -> bool {
        self.get(&register::HARDWARE_ERROR_STATUS) & self.get(&register::SHUTDOWN) != 0
    }

    /// A packet came, to whomever.
    pub(super) const fn hear(&mut self, at: Stamp) {
        self.heard = at;
    }

    /// Stops if no packet came for too long.
    fn watch(&mut self, now: Stamp) {
        let steps = u32::try_from(self.get(&register::BUS_WATCHDOG)).unwrap_or(0);
        let on = self.get(&register::TORQUE_ENABLE) == 1;
        if on && steps > 0 && self.heard.age_at(now) > steps * Duration::from_millis(20) {
            self.set(&register::BUS_WATCHDOG, -1);
            let here = self.get(&register::PRESENT_POSITION);
            self.stopped_at = Some(here);
            self.set(&register::GOAL_POSITION, here);
        }
    }

    fn complain(&mut self, shaft: &Shaft, overloaded: bool) {
        // What was wrong once stays until it starts anew.
        let mut error = self.get(&register::HARDWARE_ERROR_STATUS);
        let volts = self.get(&register::MIN_VOLTAGE_LIMIT)..=self.get(&register::MAX_VOLTAGE_LIMIT);
        for (wrong, bit) in [
            (!volts.contains(&self.volts(shaft)), ERROR_VOLTAGE),
            (
                shaft.temperature_c > f64::from(self.get(&register::TEMPERATURE_LIMIT)),
                ERROR_TEMPERATURE,
            ),
            (overloaded, ERROR_OVERLOAD),
        ] {
            error |= if wrong { bit } else { 0 };
        }
        self.set(&register::HARDWARE_ERROR_STATUS, error);
        if self.is_shut_down() {
            self.set(&register::TORQUE_ENABLE, 0);
        }
    }

    /// What the motor is made to do. The position loop has no derivative out of the factory, so
    /// that it does not see how fast its goal moves.
    fn drive(&self) -> Drive {
        let goal = self.stopped_at.unwrap_or_else(|| self.get(&register::GOAL_POSITION));
        let offset = f64::from(self.get(&register::HOMING_OFFSET));
        Drive {
            on: self.get(&register::TORQUE_ENABLE) == 1,
            goal: (f64::from(goal) - offset) * self.sense(),
            goal_speed: 0.0,
            torque_limit: f64::from(self.get(&register::GOAL_PWM)) / 885.0,
            gain_per_s: None,
        }
    }

    /// Its supply sags as the plant's does, 0.1 V.
    fn volts(&self, shaft: &Shaft) -> i32 {
        (shaft.voltage_v / SUPPLY_V * self.model.supply_v * 10.0).round() as i32
    }

    /// Which way it turns.
    fn sense(&self) -> f64 {
        if self.get(&register::DRIVE_MODE) & 1 == 0 { 1.0 } else { -1.0 }
    }

    /// What the encoder says about a shaft.
    fn reading(&self, position: f64) -> i32 {
        let offset = f64::from(self.get(&register::HOMING_OFFSET));
        (position * self.sense() + offset).round() as i32
    }
}

impl WiredServo for Servo {
    type Framing = Parser;
    type Register = Register;

    fn id(&self) -> u8 {
        self.memory[usize::from(register::ID.address)]
    }

    fn get(&self, register: &Register) -> i32 {
        let bytes = &self.memory[usize::from(register.address)..usize::from(register.end())];
        register.decode(bytes).unwrap_or(0)
    }

    fn live(&mut self, now: Stamp, shaft: &Shaft, plan: &FaultPlan) -> Drive {
        if plan.brown_out {
            self.restart();
        }
        self.watch(now);
        self.complain(shaft, plan.overloaded.contains(&self.id()));
        self.drive()
    }

    fn feel(&mut self, shaft: &Shaft) {
        let sense = self.sense();
        let velocity = shaft.speed * sense / VELOCITY_STEPS_S;
        let effort = match self.model.effort {
            Effort::Load => 1000.0,
            Effort::Current { stall_counts, .. } => stall_counts,
        };
        self.set(&register::PRESENT_POSITION, self.reading(shaft.position));
        self.set(&register::PRESENT_VELOCITY, velocity.round() as i32);
        self.set(&register::PRESENT_CURRENT, (shaft.load * sense * effort).round() as i32);
        self.set(&register::PRESENT_INPUT_VOLTAGE, self.volts(shaft));
        self.set(&register::PRESENT_TEMPERATURE, shaft.temperature_c.round() as i32);
        self.set(&register::MOVING, i32::from(velocity.abs() >= 1.0));
    }

    fn stand_at(&mut self, position: f64) {
        let reading = self.reading(position);
        self.set(&register::GOAL_POSITION, reading);
        self.stopped_at = self.stopped_at.map(|_| reading);
    }

    fn execute(bus: &mut DynamixelServos, at: Stamp, packet: &Packet) {
        bus.execute(at, packet);
    }
}
