//! Parts that die without a word. Whatever is left must not move by itself, and must not begin to
//! move when the dead come back.

use tandem_wire::{ControlKind, Status};

use crate::harness::{STILL_RAD, Scenario, Stage, spread};

fn is(mode: &'static str, cause: &'static [&'static str]) -> impl Fn(&Status) -> bool {
    move |status| status.mode_text == mode && cause.iter().any(|part| status.cause.contains(part))
}

#[test]
fn the_robot_dies_and_its_return_moves_nothing() {
    let mut stage = Stage::up(Scenario::new());
    let link = &stage.link;
    link.instruct();
    link.arm();
    stage.sim.kill();
    // First a hold that would end by itself, then nobody knows any more where the arm is.
    let silence = &["joint state", "receipt"];
    link.status("the daemon holds", is("holding", silence));
    link.status("the stop is latched", is("stopped", silence));
    let reply = link.operate(ControlKind::Acknowledge, "");
    assert!(!reply.ok && reply.message.contains("cause remains"), "{}", reply.message);

    stage.sim = stage.scenario.sim();
    link.wait_ready();
    let nothing_applied = || {
        let moved_rad = link.motion_rad();
        assert!(moved_rad < STILL_RAD, "{moved_rad} rad");
        assert_eq!(link.receipt().applied, 0);
    };
    nothing_applied();
    let reply = link.operate(ControlKind::Arm, "");
    assert!(!reply.ok && reply.message.contains("acknowledge"), "{}", reply.message);
    let reply = link.operate(ControlKind::Acknowledge, "");
    assert!(reply.ok, "{}", reply.message);
    nothing_applied();
    link.arm();
}

/// A robot whose states clock the tick takes the clock with it; the timer steps in, or nobody would
/// notice that the robot is gone.
#[test]
fn a_robot_that_clocks_the_tick_dies_and_the_tick_goes_on() {
    let scenario = Scenario::patient();
    scenario.set("clock = ", "clock = \"state\"");
    let mut stage = Stage::up(scenario);
    let link = &stage.link;
    link.instruct();
    link.arm();
    link.status("the arm moves", |status| status.mode_text == "armed");
    stage.sim.kill();
    let silence = &["joint state", "receipt"];
    link.status("the daemon holds", is("holding", silence));
    link.status("the stop is latched", is("stopped", silence));
}

#[test]
fn the_daemon_dies_and_the_arm_holds_by_itself() {
    let mut stage = Stage::up(Scenario::patient());
    let link = &stage.link;
    link.instruct();
    link.arm();
    let (run, life) = (link.receipt().command_epoch, link.statuses.next(1)[0].epoch);
    stage.daemon.kill();

    link.wait_rest();
    let applied = link.receipt().applied;
    let moved_rad = link.motion_rad();
    assert!(moved_rad < STILL_RAD, "{moved_rad} rad");
    let truths = link.truths.next(25);
    let start_m = truths[0].tip_m;
    for truth in truths {
        let moved_m = (0..3).map(|axis| (truth.tip_m[axis] - start_m[axis]).abs());
        assert!(moved_m.clone().fold(0.0, f64::max) < 1e-3, "{start_m:?} {:?}", truth.tip_m);
    }

    let before = link.states.next(1);
    stage.daemon = stage.scenario.daemon();
    let status = link.status("a new daemon speaks", |status| status.epoch != life);
    assert_eq!(status.mode_text, "disarmed");
    link.wait_ready();
    let after = link.states.next(1000);
    let moved_rad = spread(&[before, after].concat());
    assert!(moved_rad < STILL_RAD, "{moved_rad} rad");
    assert_eq!(link.receipt().applied, applied);
    // The robot obeys the new life as it did the old one.
    link.arm();
    assert!(link.receipt().command_epoch > run);
}

#[test]
fn system_2_dies_and_the_arm_holds_for_want_of_a_goal() {
    let stage = Stage::up(Scenario::slow());
    let link = &stage.link;
    link.instruct();
    link.arm();
    link.status("the arm moves", |status| status.mode_text == "armed");
    let said = stage.scenario.ctl(&["fault", "kill-system2"]);
    assert_eq!(said.code, Some(0), "{said:?}");

    link.status("the arm holds", is("holding", &["latent goal"]));
    link.wait_rest();
    link.status("the stop is latched", is("stopped", &["latent goal"]));
    let moved_rad = link.motion_rad();
    assert!(moved_rad < STILL_RAD, "{moved_rad} rad");
    // All the rest is alive, and insists on the cause.
    let reply = link.operate(ControlKind::Acknowledge, "");
    assert!(!reply.ok && reply.message.contains("latent goal"), "{}", reply.message);
    link.status("the tick goes on", |status| status.control_hz > 0.0);
    assert!(stage.daemon.log().contains("killed by a fault injection"));
}

#[test]
fn without_leave_no_fault_is_injected() {
    let scenario = Scenario::patient();
    scenario.set("injection = ", "injection = false");
    let stage = Stage::up(scenario);
    let link = &stage.link;
    link.instruct();
    let said = stage.scenario.ctl(&["fault", "kill-system2"]);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.stderr.contains("[faults]"), "{said:?}");
    // System 2 goes on thinking.
    link.statuses.next(20);
    link.status("goals are fresh", |status| status.latent_age_ms < 2000.0);
}
