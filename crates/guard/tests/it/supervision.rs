//! Every check that is a choice: what trips it, what just does not, and what happens then.

mod table;

use core::time::Duration;

use tandem_guard::{
    Cause, ClampingLimits, FrameWitness, Heartbeat, Mode, Reaction, Request, Supervision, Token,
    Verdict,
};
use tandem_types::ActionChunk;

use crate::fixture::{Scene, config, ms};
use table::*;

#[test]
fn each_trigger_gives_its_cause_its_reaction_and_a_sentence_that_helps() {
    for row in ROWS {
        let verdict = (row.trigger)(&mut Scene::moving_under(row.supervise));
        let cause = verdict.cause.unwrap_or_else(|| panic!("{}: nothing found", row.sentence));
        assert_eq!((cause.code(), &*cause.to_string()), (row.code, row.sentence));
        assert_eq!((verdict.mode, verdict.reaction), (row.mode, row.reaction), "{}", row.sentence);
    }
}

#[test]
fn without_its_check_no_trigger_does_anything_but_clamp() {
    for row in ROWS {
        let verdict = (row.trigger)(&mut Scene::moving());
        let mild = verdict.reaction <= Reaction::Warn && verdict.mode == Mode::Armed;
        assert!(mild, "{}: {verdict:?}", row.code);
    }
}

/// All causes of this table, and of the checks that are always on.
pub(crate) fn causes() -> impl Iterator<Item = Cause> {
    let rows = ROWS.iter().map(|row| (row.trigger)(&mut Scene::moving_under(row.supervise)));
    let always = ALWAYS.iter().map(|(trigger, _, _)| trigger(&mut Scene::moving()));
    rows.chain(always).filter_map(|verdict| verdict.cause)
}

#[test]
fn checks_that_are_always_on() {
    for (trigger, mode, sentence) in ALWAYS {
        let verdict = trigger(&mut Scene::moving());
        let cause = verdict.cause.unwrap_or_else(|| panic!("nothing found for: {sentence}"));
        let hash = format!("{:016x}", config().limits.hash());
        assert_eq!(cause.to_string(), sentence.replace("0aaa0aaa0aaa0aaa", &hash));
        assert_eq!(verdict.mode, *mode, "{sentence}");
    }
}

/// Just within every threshold nothing happens, or a robust system would become a nervous one.
#[test]
fn just_within_the_thresholds_nothing_happens() {
    type Calm = (fn(&mut Supervision), fn(&mut Scene) -> Verdict);
    let rows: [Calm; 11] = [
        (
            |_| {},
            |scene| {
                scene.refresh(ms(10));
                scene.tick_as_is(None)
            },
        ),
        (tracked, |scene| lasting(scene, 200, |scene| off_by(scene, 0.099))),
        (tracked, |scene| lasting(scene, 200, |scene| scene.state.as_mut().unwrap().tau[0] = 3.0)),
        (unjumpy, |scene| lasting(scene, 5, |_| {})),
        (
            |supervision| supervision.state_repeats_max = Some(20),
            |scene| {
                let frozen = scene.state.unwrap().q;
                lasting(scene, 20, |scene| scene.state.as_mut().unwrap().q = frozen)
            },
        ),
        (
            |supervision| supervision.frame_repeats_max = Some(5),
            |scene| lasting(scene, 5, |scene| scene.witness.frames[1].as_mut().unwrap().hash = 99),
        ),
        (beaten, |scene| limping(scene, 5, 100, 13)),
        (linked, |scene| {
            scene.witness.link_faults += 3;
            scene.tick(None)
        }),
        (leased, |scene| {
            let before = scene.witness.heartbeat;
            lasting(scene, 50, |scene| scene.witness.heartbeat = before)
        }),
        // Of an owner before, who has been fenced; beside the present one's.
        (leased, |scene| {
            let present = scene.witness.heartbeat;
            scene.witness.heartbeat.as_mut().unwrap().token = Token(0);
            scene.tick(None);
            scene.witness.heartbeat = present;
            scene.tick(None)
        }),
        (trained, |scene| {
            lasting(scene, 3, |scene| scene.witness.latent.as_mut().unwrap().norm = 4.0)
        }),
    ];
    for (place, (supervise, trigger)) in rows.into_iter().enumerate() {
        let verdict = trigger(&mut Scene::moving_under(supervise));
        let mild = verdict.reaction <= Reaction::Warn && verdict.mode == Mode::Armed;
        assert!(mild, "row {place}: {verdict:?}");
    }
}

