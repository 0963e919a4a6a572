//! `reveal.json`.

use tandem_actions::RevealSchedule;

use crate::compare::same;
use crate::json::Value;
use crate::run::Context;

pub(super) fn reveal(_context: &Context<'_>, case: &Value) -> Result<(), String> {
    same("schedule", &case.text("schedule")?, &"cosine")?;
    let (length, rounds): (usize, usize) = (case.integer("length")?, case.integer("rounds")?);
    let masked: Vec<usize> = (0..rounds)
        .map(|round| RevealSchedule::Cosine.masked_after(length, round, rounds))
        .collect();
    same("masked_after", &masked, &case.integers("masked_after")?)?;
    let before = core::iter::once(length).chain(masked.iter().copied());
    let revealed: Vec<usize> = before.zip(&masked).map(|(before, after)| before - after).collect();
    same("revealed", &revealed, &case.integers("revealed")?)?;
    same("filled_at_end", &masked.last().copied(), &Some(case.integer("filled_at_end")?))
}

pub(super) fn train_mask(_context: &Context<'_>, case: &Value) -> Result<(), String> {
    let masked =
        RevealSchedule::Cosine.masked_in_training(case.integer("length")?, case.number("r")?);
    same("masked", &masked, &case.integer("masked")?)
}
