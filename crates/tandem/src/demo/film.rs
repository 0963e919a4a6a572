//! The run as a short animated picture: what the cameras saw, and what was asked.

use std::fs::File;
use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use font8x8::UnicodeFonts as _;
use tandem_types::{Frame, Stamp};

/// How often a picture is taken.
const EVERY: Duration = Duration::from_millis(150);

/// The most pictures a film holds: 24 s.
const PICTURES_MAX: usize = 160;

/// How far a colour may change from one picture to the next and still be shown as it was.
const NOISE: u8 = 18;

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
    pub(crate) fn shoot(&mut self, now: Stamp, frames: impl FnOnce() -> Vec<Frame>, caption: &str) {
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
        let mut shown = vec![0; first.rgb.len()];
        for (index, picture) in self.pictures.iter().enumerate() {
            let mut rgba = changes(&mut shown, &picture.rgb, index == 0);
            let mut frame = gif::Frame::from_rgba_speed(width, height, &mut rgba, 10);
            frame.delay = u16::try_from(EVERY.as_millis() / 10)?;
            encoder.write_frame(&frame).with_context(context)?;
        }
        Ok(())
    }
}

/// The pixels of `next` that differ from what is shown, and nothing where they do not: a camera's
/// noise would otherwise make up most of the file. Brings `shown` up to date.
fn changes(shown: &mut [u8], next: &[u8], all: bool) -> Vec<u8> {
    let mut rgba = Vec::with_capacity(next.len() / 3 * 4);
    for (shown, next) in shown.chunks_exact_mut(3).zip(next.chunks_exact(3)) {
        let differs = shown.iter().zip(next).any(|(a, b)| a.abs_diff(*b) > NOISE);
        if all || differs {
            shown.copy_from_slice(next);
            rgba.extend_from_slice(&[next[0], next[1], next[2], 255]);
        } else {
            rgba.extend_from_slice(&[0; 4]);
        }
    }
    rgba
}

impl Canvas {
    /// The first picture, beside it the others one above the other, and the caption below. `None`
    /// until every picture has come.
    fn compose(frames: &[Frame], caption: &str) -> Option<Self> {
        let (main, others) = frames.split_first()?;
        if frames.iter().any(|frame| frame.width_px() == 0) {
            return None;
        }
        let column: usize = others.iter().map(Frame::height_px).sum();
        let aside = others.iter().map(Frame::width_px).max().unwrap_or(0);
        let width_px = main.width_px() + aside;
        let height = main.height_px().max(column);
        let height_px = height + CAPTION_PX;
        let rgb = vec![16; 3 * width_px * height_px];
        let mut canvas = Self { width_px, height_px, rgb };
        canvas.paste(main, 0, 0);
        let mut top = 0;
        for frame in others {
            canvas.paste(frame, main.width_px(), top);
            top += frame.height_px();
        }
        canvas.write(caption, height + (CAPTION_PX - 8) / 2);
        Some(canvas)
    }

    fn paste(&mut self, frame: &Frame, left: usize, top: usize) {
        let row_bytes = 3 * frame.width_px();
        for (row, pixels) in frame.rgb().chunks_exact(row_bytes).enumerate() {
            let start = 3 * ((top + row) * self.width_px + left);
            self.rgb[start..start + row_bytes].copy_from_slice(pixels);
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
