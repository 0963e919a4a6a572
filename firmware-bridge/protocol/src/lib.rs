//! What a host and a robot's firmware say to each other on a serial line, and what the firmware
//! does about it.
//!
//! A [`Frame`] is a [`Command`], a [`Request`] or a [`Report`], with its source, destination, epoch
//! and sequence. [`Frame::encode`] makes bytes of it, a [`Receiver`] makes frames of bytes. A
//! [`Firmware`] is the device's side as pure code: it takes frames, checks every limit again,
//! says what the motors shall do, and brakes by itself when no valid command comes in time.
//!
//! ```
//! use tandem_protocol::{
//!     Address, Body, Command, DeviceTime, Drive, Epoch, Firmware, FirmwareConfig, Frame,
//!     JointLimits, Joints, Measured, Receiver, Request, Rest, Setpoint, State,
//! };
//!
//! let limits = JointLimits {
//!     position_urad_min: -1_500_000,
//!     position_urad_max: 1_500_000,
//!     velocity_urad_s_max: 2_000_000,
//!     acceleration_urad_s2_max: 30_000_000,
//!     deceleration_urad_s2: 30_000_000,
//!     jump_urad_max: 200_000,
//!     tracking_urad_max: 500_000,
//! };
//! let (host, device) = (Address(1), Address(2));
//! let config = FirmwareConfig {
//!     address: device,
//!     host,
//!     joints: Joints::from_slice(&[limits])?,
//!     watchdog_us: 20_000,
//!     valid_us_max: 100_000,
//!     arm_wait_us: 1_000_000,
//!     refused_run_max: 10,
//!     rest: Rest::Hold,
//! };
//! let mut firmware = Firmware::new(config, 42)?;
//! let at_rest = [Measured::default()];
//! assert_eq!(firmware.tick(DeviceTime(1_000), &at_rest), Drive::Limp);
//!
//! // Over the line: arm, then tell the joint where to be.
//! let say = |sequence, body| {
//!     Frame { source: host, destination: device, epoch: Epoch(1), sequence, body }.encode(None)
//! };
//! let arm = say(1, Body::Request(Request::Arm { limits_hash: config.limits_hash() }));
//! let command = say(2, Body::Command(Command {
//!     made: DeviceTime(1_500),
//!     valid_us: 20_000,
//!     joints: Joints::from_slice(&[Setpoint { position_urad: 1_000, velocity_urad_s: 0 }])?,
//! }));
//! let mut receiver = Receiver::default();
//! for byte in arm.iter().chain(command.iter()) {
//!     if let Some(frame) = receiver.push(*byte, None) {
//!         firmware.receive(DeviceTime(2_000), &frame?).expect("nothing speaks against it");
//!     }
//! }
//! assert!(matches!(firmware.tick(DeviceTime(3_000), &at_rest), Drive::Follow(_)));
//!
//! // Then silence. It brakes, and it remembers.
//! firmware.tick(DeviceTime(30_000), &at_rest);
//! firmware.tick(DeviceTime(50_000), &at_rest);
//! assert_eq!(firmware.state(), State::Latched);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What can go wrong on a line, and what finds it
//!
//! The errors of IEC 61784-3, as Table 2 of OPC UA Safety lists them, and the measure here. Each has
//! a test of its name in `tests/it/line.rs`.
//!
//! | error | sequence | validity and receipt | source, destination, epoch | check sequence |
//! |---|---|---|---|---|
//! | corruption | | | | X |
//! | unintended repetition | X | X | | |
//! | incorrect sequence | X | | | |
//! | loss | X (counted) | X (watchdog) | | |
//! | unacceptable delay | | X | | |
//! | insertion | X | | X | |
//! | masquerade | | | X | X (against an attacker: [`Seal`]) |
//! | addressing | | | X | |
//!
//! # What this crate does not do
//! It reads no clock, owns no line and drives no motor; it is no safety function in the sense of
//! ISO 13849 or IEC 61508, and claims no conformity with IEC 61784-3. It keeps no secret: a sealed
//! frame is authentic, and anyone can read it.
//!
//! # Threading and allocation
//! `no_std`, no allocation, no floating point, no panic, bounded by [`JOINTS_MAX`]. Everything is
//! plain data: one thread or interrupt owns it.
#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::as_conversions,
        clippy::float_arithmetic
    )
)]

#[cfg(test)]
extern crate std;

mod bytes;
mod check;
mod cobs;
mod fault;
mod firmware;
mod frame;
mod joints;
mod limits;
mod receiver;
mod seal;
mod wire;

pub use fault::{Fault, Refusal};
pub use firmware::{Drive, Firmware};
pub use frame::{
    Address, Body, Command, DeviceTime, Epoch, Frame, Receipt, Report, Request, State,
};
pub use joints::{JOINTS_MAX, Joints, Measured, MotorFlags, Setpoint, TooManyJoints};
pub use limits::{ConfigError, FirmwareConfig, JointLimits, Rest, WATCHDOG_US};
pub use receiver::Receiver;
pub use seal::Seal;
pub use wire::{DecodeError, VERSION, WIRE_BYTES_MAX, Wire};
