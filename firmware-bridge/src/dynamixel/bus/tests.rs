//! The host beside emulated servos, on a line of virtual time.

use tandem_types::Stamp;

use super::*;
use crate::dynamixel::Homing;
use crate::emulator::{DynamixelServos, EmulatedMotors as _, FreeShafts, VirtualLine};
use crate::motor_bus::{Effort, urad_of_steps};

const BAUD: u32 = 1_000_000;
const IDS: [u8; 3] = [1, 2, 3];

type Servos = VirtualLine<DynamixelServos>;

/// Two models, so that readings lie in two places.
fn servos() -> (Servos, DynamixelBus<Servos>) {
    let of = |id: u8| {
        let model = register::model(if id == 1 { 1020 } else { 1190 }).unwrap();
        (id, model, 2000.0 + f64::from(id))
    };
    let device = DynamixelServos::new(&IDS.map(of), BAUD, Box::new(FreeShafts::default()), 1);
    let line = VirtualLine::new(device, Stamp::from_nanos(1_000_000_000));
    let mut bus = DynamixelBus::new(line.clone(), BAUD);
    IDS.iter().for_each(|id| bus.prepare(*id).unwrap());
    (line, bus)
}

fn sense(bus: &mut DynamixelBus<Servos>) -> Vec<ShaftState> {
    let mut states = [None; 3];
    bus.sense(&IDS, &mut states).unwrap();
    states.into_iter().flatten().collect()
}

fn flags(bus: &mut DynamixelBus<Servos>) -> Vec<MotorFlags> {
    sense(bus).iter().map(|state| state.flags).collect()
}

fn goals(bus: &mut DynamixelBus<Servos>, steps: i32) {
    let position_urad = urad_of_steps(steps);
    bus.send_goals(&IDS.map(|id| ShaftGoal { id, position_urad, velocity_urad_s: 0 })).unwrap();
}

fn wait(line: &Servos, ms: u64) {
    line.wait_until(line.now().after(Duration::from_millis(ms)));
}

/// Follows a goal for some time, five milliseconds a cycle.
fn follow(line: &Servos, bus: &mut DynamixelBus<Servos>, steps: i32, cycles: usize) {
    for _ in 0..cycles {
        goals(bus, steps);
        sense(bus);
        wait(line, 4);
    }
}

#[test]
fn what_is_shown_is_as_long_as_is_asked_for() {
    let bytes: u16 = SHOWN.iter().map(|register| register.bytes).sum();
    assert_eq!(bytes, SHOWN_BYTES);
    assert!(bytes <= register::INDIRECT_COUNT);
    let longest = STATUS_OVERHEAD_BYTES + usize::from(SHOWN_BYTES) * 4 / 3 + 1;
    assert!(longest <= ANSWER_BYTES_MAX);
}

#[test]
fn servos_of_two_models_are_found_and_read() {
    let (_line, mut bus) = servos();
    assert_eq!(bus.ping(2).unwrap(), Some(Identity { model: 1190, firmware: 52 }));
    assert_eq!(bus.ping(7).unwrap(), None);
    let positions: Vec<_> =
        sense(&mut bus).iter().map(|state| steps_of_urad(state.position_urad)).collect();
    assert_eq!(positions, [2001, 2002, 2003]);
}

#[test]
fn effort_is_torque_where_current_is_measured() {
    let (line, mut bus) = servos();
    goals(&mut bus, 3500);
    bus.switch_on(&IDS).unwrap();
    follow(&line, &mut bus, 3500, 20);
    let states = sense(&mut bus);
    // All three turn as fast as they can, so all give what they have.
    let Effort::TorqueNm(strong) = states[0].effort else { panic!("{states:?}") };
    let Effort::TorqueNm(weak) = states[1].effort else { panic!("{states:?}") };
    assert!((strong - 4.1).abs() < 0.01 && (weak - 0.215).abs() < 0.001, "{strong} {weak}");
    assert!(states.iter().all(|state| (state.velocity_urad_s - 4_709_300).abs() < 24_000));
}

#[test]
fn the_watchdog_stops_what_nobody_speaks_to_and_nothing_starts_by_itself() {
    let (line, mut bus) = servos();
    goals(&mut bus, 3500);
    bus.switch_on(&IDS).unwrap();
    follow(&line, &mut bus, 3500, 20);
    wait(&line, 50);
    let stopped = line.with(|device| device.positions());
    assert!(stopped.iter().all(|at| (2100.0..2500.0).contains(at)), "{stopped:?}");
    wait(&line, 200);
    let later = line.with(|device| device.positions());
    assert!(later.iter().zip(&stopped).all(|(a, b)| (a - b).abs() < 0.1), "{later:?}");

    // Whoever goes on sending goals as if nothing had been moves nothing, and can know why.
    follow(&line, &mut bus, 3500, 20);
    let refused = bus.write(1, &register::GOAL_POSITION, 3500).unwrap_err();
    assert!(matches!(refused, BusError::Refused { reason: StatusError::Range, .. }), "{refused}");
    assert_eq!(flags(&mut bus), [MotorFlags::LINK; 3]);
    let moved = line.with(|device| device.positions());
    assert!(moved.iter().zip(&stopped).all(|(a, b)| (a - b).abs() < 1.0), "{moved:?}");

    // Without goals it is set again, and then a goal counts.
    assert_eq!(flags(&mut bus), [MotorFlags::default(); 3]);
    follow(&line, &mut bus, 3500, 200);
    assert!(line.with(|device| device.positions()).iter().all(|at| (at - 3500.0).abs() < 1.0));
}

