//! One value of each message, the same as in `tests/golden/generate.py`.

use core::time::Duration;

use tandem_types::{Command, Epoch, InstructionId, JointVec, Sequence, Stamp};
use tandem_wire::{
    ControlKind, ControlReply, ControlRequest, Counter, Distribution, EpisodeReply, EpisodeRequest,
    Heartbeat, Image, Instruction, Intervention, JointCommand, JointState, PolicyBundle,
    PolicyKind, PolicyReply, PolicyRequest, Receipt, Refusal, Report, Status, Text, Truth,
};

fn stamp(sec: u64, nanosec: u64) -> Stamp {
    Stamp::from_nanos(sec * 1_000_000_000 + nanosec)
}

fn joints(values: &[f64]) -> JointVec {
    JointVec::from_slice(values).unwrap()
}

pub(crate) fn joint_state() -> JointState {
    JointState {
        stamp: stamp(12, 345_678_901),
        frame_id: String::new(),
        names: ["shoulder", "elbow", "jaw"].map(str::to_owned).into(),
        positions: vec![0.25, -1.5, 3.0],
        velocities: vec![0.0, -0.125, 2.5],
        efforts: vec![],
    }
}

pub(crate) fn image() -> Image {
    Image {
        stamp: stamp(3, 7),
        frame_id: "front".into(),
        height_px: 2,
        width_px: 1,
        encoding: "rgb8".into(),
        is_bigendian: 0,
        step_bytes: 3,
        data: vec![255, 128, 0, 1, 2, 3],
    }
}

pub(crate) fn joint_command() -> JointCommand {
    JointCommand {
        stamp: stamp(1, 2),
        epoch: Epoch(3),
        sequence: Sequence(4),
        valid_for: Duration::from_millis(20),
        command: Command { q: joints(&[0.5, -0.5, 0.75]), dq: joints(&[1.0, 0.0, -1.0]) },
    }
}

pub(crate) fn receipt() -> Receipt {
    Receipt {
        stamp: stamp(5, 6),
        epoch: Epoch(7),
        command_epoch: Epoch(3),
        command_sequence: Sequence(4),
        applied: 100,
        refused: 2,
        refusal: Refusal::NotFinite,
        limits_hash: 0x0123_4567_89ab_cdef,
    }
}

pub(crate) fn heartbeat() -> Heartbeat {
    Heartbeat { stamp: stamp(6, 7), token: 0x0123_4567_89ab_cdef }
}

pub(crate) fn instruction() -> Instruction {
    Instruction {
        stamp: stamp(8, 9),
        id: InstructionId(10),
        text: "touch the gr\u{fc}n cube".into(),
    }
}

pub(crate) fn control_request() -> ControlRequest {
    ControlRequest { kind: ControlKind::Instruct, text: "go to the small ball".into() }
}

pub(crate) fn control_reply() -> ControlReply {
    ControlReply { ok: true, message: "armed".into(), nonce: 123_456 }
}

pub(crate) fn status() -> Status {
    Status {
        stamp: stamp(11, 12),
        epoch: Epoch(13),
        mode: 2,
        mode_text: "holding".into(),
        reaction: 3,
        cause: "latent goal is 1.2 s old".into(),
        instruction: "touch the red cube".into(),
        system1_bundle: "chunked".into(),
        system2_bundle: "small".into(),
        engine: "candle".into(),
        swap: "swap 2: done".into(),
        progress: 0.5,
        control_hz: 1000.0,
        system1_hz: 200.0,
        system2_hz: 8.0,
        state_age_ms: 1.5,
        observation_age_ms: 6.25,
        frame_age_ms: 40.0,
        latent_age_ms: 150.0,
        ticks: 14,
        missed: 15,
        clamped: 16,
        refused: 17,
        holds: 18,
        garbage: 19,
        joints: vec!["a".into(), "bc".into()],
        q: joints(&[0.1, 0.2]),
        command: joints(&[0.3, 0.4]),
        interventions: vec![Intervention {
            code: "velocity".into(),
            times: 20,
            joint: 1,
            value: -2.5,
            text: "joint 1 was asked for -2.50 rad/s".into(),
        }],
    }
}

pub(crate) fn report() -> Report {
    Report {
        distributions: vec![Distribution {
            name: "control.lateness".into(),
            unit: "us".into(),
            n: 1000,
            p50: 1.0,
            p99: 2.0,
            p99_9: 3.0,
            max: 4.0,
        }],
        counters: vec![Counter { name: "ticks".into(), value: 5.0 }],
        texts: vec![
            Text { name: "engine".into(), value: "onnx".into() },
            Text { name: "kernel".into(), value: String::new() },
        ],
    }
}

pub(crate) fn policy_request() -> PolicyRequest {
    PolicyRequest {
        kind: PolicyKind::Swap,
        name: "per-step".into(),
        engine: "onnx".into(),
        shadow_s: 2.5,
    }
}

pub(crate) fn policy_reply() -> PolicyReply {
    PolicyReply {
        ok: true,
        message: "two bundles".into(),
        swap: 3,
        under_way: true,
        steps: vec!["loading".into(), "in the shadow".into()],
        shadow: report().distributions,
        bundles: vec![
            PolicyBundle {
                name: "chunked".into(),
                active: true,
                engine: "candle".into(),
                fault: String::new(),
            },
            PolicyBundle {
                name: "odd".into(),
                active: false,
                engine: String::new(),
                fault: "uses joint `tail`".into(),
            },
        ],
    }
}

pub(crate) fn episode_request() -> EpisodeRequest {
    EpisodeRequest {
        seed: u64::MAX,
        objects_min: 2,
        objects_max: 5,
        instruct_other: false,
        settle: true,
    }
}

pub(crate) fn episode_reply() -> EpisodeReply {
    EpisodeReply {
        ok: true,
        message: String::new(),
        episode: 20,
        instruction: "touch the red cube".into(),
        alternative_instruction: "touch the ball".into(),
        target: 1,
        alternative: 0,
        objects: vec!["large blue ball".into(), "small red cube".into()],
    }
}

pub(crate) fn truth() -> Truth {
    Truth {
        stamp: stamp(21, 22),
        episode: 23,
        tip_m: [0.2, -0.1, 0.05],
        distances_m: vec![0.01, 0.2],
        target: 1,
        held_s: 0.125,
        succeeded: true,
    }
}
