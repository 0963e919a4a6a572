//! Whole packets, cut ones, and any bytes between them.

use proptest::prelude::{any, prop, prop_assert, prop_assert_eq, proptest};

use super::*;
use crate::dynamixel::Kind;

fn status(id: u8, parameters: &[u8]) -> Packet {
    Packet { id, kind: Kind::Status(0), parameters: parameters.to_vec() }
}

#[test]
fn a_packet_that_was_cut_off_does_not_hide_the_next() {
    let (cut, whole) = (Packet::write(1, 168, &[0; 20]), Packet::read(2, 132, 4));
    let mut parser = Parser::default();
    let mut line = cut.encode();
    line.truncate(9);
    line.extend(whole.encode());
    let found: Vec<_> = line.iter().filter_map(|byte| parser.push(*byte)).collect();
    assert_eq!(found, [whole]);
    assert_eq!((parser.flaw(), parser.garbage()), (Some(PacketError::Stuffing), 9));
}

proptest! {
    #[test]
    fn what_is_said_is_heard_and_no_body_looks_like_a_header(
        // Bytes that are likely to need stuffing.
        parameters in prop::collection::vec(
            prop::sample::select(&[0xff, 0xfd, 0x00, 0x55, 0x03][..]),
            0..60,
        ),
    ) {
        let packet = status(9, &parameters);
        let bytes = packet.encode();
        prop_assert!(!begins_anew(&bytes[BODY..bytes.len() - 2]));
        let mut parser = Parser::default();
        let found: Vec<_> = bytes.iter().filter_map(|byte| parser.push(*byte)).collect();
        prop_assert_eq!(found, vec![packet]);
    }

    #[test]
    fn after_any_bytes_the_next_packet_is_found(
        noise in prop::collection::vec(
            prop::sample::select(&[0xff, 0xff, 0xfd, 0x00, 0x03, 0x55][..]),
            0..400,
        ),
        parameters in prop::collection::vec(any::<u8>(), 0..40),
    ) {
        let packet = status(3, &parameters);
        let mut parser = Parser::default();
        noise.iter().for_each(|byte| drop(parser.push(*byte)));
        // The silence after a packet tells where the next one begins.
        parser.clear();
        let found: Vec<_> =
            packet.encode().iter().filter_map(|byte| parser.push(*byte)).collect();
        prop_assert_eq!(found, vec![packet]);
    }
}
