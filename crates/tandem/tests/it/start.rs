//! The first promise: starting anything moves nothing.

use tandem_wire::ControlKind;

use crate::harness::{STILL_RAD, Scenario, Stage, wait_until};

#[test]
fn nothing_moves_until_somebody_arms() {
    let stage = Stage::up(Scenario::patient());
    let link = &stage.link;
    link.instruct();
    // Both systems work now, and the tick has chunks that it could play.
    let moved_rad = link.motion_rad();
    assert!(moved_rad < STILL_RAD, "{moved_rad} rad");
    let receipt = link.receipt();
    assert_eq!((receipt.applied, receipt.refused), (0, 0));
    assert_eq!(link.commands.heard(), []);
    link.status("the daemon is disarmed", |status| status.mode_text == "disarmed");

    // Commands would have been heard and counted: these are.
    link.arm();
    wait_until("commands are heard", || link.commands.heard().len() > 100);
}

#[test]
fn the_daemon_may_come_first_and_alone() {
    let scenario = Scenario::new();
    let daemon = scenario.daemon();
    // Without a robot there is nothing to arm, and saying so is all that happens.
    let said = crate::harness::wait_for("the daemon answers", || {
        Some(scenario.ctl(&["arm"])).filter(|said| said.stderr.contains("cannot arm"))
    });
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.stderr.contains("no joint state"), "{said:?}");
    let sim = scenario.sim();
    let stage = Stage::of(scenario, sim, daemon);
    let reply = stage.link.operate(ControlKind::Arm, "");
    assert!(reply.ok, "{}", reply.message);
}
