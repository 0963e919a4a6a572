//! Every cause, triggered from healthy motion. Each row fails if its check is deleted.

use std::collections::BTreeSet;
use std::time::Duration;

use tandem_guard::{Cause, LatentAlignment, Mode, Obstacle, Reaction, Request, Signal, Verdict};
use tandem_types::{ActionChunk, JointVec, Stamp};

use crate::fixture::{Scene, ms};
use crate::supervision;

struct Row {
    code: &'static str,
    trigger: fn(&mut Scene) -> Verdict,
    mode: Mode,
    reaction: Reaction,
    sentence: &'static str,
}

/// One tick, 1 ms on, with one signal as old as the row says.
fn aged(scene: &mut Scene, age: impl FnOnce(&mut Scene, Stamp), by: Duration) -> Verdict {
    scene.refresh(ms(1));
    let stamp = scene.now.before(by);
    age(scene, stamp);
    scene.tick_as_is(None)
}

fn set_state(scene: &mut Scene, stamp: Stamp) {
    scene.state.as_mut().unwrap().stamp = stamp;
}

fn set_observed(scene: &mut Scene, stamp: Stamp) {
    scene.action.as_mut().unwrap().observed = stamp;
}

fn set_frame(scene: &mut Scene, stamp: Stamp) {
    scene.action.as_mut().unwrap().frame_observed = stamp;
}

fn set_latent(scene: &mut Scene, stamp: Stamp) {
    scene.action.as_mut().unwrap().latent_observed = stamp;
}

fn set_receipt(scene: &mut Scene, stamp: Stamp) {
    scene.receipt = Some(stamp);
}

/// A chunk of one step, `values`, observed `by` before the tick; refused `times` over.
fn refused(scene: &mut Scene, values: [f32; 2], by: Duration, times: usize) -> Verdict {
    scene.refresh(ms(1));
    for _ in 0..times {
        let mut chunk = ActionChunk::at_rest(JointVec::zeros(2), scene.now.before(by));
        chunk.set_path(ms(5), &values).unwrap();
        assert!(scene.guard.inspect(scene.now, &chunk).is_err());
    }
    scene.tick_as_is(None)
}

/// The proposal `step_rad` from where the arm is.
fn propose(scene: &mut Scene, step_rad: [f64; 2]) -> Verdict {
    let q = scene.proposal.map(|_, q| q - 0.002);
    scene.proposal = q.map(|joint, q| q + step_rad[joint]);
    scene.tick(None)
}

