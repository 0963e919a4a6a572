//! The tick among its neighbours: a policy that sees postures, holds and resumes, bad chunks.

use tandem_control::Output;
use tandem_guard::{Mode, Request};
use tandem_types::{ActionChunk, JointVec, Posture, Stamp};

use crate::fixture::{Rig, chunk, ms};

/// A stand-in for System 1: heads for a goal at up to 1 rad/s and ever slower within 0.1 rad of it,
/// from the command it was shown.
fn policy(posture: &Posture, goal_rad: f64) -> ActionChunk {
    let mut q = posture.command.q;
    let mut path = Vec::new();
    for _ in 0..16 {
        q = q.map(|_, q| q + (0.05 * (goal_rad - q)).clamp(-0.005, 0.005));
        #[expect(clippy::as_conversions, reason = "chunks are f32")]
        path.extend(q.iter().map(|&value| value as f32));
    }
    chunk(posture.command.q, posture.stamp, ms(5), &path)
}

/// The loop of posture and chunk at 200 Hz with 4 ms of latency.
struct Loop {
    rig: Rig,
    goal_rad: f64,
    ticks: u64,
    seen: Option<Posture>,
    latent_observed: Option<Stamp>,
}

impl Loop {
    fn new(goal_rad: f64) -> Self {
        Self { rig: Rig::new(), goal_rad, ticks: 0, seen: None, latent_observed: None }
    }

    fn tick(&mut self, request: Option<Request>) -> Output {
        if self.ticks % 5 == 4 {
            self.rig.chunk = self.seen.map(|posture| policy(&posture, self.goal_rad));
            if let (Some(chunk), Some(stamp)) = (&mut self.rig.chunk, self.latent_observed) {
                chunk.latent_observed = stamp;
            }
        }
        let output = self.rig.tick(request);
        if self.ticks.is_multiple_of(5) {
            self.seen = output.posture;
        }
        self.ticks += 1;
        output
    }

    fn ticks(&mut self, ticks: usize) -> Output {
        let mut output = self.tick(None);
        for _ in 1..ticks {
            output = self.tick(None);
        }
        output
    }
}

#[test]
fn a_policy_that_departs_from_the_command_arrives_without_interventions() {
    let mut rig = Loop::new(0.6);
    rig.ticks(20);
    rig.tick(Some(Request::Arm));
    // 0.5 s at 1 rad/s, then nearer by a factor e every 0.1 s: 1 mrad is left after 0.96 s.
    let mut highest = 0.0_f64;
    let mut output = rig.tick(None);
    for _ in 0..1_000 {
        output = rig.tick(None);
        highest = highest.max(rig.rig.state.q[0]);
    }
    assert!((rig.rig.state.q[0] - 0.6).abs() < 0.002, "{:?}", rig.rig.state.q);
    assert!(highest < 0.6001, "overshoots to {highest}");
    assert_eq!((output.counters.clamped, output.counters.holds), (0, 0));
}

#[test]
fn nothing_moves_before_somebody_arms() {
    let mut rig = Loop::new(0.6);
    for _ in 0..1_000 {
        let output = rig.tick(None);
        let posture = output.posture.unwrap();
        assert_eq!((output.mode, output.command), (Mode::Disarmed, None));
        // System 1 is shown the measured pose as the command, so its first path begins there.
        assert_eq!(posture.command.q, posture.state.q);
    }
    assert_eq!(rig.rig.state.q, JointVec::zeros(2));
}

#[test]
fn a_hold_brakes_and_motion_resumes_from_rest_where_it_ended() {
    let mut rig = Loop::new(1.2);
    rig.ticks(20);
    rig.tick(Some(Request::Arm));
    rig.ticks(300);
    rig.latent_observed = Some(Stamp::ORIGIN);
    let held = rig.ticks(200);
    assert_eq!((held.mode, held.cause.unwrap().code()), (Mode::Holding, "latent_missing"));
    let rest = held.command.unwrap();
    assert_eq!(rest.command().dq, JointVec::zeros(2));
    assert_eq!(held.posture.unwrap().command, *rest.command());

    rig.latent_observed = None;
    let mut output = rig.tick(None);
    while output.mode == Mode::Holding {
        assert_eq!(output.command.unwrap().command().q, rest.command().q);
        output = rig.tick(None);
    }
    // 2000 rad/s^3 for one tick moves a joint by 2 urad.
    let moved = output.command.unwrap().command().q[0] - rest.command().q[0];
    assert!(moved > 0.0 && moved <= 2.1e-6, "{moved}");
    rig.ticks(2_000);
    assert!((rig.rig.state.q[0] - 1.2).abs() < 1e-3);
}

