//! From a stream of bytes to frames.

use crate::{DecodeError, Frame, Seal, WIRE_BYTES_MAX};

/// Collects bytes until a zero ends a frame. What is longer than any frame is dropped up to the
/// next zero. No allocation.
#[derive(Clone, Debug)]
pub struct Receiver {
    bytes: [u8; WIRE_BYTES_MAX],
    // How many bytes came since the last zero, also those that had no room.
    len: usize,
}

impl Default for Receiver {
    fn default() -> Self {
        Self { bytes: [0; WIRE_BYTES_MAX], len: 0 }
    }
}

impl Receiver {
    /// Takes one byte; gives a frame, or what was wrong with it, when the byte ends one.
    pub fn push(&mut self, byte: u8, seal: Option<&Seal>) -> Option<Result<Frame, DecodeError>> {
        if byte != 0 {
            if let Some(slot) = self.bytes.get_mut(self.len) {
                *slot = byte;
            }
            self.len = self.len.saturating_add(1);
            return None;
        }
        let len = core::mem::take(&mut self.len);
        // Zeros in a row are an idle line, and no frame.
        (len > 0).then(|| {
            let bytes = self.bytes.get(..len).ok_or(DecodeError::Length)?;
            Frame::decode(bytes, seal)
        })
    }
}
