//! The host beside emulated motors, on a bus of virtual time.

use tandem_types::Stamp;

use super::*;
use crate::can::SerialCan;
use crate::emulator::{EmulatedMotors as _, FreeShafts, MitMotors, VirtualLine};
use crate::mit::ranges::kind;
use crate::serial::Line as _;

const IDS: [u8; 2] = [1, 2];
const MS: Duration = Duration::from_millis(1);

type Motors = VirtualLine<MitMotors>;
type Bus = MitBus<SerialCan<Motors>>;

fn motor(id: u8, name: &str) -> MitMotor {
    MitMotor { id, kind: kind(name).unwrap(), kp: 50.0, kd: 2.0, damping: 1.5 }
}

/// Two motors of a type at 0.5 rad, with a timeout set by the vendor's tool; not set up yet.
fn motors(name: &str, timeout: Duration) -> (Motors, Bus) {
    let all = IDS.map(|id| (id, kind(name).unwrap(), 0.5));
    let device = MitMotors::new(&all, timeout, Box::new(FreeShafts::new(25.0, 20.0)), 1);
    let line = VirtualLine::new(device, Stamp::from_nanos(1_000_000_000));
    let can = SerialCan::open(line.clone()).unwrap();
    (line, MitBus::new(can, &IDS.map(|id| motor(id, name))).unwrap())
}

fn prepared(name: &str, timeout: Duration) -> (Motors, Bus) {
    let (line, mut bus) = motors(name, timeout);
    IDS.iter().for_each(|id| bus.prepare(*id).unwrap());
    (line, bus)
}

fn sense(bus: &mut Bus) -> Vec<ShaftState> {
    let mut states = [None; 2];
    bus.sense(&IDS, &mut states).unwrap();
    states.into_iter().flatten().collect()
}

fn flags(bus: &mut Bus) -> Vec<MotorFlags> {
    sense(bus).iter().map(|state| state.flags).collect()
}

fn goals(bus: &mut Bus, position_urad: i32) {
    bus.send_goals(&IDS.map(|id| ShaftGoal { id, position_urad, velocity_urad_s: 0 })).unwrap();
}

fn follow(line: &Motors, bus: &mut Bus, position_urad: i32, cycles: usize) {
    for _ in 0..cycles {
        goals(bus, position_urad);
        sense(bus);
        line.wait_until(line.now().after(4 * MS));
    }
}

fn position(bus: &mut Bus) -> f64 {
    f64::from(sense(bus)[0].position_urad) / 1e6
}

#[test]
fn motors_that_are_on_go_and_others_do_not() {
    for name in ["mini-cheetah", "AK80-9", "DM-J4310"] {
        let (line, mut bus) = prepared(name, Duration::ZERO);
        assert!(bus.find(2).unwrap() && !bus.find(3).unwrap());
        follow(&line, &mut bus, 900_000, 50);
        assert!((position(&mut bus) - 0.5).abs() < 0.001, "{name}");
        bus.switch_on(&IDS).unwrap();
        follow(&line, &mut bus, 900_000, 100);
        // No code means a velocity of zero. The nearest is 16 mrad/s on the widest range, and the loop
        // closes 25 times a second: 0.6 mrad, beside the position's own code of 0.4.
        assert!((position(&mut bus) - 0.9).abs() < 0.0012, "{name} {}", position(&mut bus));
        assert_eq!(flags(&mut bus), [MotorFlags::default(); 2]);
    }
}

#[test]
fn a_cycle_is_a_frame_to_each_and_one_back() {
    let (line, mut bus) = prepared("DM-J4310", Duration::ZERO);
    let began = line.now();
    goals(&mut bus, 500_000);
    sense(&mut bus);
    let cycle = began.age_at(line.now());
    // Two motors, 111 bits a frame; the virtual line steps by a microsecond.
    assert!(
        cycle >= bus.cycle_floor(2) && cycle < bus.cycle_floor(2) + 5 * (MS / 1000),
        "{cycle:?}"
    );
    assert_eq!(bus.cycle_floor(2).as_micros(), 444);
}