const ROWS: &[Row] = &[
    Row {
        code: "state_missing",
        trigger: |scene| {
            scene.state = None;
            scene.tick(None)
        },
        mode: Mode::Holding,
        reaction: Reaction::Hold,
        sentence: "no joint state yet; is the robot, or its bridge, running?",
    },
    Row {
        code: "state_stale",
        trigger: |scene| aged(scene, set_state, ms(21)),
        mode: Mode::Holding,
        reaction: Reaction::Hold,
        sentence: "the joint state is 21.0 ms old, at most 20.0 ms allowed; is the robot, or its \
                   bridge, running?",
    },
    Row {
        code: "state_stale",
        trigger: |scene| aged(scene, set_state, ms(2_001)),
        mode: Mode::Stopped,
        reaction: Reaction::Stop,
        sentence: "the joint state is 2001.0 ms old, at most 2000.0 ms allowed; is the robot, or \
                   its bridge, running?",
    },
    Row {
        code: "stamp_ahead",
        trigger: |scene| {
            let later = scene.now.after(ms(3));
            aged(scene, |scene, _| set_state(scene, later), ms(0))
        },
        mode: Mode::Holding,
        reaction: Reaction::Hold,
        sentence: "the joint state is stamped 2.0 ms in the future; its producer must stamp with \
                   this host's monotonic clock",
    },
    Row {
        code: "shape",
        trigger: |scene| {
            scene.state.as_mut().unwrap().q = JointVec::zeros(3);
            scene.tick(None)
        },
        mode: Mode::Holding,
        reaction: Reaction::Hold,
        sentence: "the joint state has 3 joints, the robot has 2; compare the config with what \
                   produces it",
    },
    Row {
        code: "shape",
        trigger: |scene| {
            scene.state.as_mut().unwrap().dq = JointVec::zeros(1);
            scene.tick(None)
        },
        mode: Mode::Holding,
        reaction: Reaction::Hold,
        sentence: "the joint state has 1 joints, the robot has 2; compare the config with what \
                   produces it",
    },
    Row {
        code: "not_finite",
        trigger: |scene| {
            scene.state.as_mut().unwrap().dq[1] = f64::INFINITY;
            scene.tick(None)
        },
        mode: Mode::Holding,
        reaction: Reaction::Hold,
        sentence: "the joint state holds NaN or infinity at joint 1; check what produces it",
    },
    Row {
        code: "latent_untrained",
        trigger: |scene| {
            let reaction = Reaction::Degrade;
            let alignment = LatentAlignment { age_min: ms(50), age_max: ms(250), reaction };
            scene.guard = scene.guard.clone().with_latent_alignment(Some(alignment));
            aged(scene, set_latent, ms(40))
        },
        mode: Mode::Armed,
        reaction: Reaction::Degrade,
        sentence: "System 1 uses a latent goal 40.0 ms old, and was trained on 50.0 ms to 250.0 \
                   ms; pace System 2 as in training, or train with the delays of this machine",
    },
    Row {
        code: "beyond_limit",
        trigger: |scene| {
            scene.state.as_mut().unwrap().q[1] = 1.501;
            scene.tick(None)
        },
        mode: Mode::Stopped,
        reaction: Reaction::Stop,
        sentence: "joint 1 measures 1.501 rad, beyond its limit of 1.500 rad; move it back by \
                   hand, or correct its calibration",
    },
    Row {
        code: "beyond_limit",
        trigger: |scene| {
            scene.state.as_mut().unwrap().q[0] = -1.501;
            scene.tick(None)
        },
        mode: Mode::Stopped,
        reaction: Reaction::Stop,
        sentence: "joint 0 measures -1.501 rad, beyond its limit of -1.500 rad; move it back by \
                   hand, or correct its calibration",
    },
    Row {
        code: "receipt_stale",
        trigger: |scene| aged(scene, set_receipt, ms(101)),
        mode: Mode::Holding,
        reaction: Reaction::Hold,
        sentence: "the robot's last receipt is 101.0 ms old, at most 100.0 ms allowed; does the \
                   robot hear this controller?",
    },
    Row {
        code: "receipt_stale",
        trigger: |scene| {
            for _ in 0..2_000 {
                scene.tick(None);
            }
            aged(scene, set_receipt, ms(2_001))
        },
        mode: Mode::Stopped,
        reaction: Reaction::Stop,
        sentence: "the robot's last receipt is 2001.0 ms old, at most 2000.0 ms allowed; does the \
                   robot hear this controller?",
    },
    Row {
        code: "action_missing",
        trigger: |scene| {
            scene.action = None;
            scene.tick(None)
        },
        mode: Mode::Holding,
        reaction: Reaction::Hold,
        sentence: "no action chunk yet; is System 1 running, and fast enough?",
    },
    Row {
        code: "action_stale",
        trigger: |scene| aged(scene, set_observed, ms(101)),
        mode: Mode::Holding,
        reaction: Reaction::Hold,
        sentence: "the action chunk is 101.0 ms old, at most 100.0 ms allowed; is System 1 \
                   running, and fast enough?",
    },
    Row {
        code: "stamp_ahead",
        trigger: |scene| {
            let later = scene.now.after(ms(3));
            aged(scene, |scene, _| set_observed(scene, later), ms(0))
        },
        mode: Mode::Holding,
        reaction: Reaction::Hold,
        sentence: "the action chunk is stamped 2.0 ms in the future; its producer must stamp with \
                   this host's monotonic clock",
    },
    Row {
        code: "frame_missing",
        trigger: |scene| aged(scene, |scene, _| set_frame(scene, Stamp::ORIGIN), ms(0)),
        mode: Mode::Holding,
        reaction: Reaction::Hold,
        sentence: "no camera picture yet; are the cameras running?",
    },
    Row {
        code: "frame_stale",
        trigger: |scene| aged(scene, set_frame, ms(201)),
        mode: Mode::Holding,
        reaction: Reaction::Hold,
        sentence: "the camera picture behind the action is 201.0 ms old, at most 200.0 ms \
                   allowed; are the cameras running?",
    },
    Row {
        code: "latent_missing",
        trigger: |scene| aged(scene, |scene, _| set_latent(scene, Stamp::ORIGIN), ms(0)),
        mode: Mode::Holding,
        reaction: Reaction::Hold,
        sentence: "no instruction or no latent goal yet; give an instruction, and see that System \
                   2 runs",
    },
    Row {
        code: "latent_stale",
        trigger: |scene| aged(scene, set_latent, ms(301)),
        mode: Mode::Armed,
        reaction: Reaction::Warn,
        sentence: "the latent goal behind the action is 301.0 ms old, at most 300.0 ms allowed; \
                   give an instruction, and see that System 2 runs",
    },
    Row {
        code: "latent_stale",
        trigger: |scene| aged(scene, set_latent, ms(1_001)),
        mode: Mode::Holding,
        reaction: Reaction::Hold,
        sentence: "the latent goal behind the action is 1001.0 ms old, at most 1000.0 ms allowed; \
                   give an instruction, and see that System 2 runs",
    },
    Row {
        code: "latent_stale",
        trigger: |scene| aged(scene, set_latent, ms(3_001)),
        mode: Mode::Stopped,
        reaction: Reaction::Stop,
        sentence: "the latent goal behind the action is 3001.0 ms old, at most 3000.0 ms allowed; \
                   give an instruction, and see that System 2 runs",
    },
    Row {
        code: "not_finite",
        trigger: |scene| refused(scene, [0.0, f32::NAN], ms(0), 2),
        mode: Mode::Armed,
        reaction: Reaction::Warn,
        sentence: "the action chunk holds NaN or infinity at joint 1; check what produces it",
    },
    Row {
        code: "not_finite",
        trigger: |scene| refused(scene, [f32::INFINITY, 0.0], ms(0), 3),
        mode: Mode::Holding,
        reaction: Reaction::Hold,
        sentence: "the action chunk holds NaN or infinity at joint 0; check what produces it",
    },
    Row {
        code: "not_finite",
        trigger: |scene| propose(scene, [0.0, f64::NAN]),
        mode: Mode::Holding,
        reaction: Reaction::Hold,
        sentence: "the action chunk holds NaN or infinity at joint 1; check what produces it",
    },
    Row {
        code: "shape",
        trigger: |scene| {
            scene.proposal = JointVec::zeros(1);
            scene.tick(None)
        },
        mode: Mode::Holding,
        reaction: Reaction::Hold,
        sentence: "the action chunk has 1 joints, the robot has 2; compare the config with what \
                   produces it",
    },
    Row {
        code: "action_out_of_order",
        trigger: |scene| {
            let good = ActionChunk::at_rest(JointVec::zeros(2), scene.now);
            scene.guard.inspect(scene.now, &good).unwrap();
            refused(scene, [0.0; 2], ms(5), 1)
        },
        mode: Mode::Armed,
        reaction: Reaction::Warn,
        sentence: "an action chunk came 4.0 ms behind the one before it; is a second System 1 \
                   running?",
    },
    Row {
        code: "position",
        trigger: |scene| propose(scene, [0.002, 1.5]),
        mode: Mode::Armed,
        reaction: Reaction::Warn,
        sentence: "joint 1 was asked to 1.690 rad and kept within its limit of 1.400 rad; the \
                   policy should stay inside the margin",
    },
    Row {
        code: "position",
        trigger: |scene| propose(scene, [-2.0, 0.002]),
        mode: Mode::Armed,
        reaction: Reaction::Warn,
        sentence: "joint 0 was asked to -1.810 rad and kept within its limit of -1.400 rad; the \
                   policy should stay inside the margin",
    },
    Row {
        code: "position",
        trigger: |scene| {
            // From 2 rad/s braking takes 0.11 rad, a tenth of it for easing in and out.
            loop {
                let verdict = scene.tick(None);
                if verdict.clamped {
                    return verdict;
                }
                scene.proposal = scene.proposal.map(|_, q| q + 0.002);
            }
        },
        mode: Mode::Armed,
        reaction: Reaction::Warn,
        sentence: "joint 0 was asked to 1.294 rad and kept within its limit of 1.400 rad; the \
                   policy should stay inside the margin",
    },
    Row {
        code: "velocity",
        trigger: |scene| propose(scene, [0.002, 0.004]),
        mode: Mode::Armed,
        reaction: Reaction::Warn,
        sentence: "joint 1 was asked for 4.00 rad/s and slowed to 2.00 rad/s; the policy asks for \
                   more speed than is allowed",
    },
    Row {
        code: "acceleration",
        trigger: |scene| propose(scene, [0.001, 0.002]),
        mode: Mode::Armed,
        reaction: Reaction::Warn,
        sentence: "joint 0 was asked for -1000.0 rad/s^2 and smoothed to 20.0 rad/s^2; the policy's \
                   path is too abrupt",
    },
    Row {
        code: "jerk",
        trigger: |scene| propose(scene, [0.001_985, 0.002]),
        mode: Mode::Armed,
        reaction: Reaction::Warn,
        sentence: "joint 0 was asked for -15000 rad/s^3 and eased to 2000 rad/s^3; the policy's \
                   path is too abrupt",
    },
    Row {
        code: "stop_requested",
        trigger: |scene| scene.tick(Some(Request::Stop)),
        mode: Mode::Stopped,
        reaction: Reaction::Stop,
        sentence: "a stop was requested",
    },
    Row {
        code: "disarm_requested",
        trigger: |scene| scene.tick(Some(Request::Disarm)),
        mode: Mode::Holding,
        reaction: Reaction::Hold,
        sentence: "disarming; the arm is coming to rest",
    },
];

