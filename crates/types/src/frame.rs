//! One camera picture.

use alloc::vec::Vec;

use crate::Stamp;

/// One RGB picture, 8 bits a channel, rows from the top, no padding (`sensor_msgs/Image` `rgb8`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frame {
    /// When the shutter was open.
    pub stamp: Stamp,
    width_px: usize,
    height_px: usize,
    // Invariant: rgb.len() == 3 * width_px * height_px.
    rgb: Vec<u8>,
}

/// The bytes given do not make a picture of the size named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameError {
    /// Width named, pixels.
    pub width_px: usize,
    /// Height named, pixels.
    pub height_px: usize,
    /// Bytes given.
    pub bytes: usize,
}

impl core::fmt::Display for FrameError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{} bytes are no {}x{} rgb8 picture", self.bytes, self.width_px, self.height_px)
    }
}

impl core::error::Error for FrameError {}

impl Frame {
    /// A black picture.
    #[must_use]
    pub fn black(width_px: usize, height_px: usize) -> Self {
        let rgb = alloc::vec![0; 3 * width_px * height_px];
        Self { stamp: Stamp::ORIGIN, width_px, height_px, rgb }
    }

    /// A picture from its bytes.
    ///
    /// # Errors
    /// If the number of bytes is not `3 * width_px * height_px`.
    pub fn from_rgb(
        stamp: Stamp,
        width_px: usize,
        height_px: usize,
        rgb: Vec<u8>,
    ) -> Result<Self, FrameError> {
        let expected = width_px.checked_mul(height_px).and_then(|pixels| pixels.checked_mul(3));
        if expected != Some(rgb.len()) {
            return Err(FrameError { width_px, height_px, bytes: rgb.len() });
        }
        Ok(Self { stamp, width_px, height_px, rgb })
    }

    /// Overwrites this picture in place; allocates only if `other` is larger than it ever was.
    pub fn copy_from(&mut self, other: &Self) {
        self.stamp = other.stamp;
        self.width_px = other.width_px;
        self.height_px = other.height_px;
        self.rgb.clear();
        self.rgb.extend_from_slice(&other.rgb);
    }

    /// Width, pixels.
    #[must_use]
    pub const fn width_px(&self) -> usize {
        self.width_px
    }

    /// Height, pixels.
    #[must_use]
    pub const fn height_px(&self) -> usize {
        self.height_px
    }

    /// The bytes: R, G, B, row by row from the top left.
    #[must_use]
    pub fn rgb(&self) -> &[u8] {
        &self.rgb
    }

    /// The bytes, to draw into.
    #[must_use]
    pub fn rgb_mut(&mut self) -> &mut [u8] {
        &mut self.rgb
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn size_and_bytes_must_agree() {
        assert!(Frame::from_rgb(Stamp::ORIGIN, 2, 2, alloc::vec![0; 12]).is_ok());
        let error = FrameError { width_px: 2, height_px: 2, bytes: 11 };
        assert_eq!(Frame::from_rgb(Stamp::ORIGIN, 2, 2, alloc::vec![0; 11]), Err(error));
        assert!(Frame::from_rgb(Stamp::ORIGIN, usize::MAX, 2, Vec::new()).is_err());
    }
}
