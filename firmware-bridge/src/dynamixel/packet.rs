//! Packets of Dynamixel's protocol 2, in both directions.
//!
//! `FF FF FD 00 id length body crc`: the body is an instruction and its parameters, or `55`, an
//! error byte and data. The length counts body and CRC, two bytes, the low one first, as all values.
//! Wherever the body holds `FF FF FD`, a second `FD` follows, so that nothing but a header looks
//! like one; length and CRC are those of the bytes on the line. (ROBOTIS e-Manual, "Protocol 2.0".)

use crc::{CRC_16_UMTS, Crc};

/// What all servos listen to, and none answers but a sync read.
pub const BROADCAST: u8 = 0xfe;

/// The highest id of a servo.
pub const ID_MAX: u8 = 252;

/// Bytes of an instruction beside its parameters.
pub const INSTRUCTION_OVERHEAD_BYTES: usize = 10;

/// Bytes of an answer beside its data.
pub const STATUS_OVERHEAD_BYTES: usize = 11;

/// The longest packet there is use for, header to CRC: five bytes to each of 252 servos, stuffed.
pub const PACKET_BYTES_MAX: usize = 2048;

pub(super) const HEADER: [u8; 4] = [0xff, 0xff, 0xfd, 0x00];
/// What looks like a header within a body, until a second `FD` follows.
pub(super) const ALIKE: [u8; 3] = [0xff, 0xff, 0xfd];
pub(super) const STUFFING: u8 = 0xfd;
const STATUS: u8 = 0x55;
/// Where the body begins.
pub(super) const BODY: usize = 7;

/// `x^16 + x^15 + x^2 + 1` from zero; ROBOTIS calls it CRC-16 (IBM/ANSI).
const CRC: Crc<u16> = Crc::<u16>::new(&CRC_16_UMTS);

/// What a servo is told to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Instruction {
    /// Answer.
    Ping,
    /// Give registers.
    Read,
    /// Take registers.
    Write,
    /// Start anew, as after power-up: the way out of a hardware error.
    Reboot,
    /// Give the same registers, one servo after the other.
    SyncRead,
    /// Take the same registers, all servos at once.
    SyncWrite,
}

impl Instruction {
    const ALL: [Self; 6] =
        [Self::Ping, Self::Read, Self::Write, Self::Reboot, Self::SyncRead, Self::SyncWrite];

    /// Its code on the line.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Ping => 0x01,
            Self::Read => 0x02,
            Self::Write => 0x03,
            Self::Reboot => 0x08,
            Self::SyncRead => 0x82,
            Self::SyncWrite => 0x83,
        }
    }
}

/// What a packet is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The host's.
    Instruction(Instruction),
    /// A servo's answer, with its error byte; see [`StatusError`].
    Status(u8),
}

/// One packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    /// Of the servo that is meant, or that answers.
    pub id: u8,
    /// Instruction or answer.
    pub kind: Kind,
    /// What belongs to it.
    pub parameters: Vec<u8>,
}

/// Why bytes are no packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PacketError {
    /// They do not begin like one.
    #[error("it does not begin with FF FF FD 00")]
    Header,
    /// No servo has such an id.
    #[error("no servo has the id {0}")]
    Id(u8),
    /// It would be longer or shorter than any packet, or than these bytes.
    #[error("its length is {0}, which fits no packet here")]
    Length(u16),
    /// Some bits are wrong.
    #[error("its check sequence is {found:#06x}, its bytes make {made:#06x}")]
    Check {
        /// At its end.
        found: u16,
        /// Of its bytes.
        made: u16,
    },
    /// A header within a body: another packet began before this one had ended.
    #[error("a header begins within it")]
    Stuffing,
    /// Neither an answer nor an instruction that is known here.
    #[error("its instruction {0:#04x} is none of those known here")]
    Kind(u8),
}

/// What a servo says went wrong with an instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum StatusError {
    /// It could not do it.
    #[error("it failed to do what the packet says")]
    Failed,
    /// There is no such instruction.
    #[error("it does not know the instruction")]
    Instruction,
    /// The packet came with wrong bits.
    #[error("the packet's check sequence was wrong")]
    Check,
    /// The value is outside of what the register can hold, or the bus watchdog has made it
    /// read-only.
    #[error("the value is out of range, or the bus watchdog has expired")]
    Range,
    /// Fewer bytes than the register has.
    #[error("the data is shorter than the register")]
    Length,
    /// The value is beyond a limit that is set in the servo.
    #[error("the value is beyond a limit set in the servo")]
    Limit,
    /// Read-only, or locked while the motor is on.
    #[error("the register cannot be written, or not while the motor is on")]
    Access,
    /// A number from the future.
    #[error("it complains with an unknown number")]
    Unknown,
}

impl StatusError {
    /// What the low seven bits of an error byte say; `None` if all is well. The highest bit is the
    /// alert: there is something in the hardware error register.
    #[must_use]
    pub const fn of(error: u8) -> Option<Self> {
        Some(match error & 0x7f {
            0 => return None,
            1 => Self::Failed,
            2 => Self::Instruction,
            3 => Self::Check,
            4 => Self::Range,
            5 => Self::Length,
            6 => Self::Limit,
            7 => Self::Access,
            _ => Self::Unknown,
        })
    }
}

