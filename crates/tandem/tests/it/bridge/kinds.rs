//! The same bridge with other motors, by config alone, and with limits of its own.

use std::fs;

use super::bench::{Bench, lock, scenario};
use crate::harness::{Link, Scenario, wait_until};

/// Commands move the arm; when they end, it comes to rest, holds and is latched.
fn moves_and_stops(scenario: Scenario) {
    let mut bench = Bench::up(scenario);
    bench.move_arm();
    bench.commander.hush();
    let said = bench.status("latched");
    assert!(said.contains("no valid command came in time"), "{said}");
    wait_until("the joints come to rest", || bench.rests());
    assert_eq!(bench.torques(), [true; 6], "it holds, as its config says");
    bench.bridge.signal("TERM", false);
    assert_eq!(bench.bridge.end().code, Some(0));
    assert_eq!(bench.torques(), [false; 6]);
}

/// Nothing is left driving when the bridge is killed, and its guardian has seen to that.
fn lets_go_when_killed(scenario: Scenario) {
    let mut bench = Bench::up(scenario);
    bench.move_arm();
    bench.bridge.kill();
    wait_until("the guardian lets every motor go", || bench.torques() == [false; 6]);
    let noticed = "the bridge has died; its guardian lets the motors go";
    wait_until("the guardian says so", || bench.bridge.log().contains(noticed));
    bench.bridge = bench.scenario.bridge_process();
    bench.status("disarmed");
    wait_until("commands are refused", || lock(&bench.receipts).refused > 10);
    assert_eq!(bench.torques(), [false; 6]);
}

#[test]
fn dynamixel_servos_move_and_stop() {
    moves_and_stops(scenario("dynamixel"));
}

#[test]
fn dynamixel_servos_are_let_go_when_the_bridge_is_killed() {
    lets_go_when_killed(scenario("dynamixel"));
}

#[test]
fn mit_motors_move_and_stop() {
    moves_and_stops(scenario("mit"));
}

/// Motors whose timeout nobody has set: without a guardian they would hold for ever.
#[test]
fn mit_motors_without_a_timeout_are_let_go_when_the_bridge_is_killed() {
    let scenario = scenario("mit");
    scenario.replace("DM-J4310", "AK80-9");
    lets_go_when_killed(scenario);
}

#[test]
fn a_mute_motor_on_can_is_named() {
    let mut bench = Bench::up(scenario("mit"));
    bench.move_arm();
    bench.arm.device().faults().plan.mute = vec![3];
    let said = bench.status("latched");
    assert!(said.contains("elbow_flex (motor 3)"), "{said}");
}

/// A bridge whose URDF lets a joint go further than the daemon's.
#[test]
fn a_bridge_that_keeps_other_limits_is_not_armed() {
    let scenario = Scenario::of("so101-arm.toml").patiently();
    scenario.set("port = ", &format!("port = \"{}\"", scenario.dir().join("tty").display()));
    scenario.set("listen = ", &format!("listen = \"{}\"", scenario.robot));
    scenario.set("stop_within_ms = ", "stop_within_ms = 100");
    scenario.set("calibration = ", "calibration = \"calibration/so101-emulated.toml\"");
    let robots = scenario.dir().join("robots");
    let urdf = fs::read_to_string(robots.join("so101.urdf")).unwrap();
    let wider = urdf.replacen("lower=\"-1.92\"", "lower=\"-1.95\"", 1);
    assert_ne!(wider, urdf);
    fs::write(robots.join("other.urdf"), wider).unwrap();
    let config = fs::read_to_string(scenario.config()).unwrap();
    let other = config.replace("robots/so101.urdf", "robots/other.urdf");
    fs::write(scenario.dir().join("other.toml"), other).unwrap();

    let _arm = scenario.shell("exec tandem bridge emulate so101-arm.toml");
    let mut bridge = scenario.shell("exec tandem bridge other.toml");
    let _daemon = scenario.daemon();
    let link = Link::open(&scenario);
    link.status("the limits differ", |it| it.cause.contains("the robot keeps limits"));
    let refused = scenario.ctl(&["arm"]);
    assert!(refused.stderr.contains("cannot arm: the robot keeps limits"), "{refused:?}");
    bridge.signal("TERM", false);
    bridge.end();
    let _bridge = scenario.bridge_process();
    link.status("the limits agree", |it| !it.cause.contains("the robot keeps limits"));
    assert_eq!(scenario.ctl(&["arm"]).code, Some(0));
}
