//! `sensor_msgs/Image`: one camera picture.

use alloc::borrow::ToOwned as _;
use alloc::string::String;
use alloc::vec::Vec;

use tandem_types::{Frame, Stamp};

use crate::limits::{IMAGE_BYTES_MAX, NAME_BYTES_MAX};
use crate::{CdrReader, CdrWriter, DecodeError, Message};

/// A picture in any of ROS' encodings; tandem sends and understands `rgb8`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Image {
    /// When the shutter was open.
    pub stamp: Stamp,
    /// The camera's optical frame.
    pub frame_id: String,
    /// Height, pixels.
    pub height_px: u32,
    /// Width, pixels.
    pub width_px: u32,
    /// What a pixel's bytes are, for example `rgb8`.
    pub encoding: String,
    /// Whether channels wider than a byte are big-endian.
    pub is_bigendian: u8,
    /// Bytes from one row to the next.
    pub step_bytes: u32,
    /// The rows, from the top.
    pub data: Vec<u8>,
}

/// An image cannot become a frame, or a frame an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImageError {
    /// The bytes are no image.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// The pixels are not `rgb8`.
    #[error("image of another encoding than rgb8: set the camera to rgb8")]
    Encoding,
    /// Sizes and number of bytes contradict each other, or the picture is empty.
    #[error("{bytes} bytes in rows of {step_bytes} are no {width_px}x{height_px} rgb8 image")]
    Size {
        /// Width named, pixels.
        width_px: usize,
        /// Height named, pixels.
        height_px: usize,
        /// Bytes from row to row.
        step_bytes: usize,
        /// Bytes there are.
        bytes: usize,
    },
    /// The picture is larger than a message may be.
    #[error("picture of {bytes} bytes is over the limit of {IMAGE_BYTES_MAX}: make it smaller")]
    TooLarge {
        /// Its bytes.
        bytes: usize,
    },
}

/// `rgb8` takes three bytes a pixel.
const PIXEL_BYTES: usize = 3;
const RGB8: &str = "rgb8";

impl Image {
    /// Overwrites everything but the frame id with a picture. Allocates only if the picture is
    /// larger than any before.
    ///
    /// # Errors
    /// If the picture is larger than [`IMAGE_BYTES_MAX`]; the image is then unchanged.
    pub fn set_frame(&mut self, frame: &Frame) -> Result<(), ImageError> {
        let too_large = ImageError::TooLarge { bytes: frame.rgb().len() };
        if frame.rgb().len() > IMAGE_BYTES_MAX {
            return Err(too_large);
        }
        let pixels = |count: usize| u32::try_from(count).map_err(|_over| too_large);
        let (height_px, width_px) = (pixels(frame.height_px())?, pixels(frame.width_px())?);
        let step_bytes = pixels(frame.width_px().saturating_mul(PIXEL_BYTES))?;
        self.stamp = frame.stamp;
        (self.height_px, self.width_px, self.step_bytes) = (height_px, width_px, step_bytes);
        self.is_bigendian = 0;
        if self.encoding != RGB8 {
            RGB8.clone_into(&mut self.encoding);
        }
        self.data.clear();
        self.data.extend_from_slice(frame.rgb());
        Ok(())
    }
}

/// Reads an `rgb8` image straight into `frame`, which keeps its memory if the size is the same.
///
/// # Errors
/// If the bytes are no `rgb8` image; the frame is then unchanged.
pub fn decode_frame_into(bytes: &[u8], frame: &mut Frame) -> Result<(), ImageError> {
    let mut reader = CdrReader::new(bytes)?;
    let view = View::read(&mut reader)?;
    reader.finish()?;
    view.copy_into(frame)
}

impl Message for Image {
    const TYPE: &'static str = "sensor_msgs/msg/Image";

    fn write(&self, out: &mut CdrWriter<'_>) {
        out.stamp(self.stamp);
        out.string(&self.frame_id, NAME_BYTES_MAX);
        out.u32(self.height_px);
        out.u32(self.width_px);
        out.string(&self.encoding, NAME_BYTES_MAX);
        out.u8(self.is_bigendian);
        out.u32(self.step_bytes);
        out.bytes(&self.data, IMAGE_BYTES_MAX);
    }

    fn read(from: &mut CdrReader<'_>) -> Result<Self, DecodeError> {
        let view = View::read(from)?;
        Ok(Self {
            stamp: view.stamp,
            frame_id: view.frame_id.to_owned(),
            height_px: view.height_px,
            width_px: view.width_px,
            encoding: view.encoding.to_owned(),
            is_bigendian: view.is_bigendian,
            step_bytes: view.step_bytes,
            data: view.data.to_owned(),
        })
    }
}

/// An image whose parts still lie in the payload.
struct View<'a> {
    stamp: Stamp,
    frame_id: &'a str,
    height_px: u32,
    width_px: u32,
    encoding: &'a str,
    is_bigendian: u8,
    step_bytes: u32,
    data: &'a [u8],
}

impl<'a> View<'a> {
    fn read(from: &mut CdrReader<'a>) -> Result<Self, DecodeError> {
        Ok(Self {
            stamp: from.stamp()?,
            frame_id: from.str(NAME_BYTES_MAX)?,
            height_px: from.u32()?,
            width_px: from.u32()?,
            encoding: from.str(NAME_BYTES_MAX)?,
            is_bigendian: from.u8()?,
            step_bytes: from.u32()?,
            data: from.bytes(IMAGE_BYTES_MAX)?,
        })
    }

    fn copy_into(&self, frame: &mut Frame) -> Result<(), ImageError> {
        if self.encoding != RGB8 {
            return Err(ImageError::Encoding);
        }
        let count = |pixels: u32| usize::try_from(pixels).unwrap_or(usize::MAX);
        let (width_px, height_px) = (count(self.width_px), count(self.height_px));
        let step_bytes = count(self.step_bytes);
        let size = ImageError::Size { width_px, height_px, step_bytes, bytes: self.data.len() };
        let row_bytes = width_px.saturating_mul(PIXEL_BYTES);
        let fits = row_bytes > 0
            && height_px > 0
            && row_bytes <= step_bytes
            && step_bytes.checked_mul(height_px) == Some(self.data.len());
        if !fits {
            return Err(size);
        }
        let rows = self.data.chunks_exact(step_bytes).filter_map(|row| row.get(..row_bytes));
        if (frame.width_px(), frame.height_px()) == (width_px, height_px) {
            for (target, row) in frame.rgb_mut().chunks_exact_mut(row_bytes).zip(rows) {
                target.copy_from_slice(row);
            }
            frame.stamp = self.stamp;
        } else {
            let rgb = rows.flatten().copied().collect();
            *frame =
                Frame::from_rgb(self.stamp, width_px, height_px, rgb).map_err(|_mismatch| size)?;
        }
        Ok(())
    }
}
