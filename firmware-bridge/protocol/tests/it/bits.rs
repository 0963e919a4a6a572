//! Wrong bits on the line: no changed frame is ever taken for a frame.
//!
//! The errors hit the bytes as they travel, the stuffing, the check sequence and the zero at the
//! end included; a bit may make a zero out of a byte and so cut a frame in two.

use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg64Mcg;
use tandem_protocol::{
    Address, Body, Command, DeviceTime, Epoch, Frame, Joints, Receiver, Setpoint,
};

/// A command for six joints: 75 bytes, the frame that moves motors.
fn frame() -> Frame {
    let joints: Vec<_> = [0, -700_000, 300_000, 1_300_000, 0, 25]
        .map(|position_urad| Setpoint { position_urad, velocity_urad_s: position_urad / 3 })
        .to_vec();
    let command = Command {
        made: DeviceTime(77_123_456),
        valid_us: 20_000,
        joints: Joints::from_slice(&joints).unwrap(),
    };
    Frame {
        source: Address(1),
        destination: Address(2),
        epoch: Epoch(4),
        sequence: 70_001,
        body: Body::Command(command),
    }
}

/// The line's bits, to be broken; and what a receiver makes of them afterwards.
struct Line {
    sent: Vec<u8>,
    bytes: Vec<u8>,
    tried: u64,
}

impl Line {
    fn new() -> Self {
        let sent = frame().encode(None).to_vec();
        Self { bytes: sent.clone(), sent, tried: 0 }
    }

    fn bits(&self) -> usize {
        self.sent.len() * 8
    }

    fn flip(&mut self, bit: usize) {
        self.bytes[bit / 8] ^= 1 << (bit % 8);
    }

    /// Whatever comes out must be an error. A zero is appended, as the next frame would bring.
    fn check(&mut self, what: &dyn std::fmt::Debug) {
        assert_ne!(self.bytes, self.sent, "{what:?} changed nothing");
        let mut receiver = Receiver::default();
        for byte in self.bytes.iter().chain([&0]) {
            if let Some(Ok(frame)) = receiver.push(*byte, None) {
                panic!("bits {what:?} made {frame:?}");
            }
        }
        self.tried += 1;
        self.bytes.copy_from_slice(&self.sent);
    }
}

#[test]
fn no_single_or_double_bit_error_is_accepted() {
    let mut line = Line::new();
    // The last eight bits are the zero: without it the frame has no end, and with another frame
    // behind it is too long, which `check` covers by the zero that follows.
    let bits = line.bits() - 8;
    for first in 0..bits {
        line.flip(first);
        line.check(&first);
        for second in first + 1..bits {
            line.flip(first);
            line.flip(second);
            line.check(&(first, second));
        }
    }
    assert!(line.tried > 170_000, "{}", line.tried);
}

#[test]
fn no_burst_of_up_to_thirty_two_bits_is_accepted() {
    let mut rng = Pcg64Mcg::seed_from_u64(32);
    let mut line = Line::new();
    let bits = line.bits() - 8;
    while line.tried < 600_000 {
        let length = rng.random_range(2..=32_usize);
        let start = rng.random_range(0..=bits - length);
        // A burst begins and ends with a wrong bit; between them anything goes.
        line.flip(start);
        line.flip(start + length - 1);
        for bit in start + 1..start + length - 1 {
            if rng.random_bool(0.5) {
                line.flip(bit);
            }
        }
        line.check(&(start, length));
    }
}

#[test]
fn no_three_to_five_bit_errors_are_accepted() {
    let mut rng = Pcg64Mcg::seed_from_u64(5);
    let mut line = Line::new();
    let bits = line.bits() - 8;
    while line.tried < 600_000 {
        let count = rng.random_range(3..=5);
        let mut places = std::collections::BTreeSet::new();
        while places.len() < count {
            places.insert(rng.random_range(0..bits));
        }
        places.iter().for_each(|bit| line.flip(*bit));
        line.check(&places);
    }
}