#[test]
fn each_trigger_gives_its_cause_its_reaction_and_a_sentence_that_helps() {
    for row in ROWS {
        let mut scene = Scene::moving();
        let verdict = (row.trigger)(&mut scene);
        let cause = verdict.cause.unwrap_or_else(|| panic!("{}: nothing found", row.code));
        assert_eq!(cause.code(), row.code);
        assert_eq!(cause.to_string(), row.sentence);
        assert_eq!((verdict.mode, verdict.reaction), (row.mode, row.reaction), "{}", row.sentence);
    }
}

/// At the threshold itself nothing trips, or a robust system would become a nervous one.
#[test]
fn exactly_at_the_threshold_nothing_happens() {
    type Set = fn(&mut Scene, Stamp);
    let rows: [(Set, u64); 5] = [
        (set_state, 20),
        (set_observed, 100),
        (set_frame, 200),
        (set_latent, 300),
        (set_receipt, 100),
    ];
    for (set, age_ms) in rows {
        let verdict = aged(&mut Scene::moving(), set, ms(age_ms));
        assert_eq!((verdict.mode, verdict.cause), (Mode::Armed, None), "{age_ms} ms");
    }
}

/// All stamps come from one clock, but a tick takes its time before it samples.
#[test]
fn a_stamp_may_lie_a_millisecond_ahead_of_the_tick() {
    for set in [set_state, set_observed, set_frame, set_latent, set_receipt] {
        let mut scene = Scene::moving();
        let later = scene.now.after(ms(2));
        let verdict = aged(&mut scene, |scene, _| set(scene, later), ms(0));
        assert_eq!((verdict.mode, verdict.cause), (Mode::Armed, None));
    }
}

