//! The published `.msg` files say what the code does: each is read here by a small interpreter that
//! walks a payload field by field, knowing nothing but the definition.

use tandem_types::JOINTS_MAX;
use tandem_wire::{
    BUNDLES_MAX, CAUSE_BYTES_MAX, CdrReader, ControlKind, ControlReply, ControlRequest,
    DecodeError, EpisodeReply, EpisodeRequest, Heartbeat, INSTRUCTION_BYTES_MAX, INTERVENTIONS_MAX,
    Instruction, JointCommand, Message, NAME_BYTES_MAX, OBJECTS_MAX, PolicyKind, PolicyReply,
    PolicyRequest, REPORT_ENTRIES_MAX, Receipt, Refusal, Report, SWAP_STEPS_MAX, Status,
    TEXT_BYTES_MAX, Truth,
};

use crate::samples;

/// The definition of a type of our package.
fn definition(name: &str) -> String {
    let path = format!("{}/msg/{name}.msg", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The lines of a definition that are fields: type and name.
fn fields(text: &str) -> Vec<(&str, &str)> {
    text.lines()
        .filter_map(|line| line.split('#').next()?.trim().split_once(' '))
        .filter(|(_, name)| !name.contains('='))
        .map(|(kind, name)| (kind, name.trim()))
        .collect()
}

/// Reads one value of a type as it is written in a definition.
fn walk(kind: &str, from: &mut CdrReader<'_>) -> Result<(), DecodeError> {
    if let Some((element, count)) = kind.strip_suffix(']').and_then(|kind| kind.rsplit_once('[')) {
        return match count.strip_prefix("<=") {
            Some(bound) => {
                let count_max = bound.parse().unwrap();
                from.sequence(count_max, 1, |from| walk(element, from)).map(|_| ())
            }
            None => (0..count.parse::<u32>().unwrap()).try_for_each(|_| walk(element, from)),
        };
    }
    match kind {
        "bool" => from.bool().map(|_| ()),
        "uint8" => from.u8().map(|_| ()),
        "int32" => from.i32().map(|_| ()),
        "uint64" => from.u64().map(|_| ()),
        "float32" => from.f32().map(|_| ()),
        "float64" => from.f64().map(|_| ()),
        "builtin_interfaces/Time" => from.stamp().map(|_| ()),
        _ => match kind.strip_prefix("string<=") {
            Some(bound) => from.str(bound.parse().unwrap()).map(|_| ()),
            None => walk_all(&definition(kind), from),
        },
    }
}

fn walk_all(text: &str, from: &mut CdrReader<'_>) -> Result<(), DecodeError> {
    fields(text).into_iter().try_for_each(|(kind, _)| walk(kind, from))
}

/// The definition reads exactly what the code writes.
fn check<M: Message>(message: &M) {
    let name = M::TYPE.strip_prefix("tandem_msgs/msg/").unwrap();
    let mut payload = Vec::new();
    message.encode(&mut payload);
    let mut reader = CdrReader::new(&payload).unwrap();
    walk_all(&definition(name), &mut reader).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(reader.offset(), payload.len(), "{name}");
}

#[test]
fn every_definition_reads_what_is_written() {
    check::<JointCommand>(&samples::joint_command());
    check::<Receipt>(&samples::receipt());
    check::<Heartbeat>(&samples::heartbeat());
    check::<Instruction>(&samples::instruction());
    check::<ControlRequest>(&samples::control_request());
    check::<ControlReply>(&samples::control_reply());
    check::<Status>(&samples::status());
    check::<Report>(&samples::report());
    check::<PolicyRequest>(&samples::policy_request());
    check::<PolicyReply>(&samples::policy_reply());
    check::<EpisodeRequest>(&samples::episode_request());
    check::<EpisodeReply>(&samples::episode_reply());
    check::<Truth>(&samples::truth());
}

#[test]
fn bounds_are_those_of_the_code() {
    let bounds = [
        ("JointCommand", format!("float64[<={JOINTS_MAX}] position")),
        ("Instruction", format!("string<={INSTRUCTION_BYTES_MAX} text")),
        ("ControlRequest", format!("string<={TEXT_BYTES_MAX} text")),
        ("ControlReply", format!("string<={TEXT_BYTES_MAX} message")),
        ("Status", format!("string<={CAUSE_BYTES_MAX} cause")),
        ("Status", format!("string<={NAME_BYTES_MAX} engine")),
        ("Status", format!("string<={NAME_BYTES_MAX}[<={JOINTS_MAX}] joints")),
        ("Status", format!("Intervention[<={INTERVENTIONS_MAX}] interventions")),
        ("Intervention", format!("string<={CAUSE_BYTES_MAX} text")),
        ("Report", format!("Distribution[<={REPORT_ENTRIES_MAX}] distributions")),
        ("Text", format!("string<={TEXT_BYTES_MAX} value")),
        ("PolicyReply", format!("string<={TEXT_BYTES_MAX}[<={SWAP_STEPS_MAX}] steps")),
        ("PolicyReply", format!("PolicyBundle[<={BUNDLES_MAX}] bundles")),
        ("EpisodeReply", format!("string<={NAME_BYTES_MAX}[<={OBJECTS_MAX}] objects")),
        ("Truth", format!("float64[<={OBJECTS_MAX}] distances_m")),
    ];
    for (name, line) in bounds {
        let text = definition(name);
        let expected = line.split_once(' ').unwrap();
        assert!(fields(&text).contains(&expected), "{name}.msg has no `{line}`");
    }
}

/// The constants of a definition, in the order of their values.
fn constants(name: &str) -> Vec<String> {
    let text = definition(name);
    let constants: Vec<_> = text
        .lines()
        .filter_map(|line| line.split('#').next()?.strip_prefix("uint8 ")?.trim().split_once('='))
        .collect();
    for (code, (_, value)) in constants.iter().enumerate() {
        assert_eq!(*value, code.to_string(), "{name}");
    }
    constants.into_iter().map(|(constant, _)| constant.replace('_', "").to_lowercase()).collect()
}

#[test]
fn codes_are_those_of_the_code() {
    let kinds = ControlKind::ALL.map(|kind| format!("{kind:?}").to_lowercase());
    assert_eq!(constants("ControlRequest"), kinds);
    let refusals = Refusal::ALL.map(|refusal| format!("{refusal:?}").to_lowercase());
    assert_eq!(constants("Receipt"), refusals);
    let kinds = PolicyKind::ALL.map(|kind| format!("{kind:?}").to_lowercase());
    assert_eq!(constants("PolicyRequest"), kinds);
    for (code, kind) in (0..).zip(PolicyKind::ALL) {
        assert_eq!((kind.code(), PolicyKind::from_code(code)), (code, Some(kind)));
    }
    for (code, kind) in (0..).zip(ControlKind::ALL) {
        assert_eq!((kind.code(), ControlKind::from_code(code)), (code, Some(kind)));
    }
    for (code, refusal) in (0..).zip(Refusal::ALL) {
        assert_eq!((refusal.code(), Refusal::from_code(code)), (code, Some(refusal)));
    }
    assert_eq!(PolicyKind::from_code(3), None);
    assert_eq!((ControlKind::from_code(9), Refusal::from_code(8)), (None, None));
}
