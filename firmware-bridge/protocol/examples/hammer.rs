//! Hammers decoder and state machine with arbitrary and nearly right bytes for some seconds:
//! `cargo run -p tandem-protocol --release --example hammer -- 600 [SEED]`.
//!
//! Every setpoint goes before the judge of the tests, who knows the limits and none of the code. A
//! failure panics with the seed to repeat it.
#![expect(clippy::print_stdout, reason = "a program for people")]
#![expect(clippy::disallowed_methods, reason = "it runs for a time of the wall clock's")]

#[path = "../tests/it/judge.rs"]
mod judge;

use std::time::{Duration, Instant};

use judge::Judge;
use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg64Mcg;
use tandem_protocol::{
    Address, Body, Command, Epoch, FirmwareConfig, Frame, JointLimits, Joints, Receiver, Request,
    Rest, Setpoint, State,
};

const HOST: Address = Address(1);
const DEVICE: Address = Address(2);

fn main() {
    let mut arguments = std::env::args().skip(1).map(|text| text.parse::<u64>().expect("a number"));
    let seconds = arguments.next().unwrap_or(10);
    let first_seed = arguments.next().unwrap_or(1);
    let end = Instant::now() + Duration::from_secs(seconds);
    let mut tally = Tally::default();
    let mut seed = first_seed;
    while Instant::now() < end {
        println_on_panic(seed);
        Run::new(seed).play(&mut tally);
        seed += 1;
    }
    println!("{} lives, seeds {first_seed} to {}", seed - first_seed, seed - 1);
    println!(
        "{} bytes, {} frames, {} of them after wrong bits",
        tally.bytes, tally.frames, tally.corrupt
    );
    println!("{} changed frames accepted", tally.accepted);
    println!("{} joint-ticks in motion, {} latched stops", tally.moved, tally.latched);
    assert_eq!(tally.accepted, 0, "a changed frame was accepted");
    assert!(tally.moved > 0 && tally.latched > 0, "nothing was tested");
}

#[derive(Default)]
struct Tally {
    bytes: u64,
    frames: u64,
    corrupt: u64,
    accepted: u64,
    moved: u64,
    latched: u64,
}

fn println_on_panic(seed: u64) {
    std::panic::set_hook(Box::new(move |what| println!("seed {seed}: {what}")));
}

/// One life of a device under fire.
struct Run {
    rng: Pcg64Mcg,
    judge: Judge,
    receiver: Receiver,
    config: FirmwareConfig,
    sequence: u32,
}

impl Run {
    fn new(seed: u64) -> Self {
        let limits = JointLimits {
            position_urad_min: -1_500_000,
            position_urad_max: 1_500_000,
            velocity_urad_s_max: 2_000_000,
            acceleration_urad_s2_max: 30_000_000,
            deceleration_urad_s2: 40_000_000,
            jump_urad_max: 200_000,
            tracking_urad_max: 400_000,
        };
        let config = FirmwareConfig {
            address: DEVICE,
            host: HOST,
            joints: Joints::from_slice(&[limits; 6]).expect("six fit"),
            watchdog_us: 20_000,
            valid_us_max: 100_000,
            arm_wait_us: 500_000,
            refused_run_max: 10,
            rest: Rest::Hold,
        };
        let (judge, receiver) = (Judge::new(config), Receiver::default());
        Self { rng: Pcg64Mcg::seed_from_u64(seed), judge, receiver, config, sequence: 0 }
    }

    fn play(mut self, tally: &mut Tally) {
        for _ in 0..2_000 {
            let was_latched = self.judge.firmware.state() == State::Latched;
            match self.rng.random_range(0..100) {
                0..60 => self.send(tally, false),
                60..75 => self.send(tally, true),
                75..80 => self.noise(tally),
                80 => self.judge.flags(self.rng.random()),
                81 => self.judge.flags(0),
                _ => {}
            }
            let us = if self.rng.random_bool(0.01) { 50_000 } else { 1_000 };
            self.judge.tick(us);
            let is_latched = self.judge.firmware.state() == State::Latched;
            tally.latched += u64::from(is_latched && !was_latched);
        }
        tally.moved += self.judge.moved;
    }

    /// A frame that fits the moment, with wrong bits or without.
    fn send(&mut self, tally: &mut Tally, corrupt: bool) {
        let frame = self.fitting();
        let mut bytes = frame.encode(None).to_vec();
        if corrupt {
            tally.corrupt += 1;
            for _ in 0..self.rng.random_range(1..=5) {
                let bit = self.rng.random_range(0..bytes.len() * 8);
                bytes[bit / 8] ^= 1 << (bit % 8);
            }
            bytes.push(0);
        }
        for byte in bytes {
            self.push(tally, byte, Some(&frame));
        }
    }

    /// Anything at all.
    fn noise(&mut self, tally: &mut Tally) {
        for _ in 0..self.rng.random_range(0..200) {
            let byte = self.rng.random();
            self.push(tally, byte, None);
        }
        self.push(tally, 0, None);
    }

    fn push(&mut self, tally: &mut Tally, byte: u8, sent: Option<&Frame>) {
        tally.bytes += 1;
        match self.receiver.push(byte, None) {
            Some(Ok(frame)) => {
                tally.frames += 1;
                tally.accepted += u64::from(sent != Some(&frame));
                self.judge.receive(&frame);
            }
            Some(Err(_)) => self.judge.garbage(),
            None => {}
        }
    }

    fn fitting(&mut self) -> Frame {
        let firmware = &self.judge.firmware;
        let report = firmware.report(self.judge.now());
        let mut epoch = firmware.epoch();
        let wild = self.rng.random_bool(0.05);
        self.sequence += if wild { self.rng.random_range(0..300) } else { 1 };
        let body = match report.state {
            State::Disarmed => {
                epoch = Epoch(epoch.0 + u32::from(!wild));
                Body::Request(Request::Arm { limits_hash: self.config.limits_hash() })
            }
            State::Latched if self.rng.random_bool(0.1) => {
                Body::Request(Request::Acknowledge { fault_number: report.fault_number })
            }
            _ if self.rng.random_bool(0.005) => Body::Request(Request::Stop),
            _ if self.rng.random_bool(0.005) => Body::Request(Request::Disarm),
            _ => Body::Command(Command {
                made: self.judge.now(),
                valid_us: if wild { self.rng.random() } else { 30_000 },
                joints: report.joints.map(|joint| Setpoint {
                    position_urad: if wild {
                        self.rng.random()
                    } else {
                        joint.position_urad.saturating_add(self.rng.random_range(-150_000..150_000))
                    },
                    velocity_urad_s: self.rng.random_range(-2_000_000..=2_000_000),
                }),
            }),
        };
        Frame { source: HOST, destination: DEVICE, epoch, sequence: self.sequence, body }
    }
}
