//! `tandem_msgs/ControlReply`: the daemon's answer to a request.

use alloc::string::String;

use crate::limits::TEXT_BYTES_MAX;
use crate::{CdrReader, CdrWriter, DecodeError, Message};

/// Whether a request was granted, and if not, why and what to do about it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ControlReply {
    /// Whether it was granted.
    pub ok: bool,
    /// A sentence for the operator.
    pub message: String,
    /// What arms after the stop that was acknowledged; zero in all other answers.
    pub nonce: u64,
}

impl Message for ControlReply {
    const TYPE: &'static str = "tandem_msgs/msg/ControlReply";

    fn write(&self, out: &mut CdrWriter<'_>) {
        out.bool(self.ok);
        out.string(&self.message, TEXT_BYTES_MAX);
        out.u64(self.nonce);
    }

    fn read(from: &mut CdrReader<'_>) -> Result<Self, DecodeError> {
        Ok(Self { ok: from.bool()?, message: from.string(TEXT_BYTES_MAX)?, nonce: from.u64()? })
    }
}
