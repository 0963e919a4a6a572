//! `tandem_msgs/Heartbeat`: that the arm's owner is alive and wants it to move.

use tandem_types::Stamp;

use crate::{CdrReader, CdrWriter, DecodeError, Message};

/// One beat of the arm's owner; the arm stops when they end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Heartbeat {
    /// When it was sent.
    pub stamp: Stamp,
    /// The owner's fencing token: whoever takes the arm over draws a larger one than all before.
    pub token: u64,
}

impl Message for Heartbeat {
    const TYPE: &'static str = "tandem_msgs/msg/Heartbeat";

    fn write(&self, out: &mut CdrWriter<'_>) {
        out.stamp(self.stamp);
        out.u64(self.token);
    }

    fn read(from: &mut CdrReader<'_>) -> Result<Self, DecodeError> {
        Ok(Self { stamp: from.stamp()?, token: from.u64()? })
    }
}
