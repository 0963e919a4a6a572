//! What the guard is told of the robot's senses and of the robot itself, by a robot that can be told
//! what to say.

use tandem_config::Config;
use tandem_wire::{ControlKind, Status};

use crate::harness::{FakeRobot, INSTRUCTION, Link, Scenario};

#[test]
fn without_pictures_the_arm_holds_and_says_so() {
    let scenario = Scenario::patient();
    scenario.set("frame_age_ms_max = ", "frame_age_ms_max = 250");
    let robot = FakeRobot::start(&scenario);
    let _daemon = scenario.daemon();
    let link = Link::open(&scenario);
    link.wait_ready();
    assert!(scenario.ctl(&["instruct", INSTRUCTION]).code == Some(0));
    let said = scenario.ctl(&["arm"]);
    assert_eq!(said.code, Some(0), "{said:?}");

    let holds = |part: &'static str| {
        move |status: &Status| status.mode_text == "holding" && status.cause.contains(part)
    };
    let armed = |status: &Status| status.mode_text == "armed";
    // A robot that never showed anything: System 1 has nothing to go by.
    link.status("System 1 is missed", holds("action chunk"));
    robot.see(true);
    link.status("the arm may move", armed);
    robot.see(false);
    link.status("pictures are missed", holds("camera picture"));
    // A hold ends when its cause does, without anybody asking.
    robot.see(true);
    link.status("the arm may move again", armed);
}

#[test]
fn a_frozen_camera_is_named() {
    let scenario = Scenario::patient();
    scenario.replace("[guard]\n", "[guard]\nframe_repeats_max = 15\n");
    let robot = FakeRobot::start(&scenario);
    let _daemon = scenario.daemon();
    let link = Link::open(&scenario);
    link.wait_ready();
    link.operate(ControlKind::Instruct, INSTRUCTION);
    // Its cameras show the same darkness for ever, with new stamps.
    robot.see(true);
    assert_eq!(scenario.ctl(&["arm"]).code, Some(0));
    let frozen = |status: &Status| status.interventions.iter().any(|it| it.code == "frame_frozen");
    let status = link.status("the frozen camera is noticed", frozen);
    assert_eq!(status.mode_text, "holding");
    let said = scenario.ctl(&["status"]);
    assert!(said.stdout.contains("camera 1 sent the same picture"), "{said:?}");
}

#[test]
fn a_robot_that_keeps_other_limits_is_not_armed() {
    let scenario = Scenario::patient();
    let robot = FakeRobot::start(&scenario);
    robot.keep_limits(7);
    let _daemon = scenario.daemon();
    let link = Link::open(&scenario);
    link.wait_ready();
    let differs = |status: &Status| status.cause.contains("the robot keeps limits");
    link.status("the limits differ", differs);
    let said = scenario.ctl(&["arm"]);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(
        said.stderr.contains("cannot arm: the robot keeps limits 0000000000000007"),
        "{said:?}"
    );
    // A robot whose limits are brought in line is armed.
    let config = Config::load(scenario.config()).unwrap();
    robot.keep_limits(config.to_control().unwrap().guard.limits.hash());
    link.status("the limits agree", |status| !status.cause.contains("limits"));
    assert_eq!(scenario.ctl(&["arm"]).code, Some(0));
    // And one that loses them on the way is stopped.
    robot.keep_limits(8);
    let stopped = link.status("the arm stops", |status| status.mode_text == "stopped");
    assert!(stopped.interventions.iter().any(|it| it.code == "limits_differ"), "{stopped:?}");
}
