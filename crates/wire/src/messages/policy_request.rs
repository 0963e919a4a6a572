//! `tandem_msgs/PolicyRequest`: what an operator asks about System 1's policies.

use alloc::string::String;

use crate::limits::NAME_BYTES_MAX;
use crate::{CdrReader, CdrWriter, DecodeError, Message};

/// One request; [`PolicyReply`](crate::PolicyReply) answers it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PolicyRequest {
    /// What is asked for.
    pub kind: PolicyKind,
    /// Which bundle to swap in; otherwise empty.
    pub name: String,
    /// What is to run it: candle or onnx; empty for the engine of the config.
    pub engine: String,
    /// How long it is to run beside the active one first, without acting, s.
    pub shadow_s: f64,
}

/// What can be asked about policies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PolicyKind {
    /// Name the bundles at hand.
    #[default]
    List,
    /// Replace System 1's policy while everything runs.
    Swap,
    /// Say how far the newest swap has come.
    Progress,
}

impl PolicyKind {
    /// Every kind, in the order of their codes.
    pub const ALL: [Self; 3] = [Self::List, Self::Swap, Self::Progress];

    /// The number that stands for it in the message.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::List => 0,
            Self::Swap => 1,
            Self::Progress => 2,
        }
    }

    /// The kind a number stands for.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

impl Message for PolicyRequest {
    const TYPE: &'static str = "tandem_msgs/msg/PolicyRequest";

    fn write(&self, out: &mut CdrWriter<'_>) {
        out.u8(self.kind.code());
        out.string(&self.name, NAME_BYTES_MAX);
        out.string(&self.engine, NAME_BYTES_MAX);
        out.f64(self.shadow_s);
    }

    fn read(from: &mut CdrReader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            kind: from.coded("kind of request", PolicyKind::from_code)?,
            name: from.string(NAME_BYTES_MAX)?,
            engine: from.string(NAME_BYTES_MAX)?,
            shadow_s: from.f64()?,
        })
    }
}
