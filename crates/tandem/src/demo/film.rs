//! The run as a short animated picture: what the cameras saw, and what was asked.

use std::fs::File;
use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use font8x8::UnicodeFonts as _;
use tandem_types::{Frame, Stamp};

/// How often a picture is taken.
const EVERY: Duration = Duration::from_millis(125);

/// The most pictures a film holds: 40 s.
const PICTURES_MAX: usize = 320;

/// How much larger than life the cameras' pixels are shown.
const SCALE: usize = 3;

/// Height of the caption under the pictures, pixels.
const CAPTION_PX: usize = 16;

/// A film in the making.
#[derive(Default)]
pub(crate) struct Film {
    last: Option<Stamp>,
    pictures: Vec<Canvas>,
}

struct Canvas {
    width_px: usize,
    height_px: usize,
    rgb: Vec<u8>,
}

impl Film {
    /// Takes a picture if it is time for one.
    pub(crate) fn shoot(
        &mut self,
        now: Stamp,
        frames: impl FnOnce() -> Vec<Frame>,
        caption: &str,
    ) {
        let due = self.last.is_none_or(|last| last.age_at(now) >= EVERY);
        if due && self.pictures.len() < PICTURES_MAX {
            self.last = Some(now);
            self.pictures.extend(Canvas::compose(&frames(), caption));
        }
    }

    /// Writes the film as an animated GIF that repeats for ever.
    pub(crate) fn write(self, path: &Path) -> anyhow::Result<()> {
        let context = || format!("cannot write {}", path.display());
        let Some(first) = self.pictures.first() else { anyhow::bail!("nothing was filmed") };
        let (width, height) = (u16::try_from(first.width_px)?, u16::try_from(first.height_px)?);
        let mut file = File::create(path).with_context(context)?;
        let mut encoder = gif::Encoder::new(&mut file, width, height, &[]).with_context(context)?;
        encoder.set_repeat(gif::Repeat::Infinite).with_context(context)?;
        for picture in self.pictures {
            let mut frame = gif::Frame::from_rgb_speed(width, height, &picture.rgb, 10);
            frame.delay = u16::try_from(EVERY.as_millis() / 10)?;
            encoder.write_frame(&frame).with_context(context)?;
        }
        Ok(())
    }
}

impl Canvas {
    /// The cameras side by side, enlarged, over the caption.
    fn compose(frames: &[Frame], caption: &str) -> Option<Self> {
        let height = frames.iter().map(Frame::height_px).max()? * SCALE;
        let width: usize = frames.iter().map(|frame| frame.width_px() * SCALE).sum();
        let height_px = height + CAPTION_PX;
        let mut canvas = Self { width_px: width, height_px, rgb: vec![16; 3 * width * height_px] };
        let mut left = 0;
        for frame in frames {
            canvas.paste(frame, left);
            left += frame.width_px() * SCALE;
        }
        canvas.write(caption, height + (CAPTION_PX - 8) / 2);
        Some(canvas)
    }

    fn paste(&mut self, frame: &Frame, left: usize) {
        for y in 0..frame.height_px() * SCALE {
            for x in 0..frame.width_px() * SCALE {
                let from = 3 * (y / SCALE * frame.width_px() + x / SCALE);
                let to = 3 * (y * self.width_px + left + x);
                self.rgb[to..to + 3].copy_from_slice(&frame.rgb()[from..from + 3]);
            }
        }
    }

    fn write(&mut self, text: &str, top: usize) {
        let glyphs = text.chars().filter_map(|c| font8x8::BASIC_FONTS.get(c));
        for (index, glyph) in glyphs.take(self.width_px / 8 - 1).enumerate() {
            for (row, bits) in glyph.iter().enumerate() {
                for column in (0..8).filter(|column| bits & (1 << column) != 0) {
                    let pixel = 3 * ((top + row) * self.width_px + 4 + 8 * index + column);
                    self.rgb[pixel..pixel + 3].fill(235);
                }
            }
        }
    }
}
