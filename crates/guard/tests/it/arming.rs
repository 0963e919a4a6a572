//! Who may move, and what it takes to get there.

use tandem_guard::{Mode, Nonce, Reaction, Refusal, Request, Verdict};
use tandem_types::JointVec;

use crate::fixture::{Scene, config, ms};

#[test]
fn adopts_the_measured_pose_at_rest() {
    let mut scene = Scene::new(config());
    scene.state.as_mut().unwrap().q = JointVec::from_slice(&[0.4, -1.45]).unwrap();
    scene.action = None;
    let verdict = scene.tick(Some(Request::Arm));
    let command = verdict.command.unwrap();
    assert_eq!(&*command.command().q, [0.4, -1.45]);
    assert_eq!(&*command.command().dq, [0.0, 0.0]);
    assert_eq!(verdict.mode, Mode::Holding);
    assert_eq!((command.epoch().began(), command.sequence().0), (scene.now, 1));
    assert_eq!((command.stamp(), command.valid_for()), (scene.now, config().valid_for));
}

/// A robot must be able to tell what was armed before its own life, or before its last stop.
#[test]
fn each_arming_is_an_epoch_and_counts_its_commands_from_one() {
    let mut scene = Scene::new(config());
    let place = |verdict: Verdict| {
        let command = verdict.command.unwrap();
        (command.epoch().began(), command.sequence().0)
    };
    for _ in 0..2 {
        let first = scene.tick(Some(Request::Arm));
        let armed = scene.now;
        assert_eq!(place(first), (armed, 1));
        assert_eq!(place(scene.tick(None)), (armed, 2));
        assert_eq!(scene.guard.epoch().began(), armed);
        scene.tick(Some(Request::Disarm));
        for _ in 0..1_000 {
            scene.tick(None);
        }
        assert_eq!(scene.tick(None).command, None);
    }
    scene.tick(Some(Request::Arm));
    let armed = scene.now;
    // A hold is no new arming, and braking after a stop is not either.
    let action = scene.action.take();
    assert_eq!(place(scene.tick(None)), (armed, 2));
    scene.action = action;
    scene.tick(None);
    scene.run_up(10);
    assert_eq!(place(scene.tick(Some(Request::Stop))), (armed, 14));
    for _ in 0..1_000 {
        scene.tick(None);
    }
    assert_eq!(place(scene.rearm()), (scene.now, 1));
}

/// A clock that stands still must not make two armings one.
#[test]
fn an_epoch_is_never_used_twice() {
    let mut scene = Scene::new(config());
    let arm = |scene: &mut Scene| scene.tick_as_is(Some(Request::Arm)).command.unwrap().epoch();
    let first = arm(&mut scene);
    scene.tick_as_is(Some(Request::Disarm));
    for _ in 0..3 {
        scene.tick_as_is(None);
    }
    assert_eq!(arm(&mut scene), first.next());
}

#[test]
fn outside_the_margin_a_joint_may_only_come_inwards() {
    let mut scene = Scene::new(config());
    scene.state.as_mut().unwrap().q = JointVec::splat(2, 1.45);
    scene.proposal = JointVec::from_slice(&[1.48, 1.0]).unwrap();
    scene.tick(Some(Request::Arm));
    for _ in 0..500 {
        scene.tick(None);
    }
    let verdict = scene.tick(None);
    assert_eq!(verdict.command.unwrap().command().q[0], 1.45);
    assert!(verdict.command.unwrap().command().q[1] < 1.4);
}

#[test]
fn waits_for_the_first_action_without_latching() {
    let mut scene = Scene::new(config());
    let action = scene.action.take();
    assert_eq!(scene.tick(Some(Request::Arm)).mode, Mode::Holding);
    for _ in 0..10_000 {
        assert_eq!(scene.tick(None).mode, Mode::Holding);
    }
    scene.action = action;
    assert_eq!(scene.tick(None).mode, Mode::Armed);
}

#[test]
fn the_speed_limit_rises_with_motion_time_only() {
    let mut config = config();
    config.ramp = ms(1_000);
    let mut scene = Scene::new(config);
    scene.proposal = JointVec::splat(2, 1.4);
    let action = scene.action.take();
    scene.tick(Some(Request::Arm));
    for _ in 0..5_000 {
        scene.tick(None);
    }
    scene.action = action;
    let speed = |verdict: Verdict| verdict.command.unwrap().command().dq.max_abs();
    for tick in 1..=600 {
        let limit_rad_s = 2.0 * f64::from(tick) / 1_000.0;
        assert!(speed(scene.tick(None)) <= limit_rad_s + 1e-12);
    }
    assert!(speed(scene.tick(None)) > 1.1);
}

