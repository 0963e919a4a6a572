//! Every cause, triggered from healthy motion. Each row fails if its check is deleted.

mod table;

use std::collections::BTreeSet;
use std::time::Duration;

use tandem_guard::{Cause, Mode, Obstacle, Signal};
use tandem_types::{ActionChunk, JointVec, Stamp};

use crate::fixture::{Scene, ms};
use crate::supervision;
use table::*;

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
