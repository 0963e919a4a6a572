//! The errors of IEC 61784-3, each injected into a device in full motion: what finds it.

use tandem_protocol::{
    Address, Body, Command, DecodeError, Epoch, Fault, Frame, Receiver, Refusal, Request, Seal,
    State,
};

use crate::fixture::Bench;

/// Injects one frame into a moving device; nothing but a counter may change.
fn refused(change: impl FnOnce(&mut Frame), expected: Refusal) {
    let mut bench = Bench::moving();
    let mut frame = bench.good();
    change(&mut frame);
    let before = bench.firmware.report(bench.now);
    assert_eq!(bench.firmware.receive(bench.now, &frame), Err(expected));
    let after = bench.firmware.report(bench.now);
    assert_eq!((after.refused, after.refusal), (before.refused + 1, Some(expected)));
    assert_eq!((after.state, after.receipt), (before.state, before.receipt));
}

fn command(frame: &mut Frame) -> &mut Command {
    match &mut frame.body {
        Body::Command(command) => command,
        other => panic!("{other:?} is no command"),
    }
}

#[test]
fn corruption() {
    let mut bench = Bench::moving();
    let mut bytes = bench.good().encode(None).to_vec();
    bytes[20] ^= 0x10;
    let mut receiver = Receiver::default();
    let found: Vec<_> = bytes.iter().filter_map(|byte| receiver.push(*byte, None)).collect();
    assert_eq!(found, [Err(DecodeError::Check)]);
    // A line that brings nothing but garbage stops the device before its watchdog would.
    for _ in 0..10 {
        bench.firmware.garbage();
    }
    assert_eq!(bench.firmware.report(bench.now).fault, Fault::Refusals);
}

#[test]
fn unintended_repetition() {
    let mut bench = Bench::moving();
    let frame = bench.good();
    assert_eq!(bench.firmware.receive(bench.now, &frame), Ok(()));
    assert_eq!(bench.firmware.receive(bench.now, &frame), Err(Refusal::Sequence));
    // The same command repeated for ever is silence.
    for _ in 0..30 {
        bench.firmware.receive(bench.now, &frame).unwrap_err();
        bench.tick();
    }
    assert!(matches!(bench.firmware.state(), State::Decelerating | State::Latched));
}

#[test]
fn incorrect_sequence() {
    refused(|frame| frame.sequence -= 2, Refusal::Sequence);
}

#[test]
fn loss() {
    let mut bench = Bench::moving();
    for _ in 0..3 {
        bench.good();
    }
    bench.ramp();
    let report = bench.firmware.report(bench.now);
    assert_eq!((report.lost, report.state), (3, State::Active), "three are counted and survived");
    for _ in 0..21 {
        bench.good();
        bench.tick();
    }
    assert_eq!(bench.firmware.fault(), Fault::Silence, "twenty milliseconds are not");
}

#[test]
fn unacceptable_delay() {
    let mut bench = Bench::moving();
    let late = bench.good();
    for _ in 0..31 {
        bench.ramp();
    }
    let mut late_but_next = late;
    late_but_next.sequence = bench.sequence + 1;
    assert_eq!(bench.firmware.receive(bench.now, &late_but_next), Err(Refusal::Expired));
    refused(|frame| command(frame).made.0 += 1_000_000, Refusal::Validity);
    refused(|frame| command(frame).valid_us = 100_001, Refusal::Validity);
}

#[test]
fn insertion() {
    refused(|frame| frame.sequence += 1_000, Refusal::Sequence);
    refused(|frame| frame.epoch = Epoch(frame.epoch.0 + 1), Refusal::Epoch);
    refused(|frame| frame.epoch = Epoch(frame.epoch.0 - 1), Refusal::Epoch);
}

#[test]
fn masquerade() {
    refused(|frame| frame.source = Address(3), Refusal::Source);
    let seal = |key| Seal { key, challenge: 99 };
    let mut bench = Bench::moving();
    let forged = bench.good().encode(Some(&seal([7; 16])));
    let opened = Frame::decode(&forged[..forged.len() - 1], Some(&seal([8; 16])));
    assert_eq!(opened, Err(DecodeError::Seal));
}

#[test]
fn addressing() {
    refused(|frame| frame.destination = Address(3), Refusal::Address);
    // On a shared line most frames are for others: they are no reason to stop.
    let mut bench = Bench::moving();
    for _ in 0..100 {
        let mut frame = bench.good();
        frame.destination = Address(3);
        bench.firmware.receive(bench.now, &frame).unwrap_err();
    }
    bench.sequence -= 100;
    bench.ramp();
    assert_eq!(bench.firmware.state(), State::Active);
}

#[test]
fn limits_are_checked_again() {
    refused(|frame| command(frame).joints[1].position_urad = 1_500_001, Refusal::Position);
    refused(|frame| command(frame).joints[0].velocity_urad_s = -2_000_001, Refusal::Velocity);
    refused(|frame| command(frame).joints[0].velocity_urad_s = i32::MIN, Refusal::Velocity);
    refused(|frame| command(frame).joints[0].position_urad += 300_000, Refusal::Jump);
    refused(|frame| command(frame).joints = Default::default(), Refusal::Shape);
    refused(
        |frame| frame.body = Body::Request(Request::Arm { limits_hash: 1 }),
        Refusal::NotDisarmed,
    );
}
