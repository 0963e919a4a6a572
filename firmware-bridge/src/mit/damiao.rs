//! The registers of Damiao's motors: a frame to everybody names the motor, read or write, the
//! register and a value of four bytes, the low one first; the motor answers with the same.

use core::time::Duration;

use crate::can::{CanFrame, ID_MAX};

pub(crate) const TIMEOUT: u8 = 9;
pub(crate) const CONTROL_MODE: u8 = 10;
/// Floats.
pub(crate) const POSITION_MAX: u8 = 21;
pub(crate) const VELOCITY_MAX: u8 = 22;
pub(crate) const TORQUE_MAX: u8 = 23;

/// Of the control modes, the one with MIT-style frames.
pub(crate) const MIT_MODE: u32 = 1;

pub(crate) const READ: u8 = 0x33;
pub(crate) const WRITE: u8 = 0x55;

/// A time as the timeout register has it.
pub(crate) fn timeout(time: Duration) -> u32 {
    u32::try_from(time.as_micros() / 50).unwrap_or(u32::MAX)
}

pub(crate) fn question(id: u8, number: u8, write: Option<u32>) -> CanFrame {
    let how = if write.is_some() { WRITE } else { READ };
    let [a, b, c, d] = write.unwrap_or(0).to_le_bytes();
    CanFrame::to_all([id, 0, how, number, a, b, c, d])
}

pub(crate) fn answer(data: &[u8], id: u8, number: u8) -> Option<u32> {
    let [who, _, READ | WRITE, which, a, b, c, d] = *data else { return None };
    ((who, which) == (id, number)).then_some(u32::from_le_bytes([a, b, c, d]))
}

/// The question in a frame to everybody: whom, which register, and what to write.
pub(crate) fn asked(frame: &CanFrame) -> Option<(u8, u8, Option<u32>)> {
    let [who, 0, how, which, a, b, c, d] = *frame.data() else { return None };
    let value = u32::from_le_bytes([a, b, c, d]);
    match how {
        READ if frame.id() == ID_MAX => Some((who, which, None)),
        WRITE if frame.id() == ID_MAX => Some((who, which, Some(value))),
        _ => None,
    }
}
