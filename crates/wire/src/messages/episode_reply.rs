//! `tandem_msgs/EpisodeReply`: the scene the simulator laid.

use alloc::string::String;
use alloc::vec::Vec;

use crate::limits::{INSTRUCTION_BYTES_MAX, NAME_BYTES_MAX, OBJECTS_MAX, TEXT_BYTES_MAX};
use crate::{CdrReader, CdrWriter, DecodeError, Message};

/// A new scene, its instruction, and what only a judge may know about it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EpisodeReply {
    /// Whether the scene was laid.
    pub ok: bool,
    /// If not, why.
    pub message: String,
    /// Counts up in the simulator's life; [`Truth`](crate::Truth) carries it.
    pub episode: u64,
    /// A sentence that names the target.
    pub instruction: String,
    /// A sentence that names another object on the table.
    pub alternative_instruction: String,
    /// The target's place in `objects`.
    pub target: u8,
    /// The other object's place in `objects`.
    pub alternative: u8,
    /// Every object in words, for example `small red cube`.
    pub objects: Vec<String>,
}

impl Message for EpisodeReply {
    const TYPE: &'static str = "tandem_msgs/msg/EpisodeReply";

    fn write(&self, out: &mut CdrWriter<'_>) {
        out.bool(self.ok);
        out.string(&self.message, TEXT_BYTES_MAX);
        out.u64(self.episode);
        out.string(&self.instruction, INSTRUCTION_BYTES_MAX);
        out.string(&self.alternative_instruction, INSTRUCTION_BYTES_MAX);
        out.u8(self.target);
        out.u8(self.alternative);
        out.strings(&self.objects, NAME_BYTES_MAX, OBJECTS_MAX);
    }

    fn read(from: &mut CdrReader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            ok: from.bool()?,
            message: from.string(TEXT_BYTES_MAX)?,
            episode: from.u64()?,
            instruction: from.string(INSTRUCTION_BYTES_MAX)?,
            alternative_instruction: from.string(INSTRUCTION_BYTES_MAX)?,
            target: from.u8()?,
            alternative: from.u8()?,
            objects: from.strings(NAME_BYTES_MAX, OBJECTS_MAX)?,
        })
    }
}
