//! The microcontroller on a line of virtual time: it reports, follows, and stops by itself.

use tandem_protocol::{
    Address, Command, Epoch, Fault, JointLimits, Joints, Report, Request, Rest, Setpoint,
};

use super::*;
use crate::emulator::FreeShafts;

const MS: Duration = Duration::from_millis(1);
const KEY: [u8; 16] = [7; 16];

fn config() -> FirmwareConfig {
    let limits = JointLimits {
        position_urad_min: -1_500_000,
        position_urad_max: 1_500_000,
        velocity_urad_s_max: 3_000_000,
        acceleration_urad_s2_max: 40_000_000,
        deceleration_urad_s2: 40_000_000,
        jump_urad_max: 200_000,
        tracking_urad_max: 600_000,
    };
    FirmwareConfig {
        address: Address(2),
        host: Address(1),
        joints: Joints::from_slice(&[limits; 6]).unwrap(),
        watchdog_us: 20_000,
        valid_us_max: 100_000,
        arm_wait_us: 500_000,
        refused_run_max: 10,
        rest: Rest::Hold,
    }
}

/// A device and its host, who share a line and a key.
struct Bench {
    device: NativeDevice,
    now: Stamp,
    receiver: Receiver,
    sequence: u32,
    report: Report,
}

impl Bench {
    fn new() -> Self {
        let now = Stamp::from_nanos(9_000_000_000);
        let plant = Box::new(FreeShafts::new(25.0, 4.7e6));
        let device = NativeDevice::new(now, config(), 1_000_000, plant, 1).unwrap().sealed(KEY);
        let (receiver, report) = (Receiver::default(), Report::default());
        Self { device, now, receiver, sequence: 0, report }
    }

    fn pass(&mut self, time: Duration) {
        let mut out = Vec::new();
        let seal = Seal { key: KEY, challenge: 0 };
        let end = self.now.after(time);
        while self.now < end {
            self.now = self.now.after(Duration::from_micros(250));
            self.device.poll(self.now, &mut out);
            for byte in out.drain(..) {
                if let Some(Ok(frame)) = self.receiver.push(byte, Some(&seal)) {
                    let Body::Report(report) = frame.body else { panic!("{frame:?}") };
                    self.report = report;
                }
            }
        }
    }

    fn say(&mut self, epoch: u32, body: Body) {
        self.sequence += 1;
        let (source, destination) = (Address(1), Address(2));
        let (epoch, sequence) = (Epoch(epoch), self.sequence);
        let frame = Frame { source, destination, epoch, sequence, body };
        // Before the first report the host does not know this life's challenge.
        let seal = Seal { key: KEY, challenge: self.report.nonce.max(1) };
        self.device.receive(self.now, &frame.encode(Some(&seal)));
    }

    /// Armed, and going on at 1 rad/s.
    fn moving() -> Self {
        let mut bench = Self::new();
        bench.pass(5 * MS);
        let limits_hash = config().limits_hash();
        bench.say(1, Body::Request(Request::Arm { limits_hash }));
        bench.pass(5 * MS);
        for cycle in 0..40 {
            let joint = Setpoint { position_urad: 5_000 * cycle, velocity_urad_s: 1_000_000 };
            let joints = Joints::from_slice(&[joint; 6]).unwrap();
            // What the host knows of the device's clock is as old as the last report.
            let made = bench.report.now;
            bench.say(1, Body::Command(Command { made, valid_us: 20_000, joints }));
            bench.pass(5 * MS);
        }
        assert_eq!(bench.device.state(), State::Active);
        bench
    }
}

#[test]
fn it_follows_and_its_receipts_say_what_and_when() {
    let bench = Bench::moving();
    assert!(bench.report.joints[0].position_urad > 100_000, "{:?}", bench.report);
    assert_eq!(bench.report.receipt.sequence, bench.sequence);
    assert!(bench.report.now.since(bench.report.receipt.applied) < 5_000);
}

#[test]
fn when_its_host_falls_silent_it_stops_within_its_deceleration_and_latches() {
    let mut bench = Bench::moving();
    let last = bench.now.before(5 * MS);
    bench.pass(600 * MS);
    assert_eq!((bench.device.state(), bench.report.fault), (State::Latched, Fault::None));
    let samples: Vec<_> = bench.device.transcript().samples().cloned().collect();
    let braking = samples.windows(2).find(|pair| pair[1].driven[0] < pair[0].driven[0] - 30_000.0);
    let begun = last.age_at(braking.unwrap()[1].stamp);
    assert!(begun <= 21 * MS, "it began to brake after {begun:?}");
    for pair in samples.windows(2) {
        let change = (pair[1].driven[0] - pair[0].driven[0]).abs();
        assert!(change <= 40_000.0, "{change} urad/s in a millisecond");
    }
    let still: Vec<_> = samples.iter().rev().take(100).map(|s| s.positions.clone()).collect();
    let crept_urad = still.windows(2).flat_map(|pair| {
        pair[0].iter().zip(&pair[1]).map(|(now, before)| (now - before).abs()).collect::<Vec<_>>()
    });
    assert!(crept_urad.fold(0.0, f64::max) < 1.0, "nothing moves after the latch");
}

#[test]
fn a_recording_of_a_former_life_moves_nothing() {
    let mut bench = Bench::moving();
    let limits_hash = config().limits_hash();
    bench.device.restart(bench.now);
    bench.pass(5 * MS);
    // The same key, the former life's challenge.
    bench.say(2, Body::Request(Request::Arm { limits_hash }));
    bench.pass(20 * MS);
    assert_eq!(bench.device.state(), State::Disarmed);
    bench.report.nonce = 2;
    bench.say(2, Body::Request(Request::Arm { limits_hash }));
    bench.pass(20 * MS);
    assert_eq!(bench.device.state(), State::Armed);
}
