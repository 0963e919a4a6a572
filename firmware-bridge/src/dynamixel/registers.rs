//! The control table of Dynamixel's X series, as data.
//!
//! From the e-Manual's pages of XL330, XL430 and XM430, which agree on every register here but where
//! the indirect data lies. Values are little-endian, signed ones in two's complement.

pub use crate::calibration::STEPS_PER_TURN;

/// Where a register lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Storage {
    /// Kept without power; writable while the motor is off.
    Eeprom,
    /// Lost without power.
    Ram,
    /// The servo's own.
    ReadOnly,
}

/// What one count of a register is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Unit {
    /// The unit's name; empty for a mere number.
    pub name: &'static str,
    /// So much of it is one count.
    pub per_count: f64,
}

/// One register.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Register {
    /// Its name, as in ROBOTIS' table.
    pub name: &'static str,
    /// Its first byte.
    pub address: u16,
    /// One, two or four bytes.
    pub bytes: u16,
    /// Where it lives.
    pub storage: Storage,
    /// Whether it can be below zero.
    pub signed: bool,
    /// What one count is.
    pub unit: Unit,
}

impl Register {
    /// The value in a register's bytes; `None` if there are more or fewer than it has.
    #[must_use]
    pub fn decode(&self, bytes: &[u8]) -> Option<i32> {
        if bytes.len() != usize::from(self.bytes) {
            return None;
        }
        Some(match (bytes, self.signed) {
            ([byte], false) => i32::from(*byte),
            ([byte], true) => i32::from(i8::from_le_bytes([*byte])),
            ([a, b], false) => i32::from(u16::from_le_bytes([*a, *b])),
            ([a, b], true) => i32::from(i16::from_le_bytes([*a, *b])),
            ([a, b, c, d], _) => i32::from_le_bytes([*a, *b, *c, *d]),
            _ => return None,
        })
    }

    /// A value as a register's bytes, in the first ones of four; what does not fit is cut to the
    /// nearest that does.
    #[must_use]
    pub fn encode(&self, value: i32) -> [u8; 4] {
        let (min, max) = match (self.bytes, self.signed) {
            (1, false) => (0, i32::from(u8::MAX)),
            (1, true) => (i32::from(i8::MIN), i32::from(i8::MAX)),
            (2, false) => (0, i32::from(u16::MAX)),
            (2, true) => (i32::from(i16::MIN), i32::from(i16::MAX)),
            (_, false) => (0, i32::MAX),
            (_, true) => (i32::MIN, i32::MAX),
        };
        value.clamp(min, max).to_le_bytes()
    }

    /// The byte behind its last.
    #[must_use]
    pub const fn end(&self) -> u16 {
        self.address + self.bytes
    }
}

