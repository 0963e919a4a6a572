//! `tandem_msgs/EpisodeRequest`: lay the table anew.

use crate::{CdrReader, CdrWriter, DecodeError, Message};

/// Asks the simulator for a new scene; [`EpisodeReply`](crate::EpisodeReply) describes it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EpisodeRequest {
    /// Everything random about the scene follows from it.
    pub seed: u64,
    /// The fewest objects; zero for the default.
    pub objects_min: u8,
    /// The most objects; zero for the default.
    pub objects_max: u8,
    /// Whether the target judged is the one the alternative instruction names.
    pub instruct_other: bool,
    /// Whether the arm goes back to its rest pose first.
    pub settle: bool,
}

impl Message for EpisodeRequest {
    const TYPE: &'static str = "tandem_msgs/msg/EpisodeRequest";

    fn write(&self, out: &mut CdrWriter<'_>) {
        out.u64(self.seed);
        out.u8(self.objects_min);
        out.u8(self.objects_max);
        out.bool(self.instruct_other);
        out.bool(self.settle);
    }

    fn read(from: &mut CdrReader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            seed: from.u64()?,
            objects_min: from.u8()?,
            objects_max: from.u8()?,
            instruct_other: from.bool()?,
            settle: from.bool()?,
        })
    }
}
