//! Frames as bytes, and back. Any bytes give a frame or an error.
//!
//! ```text
//!   header                payload                              tag (sealed)
//!   | ver kind src dst epoch sequence | ...                  | 8 bytes |      little-endian
//!   '------------------------ stuffed (COBS) --------------------------'
//!                                                       | check: 5 bytes | 00
//! ```

use crate::bytes::{Reader, Writer};
use crate::check::{self, CHECK_BYTES};
use crate::seal::TAG_BYTES;
use crate::{
    Address, Body, Command, DeviceTime, Epoch, Fault, Frame, JOINTS_MAX, Joints, MotorFlags,
    Receipt, Refusal, Report, Request, Seal, Setpoint, State, cobs,
};

/// The protocol's version. A frame of another is refused.
pub const VERSION: u8 = 1;

/// Bytes before the payload.
const HEADER_BYTES: usize = 12;

/// The longest payload: a report.
const PAYLOAD_BYTES_MAX: usize = 52 + JOINTS_MAX * 14;

/// The longest frame before stuffing.
const PLAIN_BYTES_MAX: usize = HEADER_BYTES + PAYLOAD_BYTES_MAX + TAG_BYTES;

/// The longest frame on the line, its final zero included.
pub const WIRE_BYTES_MAX: usize = PLAIN_BYTES_MAX + PLAIN_BYTES_MAX / 254 + 1 + CHECK_BYTES + 1;

/// Marks a kind as sealed.
const SEALED: u8 = 0x80;
const COMMAND: u8 = 1;
const REQUEST: u8 = 2;
const REPORT: u8 = 3;

/// Why bytes are no frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DecodeError {
    /// Fewer or more bytes than any frame has.
    Length,
    /// The check sequence is wrong: bits were changed on the way.
    Check,
    /// The stuffing is wrong.
    Stuffing,
    /// Another version of the protocol.
    Version,
    /// A kind, or a value in it, that does not exist.
    Value,
    /// Not as many bytes as its kind has.
    Shape,
    /// It is not sealed and should be, or the reverse, or the seal is wrong.
    Seal,
}

impl core::fmt::Display for DecodeError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Length => "fewer or more bytes than any frame has",
            Self::Check => "the check sequence is wrong; look at cable, ground and baud rate",
            Self::Stuffing => "the stuffing is wrong",
            Self::Version => "another version of the protocol; update host and firmware together",
            Self::Value => "a value that does not exist",
            Self::Shape => "not as many bytes as its kind has",
            Self::Seal => "the seal is missing, unexpected or wrong; compare both sides' keys",
        })
    }
}

impl core::error::Error for DecodeError {}

/// A frame as bytes for the line, the zero at its end included.
#[derive(Clone, Copy)]
pub struct Wire {
    // Invariant: len <= WIRE_BYTES_MAX.
    bytes: [u8; WIRE_BYTES_MAX],
    len: usize,
}

impl core::ops::Deref for Wire {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or(&[])
    }
}

impl Frame {
    /// The frame as bytes for the line, sealed if there is a seal.
    #[must_use]
    pub fn encode(&self, seal: Option<&Seal>) -> Wire {
        let mut wire = Wire { bytes: [0; WIRE_BYTES_MAX], len: 0 };
        // The buffers hold the longest frame there is, which a test shows; an empty wire is the
        // harmless answer if that were wrong.
        wire.len = self.encode_into(seal, &mut wire.bytes).unwrap_or(0);
        wire
    }

    fn encode_into(&self, seal: Option<&Seal>, out: &mut [u8]) -> Option<usize> {
        let mut plain = [0; PLAIN_BYTES_MAX];
        let mut writer = Writer::new(&mut plain);
        self.write(seal.is_some(), &mut writer)?;
        let mut len = writer.len();
        if let Some(seal) = seal {
            let tag = seal.tag(plain.get(..len)?);
            let end = len.checked_add(TAG_BYTES)?;
            plain.get_mut(len..end)?.copy_from_slice(&tag);
            len = end;
        }
        let stuffed = cobs::encode(plain.get(..len)?, out)?;
        let check = check::sequence(out.get(..stuffed)?);
        let end = stuffed.checked_add(CHECK_BYTES)?;
        out.get_mut(stuffed..end)?.copy_from_slice(&check);
        *out.get_mut(end)? = 0;
        end.checked_add(1)
    }

