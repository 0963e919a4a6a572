//! Why the firmware stops by itself, and why it does not obey a frame.

use core::fmt;

/// Why the firmware brakes, or has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Fault {
    /// It does not.
    #[default]
    None,
    /// No valid command came in time.
    Silence,
    /// A motor complains; the flags say of what.
    Motor,
    /// The host asked for a stop.
    Stop,
    /// Too many frames in a row had to be refused.
    Refusals,
    /// A joint is too far from where it was told to be.
    Tracking,
}

/// Why a frame is not obeyed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// It is for another station.
    Address,
    /// It comes from a station that may not command this one.
    Source,
    /// It is of a kind that only devices send.
    Kind,
    /// It belongs to another period of being armed.
    Epoch,
    /// It is not newer than the last one, or implausibly far ahead.
    Sequence,
    /// Its validity has passed, so it was delayed.
    Expired,
    /// It claims to come from the future, or to be valid for too long.
    Validity,
    /// It has another number of joints than the device.
    Shape,
    /// A position is beyond its limit.
    Position,
    /// A velocity is beyond its limit.
    Velocity,
    /// A position is too far from where the joint is.
    Jump,
    /// The host believes in other limits than the device keeps.
    Limits,
    /// The device is not armed.
    NotArmed,
    /// The device is not disarmed, which arming starts from.
    NotDisarmed,
    /// A fault is latched.
    Latched,
    /// No such fault is latched.
    NotLatched,
    /// The fault's cause is still there.
    CauseRemains,
    /// A joint moves, or is beyond its limits, or its motor complains: no start from there.
    Unfit,
}

impl Fault {
    /// Every one, in the order of their codes.
    pub const ALL: [Self; 6] =
        [Self::None, Self::Silence, Self::Motor, Self::Stop, Self::Refusals, Self::Tracking];

    /// Its number on the line.
    #[must_use]
    pub fn code(self) -> u8 {
        place(&Self::ALL, self)
    }

    /// The fault with a number.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code)).copied()
    }
}

impl Refusal {
    /// Every one, in the order of their codes, which count from one: zero is "none yet".
    pub const ALL: [Self; 18] = [
        Self::Address,
        Self::Source,
        Self::Kind,
        Self::Epoch,
        Self::Sequence,
        Self::Expired,
        Self::Validity,
        Self::Shape,
        Self::Position,
        Self::Velocity,
        Self::Jump,
        Self::Limits,
        Self::NotArmed,
        Self::NotDisarmed,
        Self::Latched,
        Self::NotLatched,
        Self::CauseRemains,
        Self::Unfit,
    ];

    /// Its number on the line.
    #[must_use]
    pub fn code(self) -> u8 {
        place(&Self::ALL, self).saturating_add(1)
    }

    /// The refusal with a number.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code.checked_sub(1)?)).copied()
    }
}

fn place<T: PartialEq>(all: &[T], one: T) -> u8 {
    let place = all.iter().position(|other| *other == one).unwrap_or(0);
    u8::try_from(place).unwrap_or(0)
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "no fault",
            Self::Silence => "no valid command came in time; look at the link and its sender",
            Self::Motor => "a motor complains; look at its supply, its load and its cable",
            Self::Stop => "a stop was asked for",
            Self::Refusals => "too many frames in a row were refused; look at the refusal",
            Self::Tracking => "a joint does not follow; is something in its way?",
        })
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Address => "it is for another station",
            Self::Source => "its sender may not command this device",
            Self::Kind => "only devices send this kind",
            Self::Epoch => "it belongs to another period of being armed",
            Self::Sequence => "it is not the next one",
            Self::Expired => "it came after its validity had passed",
            Self::Validity => "it claims to be valid for too long, or from the future",
            Self::Shape => "it has another number of joints than the device",
            Self::Position => "a position is beyond its limit",
            Self::Velocity => "a velocity is beyond its limit",
            Self::Jump => "a position is too far from where the joint is",
            Self::Limits => "the device keeps other limits than the host believes",
            Self::NotArmed => "the device is not armed",
            Self::NotDisarmed => "the device is not disarmed",
            Self::Latched => "a fault is latched: acknowledge it, then arm anew",
            Self::NotLatched => "no such fault is latched",
            Self::CauseRemains => "the fault's cause is still there",
            Self::Unfit => "a joint moves, is beyond its limits, or its motor complains",
        })
    }
}
