//! What is written is read back, for any value; what is over a limit is cut and still readable.

use core::fmt::Debug;
use core::time::Duration;

use proptest::collection::vec;
use proptest::prelude::{Strategy, any, prop_assert_eq, proptest};
use tandem_types::{Command, Epoch, InstructionId, JOINTS_MAX, JointVec, Sequence, Stamp};
use tandem_wire::{
    ControlKind, ControlReply, ControlRequest, Counter, Distribution, EpisodeReply, EpisodeRequest,
    Heartbeat, INSTRUCTION_BYTES_MAX, Image, Instruction, Intervention, JointCommand, JointState,
    Message, PolicyBundle, PolicyKind, PolicyReply, PolicyRequest, Receipt, Refusal, Report,
    Status, Text, Truth,
};

fn round_trip<M: Message>(message: &M) -> M {
    // What the buffer held before must not show.
    let mut payload = vec![0xaa; 9];
    message.encode(&mut payload);
    M::decode(&payload).unwrap()
}

/// Up to 20 characters of up to 4 bytes each: within every limit.
fn text() -> impl Strategy<Value = String> {
    vec(any::<char>(), 0..20).prop_map(String::from_iter)
}

/// Any stamp whose seconds fit an `int32`.
fn stamp() -> impl Strategy<Value = Stamp> {
    (0..=0x7fff_ffff_u64 * 1_000_000_000 + 999_999_999).prop_map(Stamp::from_nanos)
}

fn joints() -> impl Strategy<Value = JointVec> {
    vec(any::<f64>(), 0..=JOINTS_MAX).prop_map(|values| JointVec::from_slice(&values).unwrap())
}

/// Equal, though a NaN differs from itself.
fn check<M: Message + Debug>(message: &M) {
    assert_eq!(format!("{:?}", round_trip(message)), format!("{message:?}"));
}

fn joint_states() -> impl Strategy<Value = JointState> {
    let values = proptest::array::uniform3(vec(any::<f64>(), 0..9));
    (stamp(), text(), vec(text(), 0..9), values).prop_map(
        |(stamp, frame_id, names, [positions, velocities, efforts])| JointState {
            stamp,
            frame_id,
            names,
            positions,
            velocities,
            efforts,
        },
    )
}

