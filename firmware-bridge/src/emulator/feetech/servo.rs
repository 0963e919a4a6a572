//! One servo of the bus: its memory, and the profile its goal is reached by.

use core::time::Duration;

use tandem_types::Stamp;

use super::FeetechBus;
use crate::STEPS_PER_TURN;
use crate::emulator::faults::FaultPlan;
use crate::emulator::plant::{Drive, Shaft};
use crate::emulator::servo_bus::WiredServo;
use crate::sts::registers::{self as register, MEMORY_BYTES, Register};
use crate::sts::{Packet, Parser, Storage};

/// Bits of the status register.
pub(super) const STATUS_VOLTAGE: u8 = 1;
pub(super) const STATUS_TEMPERATURE: u8 = 1 << 2;
pub(super) const STATUS_OVERLOAD: u8 = 1 << 5;

/// What one count of the acceleration register stands for, steps/s^2.
const STEPS_S2_PER_COUNT: f64 = 100.0;

/// The longest time the profile is continued over at once.
const PERIOD_MAX: Duration = Duration::from_millis(20);

/// One servo: its memory, and where its own profile is on the way to the goal.
#[derive(Clone, Debug)]
pub struct Servo {
    memory: [u8; MEMORY_BYTES],
    profile: Profile,
}

impl Servo {
    /// As it comes from the factory, and as it is after each power-up as far as RAM goes.
    pub(super) fn new(id: u8, position: f64) -> Self {
        let mut servo = Self { memory: [0; MEMORY_BYTES], profile: Profile::at(position) };
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

    fn set(&mut self, register: &Register, value: i32) {
        let at = usize::from(register.address);
        let bytes = register.encode(value).to_le_bytes();
        let count = usize::from(register.bytes);
        self.memory[at..at + count].copy_from_slice(&bytes[..count]);
    }

    /// Bytes that a host asks for; none beyond its memory.
    pub(super) fn read(&self, address: u8, bytes: u8) -> &[u8] {
        let from = usize::from(address);
        self.memory.get(from..from + usize::from(bytes)).unwrap_or(&[])
    }

    /// Takes bytes that a host writes, register by register; what may not be written stays.
    pub(super) fn write(&mut self, address: u8, data: &[u8]) {
        let written = usize::from(address)..usize::from(address) + data.len();
        for register in register::STS3215 {
            let place = usize::from(register.address);
            let whole = written.contains(&place)
                && written.contains(&(place + usize::from(register.bytes) - 1));
            let allowed = match register.storage {
                Storage::Ram => true,
                Storage::Eeprom => self.get(&register::LOCK) == 0,
                Storage::ReadOnly => false,
            };
            if whole && allowed {
                let from = place - usize::from(address);
                let count = usize::from(register.bytes);
                self.memory[place..place + count].copy_from_slice(&data[from..from + count]);
            }
        }
    }

    /// What the encoder says about a shaft: within a turn, the offset taken off.
    fn reading(&self, position: f64) -> i32 {
        let position = position.round() as i32 - self.get(&register::HOMING_OFFSET);
        position.rem_euclid(STEPS_PER_TURN)
    }

    /// What it makes its motor do at `now`. A motor without torque goes where its shaft is taken, and
    /// sets out from there when it is switched on.
    fn drive(&mut self, now: Stamp, shaft: &Shaft, overloaded: bool) -> Drive {
        let on = self.get(&register::TORQUE_ENABLE) == 1 && !overloaded;
        let (low, high) = (self.get(&register::POSITION_MIN), self.get(&register::POSITION_MAX));
        let goal = self.get(&register::GOAL_POSITION);
        // Both zero means without limits: several turns.
        let goal = if low == 0 && high == 0 { goal } else { goal.clamp(low, high.max(low)) };
        let acceleration = f64::from(self.get(&register::ACCELERATION)) * STEPS_S2_PER_COUNT;
        if on {
            let goal = f64::from(goal + self.get(&register::HOMING_OFFSET));
            self.profile.go(now, goal, acceleration);
        } else {
            self.profile = Profile { since: now, ..Profile::at(shaft.position) };
        }
        Drive {
            on,
            goal: self.profile.position,
            goal_speed: self.profile.speed,
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
}

impl WiredServo for Servo {
    type Framing = Parser;
    type Register = Register;

    fn id(&self) -> u8 {
        self.memory[usize::from(register::ID.address)]
    }

    fn get(&self, register: &Register) -> i32 {
        let at = usize::from(register.address);
        let raw = match register.bytes {
            1 => u16::from(self.memory[at]),
            _ => u16::from_le_bytes([self.memory[at], self.memory[at + 1]]),
        };
        register.decode(raw)
    }

    fn live(&mut self, now: Stamp, shaft: &Shaft, plan: &FaultPlan) -> Drive {
        if plan.brown_out {
            *self = Self::new(self.id(), shaft.position);
        }
        let overloaded = plan.overloaded.contains(&self.id());
        self.complain(shaft, overloaded, plan.brown_out);
        self.drive(now, shaft, overloaded)
    }

    fn feel(&mut self, shaft: &Shaft) {
        let reading = self.reading(shaft.position);
        self.set(&register::PRESENT_POSITION, reading);
        self.set(&register::PRESENT_SPEED, shaft.speed.round() as i32);
        self.set(&register::PRESENT_LOAD, (shaft.load * 1000.0).round() as i32);
        self.set(&register::PRESENT_VOLTAGE, (shaft.voltage_v * 10.0).round() as i32);
        self.set(&register::PRESENT_TEMPERATURE, shaft.temperature_c.round() as i32);
        self.set(&register::MOVING, i32::from(shaft.speed.abs() >= 1.0));
    }

    fn stand_at(&mut self, position: f64) {
        let reading = self.reading(position);
        self.set(&register::GOAL_POSITION, reading);
        self.profile = Profile::at(position);
    }

    fn execute(bus: &mut FeetechBus, at: Stamp, packet: &Packet) {
        bus.execute(at, packet);
    }
}

/// Where a servo's own profile is: it leads to the goal with an acceleration that is never exceeded,
/// so that the motor comes to rest there by itself when no other goal comes.
#[derive(Clone, Copy, Debug)]
struct Profile {
    position: f64,
    speed: f64,
    since: Stamp,
}

impl Profile {
    const fn at(position: f64) -> Self {
        Self { position, speed: 0.0, since: Stamp::ORIGIN }
    }

    /// Moves on to `now`; an acceleration of zero means none, and the goal is a step.
    fn go(&mut self, now: Stamp, goal: f64, acceleration: f64) {
        let dt_s = self.since.age_at(now).min(PERIOD_MAX).as_secs_f64();
        self.since = now;
        if acceleration <= 0.0 {
            (self.position, self.speed) = (goal, 0.0);
            return;
        }
        let (left, change) = (goal - self.position, acceleration * dt_s);
        // The speed from which, after this period, it still comes to rest at the goal.
        let most = (change.powi(2) + 2.0 * acceleration * left.abs()).sqrt() - change;
        let wanted = most.copysign(left);
        let slow = self.speed.abs() <= change;
        self.speed = wanted.clamp(self.speed - change, self.speed + change);
        self.position += self.speed * dt_s;
        if slow && (goal - self.position).abs() < 0.5 {
            (self.position, self.speed) = (goal, 0.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A goal of 1000 steps at 25 400 steps/s^2, and what it does each millisecond.
    #[test]
    fn the_profile_arrives_at_rest_and_never_brakes_harder_than_it_may() {
        let (mut profile, acceleration) = (Profile::at(0.0), 25_400.0);
        let mut before = 0.0;
        for ms in 1..=600 {
            profile.go(Stamp::from_nanos(ms * 1_000_000), 1000.0, acceleration);
            assert!((profile.speed - before).abs() <= acceleration * 1e-3 + 1e-9, "{profile:?}");
            assert!(profile.position <= 1000.5, "{profile:?}");
            before = profile.speed;
        }
        assert_eq!((profile.position, profile.speed), (1000.0, 0.0));
    }
}