impl Packet {
    /// An instruction.
    #[must_use]
    pub const fn instruction(id: u8, instruction: Instruction, parameters: Vec<u8>) -> Self {
        Self { id, kind: Kind::Instruction(instruction), parameters }
    }

    /// Reads `bytes` registers from `address` on.
    #[must_use]
    pub fn read(id: u8, address: u16, bytes: u16) -> Self {
        Self::instruction(id, Instruction::Read, pair(address, bytes).to_vec())
    }

    /// Writes registers from `address` on.
    #[must_use]
    pub fn write(id: u8, address: u16, data: &[u8]) -> Self {
        Self::instruction(id, Instruction::Write, [&address.to_le_bytes(), data].concat())
    }

    /// Reads the same registers of several servos.
    #[must_use]
    pub fn sync_read(address: u16, bytes: u16, ids: &[u8]) -> Self {
        let parameters = [&pair(address, bytes), ids].concat();
        Self::instruction(BROADCAST, Instruction::SyncRead, parameters)
    }

    /// Writes the same registers of several servos.
    #[must_use]
    pub fn sync_write<const N: usize>(address: u16, servos: &[(u8, [u8; N])]) -> Self {
        let bytes = u16::try_from(N).unwrap_or(u16::MAX);
        let mut parameters = pair(address, bytes).to_vec();
        for (id, data) in servos {
            parameters.push(*id);
            parameters.extend(data);
        }
        Self::instruction(BROADCAST, Instruction::SyncWrite, parameters)
    }

    /// The error byte of an answer; 0 of an instruction.
    #[must_use]
    pub const fn error(&self) -> u8 {
        match self.kind {
            Kind::Status(error) => error,
            Kind::Instruction(_) => 0,
        }
    }

    /// Its bytes on the line.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = HEADER.to_vec();
        bytes.extend([self.id, 0, 0]);
        let mut push = |byte| {
            bytes.push(byte);
            if bytes.get(BODY..).is_some_and(|body| body.ends_with(&ALIKE)) {
                bytes.push(STUFFING);
            }
        };
        match self.kind {
            Kind::Instruction(instruction) => push(instruction.code()),
            Kind::Status(error) => [STATUS, error].into_iter().for_each(&mut push),
        }
        self.parameters.iter().copied().for_each(push);
        let length = u16::try_from(bytes.len() - BODY + 2).unwrap_or(u16::MAX);
        bytes[5..BODY].copy_from_slice(&length.to_le_bytes());
        let check = CRC.checksum(&bytes);
        bytes.extend(check.to_le_bytes());
        bytes
    }

    /// The packet that these bytes are, from the first to the last.
    ///
    /// # Errors
    /// If they are none, and why.
    pub fn decode(bytes: &[u8]) -> Result<Self, PacketError> {
        let [_, _, _, _, id, low, high, .., check_low, check_high] = *bytes else {
            return Err(PacketError::Header);
        };
        let length = u16::from_le_bytes([low, high]);
        if bytes[..4] != HEADER {
            return Err(PacketError::Header);
        }
        if usize::from(length) + BODY != bytes.len() {
            return Err(PacketError::Length(length));
        }
        let (checked, _) = bytes.split_at(bytes.len() - 2);
        let found = u16::from_le_bytes([check_low, check_high]);
        let made = CRC.checksum(checked);
        if found != made {
            return Err(PacketError::Check { found, made });
        }
        if id > ID_MAX && id != BROADCAST {
            return Err(PacketError::Id(id));
        }
        let body = unstuff(&checked[BODY..])?;
        let (kind, parameters) = match body[..] {
            [STATUS, error, ref data @ ..] => (Kind::Status(error), data),
            [code, ref parameters @ ..] => {
                let known = Instruction::ALL.into_iter().find(|known| known.code() == code);
                (Kind::Instruction(known.ok_or(PacketError::Kind(code))?), parameters)
            }
            [] => return Err(PacketError::Length(length)),
        };
        Ok(Self { id, kind, parameters: parameters.to_vec() })
    }
}

/// Takes out every `FD` that was put in.
fn unstuff(body: &[u8]) -> Result<Vec<u8>, PacketError> {
    let mut plain = Vec::with_capacity(body.len());
    let mut rest = body.iter().copied();
    // The stuffed bytes are what was looked at, not the plain ones: a byte put in ends a run.
    let mut run = [0; 3];
    while let Some(byte) = rest.next() {
        plain.push(byte);
        run = [run[1], run[2], byte];
        if run == ALIKE {
            if rest.next() != Some(STUFFING) {
                return Err(PacketError::Stuffing);
            }
            run = [run[1], run[2], STUFFING];
        }
    }
    Ok(plain)
}

fn pair(address: u16, bytes: u16) -> [u8; 4] {
    let ([a, b], [c, d]) = (address.to_le_bytes(), bytes.to_le_bytes());
    [a, b, c, d]
}

#[cfg(test)]
mod tests;