#[test]
fn a_verdict_says_how_old_everything_was() {
    let mut scene = Scene::moving();
    scene.refresh(ms(30));
    let now = scene.now;
    let setters = [set_state, set_observed, set_frame, set_latent, set_receipt];
    for (age_ms, set) in (1..).zip(setters) {
        set(&mut scene, now.before(ms(age_ms)));
    }
    let ages = scene.tick_as_is(None).ages;
    let found = [ages.state, ages.action, ages.frame, ages.latent, ages.receipt];
    assert_eq!(found, [1, 2, 3, 4, 5].map(|age_ms| Some(ms(age_ms))));
    // What never came has no age, rather than a very large one.
    scene.refresh(ms(1));
    set_latent(&mut scene, Stamp::ORIGIN);
    assert_eq!(scene.tick_as_is(None).ages.latent, None);
}

/// What dashboards plot. The numbers are all different, so that no two kinds can be mistaken.
#[test]
fn a_cause_carries_the_number_that_its_sentence_says() {
    let signal = Signal::Frame;
    let obstacle = Obstacle::Workspace;
    let rows = [
        (Cause::Stale { signal, age: ms(1_250), age_max: ms(200) }, Some(1.25)),
        (Cause::Ahead { signal, ahead: ms(1_500) }, Some(1.5)),
        (Cause::OutOfOrder { behind: ms(1_750) }, Some(1.75)),
        (Cause::Position { joint: 3, position_rad: 2.25, limit_rad: 0.1 }, Some(2.25)),
        (Cause::BeyondLimit { joint: 3, position_rad: 2.5, limit_rad: 0.1 }, Some(2.5)),
        (Cause::Velocity { joint: 3, velocity_rad_s: 3.25, limit_rad_s: 0.1 }, Some(3.25)),
        (Cause::Acceleration { joint: 3, acceleration_rad_s2: 4.5, limit_rad_s2: 0.1 }, Some(4.5)),
        (Cause::Jerk { joint: 3, jerk_rad_s3: 5.5, limit_rad_s3: 0.1 }, Some(5.5)),
        (Cause::Tracking { joint: 3, error_rad: 6.5, limit_rad: 0.1 }, Some(6.5)),
        (Cause::Torque { joint: 3, torque_nm: 7.5, limit_nm: 0.1 }, Some(7.5)),
        (Cause::Discontinuity { joint: 3, step_rad: 8.5, limit_rad: 0.1 }, Some(8.5)),
        (Cause::Clock { delta_s: -9.5, delta_s_max: 0.1 }, Some(-9.5)),
        (Cause::LatentNorm { norm: 10.5, limit: 0.1 }, Some(10.5)),
        (Cause::Space { obstacle, distance_m: 11.5, distance_m_min: 0.1 }, Some(11.5)),
        (Cause::TipSpeed { speed_m_s: 12.5, limit_m_s: 0.1 }, Some(12.5)),
        (Cause::Untrained { age: ms(625), age_min: ms(0), age_max: ms(300) }, Some(0.625)),
        (Cause::FrozenState { repeats: 13 }, Some(13.0)),
        (Cause::FrozenFrame { camera: 1, repeats: 14 }, Some(14.0)),
        (Cause::Overrun { late: 15, late_max: 5 }, Some(15.0)),
        (Cause::LinkFaults { faults_max: 16, window: ms(100) }, Some(16.0)),
        (Cause::NotFinite { signal, joint: 3 }, None),
        (Cause::StopRequested, None),
    ];
    for (cause, value) in rows {
        assert_eq!(cause.value(), value, "{cause}");
        let names_a_joint = cause.to_string().contains("joint 3");
        assert_eq!(cause.joint(), names_a_joint.then_some(3), "{cause}");
    }
}

