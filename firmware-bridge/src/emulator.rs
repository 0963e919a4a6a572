//! Devices that behave like the real ones, byte for byte, on a pseudo-terminal.
//!
//! A [`Device`] is pure: bytes and the time go in, bytes and the moment of the next ones come out.
//! [`Emulated`] gives it a pseudo-terminal and a thread, and nothing on the host's side can tell it
//! from a servo bus behind a USB adapter, down to how long each byte takes. A [`VirtualLine`] gives it
//! virtual time instead.

mod arm;
mod dynamixel;
mod faults;
mod feetech;
mod mit;
mod motors;
mod native;
mod pace;
mod plant;
mod pty;
mod rig;
mod servo_bus;
mod transcript;
mod virtual_line;
mod wire;

pub use arm::EmulatedMotors;
pub use dynamixel::DynamixelServos;
pub use faults::{FaultPlan, Faults};
pub use feetech::FeetechBus;
pub use mit::MitMotors;
pub use motors::{JointDrive, JointMeasure, JointMotors};
pub use native::NativeDevice;
pub use plant::{Drive, FreeShafts, Plant, Shaft};
pub use pty::{Emulated, EmulatorError};
pub use servo_bus::ServoBus;
pub use transcript::{Entry, Said, Sample, Transcript};
pub use virtual_line::VirtualLine;

use tandem_types::Stamp;

/// A device on a line, sans input and output.
pub trait Device: Send + 'static {
    /// Bytes of the host's, handed to the line at `now`; they arrive one byte time after the other.
    fn receive(&mut self, now: Stamp, bytes: &[u8]);

    /// When [`poll`](Self::poll) has something to do next.
    fn due(&self) -> Option<Stamp>;

    /// Does what is due, and gives the bytes that have arrived at the host by `now`.
    fn poll(&mut self, now: Stamp, out: &mut Vec<u8>);
}

impl<D: Device + ?Sized> Device for Box<D> {
    fn receive(&mut self, now: Stamp, bytes: &[u8]) {
        (**self).receive(now, bytes);
    }

    fn due(&self) -> Option<Stamp> {
        (**self).due()
    }

    fn poll(&mut self, now: Stamp, out: &mut Vec<u8>) {
        (**self).poll(now, out);
    }
}
