//! Counts how many packets with wrong bits the servos' protocols take for right:
//! `cargo run -p tandem-firmware-bridge --release --example line_errors -- [MILLIONS] [SEED]`.
//!
//! Each packet is broken and then read as a servo reads it, from a stream, with more bytes behind
//! it; and as a host reads an answer, which must have the length that was asked for. Single and
//! double errors are tried all; of the others so many, drawn by the seed. Bits are in the order of
//! the line, which is the lowest of each byte first.
#![expect(clippy::print_stdout, reason = "a program for people")]

use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg64Mcg;
use tandem_firmware_bridge::{dynamixel, sts};

fn main() {
    let mut arguments = std::env::args().skip(1).map(|text| text.parse::<u64>().expect("a number"));
    let tries = arguments.next().unwrap_or(1) * 1_000_000;
    let seed = arguments.next().unwrap_or(1);
    let ids = [1, 2, 3, 4, 5, 6];
    let goals = ids.map(|id| (id, (2048 + 37 * i32::from(id)).to_le_bytes()));
    let status = dynamixel::Packet {
        id: 3,
        kind: dynamixel::Kind::Status(0),
        parameters: vec![3, 1, 0, 1, 20, 0, 9, 0, 0, 0, 7, 8, 0, 0],
    };
    let steps = ids.map(|id| (id, (2048 + 37 * u16::from(id)).to_le_bytes()));
    let answer = sts::Packet { id: 3, code: 0, parameters: vec![7, 8, 9, 0, 20, 0] };
    for (name, bytes, protocol) in [
        ("Dynamixel, goals", dynamixel::Packet::sync_write(116, &goals).encode(), DYNAMIXEL),
        ("Dynamixel, answer", status.encode(), DYNAMIXEL),
        ("Feetech, goals", sts::Packet::sync_write(42, &steps).encode(), FEETECH),
        ("Feetech, answer", answer.encode(), FEETECH),
    ] {
        let line = Line { sent: bytes, protocol, rng: Pcg64Mcg::seed_from_u64(seed) };
        line.report(name, tries);
    }
}

/// How a protocol's receivers look at bytes.
#[derive(Clone, Copy)]
struct Protocol {
    /// Whether a packet is found anywhere in the stream.
    streamed: fn(&[u8]) -> bool,
    /// Whether all these bytes are one packet.
    whole: fn(&[u8]) -> bool,
}

const DYNAMIXEL: Protocol = Protocol {
    streamed: |bytes| {
        let mut parser = dynamixel::Parser::default();
        bytes.iter().any(|byte| parser.push(*byte).is_some())
    },
    whole: |bytes| dynamixel::Packet::decode(bytes).is_ok(),
};

const FEETECH: Protocol = Protocol {
    streamed: |bytes| {
        let mut parser = sts::Parser::default();
        bytes.iter().any(|byte| parser.push(*byte).is_some())
    },
    whole: |bytes| {
        let mut parser = sts::Parser::default();
        let found = bytes.iter().filter_map(|byte| parser.push(*byte)).next();
        found.is_some_and(|packet| packet.encode().len() == bytes.len())
    },
};

struct Line {
    sent: Vec<u8>,
    protocol: Protocol,
    rng: Pcg64Mcg,
}

#[derive(Default)]
struct Tally {
    tried: u64,
    streamed: u64,
    whole: u64,
}

impl Line {
    fn report(mut self, name: &str, tries: u64) {
        println!("{name}, {} bytes", self.sent.len());
        let bits = self.sent.len() * 8;
        let mut tally = Tally::default();
        (0..bits).for_each(|bit| self.count(&[bit], &mut tally));
        tally.print("1 bit, all");
        let mut tally = Tally::default();
        for first in 0..bits {
            (first + 1..bits).for_each(|second| self.count(&[first, second], &mut tally));
        }
        tally.print("2 bits, all");
        for count in 3..=6 {
            let mut tally = Tally::default();
            while tally.tried < tries {
                let mut places: Vec<_> =
                    (0..count).map(|_| self.rng.random_range(0..bits)).collect();
                places.sort_unstable();
                places.dedup();
                if places.len() == count {
                    self.count(&places, &mut tally);
                }
            }
            tally.print(&format!("{count} bits"));
        }
        for (lengths, what) in [
            (2..=9, "bursts of 2 to 9 bits"),
            (10..=16, "bursts of 10 to 16 bits"),
            (17..=32, "bursts of 17 to 32 bits"),
        ] {
            let mut tally = Tally::default();
            while tally.tried < tries {
                let length: usize = self.rng.random_range(lengths.clone());
                let start = self.rng.random_range(0..=bits - length);
                // A burst begins and ends with a wrong bit; between them anything goes.
                let within = start + 1..start + length - 1;
                let wrong: Vec<_> = within.filter(|_| self.rng.random_bool(0.5)).collect();
                self.count(&[&[start][..], &wrong, &[start + length - 1]].concat(), &mut tally);
            }
            tally.print(what);
        }
    }

    fn count(&self, places: &[usize], tally: &mut Tally) {
        let mut bytes = self.sent.clone();
        places.iter().for_each(|bit| bytes[bit / 8] ^= 1 << (bit % 8));
        tally.tried += 1;
        tally.whole += u64::from((self.protocol.whole)(&bytes));
        // The same again behind it, but for its end: a length that became longer gets its bytes.
        let next = [&bytes[..], &self.sent].concat();
        tally.streamed += u64::from((self.protocol.streamed)(&next[..next.len() - 1]));
    }
}

impl Tally {
    fn print(&self, what: &str) {
        println!(
            "  {what:<24} {:>9} tried, taken for right: {:>6} from a stream, {:>6} by its length",
            self.tried, self.streamed, self.whole
        );
    }
}
