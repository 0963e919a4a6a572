//! Every topic, and the two largest services, take the largest message of its type.

use tandem_bus::{Keys, Topic};
use tandem_types::{JOINTS_MAX, JointVec};
use tandem_wire::{
    BUNDLES_MAX, CAUSE_BYTES_MAX, Counter, Distribution, Heartbeat, IMAGE_BYTES_MAX,
    INSTRUCTION_BYTES_MAX, INTERVENTIONS_MAX, Image, Instruction, Intervention, JointCommand,
    JointState, Message, NAME_BYTES_MAX, OBJECTS_MAX, PolicyBundle, PolicyReply,
    REPORT_ENTRIES_MAX, Receipt, Report, SWAP_STEPS_MAX, Status, TEXT_BYTES_MAX, Text, Truth,
};

fn check<M: Message>(topic: &Topic<M>, largest: &M) {
    check_limit(topic.key(), topic.limit_bytes(), largest);
}

fn check_limit<M: Message>(key: &str, limit_bytes: usize, largest: &M) {
    let mut payload = Vec::new();
    largest.encode(&mut payload);
    let bytes = payload.len();
    assert!(bytes <= limit_bytes, "{key}: {bytes} bytes, {limit_bytes} allowed");
    assert!(M::decode(&payload).is_ok());
}

fn text(bytes: usize) -> String {
    "x".repeat(bytes)
}

#[test]
fn the_largest_message_passes() {
    let keys = Keys::new("arm").unwrap();
    let name = || text(NAME_BYTES_MAX);
    let names = vec![name(); JOINTS_MAX];
    let joints = JointVec::zeros(JOINTS_MAX);
    check(
        &keys.state(),
        &JointState {
            frame_id: name(),
            names: names.clone(),
            positions: joints.to_vec(),
            velocities: joints.to_vec(),
            efforts: joints.to_vec(),
            ..JointState::default()
        },
    );
    check(
        &keys.camera("front").unwrap(),
        &Image {
            frame_id: name(),
            encoding: name(),
            data: vec![0; IMAGE_BYTES_MAX],
            ..Image::default()
        },
    );
    let mut command = JointCommand::default();
    (command.command.q, command.command.dq) = (joints, joints);
    check(&keys.command(), &command);
    check(&keys.receipt(), &Receipt::default());
    check(&keys.heartbeat(), &Heartbeat::default());
    let instruction = text(INSTRUCTION_BYTES_MAX);
    check(
        &keys.instruction(),
        &Instruction { text: instruction.clone(), ..Instruction::default() },
    );
    let intervention =
        Intervention { code: name(), text: text(CAUSE_BYTES_MAX), ..Intervention::default() };
    check(
        &keys.status(),
        &Status {
            mode_text: name(),
            cause: text(CAUSE_BYTES_MAX),
            instruction,
            system1_bundle: name(),
            system2_bundle: name(),
            engine: name(),
            swap: text(CAUSE_BYTES_MAX),
            joints: names,
            q: joints,
            command: joints,
            interventions: vec![intervention; INTERVENTIONS_MAX],
            ..Status::default()
        },
    );
    let distances_m = vec![0.0; OBJECTS_MAX];
    check(&keys.truth(), &Truth { distances_m, ..Truth::default() });
    let distribution = Distribution { name: name(), unit: name(), ..Distribution::default() };
    let policy = keys.policy();
    let bundle =
        PolicyBundle { name: name(), active: true, engine: name(), fault: text(TEXT_BYTES_MAX) };
    check_limit(
        policy.key(),
        policy.reply_limit_bytes(),
        &PolicyReply {
            message: text(TEXT_BYTES_MAX),
            steps: vec![text(TEXT_BYTES_MAX); SWAP_STEPS_MAX],
            shadow: vec![distribution.clone(); REPORT_ENTRIES_MAX],
            bundles: vec![bundle; BUNDLES_MAX],
            ..PolicyReply::default()
        },
    );
    let measurements = keys.measurements();
    check_limit(
        measurements.key(),
        measurements.reply_limit_bytes(),
        &Report {
            distributions: vec![distribution; REPORT_ENTRIES_MAX],
            counters: vec![Counter { name: name(), value: 0.0 }; REPORT_ENTRIES_MAX],
            texts: vec![Text { name: name(), value: text(TEXT_BYTES_MAX) }; REPORT_ENTRIES_MAX],
        },
    );
}
