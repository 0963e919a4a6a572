//! The bus on a line of virtual time: bytes, their times, and faults.

use super::servo::STATUS_OVERLOAD;
use super::*;
use crate::emulator::{Device as _, EmulatedMotors as _, FreeShafts};

const MS: Duration = Duration::from_millis(1);
const START: Stamp = Stamp::from_nanos(1_000_000_000);

struct Bench {
    bus: FeetechBus,
    now: Stamp,
    parser: Parser,
}

impl Bench {
    fn new() -> Self {
        let servos = [1, 2, 3, 4, 5, 6].map(|id| (id, 2048.0));
        let bus = FeetechBus::new(&servos, 1_000_000, Box::new(FreeShafts::default()), 1);
        Self { bus, now: START, parser: Parser::default() }
    }

    /// Says something, and gives what came within `wait`, each packet with its time.
    fn say(&mut self, packet: &Packet, wait: Duration) -> Vec<(Duration, Packet)> {
        let said = self.now;
        self.bus.receive(self.now, &packet.encode());
        let end = self.now.after(wait);
        let mut heard = Vec::new();
        let mut out = Vec::new();
        while self.now < end {
            self.now = self.now.after(Duration::from_micros(10));
            self.bus.poll(self.now, &mut out);
            for byte in out.drain(..) {
                let packet = self.parser.push(byte);
                heard.extend(packet.map(|packet| (said.age_at(self.now), packet)));
            }
        }
        heard
    }

    fn torque(&mut self, on: u8) {
        let all = [1, 2, 3, 4, 5, 6].map(|id| (id, [on]));
        self.say(&Packet::sync_write(40, &all), MS);
    }

    fn go(&mut self, goal: u16) {
        let all = [1, 2, 3, 4, 5, 6].map(|id| (id, goal.to_le_bytes()));
        self.say(&Packet::sync_write(42, &all), Duration::from_secs(1));
    }
}

#[test]
fn every_byte_takes_its_time() {
    let mut bench = Bench::new();
    let question = Packet::sync_read(56, 6, &[1, 2, 3, 4, 5, 6]);
    let heard = bench.say(&question, 3 * MS);
    // 14 bytes of question, 12 for each answer, at 10 us a byte.
    let times: Vec<_> = heard.iter().map(|(time, _)| time.as_micros()).collect();
    assert_eq!(times, [260, 380, 500, 620, 740, 860]);
    let ids: Vec<_> = heard.iter().map(|(_, packet)| packet.id).collect();
    assert_eq!(ids, [1, 2, 3, 4, 5, 6]);
    assert_eq!(heard[0].1.parameters, [0x00, 0x08, 0, 0, 0, 0]);
}

#[test]
fn a_servo_moves_only_with_torque_and_says_where_it_is() {
    let mut bench = Bench::new();
    bench.go(2500);
    assert_eq!(bench.bus.register(3, &register::PRESENT_POSITION), Some(2048));
    bench.torque(1);
    bench.go(2500);
    assert_eq!(bench.bus.register(3, &register::PRESENT_POSITION), Some(2500));
    bench.torque(0);
    bench.go(2000);
    assert_eq!(bench.bus.register(3, &register::PRESENT_POSITION), Some(2500));
}

#[test]
fn the_eeprom_is_locked_and_what_is_measured_cannot_be_written() {
    let mut bench = Bench::new();
    bench.say(&Packet::write(2, 9, &[1, 0]), MS);
    assert_eq!(bench.bus.register(2, &register::POSITION_MIN), Some(0));
    bench.say(&Packet::write(2, 55, &[0]), MS);
    bench.say(&Packet::write(2, 9, &[1, 0]), MS);
    assert_eq!(bench.bus.register(2, &register::POSITION_MIN), Some(1));
    bench.say(&Packet::write(2, 56, &[1, 0]), MS);
    assert_eq!(bench.bus.register(2, &register::PRESENT_POSITION), Some(2048));
}

#[test]
fn a_mute_servo_leaves_a_gap_and_the_others_keep_their_time() {
    let mut bench = Bench::new();
    bench.bus.faults.plan.mute = vec![3];
    let heard = bench.say(&Packet::sync_read(56, 6, &[1, 2, 3, 4, 5, 6]), 3 * MS);
    let said: Vec<_> = heard.iter().map(|(time, packet)| (packet.id, time.as_micros())).collect();
    assert_eq!(said, [(1, 260), (2, 380), (4, 620), (5, 740), (6, 860)]);
}

#[test]
fn an_overload_and_a_brown_out_let_go_and_say_so() {
    let mut bench = Bench::new();
    bench.torque(1);
    bench.bus.faults.plan.overloaded = vec![2];
    let heard = bench.say(&Packet::read(2, 56, 2), 2 * MS);
    assert_eq!(heard[0].1.code, STATUS_OVERLOAD);
    assert_eq!(bench.bus.torques(), [true, false, true, true, true, true]);
    bench.bus.faults.plan.brown_out = true;
    assert!(bench.say(&Packet::read(1, 56, 2), 2 * MS).is_empty());
    bench.bus.faults.plan = Default::default();
    assert_eq!(bench.bus.torques(), [false; 6]);
    assert_eq!(bench.say(&Packet::read(1, 40, 1), 2 * MS)[0].1.parameters, [0]);
}

#[test]
fn a_bad_line_is_bad_both_ways_and_the_same_for_the_same_seed() {
    let run = || {
        let mut bench = Bench::new();
        bench.bus.faults.plan.dropped_bytes = 0.01;
        bench.bus.faults.plan.flipped_bits = 0.01;
        let question = Packet::sync_read(56, 6, &[1, 2, 3, 4, 5, 6]);
        let heard: Vec<_> = (0..100).map(|_| bench.say(&question, 2 * MS).len()).collect();
        (heard, bench.bus.faults.counts())
    };
    let (heard, counts) = run();
    let answers: usize = heard.iter().sum();
    assert!((200..560).contains(&answers), "{answers}");
    assert!(counts.0 > 50 && counts.1 > 50, "{counts:?}");
    assert_eq!(run(), (heard, counts));
}

#[test]
fn who_speaks_while_a_servo_does_is_not_understood() {
    let mut bench = Bench::new();
    bench.bus.receive(bench.now, &Packet::sync_read(56, 6, &[1, 2, 3]).encode());
    bench.now = bench.now.after(Duration::from_micros(200));
    bench.bus.poll(bench.now, &mut Vec::new());
    let heard = bench.say(&Packet::read(1, 56, 2), 2 * MS);
    assert_eq!((heard.len(), bench.bus.collisions()), (1, 1));
}
