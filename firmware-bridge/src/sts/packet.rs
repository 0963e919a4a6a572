//! Packets of the Feetech STS bus, in both directions.
//!
//! `FF FF id length code parameters check`: the length counts from the code to the check, which is
//! the inverted sum of everything from the id on. The code is an instruction on the way to a servo
//! and an error byte on the way back. Two-byte values are little-endian. (Feetech, "Communication
//! protocol user manual"; the same frame as Dynamixel's protocol 1.)

use crate::exchange::Framing;

/// What all servos listen to and none answers, but a sync read.
pub const BROADCAST: u8 = 0xfe;

/// Bytes of a packet beside its parameters.
pub const OVERHEAD_BYTES: usize = 6;

/// The most parameters of a packet.
const PARAMETERS_MAX: usize = 250;

/// What a servo is told to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Instruction {
    /// Answer.
    Ping,
    /// Give registers.
    Read,
    /// Take registers.
    Write,
    /// Give the same registers, one servo after the other.
    SyncRead,
    /// Take the same registers, all servos at once.
    SyncWrite,
}

impl Instruction {
    /// Its code on the line.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Ping => 0x01,
            Self::Read => 0x02,
            Self::Write => 0x03,
            Self::SyncRead => 0x82,
            Self::SyncWrite => 0x83,
        }
    }

    /// The instruction with a code.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        let all = [Self::Ping, Self::Read, Self::Write, Self::SyncRead, Self::SyncWrite];
        all.into_iter().find(|instruction| instruction.code() == code)
    }
}

/// One packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    /// Of the servo that is meant, or that answers.
    pub id: u8,
    /// Instruction or error.
    pub code: u8,
    /// What belongs to it.
    pub parameters: Vec<u8>,
}

impl Packet {
    /// An instruction.
    #[must_use]
    pub const fn instruction(id: u8, instruction: Instruction, parameters: Vec<u8>) -> Self {
        Self { id, code: instruction.code(), parameters }
    }

    /// Reads `bytes` registers from `address` on.
    #[must_use]
    pub fn read(id: u8, address: u8, bytes: u8) -> Self {
        Self::instruction(id, Instruction::Read, vec![address, bytes])
    }

    /// Writes registers from `address` on.
    #[must_use]
    pub fn write(id: u8, address: u8, data: &[u8]) -> Self {
        let parameters = [&[address], data].concat();
        Self::instruction(id, Instruction::Write, parameters)
    }

    /// Reads the same registers of several servos.
    #[must_use]
    pub fn sync_read(address: u8, bytes: u8, ids: &[u8]) -> Self {
        let parameters = [&[address, bytes], ids].concat();
        Self::instruction(BROADCAST, Instruction::SyncRead, parameters)
    }

    /// Writes the same registers of several servos.
    #[must_use]
    pub fn sync_write<const N: usize>(address: u8, servos: &[(u8, [u8; N])]) -> Self {
        let mut parameters = vec![address, u8::try_from(N).unwrap_or(u8::MAX)];
        for (id, data) in servos {
            parameters.push(*id);
            parameters.extend(data);
        }
        Self::instruction(BROADCAST, Instruction::SyncWrite, parameters)
    }

    /// Its bytes on the line. What is longer than a packet can be is cut.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let parameters = &self.parameters[..self.parameters.len().min(PARAMETERS_MAX)];
        let length = u8::try_from(parameters.len() + 2).unwrap_or(u8::MAX);
        let mut bytes = vec![0xff, 0xff, self.id, length, self.code];
        bytes.extend(parameters);
        bytes.push(check(&bytes[2..]));
        bytes
    }
}

/// Finds packets in a stream of bytes, and the next one after anything else.
#[derive(Clone, Debug, Default)]
pub struct Parser {
    bytes: Vec<u8>,
    garbage: u64,
}

impl Parser {
    /// Takes one byte; gives the packet that it completes.
    pub fn push(&mut self, byte: u8) -> Option<Packet> {
        self.bytes.push(byte);
        loop {
            match self.bytes[..] {
                [] | [0xff] | [0xff, 0xff] => return None,
                // No servo has the id 255: these are three bytes of which the first is too many.
                [0xff, 0xff, id, ..] if id != 0xff => {}
                _ => {
                    self.skip();
                    continue;
                }
            }
            let length = usize::from(*self.bytes.get(3)?);
            if !(2..=PARAMETERS_MAX + 2).contains(&length) {
                self.skip();
                continue;
            }
            let end = length + 4;
            if self.bytes.len() < end {
                return None;
            }
            if check(&self.bytes[2..end - 1]) != self.bytes[end - 1] {
                self.skip();
                continue;
            }
            let packet = Packet {
                id: self.bytes[2],
                code: self.bytes[4],
                parameters: self.bytes[5..end - 1].to_vec(),
            };
            self.bytes.drain(..end);
            return Some(packet);
        }
    }

