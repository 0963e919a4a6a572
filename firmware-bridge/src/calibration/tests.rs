//! Units, files, and what is refused.

use proptest::prelude::{prop_assert, proptest};

use super::*;

fn motor(direction: i8) -> MotorCalibration {
    MotorCalibration {
        joint: "elbow".to_owned(),
        id: 3,
        zero_steps: 2100,
        direction,
        steps_min: 800,
        steps_max: 3300,
    }
}

#[test]
fn a_quarter_turn_is_a_quarter_turn() {
    for (direction, steps, urad) in
        [(1, 2100, 0), (1, 2100 + 1024, 1_570_796), (-1, 2100 + 1024, -1_570_796)]
    {
        let motor = motor(direction);
        assert_eq!(motor.steps(urad), steps);
        // The shaft's angle and its zero are each rounded to a microradian.
        assert!((motor.urad(steps) - urad).abs() <= 1, "{} {urad}", motor.urad(steps));
    }
    // Beyond its range it goes no further.
    assert_eq!(motor(1).steps(i32::MAX), 3300);
    assert_eq!(motor(-1).steps(i32::MAX), 800);
    assert_eq!(motor(-1).range_urad(), (-1_840_777, 1_994_174));
}

proptest! {
    #[test]
    fn an_angle_comes_back_to_half_a_step(urad in -1_800_000_i32..1_800_000, back in 0..2) {
        let motor = motor(if back == 0 { 1 } else { -1 });
        let error = motor.urad(motor.steps(urad)) - urad;
        prop_assert!(error.abs() <= 768, "{error} urad");
    }
}

fn joints(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn what_is_written_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("arm.toml");
    let written = Calibration {
        motor: vec![motor(1), MotorCalibration { joint: "wrist".to_owned(), id: 4, ..motor(-1) }],
    };
    written.save(&file).unwrap();
    assert_eq!(Calibration::load(&file, &joints(&["elbow", "wrist"])).unwrap(), written);
    let other = Calibration::load(&file, &joints(&["wrist", "elbow"])).unwrap_err();
    assert!(matches!(other, CalibrationError::Joints { .. }), "{other}");
}

#[test]
fn every_contradiction_is_named() {
    let check = |change: fn(&mut Vec<MotorCalibration>), said: &str| {
        let wrist = MotorCalibration { joint: "wrist".to_owned(), id: 4, ..motor(1) };
        let mut calibration = Calibration { motor: vec![motor(1), wrist] };
        change(&mut calibration.motor);
        let error = calibration.check(&joints(&["elbow", "wrist"])).unwrap_err().to_string();
        assert!(error.contains(said) && error.contains("wrist"), "{error}");
    };
    check(|motors| motors[1].id = 3, "another joint's");
    check(|motors| motors[1].id = 254, "above 253");
    check(|motors| motors[1].direction = 0, "direction");
    check(|motors| motors[1].steps_min = 3300, "steps_min");
    check(|motors| motors[1].zero_steps = 0, "zero_steps");
}

/// A file as LeRobot 0.3 writes it for an SO-101 follower.
#[test]
fn lerobots_file_is_understood() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/lerobot-so101.json");
    let names = joints(&[
        "shoulder_pan",
        "shoulder_lift",
        "elbow_flex",
        "wrist_flex",
        "wrist_roll",
        "gripper",
    ]);
    let calibration = Calibration::import_lerobot(&file, &names).unwrap();
    assert_eq!(calibration.ids(), [1, 2, 3, 4, 5, 6]);
    assert_eq!(calibration.motor[0].zero_steps, 2047);
    assert_eq!((calibration.motor[1].steps_min, calibration.motor[1].steps_max), (823, 3213));
    assert_eq!(calibration.motor[4].direction, -1);
    let error = Calibration::import_lerobot(&file, &names[..5]).unwrap_err();
    assert!(matches!(error, CalibrationError::Joints { .. }), "{error}");
    let error = Calibration::import_lerobot(Path::new("Cargo.toml"), &names).unwrap_err();
    assert!(matches!(error, CalibrationError::Syntax { .. }), "{error}");
}