#[test]
fn a_hold_brakes_to_rest_and_resumes_by_itself() {
    let mut scene = Scene::moving();
    let action = scene.action.take();
    let mut braking_ticks = 0;
    loop {
        let verdict = scene.tick(None);
        assert_eq!((verdict.mode, verdict.reaction), (Mode::Holding, Reaction::Hold));
        let command = verdict.command.unwrap();
        if command.command().dq.max_abs() == 0.0 {
            scene.proposal = command.command().q;
            break;
        }
        braking_ticks += 1;
    }
    // 2 rad/s at 20 rad/s^2 is 100 ms; building that up at 2000 rad/s^3, and taking it back at the
    // end, is 10 ms more.
    assert!((109..=111).contains(&braking_ticks), "{braking_ticks}");
    assert_eq!(scene.tick(None).counters.holds, 1);
    scene.action = action;
    assert_eq!(scene.tick(None).mode, Mode::Armed);
}

#[test]
fn a_stop_brakes_then_is_silent_and_needs_both_requests() {
    let mut scene = Scene::moving();
    let verdict = scene.tick(Some(Request::Stop));
    assert_eq!((verdict.mode, verdict.reaction), (Mode::Stopped, Reaction::Stop));
    assert_eq!(scene.tick(Some(Request::Acknowledge)).refusal, Some(Refusal::Braking));
    while scene.tick(None).command.is_some() {}
    let latched = scene.tick(Some(Request::Arm)).refusal.unwrap();
    assert_eq!(latched.to_string(), "stopped: a stop was requested; acknowledge, then arm");
    assert!(matches!(scene.tick(Some(Request::Disarm)).refusal, Some(Refusal::Latched(_))));
    let verdict = scene.tick(Some(Request::Acknowledge));
    assert_eq!((verdict.mode, verdict.command, verdict.counters.stops), (Mode::Disarmed, None, 1));
    scene.proposal = scene.state.unwrap().q;
    let nonce = scene.guard.nonce().unwrap();
    for _ in 0..500 {
        assert_eq!(scene.tick(None).mode, Mode::Disarmed);
    }
    let verdict = scene.tick(Some(Request::Rearm(nonce)));
    assert_eq!(verdict.mode, Mode::Armed);
    assert_eq!(verdict.command.unwrap().command().q, scene.proposal);
    assert_eq!(scene.guard.nonce(), None);
}

/// Stopped, at rest, and acknowledged; with what arms again.
fn acknowledged() -> (Scene, Nonce) {
    let mut scene = Scene::moving();
    scene.tick(Some(Request::Stop));
    while scene.tick(None).command.is_some() {}
    scene.tick(Some(Request::Acknowledge));
    let nonce = scene.guard.nonce().expect("an acknowledged stop");
    (scene, nonce)
}

#[test]
fn only_the_nonce_of_the_acknowledgement_arms_again() {
    let (mut scene, nonce) = acknowledged();
    for _ in 0..500 {
        scene.tick(None);
    }
    for request in [Request::Arm, Request::Rearm(Nonce(nonce.0 + 1))] {
        let verdict = scene.tick(Some(request));
        assert_eq!((verdict.mode, verdict.refusal), (Mode::Disarmed, Some(Refusal::Nonce)));
    }
    for request in [Request::Disarm, Request::Acknowledge] {
        let refusal = scene.tick(Some(request)).refusal;
        assert!(matches!(refusal, Some(Refusal::Needless(..))), "{refusal:?}");
    }
    assert_eq!(scene.tick(Some(Request::Rearm(nonce))).mode, Mode::Armed);
    // It was given out once.
    let refusal = scene.tick(Some(Request::Rearm(nonce))).refusal;
    assert!(matches!(refusal, Some(Refusal::Needless(..))), "{refusal:?}");
    let mut scene = Scene::new(config());
    let refusal = scene.tick(Some(Request::Rearm(nonce))).refusal;
    assert!(matches!(refusal, Some(Refusal::Needless(..))), "{refusal:?}");
    // Another stop has another acknowledgement.
    let (mut scene, old) = acknowledged();
    scene.tick(Some(Request::Stop));
    scene.tick(Some(Request::Acknowledge));
    assert_ne!(scene.guard.nonce(), Some(old));
}

