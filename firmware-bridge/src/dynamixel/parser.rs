//! Packets in a stream of bytes.

use super::packet::{ALIKE, BODY, HEADER, PACKET_BYTES_MAX, Packet, PacketError, STUFFING};
use crate::exchange::Framing;

/// Finds packets in a stream of bytes, and the next one after anything else.
#[derive(Clone, Debug)]
pub struct Parser {
    bytes: Vec<u8>,
    bytes_max: usize,
    garbage: u64,
    flaw: Option<PacketError>,
}

impl Default for Parser {
    fn default() -> Self {
        Self::up_to(PACKET_BYTES_MAX)
    }
}

impl Parser {
    /// A parser of packets with at most so many bytes. The shorter they are, the sooner the next
    /// packet is found behind one whose length has a wrong bit.
    #[must_use]
    pub const fn up_to(bytes_max: usize) -> Self {
        Self { bytes: Vec::new(), bytes_max, garbage: 0, flaw: None }
    }

    /// Takes one byte; gives the packet that it completes.
    pub fn push(&mut self, byte: u8) -> Option<Packet> {
        self.bytes.push(byte);
        loop {
            let come = self.bytes.len().min(HEADER.len());
            if self.bytes[..come] != HEADER[..come] {
                self.skip(None);
                continue;
            }
            let [_, _, _, _, _, low, high, ..] = self.bytes[..] else { return None };
            let length = u16::from_le_bytes([low, high]);
            let end = BODY + usize::from(length);
            if length < 3 || end > self.bytes_max {
                self.skip(Some(PacketError::Length(length)));
                continue;
            }
            if begins_anew(&self.bytes[BODY..self.bytes.len().min(end - 2)]) {
                self.skip(Some(PacketError::Stuffing));
                continue;
            }
            let packet = Packet::decode(self.bytes.get(..end)?);
            match packet {
                Ok(packet) => {
                    self.bytes.drain(..end);
                    return Some(packet);
                }
                Err(flaw) => self.skip(Some(flaw)),
            }
        }
    }

    /// How many bytes belonged to no packet.
    #[must_use]
    pub const fn garbage(&self) -> u64 {
        self.garbage
    }

    /// What was wrong with the last bytes that began like a packet and were none.
    #[must_use]
    pub const fn flaw(&self) -> Option<PacketError> {
        self.flaw
    }

    /// Forgets what has come of a packet that is not complete.
    pub fn clear(&mut self) {
        self.garbage += self.bytes.len() as u64;
        self.bytes.clear();
    }

    fn skip(&mut self, flaw: Option<PacketError>) {
        self.flaw = flaw.or(self.flaw);
        self.garbage += 1;
        self.bytes.remove(0);
    }
}

impl Framing for Parser {
    type Packet = Packet;

    fn push(&mut self, byte: u8) -> Option<Packet> {
        self.push(byte)
    }

    fn clear(&mut self) {
        self.clear();
    }
}

/// Whether a body holds a header, which no whole body does.
fn begins_anew(body: &[u8]) -> bool {
    body.windows(4).any(|four| four[..3] == ALIKE && four[3] != STUFFING)
}

#[cfg(test)]
mod tests;
