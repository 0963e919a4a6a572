//! How well commands follow paths.

use tandem_guard::{Mode, Reaction, Request};
use tandem_types::{JointVec, Stamp};

use crate::fixture::{Rig, chunk, ms};

/// A chunk of `steps` points, 5 ms apart, of the path `position(seconds since the start)`.
fn sampled(
    start: Stamp,
    observed: Stamp,
    steps: u32,
    position: impl Fn(f64) -> f64,
) -> tandem_types::ActionChunk {
    let at = |step: u32| {
        let due = observed.after(ms(5) * step);
        position(start.age_at(due).as_secs_f64())
    };
    let mut path = Vec::new();
    for step in 1..=steps {
        #[expect(clippy::as_conversions, reason = "chunks are f32")]
        path.extend([at(step) as f32, 0.0]);
    }
    chunk(JointVec::from_slice(&[at(0), 0.0]).unwrap(), observed, ms(5), &path)
}

/// Plays `position` by chunks at 200 Hz that are 3 to 8 ms old when they come; gives the worst lag
/// after 300 ms, in rad.
fn worst_lag(position: impl Fn(f64) -> f64, ticks: u64) -> f64 {
    let mut rig = Rig::new();
    let start = rig.now;
    let mut worst = 0.0_f64;
    for tick in 0..ticks {
        let due = rig.now.after(ms(1));
        if tick % 5 == 0 {
            let latency = ms(3 + (tick / 5) % 6);
            let observed = due.before(latency).max(start);
            rig.chunk = Some(sampled(start, observed, 16, &position));
        }
        let output = rig.tick((tick == 0).then_some(Request::Arm));
        assert_eq!((output.mode, output.reaction), (Mode::Armed, Reaction::Ok), "{output:?}");
        if tick > 300 {
            let sent = output.command.unwrap().command().q[0];
            let wanted = position(start.age_at(due).as_secs_f64());
            worst = worst.max((sent - wanted).abs());
        }
    }
    worst
}

#[test]
fn a_ramp_is_tracked_without_lag() {
    let lag_rad = worst_lag(|time_s| time_s, 1_200);
    assert!(lag_rad < 0.000_2, "{lag_rad} rad behind at 1 rad/s");
}

#[test]
fn a_smooth_reach_is_tracked_closely() {
    // 0.8 rad amplitude at 0.25 Hz: up to 1.26 rad/s, 2 rad/s^2.
    let lag_rad = worst_lag(|time_s| 0.8 * (1.0 - (1.571 * time_s).cos()) / 2.0, 4_000);
    assert!(lag_rad < 0.002, "{lag_rad} rad off a sine");
}

/// A policy that jumps: the arm goes there within its limits and neither overshoots nor rings.
#[test]
fn a_step_neither_overshoots_nor_needs_the_guard() {
    for step_rad in [0.002, 0.02, 0.1, 0.5, 1.3] {
        let mut rig = Rig::new();
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
        assert!(highest <= step_rad * 1.001, "{step_rad} rad overshoots to {highest}");
        assert_eq!(clamped, 0, "{step_rad} rad");
    }
}