    /// The frame in `bytes`, which are what stood between two zeros on the line.
    ///
    /// # Errors
    /// If they are no frame, or not sealed as they should be.
    pub fn decode(bytes: &[u8], seal: Option<&Seal>) -> Result<Self, DecodeError> {
        if bytes.len() >= WIRE_BYTES_MAX {
            return Err(DecodeError::Length);
        }
        let (stuffed, sequence) =
            bytes.split_last_chunk::<CHECK_BYTES>().ok_or(DecodeError::Length)?;
        if check::sequence(stuffed) != *sequence {
            return Err(DecodeError::Check);
        }
        let mut plain = [0; PLAIN_BYTES_MAX];
        let len = cobs::decode(stuffed, &mut plain).ok_or(DecodeError::Stuffing)?;
        let plain = plain.get(..len).ok_or(DecodeError::Stuffing)?;
        let kind = plain.get(1).ok_or(DecodeError::Shape)?;
        let plain = match (seal, kind & SEALED != 0) {
            (None, false) => plain,
            (Some(seal), true) => {
                let (plain, tag) =
                    plain.split_last_chunk::<TAG_BYTES>().ok_or(DecodeError::Shape)?;
                if !seal.opens(plain, tag) {
                    return Err(DecodeError::Seal);
                }
                plain
            }
            _ => return Err(DecodeError::Seal),
        };
        let mut reader = Reader::new(plain);
        let frame = Self::read(&mut reader)?;
        if reader.is_done() { Ok(frame) } else { Err(DecodeError::Shape) }
    }

    fn write(&self, sealed: bool, out: &mut Writer<'_>) -> Option<()> {
        let kind = match self.body {
            Body::Command(_) => COMMAND,
            Body::Request(_) => REQUEST,
            Body::Report(_) => REPORT,
        };
        let kind = if sealed { kind | SEALED } else { kind };
        out.put([VERSION, kind, self.source.0, self.destination.0])?;
        out.put(self.epoch.0.to_le_bytes())?;
        out.put(self.sequence.to_le_bytes())?;
        match &self.body {
            Body::Command(command) => write_command(command, out),
            Body::Request(request) => write_request(request, out),
            Body::Report(report) => write_report(report, out),
        }
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let short = DecodeError::Shape;
        if from.u8().ok_or(short)? != VERSION {
            return Err(DecodeError::Version);
        }
        let kind = from.u8().ok_or(short)? & !SEALED;
        let source = Address(from.u8().ok_or(short)?);
        let destination = Address(from.u8().ok_or(short)?);
        let epoch = Epoch(from.u32().ok_or(short)?);
        let sequence = from.u32().ok_or(short)?;
        let body = match kind {
            COMMAND => Body::Command(read_command(from)?),
            REQUEST => Body::Request(read_request(from)?),
            REPORT => Body::Report(read_report(from)?),
            _ => return Err(DecodeError::Value),
        };
        Ok(Self { source, destination, epoch, sequence, body })
    }
}

fn write_command(command: &Command, out: &mut Writer<'_>) -> Option<()> {
    out.put(command.made.0.to_le_bytes())?;
    out.put(command.valid_us.to_le_bytes())?;
    out.put([count(&command.joints)])?;
    for joint in command.joints.iter() {
        out.put(joint.position_urad.to_le_bytes())?;
        out.put(joint.velocity_urad_s.to_le_bytes())?;
    }
    Some(())
}

fn read_command(from: &mut Reader<'_>) -> Result<Command, DecodeError> {
    let short = DecodeError::Shape;
    let made = DeviceTime(from.u64().ok_or(short)?);
    let valid_us = from.u32().ok_or(short)?;
    let mut joints = joints::<Setpoint>(from)?;
    for joint in joints.iter_mut() {
        joint.position_urad = from.i32().ok_or(short)?;
        joint.velocity_urad_s = from.i32().ok_or(short)?;
    }
    Ok(Command { made, valid_us, joints })
}

