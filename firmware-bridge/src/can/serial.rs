//! CAN behind a serial port, as Lawicel's adapters and those that learnt from them speak it.
//!
//! `tIIILDD..` and a carriage return is a frame: the identifier in three hexadecimal digits, the
//! length in one, the data in two each, in both directions. `C` closes the channel, `S8` sets 1 Mbit/s,
//! `O` opens it. (Lawicel, "CANUSB user's manual"; the kernel's `slcan` driver reads the same.)

use core::fmt::Write as _;
use core::time::Duration;
use std::collections::VecDeque;
use std::io;

use tandem_types::Stamp;

use super::{CanFrame, CanLine, DATA_BYTES_MAX};
use crate::serial::Line;

const END: u8 = b'\r';

/// The adapter says so instead of [`END`] when it has not understood.
const REFUSED: u8 = 0x07;

/// The longest line: a frame with an extended identifier and a time stamp, which others may send.
const LINE_BYTES_MAX: usize = 32;

/// Finds frames in an adapter's bytes.
#[derive(Clone, Debug, Default)]
pub struct Slcan {
    line: Vec<u8>,
    garbage: u64,
}

impl Slcan {
    /// A frame's bytes.
    #[must_use]
    pub fn encode(frame: &CanFrame) -> Vec<u8> {
        let mut text = format!("t{:03X}{}", frame.id(), frame.data().len());
        frame.data().iter().for_each(|byte| {
            // Writing to a string cannot fail.
            write!(text, "{byte:02X}").ok();
        });
        text.push(char::from(END));
        text.into_bytes()
    }

    /// Takes one byte; gives the frame that it completes.
    pub fn push(&mut self, byte: u8) -> Option<CanFrame> {
        if byte != END && byte != REFUSED {
            self.line.push(byte);
            if self.line.len() > LINE_BYTES_MAX {
                self.clear();
            }
            return None;
        }
        let line = core::mem::take(&mut self.line);
        let frame = (byte == END).then(|| decode(&line)).flatten();
        if frame.is_none() {
            self.garbage += line.len() as u64;
        }
        frame
    }

    /// How many bytes belonged to no frame; answers to commands are among them.
    #[must_use]
    pub const fn garbage(&self) -> u64 {
        self.garbage
    }

    /// Forgets what has come of a line that is not complete.
    pub fn clear(&mut self) {
        self.garbage += self.line.len() as u64;
        self.line.clear();
    }
}

fn decode(line: &[u8]) -> Option<CanFrame> {
    let [b't', id0, id1, id2, len, data @ ..] = line else { return None };
    let id = digit(*id0)? << 8 | digit(*id1)? << 4 | digit(*id2)?;
    let len = usize::from(digit(*len)?);
    if len > DATA_BYTES_MAX || data.len() != 2 * len {
        return None;
    }
    let mut bytes = [0; DATA_BYTES_MAX];
    for (byte, pair) in bytes.iter_mut().zip(data.chunks_exact(2)) {
        let [high, low] = pair else { return None };
        *byte = u8::try_from(digit(*high)? << 4 | digit(*low)?).ok()?;
    }
    CanFrame::new(id, bytes.get(..len)?)
}

fn digit(character: u8) -> Option<u16> {
    char::from(character).to_digit(16).and_then(|digit| u16::try_from(digit).ok())
}

/// An adapter on a serial line.
#[derive(Debug)]
pub struct SerialCan<L> {
    line: L,
    frames: Slcan,
    came: VecDeque<CanFrame>,
}

impl<L: Line> SerialCan<L> {
    /// Opens an adapter's channel at 1 Mbit/s.
    ///
    /// # Errors
    /// If the line is gone.
    pub fn open(mut line: L) -> io::Result<Self> {
        // What a former host began to say is ended, and its channel closed, before the rate is set.
        line.send(b"\rC\rS8\rO\r")?;
        Ok(Self { line, frames: Slcan::default(), came: VecDeque::new() })
    }
}

impl<L: Line> CanLine for SerialCan<L> {
    fn send(&mut self, frame: &CanFrame) -> io::Result<()> {
        self.line.send(&Slcan::encode(frame))
    }

    fn receive(&mut self, within: Duration) -> io::Result<Option<CanFrame>> {
        let deadline = self.now().after(within);
        while self.came.is_empty() {
            let mut bytes = [0; 256];
            let count = self.line.receive(&mut bytes, self.now().age_at(deadline))?;
            if count == 0 {
                return Ok(None);
            }
            let bytes = bytes.iter().take(count);
            self.came.extend(bytes.filter_map(|byte| self.frames.push(*byte)));
        }
        Ok(self.came.pop_front())
    }

    fn discard(&mut self) -> io::Result<()> {
        self.came.clear();
        self.frames.clear();
        self.line.discard()
    }

    fn now(&self) -> Stamp {
        self.line.now()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop, prop_assert_eq, proptest};

    use super::*;

    fn frames(bytes: &[u8]) -> Vec<CanFrame> {
        let mut slcan = Slcan::default();
        bytes.iter().filter_map(|byte| slcan.push(*byte)).collect()
    }

    /// The examples of Lawicel's manual.
    #[test]
    fn the_manuals_examples() {
        let frame = CanFrame::new(0x100, &[0x11, 0x22, 0x33]).unwrap();
        assert_eq!(Slcan::encode(&frame), b"t1003112233\r");
        assert_eq!(
            frames(b"\r\x07z\rt1003112233\rt0200\r"),
            [frame, CanFrame::new(0x20, &[]).unwrap()]
        );
    }

    #[test]
    fn what_is_no_frame_is_none() {
        for line in [
            &b"t8001FF\r"[..], // no such identifier
            b"t1009112233445566778899\r",
            b"t100211\r",
            b"t1001GG\r",
            b"T0000010031122\r",
            b"t1001FF\x07",
            b"\r",
        ] {
            assert_eq!(frames(line), [], "{line:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_sent_comes_and_what_comes_before_does_no_harm(
            noise in prop::collection::vec(any::<u8>(), 0..100),
            id in 0..=super::super::ID_MAX,
            data in prop::collection::vec(any::<u8>(), 0..=8),
        ) {
            let frame = CanFrame::new(id, &data).unwrap();
            let bytes = [noise, vec![END], Slcan::encode(&frame)].concat();
            prop_assert_eq!(frames(&bytes).pop(), Some(frame));
        }
    }
}
