//! Reference bytes, and what holds for any number.

use proptest::prelude::{any, prop, prop_assert, prop_assert_eq, proptest};

use super::*;
use crate::mit::ranges::{KINDS, kind};

fn bytes(hex: &str) -> Vec<u8> {
    hex.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect()
}

/// Computed by hand from the formulas of the Mini Cheetah's `pack_cmd`, whose all-zero command is in
/// every driver's documentation.
#[test]
fn commands_and_their_bytes() {
    let check = |name: &str, command: MitCommand, hex: &str| {
        let found = command.encode(kind(name).unwrap());
        assert_eq!(found[..], bytes(hex), "{name} {command:?}");
    };
    check("mini-cheetah", MitCommand::default(), "7F FF 7F F0 00 00 07 FF");
    check("DM-J4310", MitCommand::default(), "7F FF 7F F0 00 00 07 FF");
    let all = MitCommand {
        position_rad: 6.25,    // (6.25 + 12.5) * 65535 / 25 = 49 151.25
        velocity_rad_s: -15.0, // (-15 + 30) * 4095 / 60 = 1023.75
        kp: 100.0,             // 100 * 4095 / 500 = 819
        kd: 1.0,               // 1 * 4095 / 5 = 819
        torque_nm: 5.0,        // (5 + 10) * 4095 / 20 = 3071.25
    };
    check("DM-J4310", all, "BF FF 3F F3 33 33 3B FF");
    let ends = MitCommand {
        position_rad: -99.0,
        velocity_rad_s: 99.0,
        kp: -1.0,
        kd: 99.0,
        torque_nm: f64::NEG_INFINITY,
    };
    check("AK80-9", ends, "00 00 FF F0 00 FF F0 00");
    check("DM-J4310", MitCommand::damping(2.0), "7F FF 7F F0 00 66 67 FF");
}

#[test]
fn replies_and_their_bytes() {
    let check = |name: &str, hex: &str, id: u8, position_rad: f64, status: Status| {
        let reply = MitReply::decode(&bytes(hex), kind(name).unwrap()).unwrap();
        assert_eq!((reply.id, reply.status), (id, status));
        assert!((reply.position_rad - position_rad).abs() < 2e-4, "{reply:?}");
        assert!(reply.velocity_rad_s.abs() < 0.02 && reply.torque_nm.abs() < 0.02, "{reply:?}");
    };
    let silent = Status { enabled: None, flags: MotorFlags::default() };
    check("mini-cheetah", "01 BF FF 7F F7 FF", 1, 6.25, silent);
    let driving = Status { enabled: Some(true), flags: MotorFlags::default() };
    check("DM-J4310", "13 7F FF 7F F7 FF 1E 1F", 3, 0.0, driving);
    let lost = Status { enabled: Some(false), flags: MotorFlags::LINK };
    check("DM-J4310", "D3 7F FF 7F F7 FF 1E 1F", 3, 0.0, lost);
    let hot = Status { enabled: None, flags: MotorFlags::TEMPERATURE };
    check("AK80-9", "02 7F FF 7F F7 FF 5A 01", 2, 0.0, hot);
}

#[test]
fn a_reply_of_another_length_is_none() {
    let decode = |name: &str, len: usize| MitReply::decode(&[0; 8][..len], kind(name).unwrap());
    assert_eq!(decode("mini-cheetah", 8), Err(ReplyError::Length(8)));
    assert_eq!(decode("DM-J4310", 6), Err(ReplyError::Length(6)));
    assert_eq!(decode("AK80-9", 0), Err(ReplyError::Length(0)));
}

fn numbers() -> impl prop::strategy::Strategy<Value = MitCommand> {
    use prop::strategy::Strategy as _;
    let number = || any::<f64>();
    (number(), number(), number(), number(), number()).prop_map(
        |(position_rad, velocity_rad_s, kp, kd, torque_nm)| MitCommand {
            position_rad,
            velocity_rad_s,
            kp,
            kd,
            torque_nm,
        },
    )
}

proptest! {
    #[test]
    fn no_command_is_a_word_and_none_leaves_its_ranges(command in numbers(), at in 0..KINDS.len()) {
        let kind = &KINDS[at];
        let data = command.encode(kind);
        prop_assert_eq!(Word::decode(data), None);
        let heard = MitCommand::decode(data, kind);
        prop_assert!(heard.position_rad.abs() <= kind.position_rad);
        prop_assert!(heard.velocity_rad_s.abs() <= kind.velocity_rad_s);
        prop_assert!((0.0..=kind.kp_max).contains(&heard.kp));
        prop_assert!((0.0..=kind.kd_max).contains(&heard.kd));
        prop_assert!(heard.torque_nm.abs() <= kind.torque_nm);
    }

    #[test]
    fn a_number_comes_back_to_one_code(
        p in -12.5_f64..12.5,
        v in -30.0_f64..30.0,
        t in -10.0_f64..10.0,
    ) {
        let kind = kind("DM-J4310").unwrap();
        let command = MitCommand { position_rad: p, velocity_rad_s: v, torque_nm: t, kp: 20.0, kd: 1.0 };
        let heard = MitCommand::decode(command.encode(kind), kind);
        prop_assert!((heard.position_rad - p).abs() <= 25.0 / 65_535.0);
        prop_assert!((heard.velocity_rad_s - v).abs() <= 60.0 / 4095.0);
        prop_assert!((heard.torque_nm - t).abs() <= 20.0 / 4095.0);
        let status = Status { enabled: Some(true), flags: MotorFlags::default() };
        let reply = MitReply { id: 5, position_rad: p, velocity_rad_s: v, torque_nm: t, status };
        let found = MitReply::decode(&reply.encode(kind, 1), kind).unwrap();
        prop_assert!((found.position_rad - p).abs() <= 25.0 / 65_535.0);
        prop_assert_eq!((found.id, found.status), (5, status));
    }

    #[test]
    fn any_bytes_are_a_reply_within_the_ranges_or_an_error(
        data in prop::collection::vec(any::<u8>(), 0..9),
        at in 0..KINDS.len(),
    ) {
        let kind = &KINDS[at];
        if let Ok(reply) = MitReply::decode(&data, kind) {
            prop_assert!(reply.position_rad.abs() <= kind.position_rad);
            prop_assert!(reply.torque_nm.abs() <= kind.torque_nm);
        }
    }
}