/// Every request has the same length, so that a wrong bit in its kind cannot change the shape.
fn write_request(request: &Request, out: &mut Writer<'_>) -> Option<()> {
    let (kind, value) = match *request {
        Request::Hello => (0, 0),
        Request::Arm { limits_hash } => (1, limits_hash),
        Request::Disarm => (2, 0),
        Request::Stop => (3, 0),
        Request::Acknowledge { fault_number } => (4, u32::from(fault_number)),
    };
    out.put([kind])?;
    out.put(value.to_le_bytes())
}

fn read_request(from: &mut Reader<'_>) -> Result<Request, DecodeError> {
    let kind = from.u8().ok_or(DecodeError::Shape)?;
    let value = from.u32().ok_or(DecodeError::Shape)?;
    match (kind, value) {
        (0, 0) => Ok(Request::Hello),
        (1, limits_hash) => Ok(Request::Arm { limits_hash }),
        (2, 0) => Ok(Request::Disarm),
        (3, 0) => Ok(Request::Stop),
        (4, number) => u16::try_from(number)
            .map(|fault_number| Request::Acknowledge { fault_number })
            .map_err(|_too_large| DecodeError::Value),
        _ => Err(DecodeError::Value),
    }
}

fn write_report(report: &Report, out: &mut Writer<'_>) -> Option<()> {
    out.put(report.now.0.to_le_bytes())?;
    out.put(report.nonce.to_le_bytes())?;
    out.put(report.limits_hash.to_le_bytes())?;
    out.put([report.state.code(), report.fault.code()])?;
    out.put(report.fault_number.to_le_bytes())?;
    out.put(report.flags.0.to_le_bytes())?;
    out.put(report.receipt.epoch.0.to_le_bytes())?;
    out.put(report.receipt.sequence.to_le_bytes())?;
    out.put(report.receipt.applied.0.to_le_bytes())?;
    out.put(report.refused.to_le_bytes())?;
    out.put([report.refusal.map_or(0, Refusal::code)])?;
    out.put(report.lost.to_le_bytes())?;
    out.put([count(&report.joints)])?;
    for joint in report.joints.iter() {
        out.put(joint.position_urad.to_le_bytes())?;
        out.put(joint.velocity_urad_s.to_le_bytes())?;
        out.put(joint.torque_mnm.to_le_bytes())?;
        out.put(joint.flags.0.to_le_bytes())?;
    }
    Some(())
}

fn read_report(from: &mut Reader<'_>) -> Result<Report, DecodeError> {
    let (short, unknown) = (DecodeError::Shape, DecodeError::Value);
    let mut report = Report {
        now: DeviceTime(from.u64().ok_or(short)?),
        nonce: from.u64().ok_or(short)?,
        limits_hash: from.u32().ok_or(short)?,
        state: State::from_code(from.u8().ok_or(short)?).ok_or(unknown)?,
        fault: Fault::from_code(from.u8().ok_or(short)?).ok_or(unknown)?,
        fault_number: from.u16().ok_or(short)?,
        flags: MotorFlags(from.u16().ok_or(short)?),
        receipt: Receipt {
            epoch: Epoch(from.u32().ok_or(short)?),
            sequence: from.u32().ok_or(short)?,
            applied: DeviceTime(from.u64().ok_or(short)?),
        },
        refused: from.u32().ok_or(short)?,
        refusal: match from.u8().ok_or(short)? {
            0 => None,
            code => Some(Refusal::from_code(code).ok_or(unknown)?),
        },
        lost: from.u32().ok_or(short)?,
        joints: joints(from)?,
    };
    for joint in report.joints.iter_mut() {
        joint.position_urad = from.i32().ok_or(short)?;
        joint.velocity_urad_s = from.i32().ok_or(short)?;
        joint.torque_mnm = from.i32().ok_or(short)?;
        joint.flags = MotorFlags(from.u16().ok_or(short)?);
    }
    Ok(report)
}

fn count<T>(joints: &Joints<T>) -> u8 {
    u8::try_from(joints.len()).unwrap_or(0)
}

/// As many joints as the next byte says.
fn joints<T: Copy + Default>(from: &mut Reader<'_>) -> Result<Joints<T>, DecodeError> {
    let count = from.u8().ok_or(DecodeError::Shape)?;
    Joints::of(usize::from(count)).map_err(|_too_many| DecodeError::Value)
}
