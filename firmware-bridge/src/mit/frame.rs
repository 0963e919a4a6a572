//! The frame that the MIT Mini Cheetah's motors made common: five numbers in eight bytes.
//!
//! Position in 16 bits, velocity, stiffness, damping and torque in 12 each, the high bits first, each
//! spread over the range of its motor's type. (Ben Katz, "Documentation: Mini Cheetah CAN protocol",
//! `CAN_com.cpp`; CubeMars and Damiao speak the same with ranges of their own.)

use tandem_protocol::MotorFlags;

use super::ranges::{Dialect, MotorKind};

/// What a motor is told: it drives with
/// `kp * (position - measured) + kd * (velocity - measured) + torque`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct MitCommand {
    /// Where to, rad.
    pub position_rad: f64,
    /// How fast, rad/s.
    pub velocity_rad_s: f64,
    /// Stiffness, N m/rad.
    pub kp: f64,
    /// Damping, N m s/rad.
    pub kd: f64,
    /// Added to it, N m.
    pub torque_nm: f64,
}

/// What a motor answers every frame with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MitReply {
    /// Which motor.
    pub id: u8,
    /// Where it is, rad.
    pub position_rad: f64,
    /// How fast it moves, rad/s.
    pub velocity_rad_s: f64,
    /// How hard it drives, N m.
    pub torque_nm: f64,
    /// What it says of itself.
    pub status: Status,
}

/// What a motor says of itself, as far as its dialect can.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status {
    /// Whether it drives; `None` if it does not say.
    pub enabled: Option<bool>,
    /// What it complains of.
    pub flags: MotorFlags,
}

/// Why data is no reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReplyError {
    /// Another number of bytes than the motor's type sends.
    #[error("a reply of {0} bytes, where this type of motor sends another number")]
    Length(usize),
}

/// Frames that are no command but a word. What all their bits mean as a command, no
/// [`encode`](MitCommand::encode) gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Word {
    /// Obey commands from now on.
    Enter,
    /// Obey none, and let go.
    Exit,
    /// Where you are is zero.
    Zero,
    /// Forget what you complain of (Damiao).
    Clear,
}

impl Word {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Enter, Self::Exit, Self::Zero, Self::Clear];

    /// Its bytes.
    #[must_use]
    pub const fn encode(self) -> [u8; 8] {
        let last = match self {
            Self::Enter => 0xfc,
            Self::Exit => 0xfd,
            Self::Zero => 0xfe,
            Self::Clear => 0xfb,
        };
        [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, last]
    }

    /// The word that these bytes are, if they are one.
    #[must_use]
    pub fn decode(data: [u8; 8]) -> Option<Self> {
        Self::ALL.into_iter().find(|word| word.encode() == data)
    }
}

impl MitCommand {
    /// Only damping: the motor gives way, and brakes whatever moves it.
    #[must_use]
    pub fn damping(kd: f64) -> Self {
        Self { kd, ..Self::default() }
    }

    /// Its bytes for a type of motor. What is beyond a range becomes its end, what is no number its
    /// middle.
    #[must_use]
    pub fn encode(&self, kind: &MotorKind) -> [u8; 8] {
        // The highest position is never sent: with all others at their ends, too, the frame would be
        // one of the words.
        let position = code(self.position_rad, (-kind.position_rad, kind.position_rad), 16);
        let p = position.min(0xfffe);
        let v = code(self.velocity_rad_s, (-kind.velocity_rad_s, kind.velocity_rad_s), 12);
        let kp = code(self.kp, (0.0, kind.kp_max), 12);
        let kd = code(self.kd, (0.0, kind.kd_max), 12);
        let t = code(self.torque_nm, (-kind.torque_nm, kind.torque_nm), 12);
        let bits = p << 48 | v << 36 | kp << 24 | kd << 12 | t;
        bits.to_be_bytes()
    }

