//! Dynamixel servos of the X series: packets of protocol 2, the control table, and a host's way of
//! talking to them.
//!
//! # What the check sequence can do, and what not
//!
//! `x^16 + x^15 + x^2 + 1` has the factor `x + 1`: within a packet of known length it finds every
//! odd number of wrong bits and every two. It would find every burst of up to 16, too, if bits were
//! sent in the order that it takes them in. But a line sends the lowest bit of a byte first and
//! this check sequence begins with the highest, so what is certain are bursts of up to 9, which
//! touch two bytes; of longer ones, and of four wrong bits, a few in 100 000 get by. And the length
//! lies in the packet: a wrong bit in it moves the place where the check sequence is looked for, and
//! then nothing is certain but one in 65 536. The host knows how long each answer must be, and asks
//! for that, too.
//!
//! `examples/line_errors.rs` counts it. Of a million each, goals for six servos were taken for right
//! 43 times with 4 wrong bits, 13 times with 6 and 37 times with bursts of 10 to 16 bits; with 1, 2,
//! 3 or 5 wrong bits, or bursts of up to 9, never. Feetech's sum takes one double error in 21 for
//! right. A wrong goal stands until the next one, a few milliseconds later, and no limit of the
//! firmware's is behind it: in the servo, its own position limits are.
//!
//! # What happens when the host dies
//!
//! These servos watch the bus. [`DynamixelBus`] has them stop after the config's `stop_within_ms`
//! without a packet, in whole steps of 20 ms, or after three cycles on a line too slow for that. A
//! servo that has stopped so takes no goals until a host has cleared its watchdog, which this one does only while it sends no
//! goals: what has stopped does not start by itself. ROBOTIS' forum knows firmware of the 330 size
//! that lets the watchdog expire without stopping in current control; here they do position control,
//! in which the last goal is a few milliseconds ahead at most.
//!
//! # What is not used
//!
//! *Fast sync read* puts all answers in one packet: each servo continues what the one before it
//! began, so that one mute servo silences all behind it. A cycle for six servos would save 50 bytes.

mod bus;
mod homing;
pub mod packet;
mod parser;
mod reading;
pub mod registers;

pub use bus::{DynamixelBus, Identity};
pub use homing::Homing;
pub use packet::{Instruction, Kind, Packet, PacketError, StatusError};
pub use parser::Parser;
pub use reading::Reading;
pub use registers::{Model, Register, Storage};

use tandem_protocol::MotorFlags;

/// What a servo's hardware error register complains of.
#[must_use]
pub fn complaints(hardware_error: u8) -> MotorFlags {
    [
        (0, MotorFlags::VOLTAGE),
        (2, MotorFlags::TEMPERATURE),
        (3, MotorFlags::ENCODER),
        // An electrical shock, or too little power for the motor.
        (4, MotorFlags::CURRENT),
        (5, MotorFlags::OVERLOAD),
    ]
    .into_iter()
    .filter(|(bit, _)| hardware_error & (1 << bit) != 0)
    .fold(MotorFlags::default(), |all, (_, flag)| all.with(flag))
}
