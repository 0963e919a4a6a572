//! Frames of classic CAN, and the ways they go: the kernel's CAN interfaces, or a serial adapter.

#[cfg(target_os = "linux")]
mod interface;
mod serial;

#[cfg(target_os = "linux")]
pub use interface::CanInterface;
pub use serial::{SerialCan, Slcan};

use core::time::Duration;
use std::io;

use tandem_types::Stamp;

/// The most data of a frame.
pub const DATA_BYTES_MAX: usize = 8;

/// The highest identifier of a base frame.
pub const ID_MAX: u16 = 0x7ff;

/// A base data frame: an identifier of 11 bits and up to eight bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CanFrame {
    // Invariants: id <= ID_MAX, len <= DATA_BYTES_MAX, bytes behind len are zero.
    id: u16,
    len: u8,
    data: [u8; DATA_BYTES_MAX],
}

impl CanFrame {
    /// A frame of eight bytes, which is always one.
    #[must_use]
    pub const fn eight(id: u8, data: [u8; DATA_BYTES_MAX]) -> Self {
        Self { id: id as u16, len: 8, data }
    }

    /// A frame of eight bytes under the identifier that goes last, which Damiao's motors all hear.
    #[must_use]
    pub(crate) const fn to_all(data: [u8; DATA_BYTES_MAX]) -> Self {
        Self { id: ID_MAX, len: 8, data }
    }

    /// A frame; `None` if there is no such identifier, or too much data.
    #[must_use]
    pub fn new(id: u16, data: &[u8]) -> Option<Self> {
        let len = u8::try_from(data.len()).ok()?;
        let mut bytes = [0; DATA_BYTES_MAX];
        bytes.get_mut(..data.len())?.copy_from_slice(data);
        (id <= ID_MAX).then_some(Self { id, len, data: bytes })
    }

    /// Its identifier. The lower one of two goes first.
    #[must_use]
    pub const fn id(&self) -> u16 {
        self.id
    }

    /// Its data.
    #[must_use]
    pub fn data(&self) -> &[u8] {
        self.data.get(..usize::from(self.len)).unwrap_or(&self.data)
    }
}

/// How long a frame with so much data takes at a bit rate, without stuffed bits, of which there can
/// be one in four: 44 bits around the data, and three between frames.
#[must_use]
pub fn frame_time(bits_s: u32, data_bytes: usize) -> Duration {
    let bits = u64::try_from(47 + 8 * data_bytes).unwrap_or(u64::MAX);
    Duration::from_nanos(bits.saturating_mul(1_000_000_000) / u64::from(bits_s.max(1)))
}

/// A way for frames.
pub trait CanLine {
    /// Sends a frame; it may still be on its way when this returns.
    ///
    /// # Errors
    /// If the line is gone.
    fn send(&mut self, frame: &CanFrame) -> io::Result<()>;

    /// The next frame that has come, waiting for at most `within`.
    ///
    /// # Errors
    /// If the line is gone.
    fn receive(&mut self, within: Duration) -> io::Result<Option<CanFrame>>;

    /// Drops what has come and was not taken.
    ///
    /// # Errors
    /// If the line is gone.
    fn discard(&mut self) -> io::Result<()>;

    /// The present moment, by the clock that the line's time passes on.
    fn now(&self) -> Stamp;
}
