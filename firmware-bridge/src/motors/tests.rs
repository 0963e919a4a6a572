//! From names in a config to motors behind a port.

use super::*;
use crate::MotorCalibration;
use crate::emulator::Emulated;

fn dynamixel(model: &str) -> MotorsSection {
    let servos = vec![DynamixelSection { id: 5, model: model.to_owned() }];
    MotorsSection::Dynamixel { baud: 1_000_000, servos }
}

fn mit(id: u8, kind: &str) -> MotorsSection {
    let (kind, kp_nm_rad) = (kind.to_owned(), 20.0);
    MotorsSection::Mit(vec![MitSection {
        id,
        kind,
        kp_nm_rad,
        kd_nm_s_rad: 1.0,
        damping_nm_s_rad: 1.0,
    }])
}

fn sections() -> [MotorsSection; 3] {
    let feetech = MotorsSection::Feetech { baud: 1_000_000 };
    [feetech, dynamixel("XM430-W350"), mit(5, "AK80-9")]
}

fn calibration(id: u8) -> Calibration {
    let motor = MotorCalibration {
        joint: "elbow".to_owned(),
        id,
        zero_steps: 1024,
        direction: 1,
        steps_min: -2048,
        steps_max: 4000,
    };
    Calibration { motor: vec![motor] }
}

/// Each kind finds its emulated motors through a pseudo-terminal, and on the real clock.
#[test]
fn every_kind_is_opened_as_its_config_says() {
    for section in sections() {
        let motors = Motors::of(&section).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let port = folder.path().join("tty");
        assert!(!motors.has_port(&port.to_string_lossy()));
        let plugged = Emulated::plug(motors.emulate(&calibration(5), &[0.5]), &port).unwrap();
        assert!(motors.has_port(&port.to_string_lossy()));
        let mut bus = motors.open(&plugged.path().to_string_lossy()).unwrap();
        assert!(bus.find(5).unwrap() && !bus.find(6).unwrap(), "{motors}");
        bus.prepare(5).unwrap();
        let mut states = [None];
        bus.sense(&[5], &mut states).unwrap();
        let urad = states[0].unwrap().position_urad;
        assert!((urad - 1_570_796 - 500_000).abs() < 800, "{motors}: {urad}");
    }
}

#[test]
fn a_motor_that_nobody_knows_is_named() {
    let check = |section: MotorsSection, said: &[&str]| {
        let error = Motors::of(&section).unwrap_err().to_string();
        assert!(said.iter().all(|said| error.contains(said)), "{error}");
    };
    check(dynamixel("AX-12"), &["motor 5", "`AX-12`", "[[bridge.dynamixel]]", "XL430-W250"]);
    check(mit(5, "AK81"), &["motor 5", "`AK81`", "[[bridge.mit]]", "AK80-9, DM-J4310"]);
    check(mit(16, "DM-J4310"), &["motor 16: id is 16", "at most 15"]);
}

#[test]
fn a_calibration_of_other_motors_is_refused() {
    for section in sections() {
        let motors = Motors::of(&section).unwrap();
        motors.fit(&calibration(5)).unwrap();
        let fits = motors.fit(&calibration(4)).is_ok();
        assert_eq!(fits, matches!(motors, Motors::Feetech { .. }), "{motors}");
    }
}

#[test]
fn a_servo_of_another_model_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let there = Motors::of(&dynamixel("XL330-M288")).unwrap();
    let arm = there.emulate(&calibration(5), &[0.0]);
    let plugged = Emulated::plug(arm, &folder.path().join("tty")).unwrap();
    let expected = Motors::of(&dynamixel("XM430-W350")).unwrap();
    let mut bus = expected.open(&plugged.path().to_string_lossy()).unwrap();
    let error = bus.prepare(5).unwrap_err().to_string();
    assert!(error.contains("XL330-M288") && error.contains("XM430-W350"), "{error}");
}

#[test]
fn a_port_that_is_not_there_is_named() {
    for section in sections() {
        let motors = Motors::of(&section).unwrap();
        let port = "/dev/no-such-tty";
        assert!(!motors.has_port(port));
        let error = motors.open(port).err().unwrap();
        assert!(error.to_string().contains(port), "{error}");
    }
    let can = Motors::of(&mit(5, "AK80-9")).unwrap();
    assert!(!can.has_port("no-such-can0") && can.has_port("lo"), "interfaces are no files");
    let error = can.open("no-such-can0").err().unwrap();
    assert!(error.to_string().contains("no-such-can0 up type can"), "{error}");
}
