//! A survey of each kind of motor, on a line of virtual time.

use core::time::Duration;

use tandem_types::Stamp;

use super::*;
use crate::can::SerialCan;
use crate::dynamixel::{DynamixelBus, registers as dynamixel};
use crate::emulator::{
    DynamixelServos, EmulatedMotors, FeetechBus, FreeShafts, MitMotors, VirtualLine,
};
use crate::mit::{MitBus, MitMotor, ranges};
use crate::serial::Line as _;
use crate::sts::{StsBus, registers as sts};

const BAUD: u32 = 1_000_000;
const RAD_PER_STEP: f64 = core::f64::consts::TAU / STEPS_PER_TURN as f64;

/// Where the shafts are at their joints' zeros, steps. The second's encoder starts over in the middle
/// of its joint's range.
const ZEROS: [f64; 2] = [3000.0, 4000.0];

fn line<D: EmulatedMotors>(device: D) -> VirtualLine<D> {
    VirtualLine::new(device, Stamp::from_nanos(1_000_000_000))
}

fn free() -> Box<FreeShafts> {
    Box::default()
}

/// Two joints are moved by hand, of which the second counts the other way; gives what the survey
/// says, as zero, direction and range.
fn survey<D: EmulatedMotors>(
    line: &VirtualLine<D>,
    bus: &mut impl SurveyedBus,
    unit_rad: f64,
) -> Vec<(i32, i8, i32, i32)> {
    let place = |away: [f64; 2]| {
        let shafts = [0, 1].map(|index| (ZEROS[index] + away[index]) * RAD_PER_STEP / unit_rad);
        line.with(|device| device.place(&shafts));
        line.wait_until(line.now().after(Duration::from_millis(20)));
    };
    for id in [1, 2] {
        assert!(bus.find(id).unwrap());
        bus.prepare(id).unwrap();
    }
    place([0.0; 2]);
    let mut surveys = [1, 2].map(|id| Survey::from_zero(bus.set_zero(id).unwrap()));
    for step in 0..=40 {
        let away = |to: f64, back: f64| if step <= 20 { to * f64::from(step) / 20.0 } else { back };
        place([away(900.0, -700.0), away(-500.0, 600.0)]);
        for (survey, id) in surveys.iter_mut().zip([1, 2]) {
            survey.see(steps(bus, id).unwrap());
        }
    }
    let motors = surveys.iter().zip([1, 2]).map(|(survey, id)| survey.motor("pan", id).unwrap());
    motors
        .map(|motor| {
            bus.keep_range(&motor).unwrap();
            (motor.zero_steps, motor.direction, motor.steps_min, motor.steps_max)
        })
        .collect()
}

#[test]
fn a_feetech_servo_keeps_offset_and_range() {
    let line = line(FeetechBus::new(&[(1, 0.0), (2, 0.0)], BAUD, free(), 1));
    let found = survey(&line, &mut StsBus::new(line.clone(), BAUD), RAD_PER_STEP);
    assert_eq!(found, [(2048, 1, 1348, 2948), (2048, -1, 1548, 2648)]);
    assert_eq!(line.with(|bus| bus.register(2, &sts::POSITION_MAX)), Some(2648));
}

/// Within a turn the encoder's own count stays, over several turns it can be moved.
#[test]
fn a_dynamixel_servo_keeps_its_range_or_its_offset() {
    let model = dynamixel::model(1060).unwrap();
    let line = line(DynamixelServos::new(&[(1, model, 0.0), (2, model, 0.0)], BAUD, free(), 1));
    let mut bus = DynamixelBus::new(line.clone(), BAUD);
    bus.write(2, &dynamixel::OPERATING_MODE, 4).unwrap();
    let found = survey(&line, &mut bus, RAD_PER_STEP);
    assert_eq!(found, [(3000, 1, 2300, 3900), (2048, -1, 1548, 2648)]);
    let kept = |id, register| line.with(|bus| bus.register(id, &register).unwrap());
    assert_eq!(kept(1, dynamixel::HOMING_OFFSET), 0);
    assert_eq!(kept(1, dynamixel::MIN_POSITION_LIMIT), 2300);
    assert_eq!(kept(1, dynamixel::MAX_POSITION_LIMIT), 3900);
    assert_eq!(kept(2, dynamixel::HOMING_OFFSET), 2048 - 4000);
}

/// Damiao's keep their zero without power; of the others it is not certain, so the file has it.
#[test]
fn an_mit_motor_keeps_its_zero_or_the_file_does() {
    let check = |name: &str, zeros: [i32; 2]| {
        let kind = ranges::kind(name).unwrap();
        let shafts = Box::new(FreeShafts::new(25.0, 20.0));
        let motors = [(1, kind, 0.0), (2, kind, 0.0)];
        let line = line(MitMotors::new(&motors, Duration::ZERO, shafts, 1));
        let can = SerialCan::open(line.clone()).unwrap();
        let motor = |id| MitMotor { id, kind, kp: 50.0, kd: 2.0, damping: 1.0 };
        let mut bus = MitBus::new(can, &[1, 2].map(motor)).unwrap();
        let [first, second] = zeros;
        assert_eq!(
            survey(&line, &mut bus, 1.0),
            [(first, 1, first - 700, first + 900), (second, -1, second - 500, second + 600)],
            "{name}"
        );
    };
    check("DM-J4310", [0, 0]);
    check("AK80-9", [3000, 4000]);
}

#[test]
fn a_joint_that_nobody_moved_is_named() {
    let error = Survey::from_zero(0).motor("pan", 1).unwrap_err();
    assert!(error.to_string().contains("`pan`"), "{error}");
}
