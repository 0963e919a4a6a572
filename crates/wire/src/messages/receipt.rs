//! `tandem_msgs/Receipt`: which commands the robot obeyed.

use tandem_types::{Epoch, Sequence, Stamp};

use crate::{CdrReader, CdrWriter, DecodeError, Message};

/// The robot's word on the commands it got; its absence means that the link is cut.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Receipt {
    /// When the robot wrote it.
    pub stamp: Stamp,
    /// The robot's own life.
    pub epoch: Epoch,
    /// The epoch of the commands that the robot obeys; zero if it obeys none.
    pub command_epoch: Epoch,
    /// The last command applied.
    pub command_sequence: Sequence,
    /// How many commands were applied in the robot's life.
    pub applied: u64,
    /// How many were refused in the robot's life.
    pub refused: u64,
    /// Why the last one refused was refused.
    pub refusal: Refusal,
    /// A number for the position limits the robot itself keeps; zero if it does not say.
    pub limits_hash: u64,
}

/// Why the robot refused a command.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Refusal {
    /// None was refused so far.
    #[default]
    None,
    /// It came after its validity had ended, or from the future.
    Stale,
    /// It came from another arming while the present one is still heard.
    Epoch,
    /// It is no newer than the last one.
    Sequence,
    /// It has another number of joints than the robot.
    Shape,
    /// A value is NaN or infinite.
    NotFinite,
    /// A value is beyond the robot's limits.
    Limits,
    /// The robot has stopped by itself or begun anew since the controller was armed, or is not fit to
    /// move. After a stop somebody must acknowledge it at the robot, and the controller begin anew.
    Stopped,
}

impl Refusal {
    /// Every reason, in the order of their codes.
    pub const ALL: [Self; 8] = [
        Self::None,
        Self::Stale,
        Self::Epoch,
        Self::Sequence,
        Self::Shape,
        Self::NotFinite,
        Self::Limits,
        Self::Stopped,
    ];

    /// The number that stands for it in the message.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::None => 0,
            Self::Stale => 1,
            Self::Epoch => 2,
            Self::Sequence => 3,
            Self::Shape => 4,
            Self::NotFinite => 5,
            Self::Limits => 6,
            Self::Stopped => 7,
        }
    }

    /// The reason a number stands for.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|refusal| refusal.code() == code)
    }
}

impl core::fmt::Display for Refusal {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::None => "none",
            Self::Stale => "stale",
            Self::Epoch => "wrong epoch",
            Self::Sequence => "sequence not newer",
            Self::Shape => "wrong number of joints",
            Self::NotFinite => "not finite",
            Self::Limits => "beyond limits",
            Self::Stopped => "the robot has stopped or begun anew since that arming",
        })
    }
}

impl Message for Receipt {
    const TYPE: &'static str = "tandem_msgs/msg/Receipt";

    fn write(&self, out: &mut CdrWriter<'_>) {
        out.stamp(self.stamp);
        out.u64(self.epoch.0);
        out.u64(self.command_epoch.0);
        out.u64(self.command_sequence.0);
        out.u64(self.applied);
        out.u64(self.refused);
        out.u8(self.refusal.code());
        out.u64(self.limits_hash);
    }

    fn read(from: &mut CdrReader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            stamp: from.stamp()?,
            epoch: Epoch(from.u64()?),
            command_epoch: Epoch(from.u64()?),
            command_sequence: Sequence(from.u64()?),
            applied: from.u64()?,
            refused: from.u64()?,
            refusal: from.coded("reason for a refusal", Refusal::from_code)?,
            limits_hash: from.u64()?,
        })
    }
}