    /// How many bytes belonged to no packet.
    #[must_use]
    pub const fn garbage(&self) -> u64 {
        self.garbage
    }

    /// Forgets what has come of a packet that is not complete.
    pub fn clear(&mut self) {
        self.garbage += self.bytes.len() as u64;
        self.bytes.clear();
    }

    fn skip(&mut self) {
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

/// The inverted sum.
fn check(bytes: &[u8]) -> u8 {
    !bytes.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop, prop_assert_eq, proptest};

    use super::*;

    fn check_bytes(packet: &Packet, bytes: &[u8]) {
        assert_eq!(packet.encode(), bytes, "{packet:?}");
        let mut parser = Parser::default();
        let found: Vec<_> = bytes.iter().filter_map(|byte| parser.push(*byte)).collect();
        assert_eq!(found, std::slice::from_ref(packet));
    }

    /// The examples of Feetech's manual, chapters 1.3.1 to 1.3.5.
    #[test]
    fn the_manuals_examples() {
        let ping = Packet::instruction(1, Instruction::Ping, vec![]);
        check_bytes(&ping, &[0xff, 0xff, 0x01, 0x02, 0x01, 0xfb]);
        let pong = Packet { id: 1, code: 0, parameters: vec![] };
        check_bytes(&pong, &[0xff, 0xff, 0x01, 0x02, 0x00, 0xfc]);
        // The present position, two bytes at 0x38, and the answer 0x0518.
        let read = Packet::read(1, 0x38, 2);
        check_bytes(&read, &[0xff, 0xff, 0x01, 0x04, 0x02, 0x38, 0x02, 0xbe]);
        let answer = Packet { id: 1, code: 0, parameters: vec![0x18, 0x05] };
        check_bytes(&answer, &[0xff, 0xff, 0x01, 0x04, 0x00, 0x18, 0x05, 0xdd]);
        // Broadcast: the id becomes 1.
        let write = Packet::write(BROADCAST, 0x05, &[1]);
        check_bytes(&write, &[0xff, 0xff, 0xfe, 0x04, 0x03, 0x05, 0x01, 0xf4]);
        // Position 0x0800, time 0, speed 1000 to the servo 1.
        let go = Packet::write(1, 0x2a, &[0x00, 0x08, 0x00, 0x00, 0xe8, 0x03]);
        check_bytes(
            &go,
            &[0xff, 0xff, 0x01, 0x09, 0x03, 0x2a, 0x00, 0x08, 0x00, 0x00, 0xe8, 0x03, 0xd5],
        );
        // The same to the servos 1 to 4.
        let data = [0x00, 0x08, 0x00, 0x00, 0xe8, 0x03];
        let all = Packet::sync_write(0x2a, &[1, 2, 3, 4].map(|id| (id, data)));
        let mut bytes = vec![0xff, 0xff, 0xfe, 0x20, 0x83, 0x2a, 0x06];
        (1..=4).for_each(|id| bytes.extend([&[id][..], &data].concat()));
        bytes.push(0x58);
        check_bytes(&all, &bytes);
        // Eight bytes from the present position on, of the servos 1 and 2.
        let both = Packet::sync_read(0x38, 8, &[1, 2]);
        check_bytes(&both, &[0xff, 0xff, 0xfe, 0x06, 0x82, 0x38, 0x08, 0x01, 0x02, 0x36]);
    }

    proptest! {
        #[test]
        fn any_bytes_give_an_answer_and_the_next_packet_is_found(
            noise in prop::collection::vec(any::<u8>(), 0..400),
            id in 0_u8..=253,
            parameters in prop::collection::vec(any::<u8>(), 0..40),
        ) {
            let packet = Packet { id, code: 0, parameters };
            let mut parser = Parser::default();
            noise.iter().for_each(|byte| drop(parser.push(*byte)));
            // The silence after a packet tells where the next one begins.
            parser.clear();
            let found: Vec<_> =
                packet.encode().iter().filter_map(|byte| parser.push(*byte)).collect();
            prop_assert_eq!(found, vec![packet]);
        }

        #[test]
        fn noise_before_a_packet_hides_it_only_if_it_began_one(
            noise in prop::collection::vec(0_u8..0xff, 0..50),
        ) {
            let packet = Packet { id: 3, code: 0, parameters: vec![1, 2, 3] };
            let mut parser = Parser::default();
            let bytes = [noise, packet.encode()].concat();
            let found: Vec<_> = bytes.iter().filter_map(|byte| parser.push(*byte)).collect();
            prop_assert_eq!(found, vec![packet]);
        }
    }
}
