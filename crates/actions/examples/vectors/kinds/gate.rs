//! `hybridvla_gate.json`.

use tandem_actions::{Confidence, ConfidenceGate};

use crate::compare::same;
use crate::json::Value;
use crate::run::Context;

pub(super) fn gate(context: &Context<'_>, case: &Value) -> Result<(), String> {
    let wanted = case.flag("average")?;
    let threshold = case.number("threshold")?;
    let rule = case.text("rule")?;
    if rule == "value" {
        let gate = ConfidenceGate { threshold, ..ConfidenceGate::RELEASED };
        return same("average", &gate.admits(case.number("confidence")?), &wanted);
    }
    let first = case.integer("first")?;
    let confidence = match rule {
        "mean" => Confidence::Mean(first),
        "sum" => Confidence::Sum(first),
        other => return Err(format!("an unknown rule `{other}`")),
    };
    let gripper = case.is_null("gripper_threshold")?;
    let gripper_threshold = if gripper { None } else { Some(case.number("gripper_threshold")?) };
    let gate = ConfidenceGate { confidence, threshold, gripper_threshold };
    let probabilities = case.numbers("probs")?;
    let found = confidence.of(&probabilities);
    context.tolerance.near("confidence", &[found], &[case.number("confidence")?])?;
    let mut action = case.numbers("diffusion")?;
    let average = gate.combine(&probabilities, &case.numbers("autoregressive")?, &mut action);
    same("average", &average, &wanted)?;
    context.tolerance.near("output", &action, &case.numbers("output")?)
}
