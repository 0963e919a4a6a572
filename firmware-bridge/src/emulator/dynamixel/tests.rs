//! The servos on a line of virtual time: bytes, their times, refusals and faults.

use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg64Mcg;

use super::*;
use crate::dynamixel::Register;
use crate::emulator::{Device as _, EmulatedMotors as _, FreeShafts};

const MS: Duration = Duration::from_millis(1);
const START: Stamp = Stamp::from_nanos(1_000_000_000);

struct Bench {
    bus: DynamixelServos,
    now: Stamp,
    parser: Parser,
}

impl Bench {
    fn new(baud: u32) -> Self {
        let model = register::model(1060).unwrap();
        let servos = [1, 2, 3].map(|id| (id, model, 2048.0));
        let bus = DynamixelServos::new(&servos, baud, Box::new(FreeShafts::default()), 1);
        Self { bus, now: START, parser: Parser::default() }
    }

    fn bytes(&mut self, bytes: &[u8], wait: Duration) -> Vec<(Duration, Packet)> {
        let said = self.now;
        self.bus.receive(self.now, bytes);
        let end = self.now.after(wait);
        let mut heard = Vec::new();
        let mut out = Vec::new();
        while self.now < end {
            let due = self.bus.due().unwrap_or(end);
            self.now = due.max(self.now.after(Duration::from_nanos(100))).min(end);
            self.bus.poll(self.now, &mut out);
            for byte in out.drain(..) {
                let packet = self.parser.push(byte);
                heard.extend(packet.map(|packet| (said.age_at(self.now), packet)));
            }
        }
        heard
    }

    /// Says something, and gives what came within `wait`, each packet with its time.
    fn say(&mut self, packet: &Packet, wait: Duration) -> Vec<(Duration, Packet)> {
        self.bytes(&packet.encode(), wait)
    }

    /// Writes a register of the first servo, and gives the error byte of its answer.
    fn write(&mut self, register: &Register, value: i32) -> u8 {
        let bytes = &register.encode(value)[..usize::from(register.bytes)];
        self.say(&Packet::write(1, register.address, bytes), 2 * MS)[0].1.error()
    }

    fn position(&self) -> f64 {
        self.bus.positions()[0]
    }
}

#[test]
fn every_byte_takes_its_time_at_every_baud_rate() {
    // 14 bytes of question, 0.5 ms of waiting, 15 of answer, at ten bits a byte.
    for (baud, us) in [(57_600, 5_534), (1_000_000, 790), (2_000_000, 645), (4_000_000, 572)] {
        let mut bench = Bench::new(baud);
        let heard = bench.say(&Packet::read(1, 132, 4), 10 * MS);
        assert_eq!(heard[0].0.as_micros(), us, "{baud}");
        assert_eq!(heard[0].1.parameters, [0x00, 0x08, 0, 0]);
    }
}

#[test]
fn all_answer_a_ping_of_all_and_a_mute_one_leaves_a_gap() {
    let mut bench = Bench::new(1_000_000);
    bench.bus.faults.plan.mute = vec![2];
    let heard = bench.say(&Packet::instruction(BROADCAST, Instruction::Ping, vec![]), 5 * MS);
    let ids: Vec<_> = heard.iter().map(|(_, packet)| packet.id).collect();
    assert_eq!(ids, [1, 3]);
    let heard = bench.say(&Packet::sync_read(132, 4, &[1, 2, 3]), 5 * MS);
    let times: Vec<_> = heard.iter().map(|(time, packet)| (packet.id, time.as_micros())).collect();
    // 17 bytes of question; each answer is 15 bytes after half a millisecond.
    assert_eq!(times, [(1, 820), (3, 2120)]);
}

#[test]
fn what_may_not_be_written_is_refused_by_its_number() {
    let mut bench = Bench::new(1_000_000);
    assert_eq!(bench.write(&register::PRESENT_POSITION, 1), 7);
    assert_eq!(bench.write(&register::TORQUE_ENABLE, 2), 4);
    assert_eq!(bench.write(&register::GOAL_POSITION, 4096), 6);
    assert_eq!(bench.write(&register::BUS_WATCHDOG, -1), 4);
    let half = bench.say(&Packet::write(1, 116, &[1, 2]), 2 * MS);
    assert_eq!(half[0].1.error(), 5);
    let nowhere = bench.say(&Packet::write(1, 150, &[1]), 2 * MS);
    assert_eq!(nowhere[0].1.error(), 7);
    // With the motor on, the EEPROM and the indirect addresses are locked.
    assert_eq!(bench.write(&register::TORQUE_ENABLE, 1), 0);
    assert_eq!(bench.write(&register::HOMING_OFFSET, 5), 7);
    let indirect = bench.say(&Packet::write(1, 168, &[7, 0]), 2 * MS);
    assert_eq!(indirect[0].1.error(), 7);
    assert_eq!(bench.write(&register::TORQUE_ENABLE, 0), 0);
    assert_eq!(bench.write(&register::HOMING_OFFSET, 5), 0);
}