proptest! {
    #[test]
    fn joint_state(message in joint_states(), mut before in joint_states()) {
        check(&message);
        // What the message held before must not show.
        let mut payload = Vec::new();
        message.encode(&mut payload);
        before.decode_into(&payload).unwrap();
        prop_assert_eq!(format!("{before:?}"), format!("{message:?}"));
    }

    #[test]
    fn image(
        stamp in stamp(), [frame_id, encoding] in proptest::array::uniform2(text()),
        [height_px, width_px, step_bytes] in any::<[u32; 3]>(), is_bigendian in any::<u8>(),
        data in vec(any::<u8>(), 0..99),
    ) {
        check(&Image {
            stamp, frame_id, height_px, width_px, encoding, is_bigendian, step_bytes, data,
        });
    }

    #[test]
    fn joint_command(
        stamp in stamp(), [epoch, sequence, valid_for_ns] in any::<[u64; 3]>(),
        q in joints(), dq in joints(),
    ) {
        check(&JointCommand {
            stamp,
            epoch: Epoch(epoch),
            sequence: Sequence(sequence),
            valid_for: Duration::from_nanos(valid_for_ns),
            command: Command { q, dq },
        });
    }

    #[test]
    fn receipt(
        stamp in stamp(), [epoch, command_epoch, sequence, applied, refused] in any::<[u64; 5]>(),
        limits_hash in any::<u64>(),
        refusal in proptest::sample::select(&Refusal::ALL[..]),
    ) {
        check(&Receipt {
            stamp,
            epoch: Epoch(epoch),
            command_epoch: Epoch(command_epoch),
            command_sequence: Sequence(sequence),
            applied,
            refused,
            refusal,
            limits_hash,
        });
    }

    #[test]
    fn heartbeat(stamp in stamp(), token in any::<u64>()) {
        check(&Heartbeat { stamp, token });
    }

    #[test]
    fn instruction(stamp in stamp(), id in any::<u64>(), text in text()) {
        check(&Instruction { stamp, id: InstructionId(id), text });
    }

    #[test]
    fn control(
        kind in proptest::sample::select(&ControlKind::ALL[..]), text in text(),
        ok in any::<bool>(), message in text(), nonce in any::<u64>(),
    ) {
        check(&ControlRequest { kind, text });
        check(&ControlReply { ok, message, nonce });
    }

    #[test]
    fn status(
        stamp in stamp(), epoch in any::<u64>(), [mode, reaction] in any::<[u8; 2]>(),
        texts in proptest::array::uniform7(text()), progress in any::<f32>(),
        rates_hz in any::<[f64; 3]>(), ages_ms in any::<[f64; 4]>(), counts in any::<[u64; 6]>(),
        joints_named in vec(text(), 0..9), q in joints(), command in joints(),
        kinds in vec((text(), any::<u64>(), any::<i32>(), any::<f64>(), text()), 0..5),
    ) {
        let kind = |(code, times, joint, value, text)| Intervention {
            code, times, joint, value, text,
        };
        let interventions = kinds.into_iter().map(kind).collect();
        let [mode_text, cause, instruction, system1_bundle, system2_bundle, engine, swap] = texts;
        let [control_hz, system1_hz, system2_hz] = rates_hz;
        let [state_age_ms, observation_age_ms, frame_age_ms, latent_age_ms] = ages_ms;
        let [ticks, missed, clamped, refused, holds, garbage] = counts;
        check(&Status {
            stamp, epoch: Epoch(epoch), mode, mode_text, reaction, cause, instruction,
            system1_bundle, system2_bundle, engine, swap, progress, control_hz, system1_hz, system2_hz,
            state_age_ms, observation_age_ms, frame_age_ms, latent_age_ms, ticks, missed, clamped,
            refused, holds, garbage, joints: joints_named, q, command, interventions,
        });
    }

    #[test]
    fn policy(
        kind in proptest::sample::select(&PolicyKind::ALL[..]), shadow_s in any::<f64>(),
        [name, engine, message, fault] in proptest::array::uniform4(text()),
        [ok, under_way, active] in any::<[bool; 3]>(), swap in any::<u64>(),
        steps in vec(text(), 0..5), bundles in 0..5_usize,
    ) {
        check(&PolicyRequest { kind, name: name.clone(), engine: engine.clone(), shadow_s });
        let distribution = Distribution { name: name.clone(), n: swap, ..Distribution::default() };
        let bundles = vec![PolicyBundle { name, active, engine, fault }; bundles];
        let shadow = vec![distribution; bundles.len()];
        check(&PolicyReply { ok, message, swap, under_way, steps, shadow, bundles });
    }

    #[test]
    fn report(
        distributions in vec((text(), text(), any::<u64>(), any::<[f64; 4]>()), 0..5),
        counters in vec((text(), any::<f64>()), 0..5), texts in vec((text(), text()), 0..5),
    ) {
        let distribution = |(name, unit, n, [p50, p99, p99_9, max]): (_, _, _, [f64; 4])| {
            Distribution { name, unit, n, p50, p99, p99_9, max }
        };
        check(&Report {
            distributions: distributions.into_iter().map(distribution).collect(),
            counters: counters.into_iter().map(|(name, value)| Counter { name, value }).collect(),
            texts: texts.into_iter().map(|(name, value)| Text { name, value }).collect(),
        });
    }

    #[test]
    fn episode(
        seed in any::<u64>(), [objects_min, objects_max, target, alternative] in any::<[u8; 4]>(),
        [instruct_other, settle, ok] in any::<[bool; 3]>(),
        [message, instruction, alternative_instruction] in proptest::array::uniform3(text()),
        objects in vec(text(), 0..9),
    ) {
        check(&EpisodeRequest { seed, objects_min, objects_max, instruct_other, settle });
        check(&EpisodeReply {
            ok, message, episode: seed, instruction, alternative_instruction, target, alternative,
            objects,
        });
    }

    #[test]
    fn truth(
        stamp in stamp(), episode in any::<u64>(), tip_m in any::<[f64; 3]>(),
        distances_m in vec(any::<f64>(), 0..9), target in any::<u8>(), held_s in any::<f64>(),
        succeeded in any::<bool>(),
    ) {
        check(&Truth { stamp, episode, tip_m, distances_m, target, held_s, succeeded });
    }

    #[test]
    fn a_text_over_the_limit_is_cut_between_characters(text in vec(any::<char>(), 0..300)) {
        let text = String::from_iter(text);
        let received = round_trip(&Instruction { text: text.clone(), ..Instruction::default() });
        prop_assert_eq!(&*received.text, &text[..text.floor_char_boundary(INSTRUCTION_BYTES_MAX)]);
    }
}

#[test]
fn a_sequence_over_the_limit_is_cut() {
    let names = vec!["joint".to_owned(); JOINTS_MAX + 5];
    let positions = vec![1.0; JOINTS_MAX + 5];
    let received = round_trip(&JointState { names, positions, ..JointState::default() });
    assert_eq!((received.names.len(), received.positions.len()), (JOINTS_MAX, JOINTS_MAX));
}

#[test]
fn stamps_saturate_after_68_years() {
    let message = Instruction { stamp: Stamp::from_nanos(u64::MAX), ..Instruction::default() };
    let seconds = round_trip(&message).stamp.as_nanos() / 1_000_000_000;
    assert_eq!(seconds, 0x7fff_ffff);
}
