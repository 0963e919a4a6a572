//! What every message can do.

use alloc::vec::Vec;

use crate::{CdrReader, CdrWriter, DecodeError};

/// A message with a ROS 2 type name and a CDR form.
pub trait Message: Sized {
    /// The ROS 2 name of the type, for example `sensor_msgs/msg/JointState`.
    const TYPE: &'static str;

    /// Writes every field in the order of the `.msg`.
    fn write(&self, out: &mut CdrWriter<'_>);

    /// Reads every field in the order of the `.msg`.
    ///
    /// # Errors
    /// If the bytes are no such message.
    fn read(from: &mut CdrReader<'_>) -> Result<Self, DecodeError>;

    /// Replaces the content of `out` with the payload: encapsulation header, then the body.
    /// Allocates only if `out` has never been that long.
    fn encode(&self, out: &mut Vec<u8>) {
        self.write(&mut CdrWriter::new(out));
    }

    /// Reads a whole payload.
    ///
    /// # Errors
    /// If the bytes are no such message, or more than one.
    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = CdrReader::new(bytes)?;
        let message = Self::read(&mut reader)?;
        reader.finish()?;
        Ok(message)
    }
}