/// A policy made for 50 Hz, on a System 1 of 200 Hz, is on time once in 20 ms, and late where it is
/// not. That it will come in an hour is no excuse: that long no action may be old.
#[test]
fn a_policy_of_a_lower_rate_is_late_by_its_own_beat() {
    let after = |period_ms, every, ticks, then| {
        let mut scene = Scene::moving_under(beaten);
        let verdict = limping_at(ms(period_ms), &mut scene, every, ticks, then);
        verdict.cause.filter(|_| verdict.mode == Mode::Holding).map(|cause| cause.code())
    };
    assert_eq!(after(0, 20, 100, 3), Some("overrun"), "by System 1's beat");
    assert_eq!(after(20, 20, 3000, 3), None);
    assert_eq!(after(20, 20, 100, 50), None, "two late ones in a row");
    assert_eq!(after(20, 20, 100, 72), Some("overrun"), "three");
    assert_eq!(after(20, 35, 3000, 3), Some("overrun"), "every second one");
    assert_eq!(after(3_600_000, 100, 400, 250), None, "two late ones of a tenth of a second");
    assert_eq!(after(3_600_000, 100, 400, 400), Some("overrun"), "three");
}

/// What the joints were a while ago says nothing about whether they follow now: an old state holds
/// the arm, and does not latch it.
#[test]
fn a_state_that_is_not_sound_is_held_against_nothing_else() {
    let mut scene = Scene::moving_under(tracked);
    let old = scene.now;
    off_by(&mut scene, 0.5);
    let mut last = None;
    for _ in 0..80 {
        scene.refresh(ms(1));
        scene.state.as_mut().unwrap().stamp = old;
        let verdict = scene.tick_as_is(None);
        last = verdict.cause.filter(|_| verdict.mode == Mode::Holding).or(last);
        assert_ne!(verdict.mode, Mode::Stopped, "{verdict:?}");
    }
    assert_eq!(last.unwrap().code(), "state_stale");
}

/// An arm that rests on its end stop reads its encoder's noise on either side of it.
#[test]
fn noise_on_the_end_stop_does_not_latch() {
    let rest = |slack_rad, q_rad| {
        let mut scene =
            Scene::moving_under(|supervision| supervision.measured_slack_rad = slack_rad);
        scene.state.as_mut().unwrap().q[0] = q_rad;
        scene.tick(None).mode
    };
    assert_eq!(rest(0.0, 1.5), Mode::Armed);
    assert_eq!(rest(0.0, -1.5), Mode::Armed);
    assert_eq!(rest(0.0, 1.500_8), Mode::Stopped);
    assert_eq!(rest(0.005, 1.500_8), Mode::Armed);
    assert_eq!(rest(0.005, -1.500_8), Mode::Armed);
    assert_eq!(rest(0.005, 1.506), Mode::Stopped);
    assert_eq!(rest(0.005, -1.506), Mode::Stopped);
}

#[test]
fn caution_slows_down_within_the_limits_and_ends_by_itself() {
    let mut scene = Scene::moving_under(|supervision| {
        trained(supervision);
        supervision.caution_speed_scale = 0.25;
    });
    let speed = |verdict: &Verdict| verdict.command.unwrap().command().dq.max_abs();
    let last = lasting(&mut scene, 150, |scene| {
        scene.witness.latent.as_mut().unwrap().norm = 5.0;
    });
    assert!((speed(&last) - 0.5).abs() < 1e-9, "{}", speed(&last));
    scene.witness.latent.as_mut().unwrap().norm = 3.0;
    scene.go_on(&last);
    scene.run_up(150);
    assert!((speed(&scene.tick(None)) - 2.0).abs() < 1e-9);
}

#[test]
fn a_chunk_that_jumps_is_refused_from_the_arm_and_within_its_path() {
    let mut scene = Scene::moving_under(unjumpy);
    let pose = scene.tick(None).command.unwrap().command().q;
    let mut refuse = |offset_rad: f64, path: &[f32]| {
        let mut chunk = ActionChunk::at_rest(pose.map(|_, q| q + offset_rad), scene.now);
        let narrow = |q: f64| format!("{q}").parse::<f32>().unwrap();
        let path: Vec<f32> = path.iter().map(|step| narrow(pose[0] + offset_rad) + step).collect();
        if !path.is_empty() {
            chunk.set_path(ms(5), &path).unwrap();
        }
        scene.guard.inspect(scene.now, &chunk).err().map(|cause| (cause.code(), cause.joint()))
    };
    assert_eq!(refuse(0.049, &[]), None);
    assert_eq!(refuse(0.051, &[]), Some(("discontinuity", Some(0))));
    assert_eq!(refuse(0.0, &[0.04, 0.04, 0.08, 0.08, 0.12, 0.12]), None);
    assert_eq!(refuse(0.0, &[0.04, 0.04, 0.04, 0.10]), Some(("discontinuity", Some(1))));
    assert_eq!(refuse(0.0, &[0.06, 0.04]), Some(("discontinuity", Some(0))));
}