#[test]
fn the_worst_reaction_wins() {
    let mut scene = Scene::moving();
    scene.state.as_mut().unwrap().q[0] = 1.6;
    let verdict = aged(&mut scene, set_observed, ms(500));
    assert_eq!((verdict.mode, verdict.cause.unwrap().code()), (Mode::Stopped, "beyond_limit"));

    let mut scene = Scene::moving();
    let verdict = aged(
        &mut scene,
        |scene, old| {
            set_latent(scene, old);
            set_frame(scene, scene.now.before(ms(201)));
        },
        ms(301),
    );
    assert_eq!((verdict.mode, verdict.cause.unwrap().code()), (Mode::Holding, "frame_stale"));
}

#[test]
fn a_good_chunk_ends_a_run_of_bad_ones() {
    let mut scene = Scene::moving();
    let verdict = refused(&mut scene, [f32::NAN, 0.0], ms(0), 3);
    assert_eq!((verdict.mode, verdict.counters.refused), (Mode::Holding, 3));
    let good = ActionChunk::at_rest(JointVec::zeros(2), scene.now);
    scene.guard.inspect(scene.now, &good).unwrap();
    scene.proposal = verdict.command.unwrap().command().q;
    assert_eq!(scene.tick(None).mode, Mode::Armed);
}

