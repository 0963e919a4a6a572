//! The manual's own bytes, and any bytes.

use proptest::prelude::{any, prop, prop_assert_eq, proptest};

use super::*;

fn bytes(hex: &str) -> Vec<u8> {
    hex.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect()
}

fn check(packet: &Packet, hex: &str) {
    assert_eq!(packet.encode(), bytes(hex), "{packet:?}");
    assert_eq!(Packet::decode(&bytes(hex)).as_ref(), Ok(packet));
}

fn status(id: u8, error: u8, parameters: &[u8]) -> Packet {
    Packet { id, kind: Kind::Status(error), parameters: parameters.to_vec() }
}

/// The examples of the e-Manual's page on protocol 2.0, instruction by instruction.
#[test]
fn the_manuals_examples() {
    let ping = |id| Packet::instruction(id, Instruction::Ping, vec![]);
    check(&ping(1), "FF FF FD 00 01 03 00 01 19 4E");
    check(&status(1, 0, &[0x06, 0x04, 0x26]), "FF FF FD 00 01 07 00 55 00 06 04 26 65 5D");
    check(&ping(BROADCAST), "FF FF FD 00 FE 03 00 01 31 42");
    check(&Packet::read(1, 132, 4), "FF FF FD 00 01 07 00 02 84 00 04 00 1D 15");
    check(&status(1, 0, &[0xa6, 0, 0, 0]), "FF FF FD 00 01 08 00 55 00 A6 00 00 00 8C C0");
    check(
        &Packet::write(1, 116, &512_i32.to_le_bytes()),
        "FF FF FD 00 01 09 00 03 74 00 00 02 00 00 CA 89",
    );
    check(&status(1, 0, &[]), "FF FF FD 00 01 04 00 55 00 A1 0C");
    let reboot = Packet::instruction(1, Instruction::Reboot, vec![]);
    check(&reboot, "FF FF FD 00 01 03 00 08 2F 4E");
    check(&Packet::sync_read(132, 4, &[1, 2]), "FF FF FD 00 FE 09 00 82 84 00 04 00 01 02 CE FA");
    check(&status(2, 0, &[0x1f, 0x08, 0, 0]), "FF FF FD 00 02 08 00 55 00 1F 08 00 00 BA BE");
    let goals = [(1, 150_i32.to_le_bytes()), (2, 170_i32.to_le_bytes())];
    check(
        &Packet::sync_write(116, &goals),
        "FF FF FD 00 FE 11 00 83 74 00 04 00 01 96 00 00 00 02 AA 00 00 00 82 87",
    );
}

#[test]
fn nothing_but_a_header_looks_like_one() {
    let check = |parameters: &str, on_the_line: &str| {
        let packet = Packet::write(1, 0, &bytes(parameters));
        let encoded = packet.encode();
        assert_eq!(encoded[10..encoded.len() - 2], bytes(on_the_line));
        assert_eq!(Packet::decode(&encoded).as_ref(), Ok(&packet));
    };
    check("FF FF FD", "FF FF FD FD");
    check("FF FF FF FD 01", "FF FF FF FD FD 01");
    check("FF FF FD FD", "FF FF FD FD FD");
    check("FF FF FD 00 01 FF FF FD", "FF FF FD FD 00 01 FF FF FD FD");
    check("FF FD FF FF", "FF FD FF FF");
}

#[test]
fn what_is_no_packet_is_named() {
    let check = |change: fn(&mut Vec<u8>), expected: &str| {
        let mut bytes = Packet::read(1, 132, 4).encode();
        change(&mut bytes);
        let error = Packet::decode(&bytes).unwrap_err();
        assert!(format!("{error:?}").starts_with(expected), "{error:?}");
    };
    /// Makes the check sequence fit again.
    fn seal(bytes: &mut Vec<u8>) {
        bytes.truncate(bytes.len() - 2);
        let check = CRC.checksum(bytes);
        bytes.extend(check.to_le_bytes());
    }
    check(Vec::clear, "Header");
    check(|bytes| bytes[3] = 1, "Header");
    check(|bytes| bytes[5] += 1, "Length(8)");
    check(|bytes| bytes[9] ^= 0x10, "Check");
    check(
        |bytes| {
            bytes[4] = 253;
            seal(bytes);
        },
        "Id(253)",
    );
    check(
        |bytes| {
            bytes[7] = 0x77;
            seal(bytes);
        },
        "Kind(119)",
    );
    check(
        |bytes| {
            bytes[8..12].copy_from_slice(&HEADER);
            seal(bytes);
        },
        "Stuffing",
    );
}

proptest! {
    #[test]
    fn what_is_said_is_heard(
        id in 0..=ID_MAX,
        error in any::<u8>(),
        // Bytes that are likely to need stuffing.
        parameters in prop::collection::vec(
            prop::sample::select(&[0xff, 0xfd, 0x00, 0x55, 0x03][..]),
            0..60,
        ),
    ) {
        let packet = status(id, error, &parameters);
        prop_assert_eq!(Packet::decode(&packet.encode()), Ok(packet));
    }

    #[test]
    fn any_bytes_give_a_packet_or_an_error(noise in prop::collection::vec(any::<u8>(), 0..80)) {
        if let Ok(packet) = Packet::decode(&noise) {
            prop_assert_eq!(packet.encode(), noise);
        }
    }
}
