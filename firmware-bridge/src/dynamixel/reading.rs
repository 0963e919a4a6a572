//! What a servo shows with every cycle.

use tandem_protocol::MotorFlags;

use super::complaints;
use super::packet::{Kind, Packet, StatusError};
use super::registers::{self as register, Effort as Feel, Model, Register};
use crate::motor_bus::{Effort, ShaftState, urad_of_steps};

/// What each servo shows in one piece, by its indirect addresses. Its own id is among them because
/// a servo that has started anew shows zeros there: its memory of the addresses is gone.
pub(super) const SHOWN: [Register; 7] = [
    register::ID,
    register::TORQUE_ENABLE,
    register::HARDWARE_ERROR_STATUS,
    register::BUS_WATCHDOG,
    register::PRESENT_CURRENT,
    register::PRESENT_VELOCITY,
    register::PRESENT_POSITION,
];
pub(super) const SHOWN_BYTES: u16 = 14;

/// A velocity's unit, urad/s: 0.229 turns a minute.
const VELOCITY_URAD_S: f64 = 0.229 / 60.0 * core::f64::consts::TAU * 1e6;

/// What one sync read learns of a servo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The servo's id as it shows it; another one if it has forgotten what to show.
    pub id: u8,
    /// Whether it drives its motor.
    pub on: bool,
    /// See [`complaints`].
    pub hardware_error: u8,
    /// The host was silent for too long.
    pub watchdog_expired: bool,
    /// Counts; see [`Model::effort`].
    pub current: i32,
    /// 0.229 turns a minute each.
    pub velocity: i32,
    /// Steps.
    pub position: i32,
}

impl Reading {
    pub(super) fn of(packet: &Packet) -> Option<Self> {
        if !matches!(packet.kind, Kind::Status(_)) || StatusError::of(packet.error()).is_some() {
            return None;
        }
        let mut rest = &packet.parameters[..];
        let mut values = [0; SHOWN.len()];
        for (value, register) in values.iter_mut().zip(SHOWN) {
            let (bytes, behind) = rest.split_at_checked(usize::from(register.bytes))?;
            *value = register.decode(bytes)?;
            rest = behind;
        }
        let [id, on, hardware_error, watchdog, current, velocity, position] = values;
        rest.is_empty().then_some(Self {
            id: u8::try_from(id).ok()?,
            on: on == 1,
            hardware_error: u8::try_from(hardware_error).ok()?,
            watchdog_expired: watchdog < 0,
            current,
            velocity,
            position,
        })
    }

    /// The same for an arm, of a servo of a model that was told to drive or not.
    pub(super) fn state(&self, model: &Model, told_on: bool) -> ShaftState {
        let mut flags = complaints(self.hardware_error);
        if self.watchdog_expired {
            flags = flags.with(MotorFlags::LINK);
        }
        // With a hardware error it has let go, too, and that says why.
        if told_on && !self.on && self.hardware_error == 0 {
            flags = flags.with(MotorFlags::RESTARTED);
        }
        let current = f64::from(self.current);
        ShaftState {
            position_urad: urad_of_steps(self.position),
            velocity_urad_s: (f64::from(self.velocity) * VELOCITY_URAD_S).round() as i32,
            effort: match model.effort {
                Feel::Load => Effort::Share(current / 1000.0),
                Feel::Current { stall_nm, stall_counts } => {
                    Effort::TorqueNm(current / stall_counts * stall_nm)
                }
            },
            flags,
        }
    }
}
