//! What no host would say.

use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg64Mcg;

use super::*;
use crate::emulator::FreeShafts;
use crate::mit::ranges::kind;

const START: Stamp = Stamp::from_nanos(1_000_000_000);

/// Frames that say anything but "obey", and bytes of any kind.
#[test]
fn whatever_is_said_nothing_moves_that_was_not_told_to_obey() {
    let mut rng = Pcg64Mcg::seed_from_u64(5);
    let motors = [1, 2, 3].map(|id| (id, kind("DM-J4310").unwrap(), 0.0));
    let shafts = Box::new(FreeShafts::new(25.0, 20.0));
    let mut device = MitMotors::new(&motors, Duration::ZERO, shafts, 1);
    let (mut now, mut out) = (START, Vec::new());
    for _ in 0..20_000 {
        let id = if rng.random_bool(0.1) { 0x7ff } else { rng.random_range(0..5) };
        let data: [u8; 8] = rng.random();
        let frame = CanFrame::new(id, &data[..rng.random_range(0..=8)]).unwrap();
        let mut bytes = Slcan::encode(&frame);
        if rng.random_bool(0.3) {
            let at = rng.random_range(0..bytes.len());
            bytes[at] = rng.random();
        }
        device.receive(now, &bytes);
        now = now.after(Duration::from_micros(300));
        device.poll(now, &mut out);
        assert_eq!(device.commands(), [None; 3]);
        assert!(device.rig.shafts.iter().all(|shaft| shaft.position == 0.0));
    }
    let answers = out.iter().filter(|byte| **byte == b'\r').count();
    assert!(answers > 500, "{answers}");
}

#[test]
fn a_wrong_bit_costs_time_and_a_lost_frame_its_answer() {
    let answers = |change: fn(&mut Faults)| {
        let motors = [(1, kind("DM-J4310").unwrap(), 0.0)];
        let shafts = Box::new(FreeShafts::new(25.0, 20.0));
        let mut device = MitMotors::new(&motors, Duration::ZERO, shafts, 1);
        change(&mut device.faults);
        device.receive(START, &Slcan::encode(&CanFrame::eight(1, Word::Exit.encode())));
        let mut out = Vec::new();
        (0..2_000).find(|us| {
            device.poll(START.after(Duration::from_micros(*us)), &mut out);
            !out.is_empty()
        })
    };
    assert_eq!(answers(|_| {}), Some(222));
    // Each of 16 bytes is sent again once.
    assert_eq!(answers(|faults| faults.plan.flipped_bits = 1.0), Some(18 * 111));
    assert_eq!(answers(|faults| faults.plan.dropped_bytes = 1.0), None);
}
