//! Frames to bytes and back, by table, by property, and by any bytes.

use proptest::prelude::{any, prop, prop_assert, prop_assert_eq, prop_oneof, proptest};
use proptest::strategy::{Just, Strategy};
use tandem_protocol::{
    Address, Body, Command, DecodeError, DeviceTime, Epoch, Fault, Frame, JOINTS_MAX, Joints,
    Measured, MotorFlags, Receipt, Receiver, Refusal, Report, Request, Seal, Setpoint, State,
    WIRE_BYTES_MAX,
};

const SEAL: Seal = Seal { key: *b"sixteen secrets!", challenge: 0xfeed };

/// A frame's bytes as they were written down once: what another implementation must match. The
/// check sequence was computed by hand, with the bitwise CRC-32C in `reference_check`.
#[test]
fn a_known_frame_has_known_bytes() {
    let frame = Frame {
        source: Address(1),
        destination: Address(7),
        epoch: Epoch(3),
        sequence: 0x0102,
        body: Body::Request(Request::Arm { limits_hash: 0xdead_beef }),
    };
    let wire = frame.encode(None);
    let stuffed = [
        0x06, 0x01, 0x02, 0x01, 0x07, 0x03, 0x01, 0x01, 0x03, 0x02, 0x01, 0x01, 0x06, 0x01, 0xef,
        0xbe, 0xad, 0xde,
    ];
    assert_eq!(&wire[..stuffed.len()], &stuffed);
    assert_eq!(&wire[stuffed.len()..wire.len() - 1], &reference_check(&stuffed));
    assert_eq!(wire.last(), Some(&0));
}

/// CRC-32C bit by bit, as the definition reads, in five groups of seven bits.
fn reference_check(bytes: &[u8]) -> [u8; 5] {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0x82f6_3b78 } else { crc >> 1 };
        }
    }
    crc = !crc;
    [0, 7, 14, 21, 28].map(|shift| u8::try_from((crc >> shift) & 0x7f).unwrap() | 0x80)
}

proptest! {
    #[test]
    fn every_frame_comes_back(frame in frames(), sealed in any::<bool>()) {
        let seal = sealed.then_some(&SEAL);
        let wire = frame.encode(seal);
        prop_assert!(wire.len() > 6 && wire.len() <= WIRE_BYTES_MAX);
        prop_assert!(!wire[..wire.len() - 1].contains(&0));
        prop_assert_eq!(Frame::decode(&wire[..wire.len() - 1], seal), Ok(frame));
        // A receiver that joined in the middle of something else finds it, too.
        let mut receiver = Receiver::default();
        let found: Vec<_> = [1, 2, 3, 0]
            .iter()
            .chain(wire.iter())
            .filter_map(|byte| receiver.push(*byte, seal))
            .collect();
        prop_assert_eq!(found, vec![Err(DecodeError::Length), Ok(frame)]);
    }

    #[test]
    fn any_bytes_give_an_answer(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        let mut receiver = Receiver::default();
        for byte in bytes {
            if let Some(answer) = receiver.push(byte, None) {
                // Thirty-two bits of check, a version and a shape stand against it.
                prop_assert!(answer.is_err());
            }
        }
    }

    /// Bytes with a right check sequence reach the code behind it.
    #[test]
    fn any_checked_bytes_give_an_answer(
        bytes in prop::collection::vec(1_u8.., 0..WIRE_BYTES_MAX), sealed in any::<bool>(),
    ) {
        let mut wire = bytes.clone();
        wire.extend(reference_check(&bytes));
        let _answer: Result<Frame, DecodeError> = Frame::decode(&wire, sealed.then_some(&SEAL));
    }

    #[test]
    fn a_seal_opens_only_what_it_closed(frame in frames(), byte in any::<prop::sample::Index>()) {
        let mut other_key = SEAL;
        other_key.key[byte.index(16)] ^= 1;
        let other_life = Seal { challenge: SEAL.challenge + 1, ..SEAL };
        let (sealed, open) = (frame.encode(Some(&SEAL)), frame.encode(None));
        let wrong = Err(DecodeError::Seal);
        let decode = |wire: &[u8], seal| Frame::decode(&wire[..wire.len() - 1], seal);
        prop_assert_eq!(decode(&sealed, Some(&other_key)), wrong);
        prop_assert_eq!(decode(&sealed, Some(&other_life)), wrong);
        prop_assert_eq!(decode(&sealed, None), wrong);
        prop_assert_eq!(decode(&open, Some(&SEAL)), wrong);
    }
}