#[test]
fn an_acknowledged_stop_that_nobody_arms_after_latches_again() {
    let (mut scene, nonce) = acknowledged();
    for _ in 0..9_999 {
        assert_eq!(scene.tick(None).mode, Mode::Disarmed);
    }
    assert_eq!(scene.tick(Some(Request::Rearm(nonce))).mode, Mode::Armed);
    let (mut scene, nonce) = acknowledged();
    for _ in 0..10_000 {
        scene.tick(None);
    }
    let verdict = scene.tick(Some(Request::Rearm(nonce)));
    assert_eq!((verdict.mode, verdict.cause.unwrap().code()), (Mode::Stopped, "stop_requested"));
    assert!(matches!(verdict.refusal, Some(Refusal::Latched(_))));
    assert_eq!(scene.rearm().mode, Mode::Armed);
}

#[test]
fn an_arm_is_not_armed_again_before_all_has_been_well_for_a_while() {
    type Edit = fn(&mut Scene);
    let rows: [(Edit, &str); 3] = [
        (|scene| scene.state.as_mut().unwrap().q[1] = f64::NAN, "a state that is none"),
        (
            |scene| {
                let action = scene.action.as_mut().unwrap();
                action.latent_observed = scene.now.before(ms(1_500));
            },
            "a latent goal that was lost",
        ),
        (|scene| scene.state = None, "no state"),
    ];
    for (edit, what) in rows {
        let (mut scene, nonce) = acknowledged();
        for _ in 0..400 {
            scene.tick(None);
        }
        let good = scene.state;
        scene.refresh(ms(1));
        edit(&mut scene);
        scene.tick_as_is(None);
        scene.state = good;
        for _ in 0..500 {
            let verdict = scene.tick(Some(Request::Rearm(nonce)));
            assert_eq!(verdict.mode, Mode::Disarmed, "{what}");
            let refusal = verdict.refusal.unwrap();
            assert!(matches!(refusal, Refusal::Unsettled { .. }), "{what}: {refusal}");
        }
        assert_eq!(scene.tick(Some(Request::Rearm(nonce))).mode, Mode::Armed, "{what}");
    }
}

/// Waiting for an instruction is no fault: whoever stopped the arm between two tasks can arm it.
#[test]
fn an_arm_that_waits_for_an_instruction_is_well_enough_to_be_armed_again() {
    let (mut scene, nonce) = acknowledged();
    scene.action = None;
    for _ in 0..500 {
        scene.tick(None);
    }
    let verdict = scene.tick(Some(Request::Rearm(nonce)));
    assert_eq!((verdict.mode, verdict.refusal), (Mode::Holding, None));
}

#[test]
fn a_cause_for_a_stop_latches_an_acknowledged_one_again() {
    let (mut scene, _) = acknowledged();
    scene.state.as_mut().unwrap().q[1] = 1.6;
    let verdict = scene.tick(None);
    assert_eq!((verdict.mode, verdict.cause.unwrap().code()), (Mode::Stopped, "beyond_limit"));
    assert_eq!(scene.guard.nonce(), None);
}

#[test]
fn a_stop_cannot_be_acknowledged_while_its_cause_remains() {
    let mut scene = Scene::moving();
    scene.state.as_mut().unwrap().q[1] = 1.6;
    scene.tick(None);
    for _ in 0..200 {
        let refusal = scene.tick(Some(Request::Acknowledge)).refusal;
        assert!(matches!(refusal, Some(Refusal::CauseRemains(_))), "{refusal:?}");
    }
    scene.state.as_mut().unwrap().q[1] = 1.4;
    assert_eq!(scene.tick(Some(Request::Acknowledge)).mode, Mode::Disarmed);
}

#[test]
fn disarming_comes_to_rest_first() {
    let mut scene = Scene::moving();
    let verdict = scene.tick(Some(Request::Disarm));
    assert_eq!((verdict.mode, verdict.cause.unwrap().code()), (Mode::Holding, "disarm_requested"));
    assert_eq!(scene.tick(Some(Request::Arm)).refusal, Some(Refusal::Braking));
    let mut verdict = scene.tick(None);
    while verdict.mode == Mode::Holding {
        assert!(verdict.command.is_some());
        verdict = scene.tick(None);
    }
    assert_eq!((verdict.mode, verdict.command), (Mode::Disarmed, None));
}

