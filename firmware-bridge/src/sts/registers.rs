//! The registers of the STS3215, as data.
//!
//! From Feetech's memory table for the STS series (magnetic encoder), which LeRobot and rustypot
//! use, too. Values of two bytes are little-endian; signed ones are sign and magnitude.

/// Where a register lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Storage {
    /// Kept without power; writable while `LOCK` is 0.
    Eeprom,
    /// Lost without power.
    Ram,
    /// The servo's own.
    ReadOnly,
}

/// One register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Register {
    /// Its name, as in Feetech's table.
    pub name: &'static str,
    /// Its first byte.
    pub address: u8,
    /// One or two bytes.
    pub bytes: u8,
    /// Where it lives.
    pub storage: Storage,
    /// The bit that says "negative", if the value has a sign.
    pub sign_bit: Option<u8>,
}

impl Register {
    const fn new(name: &'static str, address: u8, bytes: u8, storage: Storage) -> Self {
        Self { name, address, bytes, storage, sign_bit: None }
    }

    const fn signed(self, bit: u8) -> Self {
        Self { sign_bit: Some(bit), ..self }
    }

    /// The value in a register's bytes.
    #[must_use]
    pub fn decode(&self, raw: u16) -> i32 {
        match self.sign_bit {
            Some(bit) if raw & (1 << bit) != 0 => -i32::from(raw & !(1 << bit)),
            _ => i32::from(raw),
        }
    }

    /// A value as a register's bytes; what does not fit is cut to the nearest that does.
    #[must_use]
    pub fn encode(&self, value: i32) -> u16 {
        let magnitude_max = match (self.sign_bit, self.bytes) {
            (Some(bit), _) => (1_u32 << bit) - 1,
            (None, 1) => u32::from(u8::MAX),
            (None, _) => u32::from(u16::MAX),
        };
        let magnitude = value.unsigned_abs().min(magnitude_max);
        let magnitude = u16::try_from(magnitude).unwrap_or(u16::MAX);
        match self.sign_bit {
            Some(bit) if value < 0 => magnitude | (1 << bit),
            None if value < 0 => 0,
            _ => magnitude,
        }
    }
}

macro_rules! registers {
    ($($(#[$doc:meta])* $name:ident = $address:literal, $bytes:literal, $storage:ident
        $(, sign $bit:literal)?;)*) => {
        $($(#[$doc])* pub const $name: Register =
            Register::new(stringify!($name), $address, $bytes, Storage::$storage)
                $(.signed($bit))?;)*
        /// All of them, by address.
        pub const STS3215: &[Register] = &[$($name),*];
    };
}

registers! {
    /// 777 is an STS3215.
    MODEL = 3, 2, ReadOnly;
    /// The servo's place on the bus.
    ID = 5, 1, Eeprom;
    /// 0 is 1 Mbaud, 1 is 500 kbaud.
    BAUD_RATE = 6, 1, Eeprom;
    /// How long it waits before it answers, 2 us each.
    RETURN_DELAY = 7, 1, Eeprom;
    /// 0 answers reads and pings only, 1 answers everything.
    STATUS_LEVEL = 8, 1, Eeprom;
    /// The lowest position it goes to, steps.
    POSITION_MIN = 9, 2, Eeprom;
    /// The highest position it goes to, steps.
    POSITION_MAX = 11, 2, Eeprom;
    /// Above this it lets go, degrees Celsius.
    TEMPERATURE_MAX = 13, 1, Eeprom;
    /// Above this it lets go, 0.1 V.
    VOLTAGE_MAX = 14, 1, Eeprom;
    /// Below this it lets go, 0.1 V.
    VOLTAGE_MIN = 15, 1, Eeprom;
    /// The most torque after power-up, 0.1 per cent.
    TORQUE_MAX = 16, 2, Eeprom;
    /// Gain of the position loop.
    GAIN_P = 21, 1, Eeprom;
    /// Gain of the position loop's derivative.
    GAIN_D = 22, 1, Eeprom;
    /// Gain of the position loop's integral.
    GAIN_I = 23, 1, Eeprom;
    /// Taken off every position, steps.
    HOMING_OFFSET = 31, 2, Eeprom, sign 11;
    /// 0 is position control.
    MODE = 33, 1, Eeprom;
    /// 1 drives the motor, 0 lets it go.
    TORQUE_ENABLE = 40, 1, Ram;
    /// The profile's acceleration, up and down, 100 steps/s^2 each; 0 is none.
    ACCELERATION = 41, 1, Ram;
    /// Where to go, steps.
    GOAL_POSITION = 42, 2, Ram, sign 15;
    /// Unused in position control.
    GOAL_TIME = 44, 2, Ram;
    /// The profile's speed, steps/s; 0 is the fastest.
    GOAL_SPEED = 46, 2, Ram, sign 15;
    /// The most torque now, 0.1 per cent.
    TORQUE_LIMIT = 48, 2, Ram;
    /// 0 lets the EEPROM be written.
    LOCK = 55, 1, Ram;
    /// Where it is, steps.
    PRESENT_POSITION = 56, 2, ReadOnly, sign 15;
    /// How fast it moves, steps/s.
    PRESENT_SPEED = 58, 2, ReadOnly, sign 15;
    /// How hard it drives, 0.1 per cent.
    PRESENT_LOAD = 60, 2, ReadOnly, sign 10;
    /// The supply, 0.1 V.
    PRESENT_VOLTAGE = 62, 1, ReadOnly;
    /// Its temperature, degrees Celsius.
    PRESENT_TEMPERATURE = 63, 1, ReadOnly;
    /// What it complains of; see [`complaints`](super::complaints).
    STATUS = 65, 1, ReadOnly;
    /// Whether it is on its way.
    MOVING = 66, 1, ReadOnly;
    /// Motor current, 6.5 mA each.
    PRESENT_CURRENT = 69, 2, ReadOnly, sign 15;
}

/// Bytes of a servo's memory.
pub const MEMORY_BYTES: usize = 71;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registers_do_not_overlap_and_fit_the_memory() {
        for pair in STS3215.windows(2) {
            assert!(pair[0].address + pair[0].bytes <= pair[1].address, "{pair:?}");
        }
        let last = STS3215.last().unwrap();
        assert_eq!(usize::from(last.address + last.bytes), MEMORY_BYTES);
    }

    #[test]
    fn sign_and_magnitude() {
        for (register, value, raw) in [
            (PRESENT_POSITION, 2048, 0x0800),
            (PRESENT_POSITION, -5, 0x8005),
            (PRESENT_LOAD, -300, 0x052c),
            (HOMING_OFFSET, -1470, 0x0dbe),
            (GOAL_SPEED, 1000, 0x03e8),
        ] {
            assert_eq!((register.encode(value), register.decode(raw)), (raw, value));
        }
        assert_eq!(HOMING_OFFSET.encode(-9_999), 0x0fff);
        assert_eq!(TORQUE_ENABLE.encode(-1), 0);
    }
}