#[test]
fn codes_are_whole_and_distinct() {
    for fault in Fault::ALL {
        assert_eq!(Fault::from_code(fault.code()), Some(fault));
    }
    for refusal in Refusal::ALL {
        assert_eq!(Refusal::from_code(refusal.code()), Some(refusal));
    }
    assert_eq!(Fault::from_code(6), None);
    assert_eq!((Refusal::from_code(0), Refusal::from_code(19)), (None, None));
}

#[test]
fn a_flood_without_an_end_is_dropped_up_to_the_next_frame() {
    let frame = Frame {
        source: Address(1),
        destination: Address(2),
        epoch: Epoch(0),
        sequence: 1,
        body: Body::Request(Request::Hello),
    };
    let mut receiver = Receiver::default();
    let flood = std::iter::repeat_n(0xaa, 100_000).chain([0]);
    let answers: Vec<_> = flood
        .chain(frame.encode(None).iter().copied())
        .filter_map(|byte| receiver.push(byte, None))
        .collect();
    assert_eq!(answers, [Err(DecodeError::Length), Ok(frame)]);
}

pub(crate) fn frames() -> impl Strategy<Value = Frame> {
    (any::<(u8, u8, u32, u32)>(), bodies()).prop_map(
        |((source, destination, epoch, sequence), body)| Frame {
            source: Address(source),
            destination: Address(destination),
            epoch: Epoch(epoch),
            sequence,
            body,
        },
    )
}

fn bodies() -> impl Strategy<Value = Body> {
    prop_oneof![
        commands().prop_map(Body::Command),
        requests().prop_map(Body::Request),
        reports().prop_map(Body::Report),
    ]
}

fn commands() -> impl Strategy<Value = Command> {
    let joints = prop::collection::vec(any::<(i32, i32)>(), 0..=JOINTS_MAX);
    (any::<(u64, u32)>(), joints).prop_map(|((made, valid_us), joints)| {
        let joints: Vec<_> = joints
            .into_iter()
            .map(|(position_urad, velocity_urad_s)| Setpoint { position_urad, velocity_urad_s })
            .collect();
        Command { made: DeviceTime(made), valid_us, joints: Joints::from_slice(&joints).unwrap() }
    })
}

fn requests() -> impl Strategy<Value = Request> {
    prop_oneof![
        Just(Request::Hello),
        any::<u32>().prop_map(|limits_hash| Request::Arm { limits_hash }),
        Just(Request::Disarm),
        Just(Request::Stop),
        any::<u16>().prop_map(|fault_number| Request::Acknowledge { fault_number }),
    ]
}

fn reports() -> impl Strategy<Value = Report> {
    let joints = prop::collection::vec(any::<(i32, i32, i32, u16)>(), 0..=JOINTS_MAX);
    let numbers = any::<(u64, u64, u32, u16, u16, u32, u32)>();
    let receipt = any::<(u32, u32, u64)>();
    (numbers, receipt, 0_u8..5, 0_u8..6, 0_u8..19, joints).prop_map(
        |(numbers, receipt, state, fault, refusal, joints)| {
            let (now, nonce, limits_hash, fault_number, flags, refused, lost) = numbers;
            let joints: Vec<_> = joints
                .into_iter()
                .map(|(position_urad, velocity_urad_s, torque_mnm, flags)| Measured {
                    position_urad,
                    velocity_urad_s,
                    torque_mnm,
                    flags: MotorFlags(flags),
                })
                .collect();
            Report {
                now: DeviceTime(now),
                nonce,
                limits_hash,
                state: State::from_code(state).unwrap(),
                fault: Fault::from_code(fault).unwrap(),
                fault_number,
                flags: MotorFlags(flags),
                receipt: Receipt {
                    epoch: Epoch(receipt.0),
                    sequence: receipt.1,
                    applied: DeviceTime(receipt.2),
                },
                refused,
                refusal: Refusal::from_code(refusal),
                lost,
                joints: Joints::from_slice(&joints).unwrap(),
            }
        },
    )
}