    /// The command that these bytes are to a type of motor.
    #[must_use]
    pub fn decode(data: [u8; 8], kind: &MotorKind) -> Self {
        let bits = u64::from_be_bytes(data);
        let field = |shift: u32, width: u32| bits >> shift & ((1 << width) - 1);
        Self {
            position_rad: value(field(48, 16), (-kind.position_rad, kind.position_rad), 16),
            velocity_rad_s: value(field(36, 12), (-kind.velocity_rad_s, kind.velocity_rad_s), 12),
            kp: value(field(24, 12), (0.0, kind.kp_max), 12),
            kd: value(field(12, 12), (0.0, kind.kd_max), 12),
            torque_nm: value(field(0, 12), (-kind.torque_nm, kind.torque_nm), 12),
        }
    }
}

impl MitReply {
    /// Its bytes, as a type of motor sends them; a temperature of 25 degrees where it sends one.
    #[must_use]
    pub fn encode(&self, kind: &MotorKind, status_code: u8) -> Vec<u8> {
        let p = code(self.position_rad, (-kind.position_rad, kind.position_rad), 16);
        let v = code(self.velocity_rad_s, (-kind.velocity_rad_s, kind.velocity_rad_s), 12);
        let t = code(self.torque_nm, (-kind.torque_nm, kind.torque_nm), 12);
        let [_, _, _, a, b, c, d, e] = (p << 24 | v << 12 | t).to_be_bytes();
        match kind.dialect {
            Dialect::MiniCheetah => vec![self.id, a, b, c, d, e],
            Dialect::CubeMars => vec![self.id, a, b, c, d, e, 25, status_code],
            Dialect::Damiao => vec![self.id & 0xf | status_code << 4, a, b, c, d, e, 25, 25],
        }
    }

    /// The reply that these bytes are, from a type of motor.
    ///
    /// # Errors
    /// If they are none.
    pub fn decode(data: &[u8], kind: &MotorKind) -> Result<Self, ReplyError> {
        let (first, bits, status_code) = match (kind.dialect, data) {
            (Dialect::MiniCheetah, [id, a, b, c, d, e]) => (*id, [*a, *b, *c, *d, *e], 0),
            (Dialect::CubeMars, [id, a, b, c, d, e, _, status]) => {
                (*id, [*a, *b, *c, *d, *e], *status)
            }
            (Dialect::Damiao, [first, a, b, c, d, e, _, _]) => {
                (first & 0xf, [*a, *b, *c, *d, *e], first >> 4)
            }
            _ => return Err(ReplyError::Length(data.len())),
        };
        let [a, b, c, d, e] = bits;
        let bits = u64::from_be_bytes([0, 0, 0, a, b, c, d, e]);
        let field = |shift: u32, width: u32| bits >> shift & ((1 << width) - 1);
        Ok(Self {
            id: first,
            position_rad: value(field(24, 16), (-kind.position_rad, kind.position_rad), 16),
            velocity_rad_s: value(field(12, 12), (-kind.velocity_rad_s, kind.velocity_rad_s), 12),
            torque_nm: value(field(0, 12), (-kind.torque_nm, kind.torque_nm), 12),
            status: kind.dialect.status(status_code),
        })
    }
}

/// A number as a code of so many bits, spread over a range. Cut off, not rounded, as in the motors'
/// own code: zero becomes the code below the middle.
fn code(number: f64, (min, max): (f64, f64), bits: u32) -> u64 {
    let top = f64::from((1_u32 << bits) - 1);
    let number = if number.is_nan() { f64::midpoint(min, max) } else { number.clamp(min, max) };
    ((number - min) * top / (max - min)) as u64
}

/// The number that a code stands for.
fn value(code: u64, (min, max): (f64, f64), bits: u32) -> f64 {
    let top = f64::from((1_u32 << bits) - 1);
    code as f64 * (max - min) / top + min
}

#[cfg(test)]
mod tests;
