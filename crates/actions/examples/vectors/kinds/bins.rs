//! `openvla_bins.json` and `rt1_bins.json`.

use tandem_actions::{
    Bins as _, DimStatistics, Normaliser, OpenVlaBins, Rt1Bins, Rt1Discrete, Scaling, Statistics,
};

use super::reason;
use crate::compare::same;
use crate::json::Value;
use crate::run::Context;

pub(super) fn openvla(context: &Context<'_>, case: &Value) -> Result<(), String> {
    let vocabulary = case.integer("vocab_size")?;
    let bins = OpenVlaBins::new(case.integer("bins")?);
    let found: Vec<u32> = case.numbers("x")?.iter().map(|x| bins.bin(*x)).collect();
    same("bin", &found, &case.integers("bin")?)?;
    let tokens: Vec<u32> = found.iter().map(|bin| bins.language_token(*bin, vocabulary)).collect();
    same("token", &tokens, &case.integers("token")?)?;
    let decoded: Vec<f64> = found.iter().map(|bin| bins.value(0, bin - 1)).collect();
    context.tolerance.near("decoded", &decoded, &case.numbers("decoded")?)
}

pub(super) fn openvla_decode(context: &Context<'_>, case: &Value) -> Result<(), String> {
    let vocabulary = case.integer("vocab_size")?;
    let bins = OpenVlaBins::new(case.integer("bins")?);
    let tokens: Vec<u32> = case.integers("token")?;
    let decoded: Vec<f64> =
        tokens.iter().map(|token| bins.language_value(*token, vocabulary)).collect();
    context.tolerance.near("decoded", &decoded, &case.numbers("decoded")?)
}

pub(super) fn openvla_normalise(context: &Context<'_>, case: &Value) -> Result<(), String> {
    let [q01, q99, min, max] = ["q01", "q99", "min", "max"].map(|name| case.numbers(name));
    let (q01, q99, min, max) = (q01?, q99?, min?, max?);
    let dim = |i: usize| DimStatistics {
        min: min[i],
        max: max[i],
        q01: q01[i],
        q99: q99[i],
        ..DimStatistics::default()
    };
    let statistics = Statistics { dims: (0..q01.len()).map(dim).collect() };
    let normaliser = Normaliser::new(Scaling::QuantileClipped, statistics, case.flags("mask")?)
        .map_err(reason)?;

    let mut actions = case.numbers("action")?;
    normaliser.normalise(&mut actions);
    context.tolerance.near("normalized", &actions, &case.numbers("normalized")?)?;

    let vocabulary = case.integer("vocab_size")?;
    let bins = OpenVlaBins::new(case.integer("bins")?);
    let found: Vec<u32> = actions.iter().map(|x| bins.bin(*x)).collect();
    same("bin", &found, &case.integers("bin")?)?;
    let tokens: Vec<u32> = found.iter().map(|bin| bins.language_token(*bin, vocabulary)).collect();
    same("token", &tokens, &case.integers("token")?)?;

    let mut decoded: Vec<f64> =
        tokens.iter().map(|token| bins.language_value(*token, vocabulary)).collect();
    context.tolerance.near("decoded", &decoded, &case.numbers("decoded")?)?;
    normaliser.restore(&mut decoded);
    context.tolerance.near("action_decoded", &decoded, &case.numbers("action_decoded")?)
}

pub(super) fn rt1(context: &Context<'_>, case: &Value) -> Result<(), String> {
    let (low, high) = (case.numbers("minimum")?, case.numbers("maximum")?);
    let dims = low.len();
    let bounds = low.into_iter().zip(high).collect();
    let bins = Rt1Bins::new(case.integer("vocab_size")?, bounds).map_err(reason)?;
    let actions = case.numbers("action")?;
    let tokens: Vec<u32> =
        actions.iter().enumerate().map(|(i, action)| bins.id(i % dims, *action)).collect();
    same("token", &tokens, &case.integers("token")?)?;
    let decoded: Vec<f64> =
        tokens.iter().enumerate().map(|(i, token)| bins.value(i % dims, *token)).collect();
    context.tolerance.near("decoded", &decoded, &case.numbers("decoded")?)
}

pub(super) fn rt1_discrete(_context: &Context<'_>, case: &Value) -> Result<(), String> {
    let choices = case.integer("dim")?;
    let rule = Rt1Discrete { choices };
    if !case.is_null("one_hot")? {
        let token = rule.token(&case.numbers("one_hot")?);
        same("token", &token, &case.integer("token")?)?;
    }
    let choice = rule.choice(case.integer("decode_token")?);
    let decoded: Vec<u8> = (0..choices).map(|class| u8::from(class == choice)).collect();
    same("decoded", &decoded, &case.integers("decoded")?)
}
