//! The table: each check, what trips it, what follows, and what is said.

use core::time::Duration;

use tandem_guard::{
    ClampingLimits, LatentLimits, LinkLimits, Mode, OverrunLimits, Reaction, Supervision, Token,
    TrackingLimits, Verdict,
};
use tandem_types::{ActionChunk, JointVec, ModelId};

use crate::fixture::{Scene, ms};

/// One check. Without `supervise`, the same trigger must do nothing: it is that check and no other.
pub(super) struct Row {
    pub(super) supervise: fn(&mut Supervision),
    pub(super) trigger: fn(&mut Scene) -> Verdict,
    pub(super) mode: Mode,
    pub(super) reaction: Reaction,
    pub(super) code: &'static str,
    pub(super) sentence: &'static str,
}

pub(super) fn tracked(supervision: &mut Supervision) {
    supervision.tracking = Some(TrackingLimits {
        error_rad_max: JointVec::splat(2, 0.1),
        torque_nm_max: Some(JointVec::splat(2, 3.0)),
        after: ms(50),
    });
}

pub(super) fn leased(supervision: &mut Supervision) {
    supervision.lease_age_max = Some(ms(50));
}

pub(super) fn beaten(supervision: &mut Supervision) {
    supervision.overrun =
        Some(OverrunLimits { period: ms(5), late_run_max: 2, late_share_max: 0.01 });
}

pub(super) fn linked(supervision: &mut Supervision) {
    supervision.link = Some(LinkLimits { faults_max: 3, window: ms(1_000) });
}

pub(super) fn trained(supervision: &mut Supervision) {
    let limits = LatentLimits { model: ModelId(5), dim: 32, norm_min: 2.0, norm_max: 4.0 };
    supervision.latent = Some(limits);
}

pub(super) fn unjumpy(supervision: &mut Supervision) {
    supervision.step_rad_max = Some(0.05);
}

/// Goes on for some ticks with one thing wrong, set anew in each.
pub(super) fn lasting(scene: &mut Scene, ticks: usize, wrong: impl Fn(&mut Scene)) -> Verdict {
    for _ in 1..ticks {
        scene.refresh(ms(1));
        wrong(scene);
        let verdict = scene.tick_as_is(None);
        let q = verdict.command.unwrap().command().q;
        scene.state.as_mut().unwrap().q = q;
        scene.proposal = q.map(|_, q| q + 0.002);
    }
    scene.refresh(ms(1));
    wrong(scene);
    scene.tick_as_is(None)
}

pub(super) fn off_by(scene: &mut Scene, error_rad: f64) {
    scene.state.as_mut().unwrap().q[1] -= error_rad;
}

/// A chunk that says when the next is to come.
pub(super) fn chunk(scene: &mut Scene, renewed_after: Duration) {
    let pose = scene.state.unwrap().q;
    let mut chunk = ActionChunk::at_rest(pose, scene.now);
    chunk.renewed_after = renewed_after;
    scene.guard.inspect(scene.now, &chunk).unwrap();
}

/// A chunk every `every` ms for some time, then ticks without one. The policy is one of System 1's
/// own rate.
pub(super) fn limping(scene: &mut Scene, every: usize, ticks: usize, then: usize) -> Verdict {
    limping_at(Duration::ZERO, scene, every, ticks, then)
}

/// As [`limping`], by a policy that means to say a chunk once in each `period`.
pub(super) fn limping_at(
    period: Duration,
    scene: &mut Scene,
    every: usize,
    ticks: usize,
    then: usize,
) -> Verdict {
    for tick in 0..ticks {
        let verdict = scene.tick(None);
        scene.go_on(&verdict);
        // Room to move in: back and forth.
        scene.proposal = verdict.command.unwrap().command().q;
        if tick % every == 0 {
            chunk(scene, period);
        }
    }
    lasting(scene, then, |_| {})
}