macro_rules! registers {
    ($($(#[$doc:meta])* $name:ident = $address:literal, $bytes:literal, $storage:ident, $signed:ident
        $(, $per_count:literal $unit:literal)?;)*) => {
        $($(#[$doc])* pub const $name: Register = Register {
            name: stringify!($name),
            address: $address,
            bytes: $bytes,
            storage: Storage::$storage,
            signed: registers!(@signed $signed),
            unit: registers!(@unit $($per_count $unit)?),
        };)*
        /// All of them, by address.
        pub const X_SERIES: &[Register] = &[$($name),*];
    };
    (@signed i) => { true };
    (@signed u) => { false };
    (@unit) => { Unit { name: "", per_count: 1.0 } };
    (@unit $per_count:literal $unit:literal) => { Unit { name: $unit, per_count: $per_count } };
}

registers! {
    /// Which servo it is; see [`Model`].
    MODEL_NUMBER = 0, 2, ReadOnly, u;
    /// Version of its firmware.
    FIRMWARE_VERSION = 6, 1, ReadOnly, u;
    /// The servo's place on the bus.
    ID = 7, 1, Eeprom, u;
    /// 0 to 7 are 9600, 57 600, 115 200 and 1, 2, 3, 4 and 4.5 Mbaud.
    BAUD_RATE = 8, 1, Eeprom, u;
    /// How long it waits before it answers.
    RETURN_DELAY_TIME = 9, 1, Eeprom, u, 2.0 "us";
    /// Bit 0 turns the sense of rotation round, bit 3 lets a goal switch the motor on.
    DRIVE_MODE = 10, 1, Eeprom, u;
    /// 3 is position control within a turn and its limits, 4 the same over several turns and
    /// without limits.
    OPERATING_MODE = 11, 1, Eeprom, u;
    /// Added to what the encoder counts, after the sense of rotation.
    HOMING_OFFSET = 20, 4, Eeprom, i, 1.0 "step";
    /// Above this it lets go.
    TEMPERATURE_LIMIT = 31, 1, Eeprom, u, 1.0 "degree Celsius";
    /// Above this it lets go.
    MAX_VOLTAGE_LIMIT = 32, 2, Eeprom, u, 0.1 "V";
    /// Below this it lets go.
    MIN_VOLTAGE_LIMIT = 34, 2, Eeprom, u, 0.1 "V";
    /// The most the winding may get.
    PWM_LIMIT = 36, 2, Eeprom, u, 0.113 "per cent";
    /// The most current, on servos that measure it.
    CURRENT_LIMIT = 38, 2, Eeprom, u;
    /// The most speed that a profile may ask for.
    VELOCITY_LIMIT = 44, 4, Eeprom, u, 0.229 "1/min";
    /// The highest position it goes to.
    MAX_POSITION_LIMIT = 48, 4, Eeprom, u, 1.0 "step";
    /// The lowest position it goes to.
    MIN_POSITION_LIMIT = 52, 4, Eeprom, u, 1.0 "step";
    /// Which hardware errors make it let go.
    SHUTDOWN = 63, 1, Eeprom, u;
    /// 1 drives the motor, 0 lets it go.
    TORQUE_ENABLE = 64, 1, Ram, u;
    /// Its light.
    LED = 65, 1, Ram, u;
    /// 0 answers pings only, 1 reads, too, 2 everything.
    STATUS_RETURN_LEVEL = 68, 1, Ram, u;
    /// What it complains of; see [`complaints`](super::complaints).
    HARDWARE_ERROR_STATUS = 70, 1, ReadOnly, u;
    /// Gain of the position loop's derivative.
    POSITION_D_GAIN = 80, 2, Ram, u, 0.0625 "";
    /// Gain of the position loop's integral.
    POSITION_I_GAIN = 82, 2, Ram, u, 0.00001526 "";
    /// Gain of the position loop.
    POSITION_P_GAIN = 84, 2, Ram, u, 0.0078125 "";
    /// After so long without a packet of the host's it stops by itself; 0 is never. It reads -1
    /// then, and goals are read-only until it is written 0.
    BUS_WATCHDOG = 98, 1, Ram, i, 20.0 "ms";
    /// The most the winding gets now.
    GOAL_PWM = 100, 2, Ram, i, 0.113 "per cent";
    /// The most current now, or the one to hold.
    GOAL_CURRENT = 102, 2, Ram, i;
    /// How fast to turn, in velocity control.
    GOAL_VELOCITY = 104, 4, Ram, i, 0.229 "1/min";
    /// The profile's acceleration; 0 is none.
    PROFILE_ACCELERATION = 108, 4, Ram, u, 214.577 "1/min^2";
    /// The profile's speed; 0 is the fastest.
    PROFILE_VELOCITY = 112, 4, Ram, u, 0.229 "1/min";
    /// Where to go.
    GOAL_POSITION = 116, 4, Ram, i, 1.0 "step";
    /// A clock of its own.
    REALTIME_TICK = 120, 2, ReadOnly, u, 1.0 "ms";
    /// Whether it is on its way.
    MOVING = 122, 1, ReadOnly, u;
    /// Current, or load on servos that do not measure it; see [`Effort`].
    PRESENT_CURRENT = 126, 2, ReadOnly, i;
    /// How fast it moves.
    PRESENT_VELOCITY = 128, 4, ReadOnly, i, 0.229 "1/min";
    /// Where it is.
    PRESENT_POSITION = 132, 4, ReadOnly, i, 1.0 "step";
    /// The supply.
    PRESENT_INPUT_VOLTAGE = 144, 2, ReadOnly, u, 0.1 "V";
    /// Its temperature.
    PRESENT_TEMPERATURE = 146, 1, ReadOnly, u, 1.0 "degree Celsius";
}

/// Where the list of indirect addresses begins, two bytes each.
pub const INDIRECT_ADDRESS: u16 = 168;

/// How many indirect addresses every servo of the series has.
pub const INDIRECT_COUNT: u16 = 20;

/// What [`PRESENT_CURRENT`] tells.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Effort {
    /// A thousandth of the most torque a count.
    Load,
    /// Current, which stands for torque: so much of both where the servo stalls.
    Current {
        /// Torque, N m.
        stall_nm: f64,
        /// Counts.
        stall_counts: f64,
    },
}