#[test]
fn nobody_arms_without_a_lease_or_with_other_limits() {
    let arm = |break_it: fn(&mut Scene)| {
        let mut config = config();
        leased(&mut config.supervision);
        let mut scene = Scene::new(config);
        scene.witness.heartbeat = Some(Heartbeat { token: Token(1), stamp: scene.now });
        break_it(&mut scene);
        let verdict = scene.tick(Some(Request::Arm));
        (verdict.mode, verdict.refusal.map(|refusal| refusal.to_string()))
    };
    assert_eq!(arm(|_| {}), (Mode::Armed, None));
    let nobody = "cannot arm: nobody holds the arm's lease; its owner must send heartbeats";
    assert_eq!(
        arm(|scene| scene.witness.heartbeat = None),
        (Mode::Disarmed, Some(nobody.to_owned()))
    );
    let (mode, refusal) = arm(|scene| scene.witness.limits_hash = Some(7));
    assert_eq!(mode, Mode::Disarmed);
    assert!(refusal.unwrap().starts_with("cannot arm: the robot keeps limits 0000000000000007"));
}

/// Who took over has to arm anew, and then nobody else's heartbeat disturbs.
#[test]
fn the_new_owner_arms_anew_and_the_old_one_is_fenced() {
    let mut scene = Scene::moving_under(leased);
    scene.witness.heartbeat.as_mut().unwrap().token = Token(2);
    assert_eq!(scene.tick(None).mode, Mode::Stopped);
    while scene.tick(None).command.is_some() {}
    assert_eq!(scene.rearm().mode, Mode::Armed);
    scene.refresh(ms(1));
    scene.witness.heartbeat.as_mut().unwrap().token = Token(1);
    assert_eq!(scene.tick_as_is(None).mode, Mode::Armed);
}

#[test]
fn a_still_arm_may_repeat_itself_and_a_waiting_one_waits_for_no_chunk() {
    let mut scene = Scene::new({
        let mut config = config();
        config.supervision.state_repeats_max = Some(3);
        beaten(&mut config.supervision);
        config
    });
    // Anywhere but at zero, where a pose and a change of it look alike.
    scene.proposal.fill(0.3);
    scene.state.as_mut().unwrap().q.fill(0.3);
    chunk(&mut scene, Duration::ZERO);
    for _ in 0..100 {
        assert_eq!(scene.tick(None).cause, None);
    }
    scene.tick(Some(Request::Arm));
    for tick in 0..100 {
        if tick % 5 == 0 {
            chunk(&mut scene, Duration::ZERO);
        }
        assert_eq!(scene.tick(None).mode, Mode::Armed);
    }
}

/// The same picture seen at many ticks is one picture.
#[test]
fn a_picture_counts_once_however_often_it_is_looked_at() {
    let mut scene = Scene::moving_under(|supervision| supervision.frame_repeats_max = Some(2));
    let frame = FrameWitness { stamp: scene.now, hash: 1 };
    let verdict = lasting(&mut scene, 50, |scene| scene.witness.frames[0] = Some(frame));
    assert_eq!(verdict.mode, Mode::Armed);
}

/// A new run of commands answers for its own setpoints only.
#[test]
fn what_was_clamped_before_is_not_held_against_the_next_run() {
    let mut scene = Scene::moving_under(|supervision| {
        supervision.clamping = Some(ClampingLimits { share_max: 0.1, burst: ms(40) });
    });
    let verdict = lasting(&mut scene, 60, |scene| scene.proposal[0] -= 0.001);
    assert_eq!(verdict.cause.unwrap().code(), "clamping");
    scene.tick(Some(Request::Disarm));
    while scene.tick_resting(None).mode != Mode::Disarmed {}
    scene.proposal = scene.state.unwrap().q;
    scene.tick_resting(Some(Request::Arm));
    let verdict = scene.tick_resting(None);
    assert_eq!((verdict.mode, verdict.cause), (Mode::Armed, None));
}
