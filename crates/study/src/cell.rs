//! One cell of a study: a policy trained and judged under one set of conditions.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::StudyError;
use crate::channel::Channel;
use crate::code::Code;
use crate::data::Looks;

/// What is varied.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// How often the policy looks.
    pub looks: Looks,
    /// What each coordinate of the place passes through.
    pub channel: Channel,
    /// How actions are written.
    pub code: Code,
    /// Width of the trunk's two layers.
    pub width: usize,
    /// Seed of weights, batches and the tokenizer's fit.
    pub seed: u64,
}

/// What is spent on each cell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Effort {
    /// Demonstrations to learn from.
    pub demonstrations: usize,
    /// The first of them, which a tokenizer is fitted on.
    pub fitted_on: usize,
    /// Optimiser steps of a tokenizer with networks.
    pub tokenizer_steps: u64,
    /// Demonstrations to be measured on, never learned from.
    pub held_out: usize,
    /// Optimiser steps.
    pub steps: u64,
    /// Rows in a batch.
    pub batch: usize,
    /// Checkpoints that are flown, equally far apart, the last one at the end.
    pub checkpoints: u64,
    /// Scenes that every checkpoint flies.
    pub episodes: usize,
    /// Seed of the first scene.
    pub first_scene: u64,
}

/// A measured cell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cell {
    /// What was varied.
    pub recipe: Recipe,
    /// Bits.
    pub bits: Bits,
    /// Errors on held-out demonstrations, of the last checkpoint.
    pub errors: Errors,
    /// Flights of each checkpoint, in the order of training.
    pub flights: Vec<Flights>,
}

/// Where the information goes, bits for a whole chunk. What is not said once a motion, but anew at
/// every look, has no such budget: for [`Looks::Always`] only the tokenizer's own are measured.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bits {
    /// `I(O;Z)`: what the channel passes of the place, exactly.
    pub channel: f64,
    /// `log2` of how many chunks the tokens can tell apart; none without tokens.
    pub nominal: Option<f64>,
    /// The entropy of the expert's tokens, summed over their places: an upper bound of `H(T)`.
    pub expert: Option<f64>,
    /// The same of the policy's tokens.
    pub policy: Option<f64>,
    /// What the tokenizer alone passes of the place, at least: as `action_at_least`, for the
    /// expert's own chunks, encoded and decoded. Tokens may tell much apart that the task does not
    /// ask for; this is what they tell of what it does.
    pub tokenizer_at_least: Option<f64>,
    /// `I(O;A)` is at least this: the place's entropy less that of what is left of it when it is
    /// read off the end of the motion.
    pub action_at_least: Option<f64>,
    /// `min(I(O;Z), log2 |T|)`: what the data-processing inequality allows.
    pub bound: f64,
}

/// Errors on held-out demonstrations.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Errors {
    /// Mean absolute error of the chunk, mrad.
    pub action_mrad: f64,
    /// The same of the tokenizer alone, on the expert's chunks, mrad; zero without tokens.
    pub tokenizer_mrad: f64,
    /// How far from the goal the motion ends, median, mm; for one look.
    pub end_mm_p50: Option<f64>,
    /// The same, 95th percentile.
    pub end_mm_p95: Option<f64>,
    /// The share of answers whose tokens were no chunk; nothing moved then.
    pub no_chunk: f64,
}

/// What a checkpoint did in the world.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flights {
    /// Optimiser steps until then.
    pub step: u64,
    /// Loss of the last batch.
    pub loss: f32,
    /// By the task's rule (2 cm), for each scene.
    pub reached: Vec<bool>,
    /// The distance from the goal within which the fingertip stayed for 250 ms, mm, for each scene.
    pub held_mm: Vec<f64>,
    /// The mean time to success, s; none without any.
    pub success_s_mean: Option<f64>,
}

impl Flights {
    /// How many scenes the fingertip stayed within so many millimetres of the goal.
    #[must_use]
    pub fn within_mm(&self, tolerance_mm: f64) -> tandem_evaluate::Proportion {
        let mut within = tandem_evaluate::Proportion::default();
        self.held_mm.iter().for_each(|held| within.count(*held <= tolerance_mm));
        within
    }

    /// How many scenes succeeded by the task's rule.
    #[must_use]
    pub fn succeeded(&self) -> tandem_evaluate::Proportion {
        let mut reached = tandem_evaluate::Proportion::default();
        self.reached.iter().for_each(|ok| reached.count(*ok));
        reached
    }
}

/// Rises when what a cell means changes, so that no old file passes for a new one.
const VERSION: u32 = 4;

/// Names a cell by everything its numbers depend on.
///
/// # Errors
/// If a setting is no JSON, such as a bit count that is not finite.
pub fn key(world: &str, recipe: &Recipe, effort: &Effort) -> Result<String, StudyError> {
    let text =
        serde_json::to_string(&(VERSION, world, recipe, effort)).map_err(StudyError::Cell)?;
    let digest = Sha256::digest(text);
    Ok(digest.iter().take(12).map(|byte| format!("{byte:02x}")).collect())
}
