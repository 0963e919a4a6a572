//! `tandem_msgs/Instruction`: what the arm should do, in words.

use alloc::string::String;

use tandem_types::{InstructionId, Stamp};

use crate::limits::INSTRUCTION_BYTES_MAX;
use crate::{CdrReader, CdrWriter, DecodeError, Message};

/// One sentence for System 2.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Instruction {
    /// When it was given.
    pub stamp: Stamp,
    /// A new text has a new, larger id.
    pub id: InstructionId,
    /// The sentence.
    pub text: String,
}

impl Message for Instruction {
    const TYPE: &'static str = "tandem_msgs/msg/Instruction";

    fn write(&self, out: &mut CdrWriter<'_>) {
        out.stamp(self.stamp);
        out.u64(self.id.0);
        out.string(&self.text, INSTRUCTION_BYTES_MAX);
    }

    fn read(from: &mut CdrReader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            stamp: from.stamp()?,
            id: InstructionId(from.u64()?),
            text: from.string(INSTRUCTION_BYTES_MAX)?,
        })
    }
}
