//! `tandem_msgs/ControlRequest`: what an operator asks of the daemon.

use alloc::string::String;

use crate::limits::TEXT_BYTES_MAX;
use crate::{CdrReader, CdrWriter, DecodeError, Message};

/// One request; [`ControlReply`](crate::ControlReply) answers it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ControlRequest {
    /// What is asked for.
    pub kind: ControlKind,
    /// The instructions, one in each line, the name of the fault to inject, or the nonce to arm with
    /// after a stop; otherwise empty.
    pub text: String,
}

/// What an operator can ask for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ControlKind {
    /// Say how you are.
    #[default]
    Status,
    /// Let commands move the robot.
    Arm,
    /// Stop moving the robot and forget the arming.
    Disarm,
    /// Take note of a latched stop.
    Acknowledge,
    /// Make a protective stop.
    Stop,
    /// Follow a new instruction.
    Instruct,
    /// Publish the measurements so far.
    Report,
    /// Inject a fault, for a test.
    Fault,
    /// End the daemon.
    Shutdown,
}

impl ControlKind {
    /// Every kind, in the order of their codes.
    pub const ALL: [Self; 9] = [
        Self::Status,
        Self::Arm,
        Self::Disarm,
        Self::Acknowledge,
        Self::Stop,
        Self::Instruct,
        Self::Report,
        Self::Fault,
        Self::Shutdown,
    ];

    /// The number that stands for it in the message.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Status => 0,
            Self::Arm => 1,
            Self::Disarm => 2,
            Self::Acknowledge => 3,
            Self::Stop => 4,
            Self::Instruct => 5,
            Self::Report => 6,
            Self::Fault => 7,
            Self::Shutdown => 8,
        }
    }

    /// The kind a number stands for.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

impl Message for ControlRequest {
    const TYPE: &'static str = "tandem_msgs/msg/ControlRequest";

    fn write(&self, out: &mut CdrWriter<'_>) {
        out.u8(self.kind.code());
        out.string(&self.text, TEXT_BYTES_MAX);
    }

    fn read(from: &mut CdrReader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            kind: from.coded("kind of request", ControlKind::from_code)?,
            text: from.string(TEXT_BYTES_MAX)?,
        })
    }
}