#[test]
fn a_stop_while_disarming_or_disarmed_latches_too() {
    let mut scene = Scene::moving();
    scene.tick(Some(Request::Disarm));
    assert_eq!(scene.tick(Some(Request::Stop)).mode, Mode::Stopped);
    let mut scene = Scene::new(config());
    assert_eq!(scene.tick(Some(Request::Stop)).mode, Mode::Stopped);
    assert_eq!(scene.tick(Some(Request::Arm)).command, None);
}

#[test]
fn is_not_armed_when_unfit() {
    type Edit = fn(&mut Scene);
    let rows: [(Edit, &str); 6] = [
        (|scene| scene.state = None, "cannot arm: no joint state yet; "),
        (
            |scene| scene.state.as_mut().unwrap().stamp = scene.now.before(ms(21)),
            "cannot arm: the joint state is 21.0 ms old",
        ),
        (
            |scene| scene.state.as_mut().unwrap().q[1] = f64::NAN,
            "cannot arm: the joint state holds NaN",
        ),
        (
            |scene| scene.state.as_mut().unwrap().q[0] = -1.51,
            "cannot arm: joint 0 measures -1.510 rad",
        ),
        (
            |scene| scene.state.as_mut().unwrap().dq[1] = -0.25,
            "cannot arm: joint 1 moves at -0.25 rad/s",
        ),
        (
            |scene| scene.action.as_mut().unwrap().latent_observed = scene.now.before(ms(3_001)),
            "cannot arm: the latent goal",
        ),
    ];
    for (edit, expected) in rows {
        let mut scene = Scene::new(config());
        edit(&mut scene);
        let verdict = scene.tick_as_is(Some(Request::Arm));
        let refusal = verdict.refusal.map(|refusal| refusal.to_string()).unwrap_or_default();
        assert!(refusal.starts_with(expected), "{refusal:?} should begin with {expected:?}");
        assert_eq!((verdict.mode, verdict.command), (Mode::Disarmed, None));
    }
}

#[test]
fn is_armed_while_it_sways_no_faster_than_allowed() {
    let mut scene = Scene::new(config());
    scene.state.as_mut().unwrap().dq[1] = -0.2;
    assert_eq!(scene.tick(Some(Request::Arm)).mode, Mode::Armed);
}

#[test]
fn needless_requests_are_refused_and_change_nothing() {
    let mut scene = Scene::new(config());
    for request in [Request::Disarm, Request::Acknowledge] {
        let verdict = scene.tick(Some(request));
        assert!(matches!(verdict.refusal, Some(Refusal::Needless(..))));
        assert_eq!(verdict.mode, Mode::Disarmed);
    }
    let mut scene = Scene::moving();
    for request in [Request::Arm, Request::Acknowledge] {
        let verdict = scene.tick(Some(request));
        assert!(matches!(verdict.refusal, Some(Refusal::Needless(..))));
        assert_eq!(verdict.mode, Mode::Armed);
    }
}

#[test]
fn a_first_stop_keeps_its_cause() {
    let mut scene = Scene::moving();
    scene.state.as_mut().unwrap().q[1] = 1.6;
    scene.tick(None);
    let verdict = scene.tick(Some(Request::Stop));
    assert_eq!((verdict.cause.unwrap().code(), verdict.counters.stops), ("beyond_limit", 1));
}

#[test]
fn a_cause_for_a_stop_counts_while_disarming_too() {
    let mut scene = Scene::moving();
    scene.tick(Some(Request::Disarm));
    scene.state.as_mut().unwrap().q[1] = 1.6;
    assert_eq!(scene.tick(None).mode, Mode::Stopped);
}

#[test]
fn a_receipt_from_before_arming_is_not_held_against_the_robot() {
    let mut scene = Scene::new(config());
    scene.receipt = Some(scene.now.before(ms(5_000)));
    scene.tick_as_is(Some(Request::Arm));
    assert_eq!(scene.tick_as_is(None).mode, Mode::Armed);
}

#[test]
fn a_slow_sway_is_not_carried_on() {
    let mut scene = Scene::new(config());
    scene.state.as_mut().unwrap().dq[0] = 0.15;
    scene.action = None;
    let verdict = scene.tick(Some(Request::Arm));
    assert_eq!(verdict.command.unwrap().command().dq.max_abs(), 0.0);
}