/// What differs from servo to servo.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Model {
    /// What [`MODEL_NUMBER`] holds.
    pub number: i32,
    /// Its name.
    pub name: &'static str,
    /// How it tells how hard it drives.
    pub effort: Effort,
    /// The supply it is made for, V.
    pub supply_v: f64,
    /// Where the data that the indirect addresses point to appears.
    pub indirect_data: u16,
}

/// The servos known here. Stall torque and current are the data sheets', at the supply given; one
/// count of current is 1 mA on XL330 and 2.69 mA on XM430.
pub const MODELS: &[Model] = &[
    Model {
        number: 1190,
        name: "XL330-M077",
        effort: Effort::Current { stall_nm: 0.215, stall_counts: 1470.0 },
        supply_v: 5.0,
        indirect_data: 208,
    },
    Model {
        number: 1200,
        name: "XL330-M288",
        effort: Effort::Current { stall_nm: 0.52, stall_counts: 1470.0 },
        supply_v: 5.0,
        indirect_data: 208,
    },
    Model {
        number: 1060,
        name: "XL430-W250",
        effort: Effort::Load,
        supply_v: 11.1,
        indirect_data: 224,
    },
    Model {
        number: 1030,
        name: "XM430-W210",
        effort: Effort::Current { stall_nm: 3.0, stall_counts: 2300.0 / 2.69 },
        supply_v: 12.0,
        indirect_data: 224,
    },
    Model {
        number: 1020,
        name: "XM430-W350",
        effort: Effort::Current { stall_nm: 4.1, stall_counts: 2300.0 / 2.69 },
        supply_v: 12.0,
        indirect_data: 224,
    },
];

/// The model with a number.
#[must_use]
pub fn model(number: i32) -> Option<&'static Model> {
    MODELS.iter().find(|model| model.number == number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registers_do_not_overlap() {
        for pair in X_SERIES.windows(2) {
            assert!(pair[0].end() <= pair[1].address, "{pair:?}");
        }
        assert!(X_SERIES.last().unwrap().end() <= INDIRECT_ADDRESS);
        for model in MODELS {
            assert!(INDIRECT_ADDRESS + 2 * INDIRECT_COUNT <= model.indirect_data, "{model:?}");
        }
    }

    #[test]
    fn values_and_their_bytes() {
        let check = |register: Register, value: i32, bytes: &[u8]| {
            assert_eq!(&register.encode(value)[..bytes.len()], bytes, "{register:?}");
            assert_eq!(register.decode(bytes), Some(value), "{register:?}");
        };
        check(PRESENT_POSITION, 166, &[0xa6, 0, 0, 0]);
        check(PRESENT_VELOCITY, -5, &[0xfb, 0xff, 0xff, 0xff]);
        check(PRESENT_CURRENT, -300, &[0xd4, 0xfe]);
        check(BUS_WATCHDOG, -1, &[0xff]);
        check(RETURN_DELAY_TIME, 250, &[0xfa]);
        check(MODEL_NUMBER, 1200, &[0xb0, 0x04]);
        assert_eq!(BUS_WATCHDOG.encode(300)[0], 127);
        assert_eq!(PRESENT_POSITION.decode(&[1, 2]), None);
    }
}