#[test]
fn it_moves_only_with_torque_and_turns_round_if_told_so() {
    let mut bench = Bench::new(1_000_000);
    bench.write(&register::GOAL_POSITION, 2500);
    bench.say(&Packet::read(1, 132, 4), 1000 * MS);
    assert_eq!(bench.position(), 2048.0);
    bench.write(&register::TORQUE_ENABLE, 1);
    bench.say(&Packet::read(1, 132, 4), 1000 * MS);
    assert!((bench.position() - 2500.0).abs() < 0.5);
    bench.write(&register::TORQUE_ENABLE, 0);
    bench.write(&register::DRIVE_MODE, 1);
    bench.write(&register::HOMING_OFFSET, 4096);
    assert_eq!(bench.bus.register(1, &register::PRESENT_POSITION), Some(4096 - 2500));
    bench.write(&register::GOAL_POSITION, 1500);
    bench.write(&register::TORQUE_ENABLE, 1);
    bench.say(&Packet::read(1, 132, 4), 1000 * MS);
    assert!((bench.position() - 2596.0).abs() < 0.5, "{}", bench.position());
}

#[test]
fn the_watchdog_expires_after_its_time_and_any_packet_feeds_it() {
    let mut bench = Bench::new(1_000_000);
    bench.write(&register::BUS_WATCHDOG, 2);
    bench.write(&register::TORQUE_ENABLE, 1);
    let watchdog = |bench: &Bench| bench.bus.register(1, &register::BUS_WATCHDOG);
    for _ in 0..5 {
        // For another servo.
        bench.say(&Packet::read(3, 132, 4), 38 * MS);
        assert_eq!(watchdog(&bench), Some(2));
    }
    bench.say(&Packet::read(3, 132, 4), 42 * MS);
    assert_eq!(watchdog(&bench), Some(-1));
    assert_eq!(bench.write(&register::GOAL_POSITION, 2100), 4);
    assert_eq!(bench.write(&register::BUS_WATCHDOG, 0), 0);
    assert_eq!(bench.write(&register::GOAL_POSITION, 2100), 0);
}

#[test]
fn an_overload_lets_go_until_it_starts_anew() {
    let mut bench = Bench::new(1_000_000);
    bench.write(&register::TORQUE_ENABLE, 1);
    bench.bus.faults.plan.overloaded = vec![1];
    // The alert bit, and behind it the reason.
    assert_eq!(bench.write(&register::LED, 1), 0x80);
    assert_eq!(bench.bus.register(1, &register::HARDWARE_ERROR_STATUS), Some(1 << 5));
    assert_eq!(bench.bus.torques(), [false; 3]);
    bench.bus.faults.plan.overloaded.clear();
    assert_eq!(bench.write(&register::TORQUE_ENABLE, 1), 0x81);
    bench.say(&Packet::instruction(1, Instruction::Reboot, vec![]), MS);
    assert_eq!(bench.write(&register::TORQUE_ENABLE, 1), 0);
}

#[test]
fn a_brown_out_forgets_what_is_in_ram_alone() {
    let mut bench = Bench::new(1_000_000);
    bench.write(&register::HOMING_OFFSET, 9);
    bench.write(&register::PROFILE_VELOCITY, 100);
    bench.write(&register::TORQUE_ENABLE, 1);
    bench.bus.faults.plan.brown_out = true;
    assert!(bench.say(&Packet::read(1, 132, 4), 5 * MS).is_empty());
    bench.bus.faults.plan.brown_out = false;
    let kept = [register::HOMING_OFFSET, register::PROFILE_VELOCITY, register::TORQUE_ENABLE];
    assert_eq!(kept.map(|register| bench.bus.register(1, &register)), [Some(9), Some(0), Some(0)]);
}

#[test]
fn an_answer_comes_as_late_as_the_plan_says() {
    let mut bench = Bench::new(1_000_000);
    bench.bus.faults.plan.delay = 3 * MS;
    assert_eq!(bench.say(&Packet::read(1, 132, 4), 10 * MS)[0].0.as_micros(), 3_790);
}

/// Packets that say anything but "torque on", whole and with wrong bits, and bytes of any kind.
#[test]
fn whatever_is_said_nothing_moves_while_torque_is_off() {
    let mut rng = Pcg64Mcg::seed_from_u64(3);
    let mut bench = Bench::new(4_000_000);
    bench.say(&Packet::sync_write(9, &[1, 2, 3].map(|id| (id, [0]))), MS);
    let mut answers = 0;
    for _ in 0..20_000 {
        let address = rng.random_range(0..256);
        let data: Vec<u8> = (0..rng.random_range(0..12)).map(|_| rng.random()).collect();
        let reaches = address + u16::try_from(data.len()).unwrap();
        if (address..reaches).contains(&register::TORQUE_ENABLE.address) {
            continue;
        }
        let id = if rng.random_bool(0.2) { BROADCAST } else { rng.random_range(1..=3) };
        let mut bytes = match rng.random_range(0..6) {
            0 => data,
            1 => Packet::read(id, address, rng.random_range(0..300)).encode(),
            2 => Packet::sync_write(116, &[(id, rng.random::<[u8; 4]>())]).encode(),
            3 => Packet::instruction(id, Instruction::Reboot, vec![]).encode(),
            // Another id or another baud rate would only end the conversation.
            _ if address < 10 => continue,
            _ => Packet::write(id, address, &data).encode(),
        };
        if rng.random_bool(0.3) && !bytes.is_empty() {
            let bit = rng.random_range(0..bytes.len() * 8);
            bytes[bit / 8] ^= 1 << (bit % 8);
        }
        answers += bench.bytes(&bytes, Duration::from_micros(500)).len();
        assert_eq!(bench.bus.torques(), [false; 3]);
        assert_eq!(bench.bus.positions(), [2048.0; 3]);
    }
    assert!(answers > 2_000, "{answers}");
}
