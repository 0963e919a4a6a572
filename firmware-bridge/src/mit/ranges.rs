//! The types of motors that take MIT-style frames, as data.
//!
//! The same bits mean another torque to another type: a wrong row here is a wrong motor. Rows are from
//! Ben Katz' firmware, CubeMars' "AK series actuator driver manual" and Damiao's `DM_CAN.py`; a Damiao
//! motor says its ranges itself, and is refused if they differ.

use tandem_protocol::MotorFlags;

use super::frame::Status;

/// How a motor answers, and what else it understands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// Six bytes, nothing about itself.
    MiniCheetah,
    /// Eight bytes, the last two temperature and error.
    CubeMars,
    /// Eight bytes, error and id in the first; registers that a host can read and write.
    Damiao,
}

/// One type of motor: each range reaches as far below zero as above.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MotorKind {
    /// Its name.
    pub name: &'static str,
    /// Its dialect.
    pub dialect: Dialect,
    /// rad.
    pub position_rad: f64,
    /// rad/s.
    pub velocity_rad_s: f64,
    /// N m.
    pub torque_nm: f64,
    /// The highest stiffness, N m/rad.
    pub kp_max: f64,
    /// The highest damping, N m s/rad.
    pub kd_max: f64,
}

const fn row(
    name: &'static str,
    dialect: Dialect,
    velocity_rad_s: f64,
    torque_nm: f64,
) -> MotorKind {
    MotorKind {
        name,
        dialect,
        position_rad: 12.5,
        velocity_rad_s,
        torque_nm,
        kp_max: 500.0,
        kd_max: 5.0,
    }
}

/// Every type known here.
pub const KINDS: &[MotorKind] = &[
    row("mini-cheetah", Dialect::MiniCheetah, 65.0, 18.0),
    row("AK10-9", Dialect::CubeMars, 50.0, 65.0),
    row("AK60-6", Dialect::CubeMars, 45.0, 15.0),
    row("AK70-10", Dialect::CubeMars, 50.0, 25.0),
    row("AK80-6", Dialect::CubeMars, 76.0, 12.0),
    row("AK80-9", Dialect::CubeMars, 50.0, 18.0),
    row("DM-J4310", Dialect::Damiao, 30.0, 10.0),
    row("DM-J4340", Dialect::Damiao, 8.0, 28.0),
    row("DM-J6006", Dialect::Damiao, 45.0, 20.0),
    row("DM-J8006", Dialect::Damiao, 45.0, 40.0),
    row("DM-J8009", Dialect::Damiao, 45.0, 54.0),
];

/// The type with a name.
#[must_use]
pub fn kind(name: &str) -> Option<&'static MotorKind> {
    KINDS.iter().find(|kind| kind.name == name)
}

impl Dialect {
    /// What a motor's number for its own state means.
    #[must_use]
    pub fn status(self, code: u8) -> Status {
        let enabled = match self {
            Self::Damiao => Some(code == 1),
            Self::MiniCheetah | Self::CubeMars => None,
        };
        let flags = match (self, code) {
            (Self::MiniCheetah, _) | (_, 0) | (Self::Damiao, 1) => MotorFlags::default(),
            (Self::CubeMars, 3 | 4) | (Self::Damiao, 8 | 9) => MotorFlags::VOLTAGE,
            (Self::CubeMars, 2) | (Self::Damiao, 0xa) => MotorFlags::CURRENT,
            (Self::CubeMars, 1 | 6) | (Self::Damiao, 0xb | 0xc) => MotorFlags::TEMPERATURE,
            (Self::CubeMars, 5) => MotorFlags::ENCODER,
            (Self::Damiao, 0xd) => MotorFlags::LINK,
            // A stall, an overload, and whatever newer motors complain of.
            (Self::CubeMars | Self::Damiao, _) => MotorFlags::OVERLOAD,
        };
        Status { enabled, flags }
    }
}
