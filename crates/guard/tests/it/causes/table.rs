//! The table: how each cause is triggered, what follows, and what is said.

use std::time::Duration;

use tandem_guard::{LatentAlignment, Mode, Reaction, Request, Verdict};
use tandem_types::{ActionChunk, JointVec, Stamp};

use crate::fixture::{Scene, ms};

pub(super) struct Row {
    pub(super) code: &'static str,
    pub(super) trigger: fn(&mut Scene) -> Verdict,
    pub(super) mode: Mode,
    pub(super) reaction: Reaction,
    pub(super) sentence: &'static str,
}

/// One tick, 1 ms on, with one signal as old as the row says.
pub(super) fn aged(
    scene: &mut Scene,
    age: impl FnOnce(&mut Scene, Stamp),
    by: Duration,
) -> Verdict {
    scene.refresh(ms(1));
    let stamp = scene.now.before(by);
    age(scene, stamp);
    scene.tick_as_is(None)
}

pub(super) fn set_state(scene: &mut Scene, stamp: Stamp) {
    scene.state.as_mut().unwrap().stamp = stamp;
}

pub(super) fn set_observed(scene: &mut Scene, stamp: Stamp) {
    scene.action.as_mut().unwrap().observed = stamp;
}

pub(super) fn set_frame(scene: &mut Scene, stamp: Stamp) {
    scene.action.as_mut().unwrap().frame_observed = stamp;
}

pub(super) fn set_latent(scene: &mut Scene, stamp: Stamp) {
    scene.action.as_mut().unwrap().latent_observed = stamp;
}

pub(super) fn set_receipt(scene: &mut Scene, stamp: Stamp) {
    scene.receipt = Some(stamp);
}

/// A chunk of one step, `values`, observed `by` before the tick; refused `times` over.
pub(super) fn refused(scene: &mut Scene, values: [f32; 2], by: Duration, times: usize) -> Verdict {
    scene.refresh(ms(1));
    for _ in 0..times {
        let mut chunk = ActionChunk::at_rest(JointVec::zeros(2), scene.now.before(by));
        chunk.set_path(ms(5), &values).unwrap();
        assert!(scene.guard.inspect(scene.now, &chunk).is_err());
    }
    scene.tick_as_is(None)
}

/// The proposal `step_rad` from where the arm is.
pub(super) fn propose(scene: &mut Scene, step_rad: [f64; 2]) -> Verdict {
    let q = scene.proposal.map(|_, q| q - 0.002);
    scene.proposal = q.map(|joint, q| q + step_rad[joint]);
    scene.tick(None)
}

pub(super) const ROWS: &[Row] = &[
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
