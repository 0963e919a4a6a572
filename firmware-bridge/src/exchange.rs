//! Questions and answers on a line where one speaks at a time.

use core::time::Duration;
use std::collections::VecDeque;

use tandem_types::Stamp;

use crate::BusError;
use crate::serial::Line;

/// Finds a protocol's packets in a stream of bytes.
pub trait Framing {
    /// What it finds.
    type Packet;

    /// Takes one byte; gives the packet that it completes.
    fn push(&mut self, byte: u8) -> Option<Self::Packet>;

    /// Forgets what has come of a packet that is not complete.
    fn clear(&mut self);
}

/// The host's end of the line.
#[derive(Debug)]
pub(crate) struct Exchange<L, F> {
    line: L,
    baud: u32,
    framing: F,
    /// Bytes that came and were not looked at yet.
    came: VecDeque<u8>,
}

impl<L: Line, F: Framing> Exchange<L, F> {
    pub(crate) const fn new(line: L, baud: u32, framing: F) -> Self {
        Self { line, baud, framing, came: VecDeque::new() }
    }

    /// How long so many bytes take.
    pub(crate) fn line_time(&self, bytes: usize) -> Duration {
        line_time(self.baud, bytes)
    }

    /// So much later than now.
    pub(crate) fn within(&self, time: Duration) -> Stamp {
        self.line.now().after(time)
    }

    /// Says something that nobody answers.
    pub(crate) fn tell(&mut self, packet: &[u8]) -> Result<(), BusError> {
        Ok(self.line.send(packet)?)
    }

    /// Sends a question; what was still to come of former answers is forgotten.
    pub(crate) fn ask(&mut self, question: &[u8]) -> Result<(), BusError> {
        self.framing.clear();
        self.came.clear();
        self.line.discard()?;
        self.tell(question)
    }

    /// The next packet before the deadline.
    pub(crate) fn answer(&mut self, deadline: Stamp) -> Result<Option<F::Packet>, BusError> {
        loop {
            while let Some(byte) = self.came.pop_front() {
                if let Some(packet) = self.framing.push(byte) {
                    return Ok(Some(packet));
                }
            }
            // Past the deadline, too, what has come is taken: whoever was kept from the processor
            // finds the answers waiting, and no servo is to blame.
            let left = self.line.now().age_at(deadline);
            let mut bytes = [0; 128];
            let count = self.line.receive(&mut bytes, left)?;
            if count == 0 {
                return Ok(None);
            }
            self.came.extend(bytes.iter().take(count));
        }
    }
}

/// How long so many bytes take at a baud rate: ten bits each, with start and stop.
#[must_use]
pub(crate) fn line_time(baud: u32, bytes: usize) -> Duration {
    let bits = u64::try_from(bytes).unwrap_or(u64::MAX).saturating_mul(10);
    Duration::from_nanos(bits.saturating_mul(1_000_000_000) / u64::from(baud.max(1)))
}