#[test]
fn a_chunk_is_refused_for_its_origin_its_shape_and_its_future() {
    let mut scene = Scene::moving();
    let now = scene.now;
    let mut refuse = |origin: &[f64], observed| {
        let chunk = ActionChunk::at_rest(JointVec::from_slice(origin).unwrap(), observed);
        scene.guard.inspect(now, &chunk).unwrap_err()
    };
    assert_eq!(refuse(&[0.0, f64::NAN], now).joint(), Some(1));
    assert_eq!(refuse(&[0.0; 3], now).code(), "shape");
    let ahead = refuse(&[0.0; 2], now.after(Duration::from_nanos(1)));
    assert_eq!(ahead.code(), "stamp_ahead");
    assert_eq!(ahead.joint(), None);
}

#[test]
fn interventions_are_counted() {
    let mut scene = Scene::moving();
    let before = scene.tick(None).counters;
    scene.proposal.fill(f64::INFINITY);
    let after = scene.tick(None).counters;
    assert_eq!((after.refused, after.holds), (before.refused + 1, before.holds + 1));
    assert_eq!(after.clamped, before.clamped);
    scene.proposal.fill(0.0);
    assert_eq!(scene.tick(None).counters.clamped, before.clamped + 1);
}

/// A new cause without a row does not compile here, and a row that is missing fails. The causes of
/// geometry are told apart in `space.rs`, by a robot that has one.
#[test]
fn every_cause_has_a_row() {
    fn kind(cause: &Cause) -> &'static str {
        match cause {
            Cause::Missing { .. } => "missing",
            Cause::Stale { .. } => "stale",
            Cause::Ahead { .. } => "ahead",
            Cause::OutOfOrder { .. } => "out_of_order",
            Cause::Shape { .. } => "shape",
            Cause::NotFinite { .. } => "not_finite",
            Cause::Position { .. } => "position",
            Cause::Velocity { .. } => "velocity",
            Cause::Acceleration { .. } => "acceleration",
            Cause::Jerk { .. } => "jerk",
            Cause::Untrained { .. } => "latent_untrained",
            Cause::BeyondLimit { .. } => "beyond_limit",
            Cause::Tracking { .. } => "tracking",
            Cause::Torque { .. } => "torque",
            Cause::Discontinuity { .. } => "discontinuity",
            Cause::Clamping { .. } => "clamping",
            Cause::FrozenState { .. } => "state_frozen",
            Cause::FrozenFrame { .. } => "frame_frozen",
            Cause::Overrun { .. } => "overrun",
            Cause::LinkFaults { .. } => "link_faults",
            Cause::Clock { .. } => "clock",
            Cause::Authority(_) => "authority",
            Cause::LimitsDiffer { .. } => "limits_differ",
            Cause::Model { .. } => "model",
            Cause::LatentShape { .. } => "latent_shape",
            Cause::LatentNorm { .. } => "latent_norm",
            Cause::Space { .. } => "space",
            Cause::TipSpeed { .. } => "tip_speed",
            Cause::StopRequested => "stop_requested",
            Cause::DisarmRequested => "disarm_requested",
        }
    }
    let causes = ROWS.iter().filter_map(|row| (row.trigger)(&mut Scene::moving()).cause);
    let kinds: BTreeSet<_> =
        causes.chain(supervision::causes()).map(|cause| kind(&cause)).collect();
    assert_eq!(kinds.len(), 28, "{kinds:?}");
}
