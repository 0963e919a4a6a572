//! How well commands follow paths.

use std::time::Duration;

use tandem_control::{Controller, ExecutorConfig};
use tandem_guard::{Limits, LimitsSpec, Mode, Reaction, Request};
use tandem_types::{ActionChunk, Epoch, JointVec, Stamp};

use crate::fixture::{EXECUTORS, Rig, chunk, config, ms, spec};

/// A chunk of 16 points, 5 ms apart, of the path `position(seconds since the start)`.
fn sampled(start: Stamp, observed: Stamp, position: impl Fn(f64) -> f64) -> ActionChunk {
    points(start, observed, (ms(5), 16), position)
}

/// As many points so far apart.
fn points(
    start: Stamp,
    observed: Stamp,
    (apart, steps): (Duration, u32),
    position: impl Fn(f64) -> f64,
) -> ActionChunk {
    let at = |step: u32| {
        let due = observed.after(apart * step);
        position(start.age_at(due).as_secs_f64())
    };
    let mut path = Vec::new();
    for step in 1..=steps {
        #[expect(clippy::as_conversions, reason = "chunks are f32")]
        path.extend([at(step) as f32, 0.0]);
    }
    chunk(JointVec::from_slice(&[at(0), 0.0]).unwrap(), observed, apart, &path)
}

/// Plays `position` by chunks at 200 Hz that are 3 to 8 ms old when they come; gives the worst lag
/// after 300 ms, in rad.
fn worst_lag(executor: ExecutorConfig, position: impl Fn(f64) -> f64, ticks: u64) -> f64 {
    let mut rig = Rig::with(executor);
    let start = rig.now;
    let mut worst = 0.0_f64;
    for tick in 0..ticks {
        let due = rig.now.after(ms(1));
        if tick % 5 == 0 {
            let latency = ms(3 + (tick / 5) % 6);
            let observed = due.before(latency).max(start);
            rig.chunk = Some(sampled(start, observed, &position));
        }
        let output = rig.tick((tick == 0).then_some(Request::Arm));
        if tick > 300 {
            assert_eq!((output.mode, output.reaction), (Mode::Armed, Reaction::Ok), "{output:?}");
            let sent = output.command.unwrap().command().q[0];
            let wanted = position(start.age_at(due).as_secs_f64());
            worst = worst.max((sent - wanted).abs());
        }
    }
    worst
}

#[test]
fn a_ramp_is_tracked_without_lag() {
    for executor in EXECUTORS {
        let lag_rad = worst_lag(executor, |time_s| time_s, 1_200);
        assert!(lag_rad < 0.000_2, "{executor:?}: {lag_rad} rad behind at 1 rad/s");
    }
}

#[test]
fn a_smooth_reach_is_tracked_closely() {
    // 0.8 rad amplitude at 0.25 Hz: up to 0.63 rad/s, 1 rad/s^2.
    let position = |time_s: f64| 0.8 * (1.0 - (1.571 * time_s).cos()) / 2.0;
    for executor in EXECUTORS {
        let lag_rad = worst_lag(executor, position, 4_000);
        assert!(lag_rad < 0.000_5, "{executor:?}: {lag_rad} rad off a sine");
    }
}

/// A rig whose joints have another jerk limit.
fn with_jerk(jerk_rad_s3_max: f64) -> Rig {
    let mut config = config();
    let spec = LimitsSpec { jerk_rad_s3_max: JointVec::splat(2, jerk_rad_s3_max), ..spec() };
    config.guard.limits = Limits::new(&spec).unwrap();
    Rig { controller: Controller::new(config, Epoch(1)).unwrap(), ..Rig::new() }
}

/// A policy that jumps: the arm goes there within its limits and neither overshoots nor rings,
/// however gently its joints must be treated.
#[test]
fn a_step_neither_overshoots_nor_needs_the_guard() {
    let steps_rad = [0.002, 0.02, 0.1, 0.5, 1.3];
    for jerk_rad_s3_max in [300.0, 1_000.0, 3_000.0, 100_000.0] {
        for step_rad in steps_rad {
            let mut rig = with_jerk(jerk_rad_s3_max);
            let (mut highest, mut ticks) = (0.0_f64, 0_usize);
            let target = JointVec::from_slice(&[step_rad, 0.0]).unwrap();
            while rig.state.q[0] < 0.98 * step_rad {
                rig.chunk = Some(chunk(target, rig.now, ms(5), &[]));
                rig.tick((ticks == 0).then_some(Request::Arm));
                ticks += 1;
                assert!(ticks < 2_000, "{step_rad} rad is not reached");
            }
            let mut clamped = 0;
            for _ in 0..1_000 {
                rig.chunk = Some(chunk(target, rig.now, ms(5), &[]));
                clamped = rig.tick(None).counters.clamped;
                highest = highest.max(rig.state.q[0]);
            }
            let case = format!("{step_rad} rad at {jerk_rad_s3_max} rad/s^3");
            assert!(highest <= step_rad * 1.001, "{case} overshoots to {highest}");
            assert_eq!(clamped, 0, "{case}");
        }
    }
}

/// A slow policy's corners are rounded: its points come at 20 Hz, and the commands between them have
/// no step in velocity that a joint could feel.
#[test]
fn a_slow_policy_moves_smoothly() {
    let position = |time_s: f64| 0.5 * (1.0 - (3.0 * time_s).cos());
    let mut rig = Rig::new();
    let start = rig.now;
    let (mut before, mut roughest) = (None, 0.0_f64);
    for tick in 0..3_000_u64 {
        let due = rig.now.after(ms(1));
        if tick % 90 == 0 {
            rig.chunk = Some(points(start, due.before(ms(1)), (ms(50), 4), position));
        }
        let output = rig.tick((tick == 0).then_some(Request::Arm));
        let ddq = output.command.map(|sent| sent.command().dq[0]).zip(before);
        before = output.command.map(|sent| sent.command().dq[0]);
        if let Some((now, before)) = ddq.filter(|_| tick > 300) {
            assert!(!output.clamped);
            roughest = roughest.max((now - before).abs() / 0.001);
        }
    }
    // The path itself accelerates by up to 4.5 rad/s^2. Followed along straight lines, its corners
    // would ask for 0.22 rad/s within a tick: 20 rad/s^2, all that these joints may.
    assert!(roughest < 6.0, "{roughest} rad/s^2");
}
