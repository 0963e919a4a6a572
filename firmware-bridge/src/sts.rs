//! The Feetech STS servo bus: packets, registers, and a host's way of talking to it.

mod bus;
mod homing;
mod lead;
pub mod packet;
pub mod registers;

pub use bus::{Reading, StsBus};
pub use packet::{Instruction, Packet, Parser};
pub use registers::{Register, Storage};

use tandem_protocol::MotorFlags;

/// What a servo's status byte, or the error byte of its answers, complains of.
#[must_use]
pub fn complaints(status: u8) -> MotorFlags {
    [
        (0, MotorFlags::VOLTAGE),
        (1, MotorFlags::ENCODER),
        (2, MotorFlags::TEMPERATURE),
        (3, MotorFlags::CURRENT),
        (5, MotorFlags::OVERLOAD),
    ]
    .into_iter()
    .filter(|(bit, _)| status & (1 << bit) != 0)
    .fold(MotorFlags::default(), |all, (_, flag)| all.with(flag))
}
