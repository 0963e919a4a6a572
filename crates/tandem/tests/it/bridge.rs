//! The bridge as a process before an emulated arm that the test itself holds, and what becomes of
//! the motors when parts of the chain die.
//!
//! Nothing here asserts how soon: `tandem bench stop` measures that.

mod bench;
mod calibration;
mod kinds;

use tandem_config::Config;
use tandem_firmware_bridge::Calibration;
use tandem_wire::ControlKind;

use crate::harness::wait_until;
use bench::{Bench, lock, scenario};

#[test]
fn silence_is_latched_until_somebody_acknowledges_and_begins_anew() {
    let mut bench = Bench::up(scenario("feetech"));
    bench.move_arm();
    bench.commander.hush();
    let said = bench.status("latched");
    assert!(said.contains("no valid command came in time"), "{said}");
    assert_eq!(bench.torques(), [true; 6], "it holds, as its config says");
    // The same controller speaks again, and is refused: nobody has looked at the arm.
    let applied = lock(&bench.receipts).applied;
    bench.commander.speak();
    wait_until("commands are refused", || lock(&bench.receipts).refused > 10);
    assert_eq!(lock(&bench.receipts).applied, applied);
    // An acknowledgement alone moves nothing while that stream goes on.
    assert!(bench.ask(ControlKind::Acknowledge).0);
    let refused = lock(&bench.receipts).refused;
    wait_until("they still are", || lock(&bench.receipts).refused > refused + 10);
    assert_eq!(lock(&bench.receipts).applied, applied);
    bench.commander.hush();
    bench.status("disarmed");
    let there = bench.arm.device().transcript().samples().next_back().unwrap().positions[0];
    let config = Config::load(bench.scenario.config()).unwrap();
    let arm = Calibration::load(&config.bridge.unwrap().calibration, &config.robot.joints).unwrap();
    bench.commander.q[0] = f64::from(arm.motor[0].urad(there.round() as i32)) / 1e6;
    bench.commander.speak();
    wait_until("a new stream after silence is obeyed", || lock(&bench.receipts).applied > applied);
}

#[test]
fn a_bridge_that_is_killed_leaves_every_motor_off() {
    let mut bench = Bench::up(scenario("feetech"));
    bench.move_arm();
    bench.bridge.kill();
    wait_until("the guardian lets every motor go", || bench.torques() == [false; 6]);
    // The commands go on; a new bridge obeys none of them.
    bench.bridge = bench.scenario.bridge_process();
    bench.status("disarmed");
    wait_until("commands are refused", || lock(&bench.receipts).refused > 10);
    assert_eq!(lock(&bench.receipts).applied, 0);
    assert_eq!(bench.torques(), [false; 6]);
}

#[test]
fn a_bridge_that_was_held_up_is_latched_when_it_goes_on() {
    let mut bench = Bench::up(scenario("feetech"));
    bench.move_arm();
    bench.bridge.signal("STOP", false);
    wait_until("the servos come to rest by themselves", || bench.rests());
    bench.bridge.signal("CONT", false);
    bench.status("latched");
}

#[test]
fn a_mute_servo_is_named_and_the_others_let_go_at_the_end() {
    let mut bench = Bench::up(scenario("feetech"));
    bench.move_arm();
    bench.arm.device().faults().plan.mute = vec![3];
    let said = bench.status("latched");
    assert!(said.contains("elbow_flex (motor 3)"), "{said}");
    let refused = bench.ask(ControlKind::Acknowledge);
    assert!(!refused.0 && refused.1.contains("cause"), "{refused:?}");
    let config = bench.scenario.config();
    let shown = bench.scenario.run(&["bridge", "status", config.to_str().unwrap()]);
    assert!(shown.stdout.contains("elbow_flex (motor 3)"), "{shown:?}");
    bench.bridge.signal("TERM", false);
    let ended = bench.bridge.end();
    assert!(ended.stderr.contains("did not confirm"), "{ended:?}");
    assert_eq!(bench.torques(), [false, false, true, false, false, false]);
}

#[test]
fn a_pulled_cable_ends_the_bridge_and_a_new_one_finds_the_arm_again() {
    let mut bench = Bench::up(scenario("feetech"));
    bench.move_arm();
    bench.arm.unplug().unwrap();
    let ended = bench.bridge.end();
    assert!(ended.code == Some(1) && ended.stderr.contains("the line is gone"), "{ended:?}");
    wait_until("the servos come to rest by themselves", || bench.rests());
    bench.bridge = bench.scenario.bridge_process();
    bench.arm.replug().unwrap();
    bench.status("disarmed");
    assert_eq!(bench.torques(), [false; 6]);
}