#[test]
fn a_dead_system_1_is_a_hold_and_the_arm_stays() {
    let mut rig = Loop::new(1.2);
    rig.ticks(20);
    rig.tick(Some(Request::Arm));
    rig.ticks(200);
    let last = rig.rig.chunk;
    rig.seen = None;
    for _ in 0..5_000 {
        rig.rig.chunk = last;
        rig.rig.tick(None);
    }
    let output = rig.rig.tick(None);
    assert_eq!((output.mode, output.cause.unwrap().code()), (Mode::Holding, "action_stale"));
    assert_eq!(output.command.unwrap().command().dq, JointVec::zeros(2));
}

#[test]
fn a_bad_chunk_is_dropped_and_the_good_one_before_it_plays_on() {
    let mut rig = Loop::new(1.2);
    rig.ticks(20);
    rig.tick(Some(Request::Arm));
    rig.ticks(202);
    let before = rig.rig.state.q[0];
    let bad = chunk(JointVec::splat(2, f64::NAN), rig.rig.now, ms(5), &[]);
    rig.rig.chunk = Some(bad);
    for _ in 0..10 {
        let output = rig.rig.tick(None);
        assert_eq!((output.mode, output.counters.refused), (Mode::Armed, 1), "{:?}", output.cause);
    }
    assert!(rig.rig.state.q[0] > before + 0.008);
}

#[test]
fn a_chunk_from_far_away_is_approached_within_the_limits() {
    let mut rig = Rig::new();
    rig.tick(None);
    rig.tick(Some(Request::Arm));
    rig.chunk = Some(chunk(JointVec::splat(2, 1.3), rig.now, ms(5), &[-1.3; 64]));
    let output = rig.tick(None);
    let speed_rad_s = output.command.unwrap().command().dq.max_abs();
    assert!(speed_rad_s > 0.0 && speed_rad_s <= 0.002 + 1e-12, "{speed_rad_s}");
}

#[test]
fn a_seam_is_measured_where_one_chunk_follows_another_in_motion() {
    let mut rig = Rig::new();
    rig.tick(None);
    rig.tick(Some(Request::Arm));
    rig.chunk = Some(chunk(JointVec::zeros(2), rig.now, ms(5), &[]));
    assert_eq!(rig.tick(None).seam_rad, None, "nothing had been planned");
    assert_eq!(rig.tick(None).seam_rad, None, "the same chunk");
    let apart = JointVec::from_slice(&[0.01, -0.02]).unwrap();
    rig.chunk = Some(chunk(apart, rig.now, ms(5), &[]));
    assert_eq!(rig.tick(None).seam_rad, Some(0.02));
    // While the arm is held nothing is executed, whatever is planned.
    rig.state.q[0] = f64::NAN;
    rig.chunk = Some(chunk(JointVec::zeros(2), rig.now, ms(5), &[]));
    assert_eq!(rig.tick(None).seam_rad, None);
}

#[test]
fn ages_are_those_of_the_chunk_being_played() {
    let mut rig = Rig::new();
    rig.tick(None);
    let mut good = chunk(JointVec::zeros(2), rig.now, ms(5), &[]);
    good.frame_observed = rig.now.before(ms(30));
    good.latent_observed = rig.now.before(ms(130));
    rig.chunk = Some(good);
    rig.tick(Some(Request::Arm));
    rig.state.q[0] = 0.0;
    let ages = rig.tick(None).ages;
    assert_eq!((ages.state, ages.action), (Some(ms(0)), Some(ms(2))));
    assert_eq!((ages.frame, ages.latent), (Some(ms(32)), Some(ms(132))));
    assert_eq!(ages.receipt, Some(ms(1)));
}

#[test]
fn a_state_that_is_not_whole_is_no_posture() {
    let mut rig = Rig::new();
    assert!(rig.tick(None).posture.is_some());
    rig.state.q[0] = f64::NAN;
    assert!(rig.tick(None).posture.is_none());
    rig.state.q = JointVec::zeros(3);
    assert!(rig.tick(None).posture.is_none());
}