#[test]
fn let_go_is_damping_for_every_motor_even_if_one_is_mute() {
    let (line, mut bus) = prepared("mini-cheetah", Duration::ZERO);
    bus.switch_on(&IDS).unwrap();
    follow(&line, &mut bus, 600_000, 10);
    line.with(|device| device.faults().plan.mute = vec![1]);
    assert_eq!(bus.let_go(&IDS), [1]);
    let commands = line.with(|device| device.commands());
    let damping = commands[1].unwrap();
    assert!(damping.kp == 0.0 && (damping.kd - 1.5).abs() < 0.002, "{damping:?}");
    assert!(damping.torque_nm.abs() < 0.01 && damping.velocity_rad_s.abs() < 0.02);
    assert_eq!(line.with(|device| device.torques()), [true, false]);
}

#[test]
fn a_damiao_motor_is_told_to_watch_and_stays_limp_after_it_had_to() {
    let (line, mut bus) = prepared("DM-J4310", Duration::ZERO);
    bus.switch_on(&IDS).unwrap();
    follow(&line, &mut bus, 600_000, 10);
    line.wait_until(line.now().after(25 * MS));
    assert_eq!(line.with(|device| device.torques()), [false; 2]);
    follow(&line, &mut bus, 900_000, 20);
    assert_eq!(flags(&mut bus), [MotorFlags::LINK; 2]);
    assert!(position(&mut bus) < 0.65);
    IDS.iter().for_each(|id| bus.prepare(*id).unwrap());
    bus.let_go(&IDS);
    assert_eq!(flags(&mut bus), [MotorFlags::default(); 2]);
}

/// What the crate's documentation warns of.
#[test]
fn others_watch_only_if_the_vendors_tool_told_them_to() {
    for (timeout, holds) in [(Duration::ZERO, true), (50 * MS, false)] {
        let (line, mut bus) = prepared("AK80-9", timeout);
        bus.switch_on(&IDS).unwrap();
        follow(&line, &mut bus, 600_000, 10);
        line.wait_until(line.now().after(1000 * MS));
        assert_eq!(line.with(|device| device.torques()), [holds; 2]);
    }
}

#[test]
fn a_motor_that_has_started_anew_is_found_out() {
    let (line, mut bus) = prepared("DM-J4310", Duration::ZERO);
    bus.switch_on(&IDS).unwrap();
    follow(&line, &mut bus, 600_000, 10);
    line.with(|device| device.faults().plan.brown_out = true);
    line.wait_until(line.now().after(5 * MS));
    line.with(|device| device.faults().plan.brown_out = false);
    assert_eq!(flags(&mut bus), [MotorFlags::RESTARTED; 2]);
}

#[test]
fn a_motor_of_another_type_is_refused_before_its_bits_mean_another_torque() {
    let (line, _) = motors("DM-J8009", Duration::ZERO);
    let can = SerialCan::open(line).unwrap();
    let mut bus = MitBus::new(can, &IDS.map(|id| motor(id, "DM-J4310"))).unwrap();
    let error = bus.prepare(1).unwrap_err();
    let said = "motor 1: VMAX (22), mrad/s is 45000, but this host relies on 30000";
    assert!(error.to_string().starts_with(said), "{error}");
}

#[test]
fn gains_and_ids_that_cannot_be_sent_are_refused() {
    let check = |change: fn(&mut MitMotor), what: &str| {
        let (line, _) = motors("DM-J4310", Duration::ZERO);
        let mut motor = motor(1, "DM-J4310");
        change(&mut motor);
        let error = MitBus::new(SerialCan::open(line).unwrap(), &[motor]).unwrap_err();
        assert_eq!(error.what, what);
    };
    check(|motor| motor.kp = 501.0, "kp");
    check(|motor| motor.kd = 0.0, "kd");
    check(|motor| motor.damping = f64::NAN, "damping");
    check(|motor| motor.id = 16, "id");
    check(|motor| motor.id = 0, "id");
}

#[test]
fn zero_is_where_it_is() {
    let (_line, mut bus) = prepared("mini-cheetah", Duration::ZERO);
    bus.zero_here(1).unwrap();
    let states = sense(&mut bus);
    assert!(states[0].position_urad.abs() < 400 && states[1].position_urad > 499_000, "{states:?}");
}
