//! Pictures that stop, from a robot whose cameras can be covered.

use tandem_wire::Status;

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