pub(super) const ROWS: &[Row] = &[
    Row {
        supervise: tracked,
        trigger: |scene| lasting(scene, 1, |scene| off_by(scene, 0.11)),
        mode: Mode::Armed,
        reaction: Reaction::Degrade,
        code: "tracking",
        sentence: "joint 1 is 0.110 rad from its command, at most 0.100 rad allowed; is something \
                   in its way, or its servo off?",
    },
    Row {
        supervise: tracked,
        trigger: |scene| lasting(scene, 51, |scene| off_by(scene, 0.11)),
        mode: Mode::Stopped,
        reaction: Reaction::Stop,
        code: "tracking",
        sentence: "joint 1 is 0.110 rad from its command, at most 0.100 rad allowed; is something \
                   in its way, or its servo off?",
    },
    Row {
        supervise: tracked,
        trigger: |scene| lasting(scene, 51, |scene| scene.state.as_mut().unwrap().tau[0] = -3.5),
        mode: Mode::Stopped,
        reaction: Reaction::Stop,
        code: "torque",
        sentence: "joint 0 pushes with -3.50 N m, at most 3.00 N m allowed; is something in its \
                   way?",
    },
    Row {
        supervise: unjumpy,
        trigger: |scene| {
            scene.proposal[1] += 0.06;
            scene.tick(None)
        },
        mode: Mode::Holding,
        reaction: Reaction::Hold,
        code: "discontinuity",
        sentence: "joint 1 was asked to jump by 0.062 rad, at most 0.050 rad allowed; the policy's \
                   path does not begin where the arm is, or breaks off",
    },
    Row {
        supervise: |supervision| {
            supervision.clamping = Some(ClampingLimits { share_max: 0.5, burst: ms(40) });
        },
        trigger: |scene| lasting(scene, 60, |scene| scene.proposal[0] -= 0.001),
        mode: Mode::Holding,
        reaction: Reaction::Hold,
        code: "clamping",
        sentence: "more than 50 % of the setpoints had to be changed to keep a limit; the policy \
                   asks for what this arm may not do",
    },
    Row {
        supervise: |supervision| supervision.state_repeats_max = Some(20),
        trigger: |scene| {
            let frozen = scene.state.unwrap().q;
            lasting(scene, 21, |scene| scene.state.as_mut().unwrap().q = frozen)
        },
        mode: Mode::Holding,
        reaction: Reaction::Hold,
        code: "state_frozen",
        sentence: "the joint state came 20 times without a change; restart what produces it",
    },
    Row {
        supervise: |supervision| supervision.frame_repeats_max = Some(5),
        trigger: |scene| {
            lasting(scene, 6, |scene| scene.witness.frames[1].as_mut().unwrap().hash = 99)
        },
        mode: Mode::Holding,
        reaction: Reaction::Hold,
        code: "frame_frozen",
        sentence: "camera 1 sent the same picture 5 times; restart what produces it",
    },
    Row {
        supervise: beaten,
        trigger: |scene| limping(scene, 5, 100, 15),
        mode: Mode::Holding,
        reaction: Reaction::Hold,
        code: "overrun",
        sentence: "System 1 is 3 chunks late, at most 2 in a row and few in a second allowed; give \
                   it more of the machine, or a slower rate",
    },
    Row {
        supervise: beaten,
        trigger: |scene| limping(scene, 10, 35, 5),
        mode: Mode::Holding,
        reaction: Reaction::Hold,
        code: "overrun",
        sentence: "System 1 is 1 chunks late, at most 2 in a row and few in a second allowed; give \
                   it more of the machine, or a slower rate",
    },
    Row {
        supervise: linked,
        trigger: |scene| {
            scene.witness.link_faults += 4;
            scene.tick(None)
        },
        mode: Mode::Holding,
        reaction: Reaction::Hold,
        code: "link_faults",
        sentence: "more than 3 messages in 1000.0 ms had a wrong sequence, epoch or source; is a \
                   second controller or robot on this bus?",
    },
    Row {
        supervise: leased,
        trigger: |scene| {
            let before = scene.witness.heartbeat;
            lasting(scene, 51, |scene| scene.witness.heartbeat = before)
        },
        mode: Mode::Stopped,
        reaction: Reaction::Stop,
        code: "authority",
        sentence: "the heartbeat of the arm's owner is 51.0 ms old, at most 50.0 ms allowed; is it \
                   alive?",
    },
    // A heartbeat from the future would keep the lease of whoever sent it, dead or alive.
    Row {
        supervise: leased,
        trigger: |scene| {
            let later = scene.now.after(ms(1_000));
            lasting(scene, 51, |scene| scene.witness.heartbeat.as_mut().unwrap().stamp = later)
        },
        mode: Mode::Stopped,
        reaction: Reaction::Stop,
        code: "authority",
        sentence: "the heartbeat of the arm's owner is 51.0 ms old, at most 50.0 ms allowed; is it \
                   alive?",
    },
    Row {
        supervise: leased,
        trigger: |scene| {
            lasting(scene, 1, |scene| scene.witness.heartbeat.as_mut().unwrap().token = Token(2))
        },
        mode: Mode::Stopped,
        reaction: Reaction::Stop,
        code: "authority",
        sentence: "owner 2 took the arm over; acknowledge and arm for it",
    },
    Row {
        supervise: trained,
        trigger: |scene| {
            lasting(scene, 1, |scene| scene.witness.latent.as_mut().unwrap().model = ModelId(6))
        },
        mode: Mode::Holding,
        reaction: Reaction::Hold,
        code: "model",
        sentence: "the latent goal comes from model 0000000000000006, the policy was trained with \
                   0000000000000005; load the System 2 that belongs to it",
    },
    Row {
        supervise: trained,
        trigger: |scene| lasting(scene, 1, |scene| scene.witness.latent.as_mut().unwrap().dim = 31),
        mode: Mode::Holding,
        reaction: Reaction::Hold,
        code: "latent_shape",
        sentence: "the latent goal has 31 values, the policy takes 32; load the System 2 that \
                   belongs to it",
    },
    Row {
        supervise: trained,
        trigger: |scene| {
            lasting(scene, 1, |scene| scene.witness.latent.as_mut().unwrap().norm = 4.5)
        },
        mode: Mode::Armed,
        reaction: Reaction::Degrade,
        code: "latent_norm",
        sentence: "the latent goal's length of 4.50 is beyond 4.00, unlike any the policy was \
                   trained on; is this a scene or an instruction it knows?",
    },
    Row {
        supervise: trained,
        trigger: |scene| {
            lasting(scene, 1, |scene| scene.witness.latent.as_mut().unwrap().norm = 1.5)
        },
        mode: Mode::Armed,
        reaction: Reaction::Degrade,
        code: "latent_norm",
        sentence: "the latent goal's length of 1.50 is beyond 2.00, unlike any the policy was \
                   trained on; is this a scene or an instruction it knows?",
    },
    Row {
        supervise: |supervision| supervision.latent_age_slow = Some(ms(250)),
        trigger: |scene| {
            lasting(scene, 1, |scene| {
                scene.action.as_mut().unwrap().latent_observed = scene.now.before(ms(251));
            })
        },
        mode: Mode::Armed,
        reaction: Reaction::Degrade,
        code: "latent_stale",
        sentence: "the latent goal behind the action is 251.0 ms old, at most 250.0 ms allowed; \
                   give an instruction, and see that System 2 runs",
    },
];

pub(super) type Always = (fn(&mut Scene) -> Verdict, Mode, &'static str);

/// Checks that nobody can leave out.
pub(super) const ALWAYS: &[Always] = &[
    (
        |scene| {
            scene.refresh(ms(11));
            scene.tick_as_is(None)
        },
        Mode::Holding,
        "this tick came 11.0 ms after the one before it, 10.0 ms at most; the clock jumped, or the \
         machine stood still",
    ),
    (
        |scene| {
            scene.now = scene.now.before(ms(3));
            scene.refresh(ms(1));
            scene.tick_as_is(None)
        },
        Mode::Holding,
        "this tick came -2.0 ms after the one before it, 10.0 ms at most; the clock jumped, or the \
         machine stood still",
    ),
    (
        |scene| {
            scene.witness.limits_hash = Some(7);
            scene.tick(None)
        },
        Mode::Stopped,
        "the robot keeps limits 0000000000000007, this config says 0aaa0aaa0aaa0aaa; bring its URDF \
         and its firmware together",
    ),
];
