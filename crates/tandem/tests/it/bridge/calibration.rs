//! `tandem bridge calibrate`, with a person who moves the limp arm and presses Enter.

use std::path::Path;

use tandem_config::Config;
use tandem_firmware_bridge::emulator::{Emulated, EmulatedMotors, Said};
use tandem_firmware_bridge::{Calibration, Motors};

use super::bench::scenario;
use crate::harness::{Process, wait_until};

/// How far the joints go, rad: to the positive end, and to the other.
const ENDS_RAD: (f64, f64) = (0.8, -0.5);

/// A step is 1.5 mrad; reading and zero are rounded to one each.
const TOLERANCE_RAD: f64 = 0.004;

/// Somebody's hands on an emulated arm.
struct Hands {
    arm: Emulated<Box<dyn EmulatedMotors>>,
    /// How the arm is really put together.
    truth: Calibration,
    unit_rad: f64,
}

impl Hands {
    /// Holds the arm at these angles until the program has looked at them.
    fn hold(&self, q_rad: &[f64], looks: usize) {
        let shafts = self.truth.motor.iter().zip(q_rad).map(|(motor, q_rad)| {
            f64::from(motor.shaft_urad((q_rad * 1e6) as i32)) * 1e-6 / self.unit_rad
        });
        self.arm.device().place(&shafts.collect::<Vec<_>>());
        self.arm.device().transcript().clear();
        wait_until("the program looks at the arm", || {
            let mut device = self.arm.device();
            device.transcript().entries().filter(|entry| entry.said == Said::Host).count() >= looks
        });
    }

    /// Moves one joint to both of its ends and back, slowly enough to be looked at.
    fn survey(&self, joint: usize) {
        let mut q_rad = vec![0.0; self.truth.motor.len()];
        for end in [ENDS_RAD.0, ENDS_RAD.1, 0.0] {
            q_rad[joint] = end;
            self.hold(&q_rad, 4);
        }
    }
}

fn says(process: &Process, part: &str) {
    wait_until(&format!("`{part}` is said"), || process.stdout().contains(part));
}

/// An arm that nobody has calibrated is, and what its file says is how it was put together.
fn finds_out_how_the_arm_was_put_together(kind: &str) {
    let scenario = scenario(kind);
    let config = Config::load(scenario.config()).unwrap();
    let section = config.bridge.clone().unwrap();
    let truth = Calibration::load(&section.calibration, &config.robot.joints).unwrap();
    std::fs::remove_file(&section.calibration).unwrap();
    let motors = Motors::of(&section.motors).unwrap();
    let somewhere = vec![0.3; truth.motor.len()];
    let device = motors.emulate(&truth, &somewhere);
    let arm = Emulated::plug(device, Path::new(&section.port)).unwrap();
    let hands = Hands { arm, truth, unit_rad: motors.shaft_unit_rad() };

    let file = scenario.config();
    let words = ["bridge", "calibrate", file.to_str().unwrap()];
    let mut program = scenario.process("calibrate", &words);
    says(&program, "The arm is limp. Put every joint at its zero");
    assert!(hands.arm.device().torques().iter().all(|on| !on));
    hands.hold(&vec![0.0; hands.truth.motor.len()], 0);
    program.enter();
    for (index, joint) in config.robot.joints.iter().enumerate() {
        says(&program, &format!("{joint}: move it to the end"));
        hands.survey(index);
        program.enter();
    }
    let said = program.end();
    assert_eq!(said.code, Some(0), "{said:?}");

    let found = Calibration::load(&section.calibration, &config.robot.joints).unwrap();
    for (found, truth) in found.motor.iter().zip(&hands.truth.motor) {
        assert_eq!((found.id, found.direction), (truth.id, truth.direction), "{found:?}");
        let (low, high) = found.range_urad();
        for (found_urad, expected) in [(high, ENDS_RAD.0), (low, ENDS_RAD.1)] {
            let found_rad = f64::from(found_urad) * 1e-6;
            assert!((found_rad - expected).abs() < TOLERANCE_RAD, "{found_rad} for {expected}");
        }
    }
    assert!(hands.arm.device().torques().iter().all(|on| !on), "it stays limp");
}

#[test]
fn an_arm_of_feetech_servos_is_calibrated_by_hand() {
    finds_out_how_the_arm_was_put_together("feetech");
}

#[test]
fn an_arm_of_dynamixel_servos_is_calibrated_by_hand() {
    finds_out_how_the_arm_was_put_together("dynamixel");
}

#[test]
fn an_arm_of_mit_motors_is_calibrated_by_hand() {
    finds_out_how_the_arm_was_put_together("mit");
}

/// A joint that nobody moved has no direction: nothing is written.
#[test]
fn a_joint_that_was_not_moved_is_named() {
    let scenario = scenario("feetech");
    let config = Config::load(scenario.config()).unwrap();
    let section = config.bridge.clone().unwrap();
    let truth = Calibration::load(&section.calibration, &config.robot.joints).unwrap();
    std::fs::remove_file(&section.calibration).unwrap();
    let device = Motors::of(&section.motors).unwrap().emulate(&truth, &[0.0; 6]);
    let _arm = Emulated::plug(device, Path::new(&section.port)).unwrap();

    let file = scenario.config();
    let mut program =
        scenario.process("calibrate", &["bridge", "calibrate", file.to_str().unwrap()]);
    says(&program, "The arm is limp.");
    // Somebody who only presses Enter, or a pipe that is closed.
    program.abandon();
    let said = program.end();
    let joint = &config.robot.joints[0];
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.stderr.contains(&format!("joint `{joint}` moved only from")), "{said:?}");
    assert!(!section.calibration.exists());
}