#[test]
fn the_watchdog_waits_as_long_as_it_may_and_for_three_cycles_of_a_slow_line() {
    for (baud, stop_within_ms, steps) in [
        (57_600, 20, 6),
        (115_200, 20, 3),
        (1_000_000, 20, 1),
        (4_000_000, 5, 1),
        (1_000_000, 39, 1),
        (1_000_000, 100, 5),
    ] {
        let (line, _bus) = servos();
        let mut bus = DynamixelBus::new(line, baud);
        let stop_within = Duration::from_millis(stop_within_ms);
        let period = Duration::from_millis(5);
        bus.shape(&Shape { period, deceleration_rad_s2: 1.0, stop_within });
        assert_eq!(bus.watchdog_steps(6), steps, "{baud}, {stop_within_ms} ms");
    }
}

#[test]
fn a_servo_that_has_started_anew_is_found_out() {
    let (line, mut bus) = servos();
    goals(&mut bus, 2002);
    bus.switch_on(&IDS).unwrap();
    assert_eq!(flags(&mut bus), [MotorFlags::default(); 3]);
    bus.reboot(2).unwrap();
    let [fine, anew] = [MotorFlags::default(), MotorFlags::RESTARTED];
    assert_eq!(flags(&mut bus), [fine, anew, fine]);
    // What it shows is zero, and no place: it stays where it was seen last.
    assert_eq!(steps_of_urad(sense(&mut bus)[1].position_urad), 2002);
    // One that was let go by somebody else, too.
    bus.write(3, &register::TORQUE_ENABLE, 0).unwrap();
    assert_eq!(flags(&mut bus), [fine, anew, anew]);
    bus.let_go(&IDS);
    IDS.iter().for_each(|id| bus.prepare(*id).unwrap());
    assert_eq!(flags(&mut bus), [fine; 3]);
    assert_eq!(line.with(|device| device.torques()), [false; 3]);
}

#[test]
fn what_would_move_it_by_itself_or_the_wrong_way_is_refused() {
    let check = |register: &Register, value: i32, wanted: i32| {
        let (_line, mut bus) = servos();
        bus.write(2, register, value).unwrap();
        let error = bus.prepare(2).unwrap_err();
        let BusError::Setup { id: 2, register: name, found, wanted: said } = error else {
            panic!("{error}")
        };
        assert_eq!((name, found, said), (register.name, value, wanted));
    };
    check(&register::OPERATING_MODE, 1, 3);
    check(&register::DRIVE_MODE, 0b1000, 0);
    check(&register::DRIVE_MODE, 0b101, 0b100);
    let (_line, mut bus) = servos();
    bus.write(2, &register::OPERATING_MODE, 4).unwrap();
    bus.prepare(2).unwrap();
}

#[test]
fn a_servo_keeps_its_offset_and_limits() {
    let (_line, mut bus) = servos();
    let here = Homing::here(&mut bus, 1).unwrap();
    assert_eq!(here.offset_steps, 0);
    let homing = Homing { offset_steps: 47, steps_min: 1000, steps_max: 3000 };
    homing.write(&mut bus, 1).unwrap();
    assert_eq!(Homing::read(&mut bus, 1).unwrap(), homing);
    assert_eq!(bus.read(1, &register::PRESENT_POSITION).unwrap(), 2048);
    let beyond = bus.write(1, &register::GOAL_POSITION, 3001).unwrap_err();
    assert!(matches!(beyond, BusError::Refused { reason: StatusError::Limit, .. }), "{beyond}");
    let calibration = homing.calibration("elbow", 1, -1);
    assert_eq!((calibration.zero_steps, calibration.steps_max), (2000, 3000));

    // Within a turn a servo ignores an offset of more than a quarter of it.
    let far = Homing { offset_steps: 1025, ..homing };
    let error = far.write(&mut bus, 1).unwrap_err();
    assert!(matches!(error, BusError::Setup { found: 3, wanted: 4, .. }), "{error}");
    bus.write(1, &register::OPERATING_MODE, 4).unwrap();
    far.write(&mut bus, 1).unwrap();
    assert_eq!(Homing::here(&mut bus, 1).unwrap(), Homing { offset_steps: 47, ..homing });
}
