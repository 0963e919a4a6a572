//! What the cells say together: success with its intervals, and what a better channel brings.

use serde::{Deserialize, Serialize};
use tandem_evaluate::{Estimate, Proportion};

use crate::StudyError;
use crate::cell::{Bits, Cell, Effort, Errors, Flights, key};
use crate::channel::Channel;
use crate::code::Code;
use crate::data::Looks;
use crate::flight::Flown;
use crate::pictures::PictureResults;
use crate::plan::{Part, Plan, STRONG, WEAK};
use crate::store::Store;

/// The tolerances that flights are judged by: none is the task's own rule, which a small object
/// meets from 3.5 cm away; the others are distances from the goal, mm.
pub const TOLERANCES_MM: [Option<f64>; 3] = [None, Some(10.0), Some(5.0)];

/// The tolerance that gains are counted at, mm. The task's own rule forgives whatever a weak
/// channel spoils; the finest asks for what the arm itself can barely do.
pub const GAIN_TOLERANCE_MM: f64 = 10.0;

/// Everything a study found, and under which conditions: the file `results.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Results {
    /// The command.
    pub command: String,
    /// The machine, and what it was doing.
    pub conditions: serde_json::Value,
    /// Cells of the plan that were measured.
    pub cells: usize,
    /// Cells of the plan.
    pub cells_wanted: usize,
    /// What a cell with one look was given.
    pub once: Effort,
    /// What a cell with many looks was given.
    pub always: Effort,
    /// The expert's own plans in the same scenes: the ceiling of one look.
    pub expert: Vec<Rate>,
    /// Each condition, over its seeds.
    pub rows: Vec<Row>,
    /// Each representation's gain from the weak channel to the strong one.
    pub gains: Vec<Gain>,
    /// The factorial on pictures, if it was measured.
    pub pictures: Option<PictureResults>,
}

/// One condition, over its seeds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// How often the policy looks.
    pub looks: Looks,
    /// What it looks through.
    pub channel: Channel,
    /// How it writes actions.
    pub code: Code,
    /// Width of its trunk.
    pub width: usize,
    /// Seeds.
    pub seeds: usize,
    /// Bits, means over the seeds.
    pub bits: Bits,
    /// Errors, means over the seeds.
    pub errors: Errors,
    /// The median distance held, mm: the mean over the seeds.
    pub held_mm_p50: f64,
    /// The mean time to success, s, over the seeds that had any.
    pub success_s_mean: Option<f64>,
    /// Success at each of [`TOLERANCES_MM`].
    pub success: Vec<Rate>,
}

/// Success at one tolerance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// Distance from the goal, mm; none for the task's own rule.
    pub tolerance_mm: Option<f64>,
    /// Of the last checkpoint, all seeds together.
    pub last: Share,
    /// Of each seed's best checkpoint, all seeds together: optimistic, as the same flights choose
    /// and judge.
    pub peak: Share,
    /// The last checkpoint's rate for each seed.
    pub by_seed: Vec<f64>,
}

/// Successes with their Wilson interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Share {
    /// Successes.
    pub successes: u64,
    /// Flights.
    pub trials: u64,
    /// Their share.
    pub rate: f64,
    /// The 95 % Wilson interval's lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

/// What the strong channel brings over the weak one, at [`GAIN_TOLERANCE_MM`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gain {
    /// How often the policy looks.
    pub looks: Looks,
    /// How it writes actions.
    pub code: Code,
    /// Width of its trunk.
    pub width: usize,
    /// `log2` of the chunks that its tokens can tell apart; none without tokens.
    pub bits_nominal: Option<f64>,
    /// The measured entropy of the expert's tokens; none without tokens.
    pub bits_measured: Option<f64>,
    /// The measured entropy of what the policy said behind the strong channel.
    pub bits_said: Option<f64>,
    /// What the tokenizer alone passes of the place, at least.
    pub bits_of_place: Option<f64>,
    /// Success behind the weak channel.
    pub weak: Share,
    /// Success behind the strong one.
    pub strong: Share,
    /// The gain, in shares of one, by the pooled flights.
    pub gain: Interval,
    /// The same by the seeds' own gains, which counts what a seed changes.
    pub gain_over_seeds: Interval,
    /// The gain for each bit that the strong channel passes beyond the weak one.
    pub gain_per_bit: Interval,
    /// How much less it is than that of regression under the same conditions; none for
    /// regression itself.
    pub gap: Option<Interval>,
}

/// An estimate with its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Interval {
    /// The estimate.
    pub value: f64,
    /// The interval's lower end; none for too few runs.
    pub low: Option<f64>,
    /// Its upper end.
    pub high: Option<f64>,
    /// Standard errors from zero.
    pub z: Option<f64>,
}

impl Results {
    /// Draws together all cells of a plan that are there. The factorial is added by the caller, who
    /// has the backbones.
    ///
    /// # Errors
    /// If a cell cannot be read.
    pub fn gather(
        plan: &Plan,
        store: &Store,
        world: &str,
        expert: &[Flown],
        command: String,
        conditions: serde_json::Value,
    ) -> Result<Self, StudyError> {
        let recipes = plan.recipes(&Part::ALL);
        let mut cells = Vec::new();
        for recipe in &recipes {
            let key = key(world, recipe, plan.effort(recipe.looks))?;
            cells.extend(store.get::<Cell>(&key)?);
        }
        let rows = rows(&cells);
        let gains = gains(&rows);
        Ok(Self {
            command,
            conditions,
            cells: cells.len(),
            cells_wanted: recipes.len(),
            once: plan.once.clone(),
            always: plan.always.clone(),
            expert: ceiling(expert),
            rows,
            gains,
            pictures: None,
        })
    }
}

impl Row {
    /// Success at a tolerance.
    #[must_use]
    pub fn at(&self, tolerance_mm: Option<f64>) -> Option<&Rate> {
        self.success.iter().find(|rate| rate.tolerance_mm == tolerance_mm)
    }
}

impl From<Proportion> for Share {
    fn from(proportion: Proportion) -> Self {
        let (low, high) = proportion.wilson_95();
        let Proportion { successes, trials } = proportion;
        Self { successes, trials, rate: proportion.rate(), low, high }
    }
}

impl From<Share> for Estimate {
    fn from(Share { successes, trials, .. }: Share) -> Self {
        Self::of(Proportion { successes, trials })
    }
}

impl From<Estimate> for Interval {
    fn from(estimate: Estimate) -> Self {
        let (low, high) = estimate.interval_95();
        let finite = |value: f64| value.is_finite().then_some(value);
        let (low, high, z) = (finite(low), finite(high), finite(estimate.z()));
        Self { value: estimate.value, low, high, z: z.filter(|_| low.is_some()) }
    }
}

fn ceiling(expert: &[Flown]) -> Vec<Rate> {
    let flights = Flights {
        step: 0,
        loss: 0.0,
        reached: expert.iter().map(|flown| flown.succeeded).collect(),
        held_mm: expert.iter().map(|flown| flown.held_m * 1e3).collect(),
        success_s_mean: None,
    };
    TOLERANCES_MM.map(|tolerance| rate(tolerance, &[std::slice::from_ref(&flights)])).to_vec()
}

/// Cells that differ only in their seeds, as one row each, in the order in which they come.
fn rows(cells: &[Cell]) -> Vec<Row> {
    let mut groups: Vec<Vec<&Cell>> = Vec::new();
    for cell in cells {
        let alike = |group: &Vec<&Cell>| {
            group.first().is_some_and(|first| {
                let recipe = &first.recipe;
                crate::Recipe { seed: cell.recipe.seed, ..recipe.clone() } == cell.recipe
            })
        };
        match groups.iter_mut().find(|group| alike(group)) {
            Some(group) => group.push(cell),
            None => groups.push(vec![cell]),
        }
    }
    groups.iter().filter_map(|group| row(group)).collect()
}

fn row(cells: &[&Cell]) -> Option<Row> {
    let recipe = cells.first()?.recipe.clone();
    let mean = |of: &dyn Fn(&Cell) -> f64| {
        cells.iter().map(|cell| of(cell)).sum::<f64>() / cells.len() as f64
    };
    let mean_of = |of: &dyn Fn(&Cell) -> Option<f64>| {
        let values: Vec<f64> = cells.iter().filter_map(|cell| of(cell)).collect();
        (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
    };
    let flights: Vec<&[Flights]> = cells.iter().map(|cell| cell.flights.as_slice()).collect();
    Some(Row {
        bits: Bits {
            channel: mean(&|cell| cell.bits.channel),
            nominal: mean_of(&|cell| cell.bits.nominal),
            expert: mean_of(&|cell| cell.bits.expert),
            policy: mean_of(&|cell| cell.bits.policy),
            tokenizer_at_least: mean_of(&|cell| cell.bits.tokenizer_at_least),
            action_at_least: mean_of(&|cell| cell.bits.action_at_least),
            bound: mean(&|cell| cell.bits.bound),
        },
        errors: Errors {
            action_mrad: mean(&|cell| cell.errors.action_mrad),
            tokenizer_mrad: mean(&|cell| cell.errors.tokenizer_mrad),
            end_mm_p50: mean_of(&|cell| cell.errors.end_mm_p50),
            end_mm_p95: mean_of(&|cell| cell.errors.end_mm_p95),
            no_chunk: mean(&|cell| cell.errors.no_chunk),
        },
        held_mm_p50: mean(&|cell| cell.flights.last().map_or(f64::NAN, median_held_mm)),
        success_s_mean: mean_of(&|cell| cell.flights.last()?.success_s_mean),
        success: TOLERANCES_MM.map(|tolerance| rate(tolerance, &flights)).to_vec(),
        seeds: cells.len(),
        looks: recipe.looks,
        channel: recipe.channel,
        code: recipe.code,
        width: recipe.width,
    })
}

fn median_held_mm(flights: &Flights) -> f64 {
    let mut held = flights.held_mm.clone();
    held.sort_by(f64::total_cmp);
    held.get(held.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Success of some seeds' checkpoints at a tolerance.
fn rate(tolerance_mm: Option<f64>, seeds: &[&[Flights]]) -> Rate {
    let of = |flights: &Flights| match tolerance_mm {
        None => flights.succeeded(),
        Some(tolerance) => flights.within_mm(tolerance),
    };
    let (mut last, mut peak) = (Proportion::default(), Proportion::default());
    let mut by_seed = Vec::with_capacity(seeds.len());
    for checkpoints in seeds {
        let proportions: Vec<Proportion> = checkpoints.iter().map(of).collect();
        let Some(end) = proportions.last() else { continue };
        let best = proportions.iter().max_by_key(|proportion| proportion.successes).unwrap_or(end);
        for (sum, one) in [(&mut last, end), (&mut peak, best)] {
            sum.successes += one.successes;
            sum.trials += one.trials;
        }
        by_seed.push(end.rate());
    }
    Rate { tolerance_mm, last: last.into(), peak: peak.into(), by_seed }
}

/// Every condition that was measured behind both channels.
fn gains(rows: &[Row]) -> Vec<Gain> {
    let behind = |channel: Channel, like: &Row| {
        rows.iter().find(|row| {
            (row.looks, &row.code, row.width) == (like.looks, &like.code, like.width)
                && row.channel == channel
        })
    };
    let estimate = |weak: &Row, strong: &Row| {
        let at = |row: &Row| row.at(Some(GAIN_TOLERANCE_MM)).map(|rate| rate.last);
        Some(Estimate::from(at(strong)?).minus(Estimate::from(at(weak)?)))
    };
    let of = |weak: &Row| {
        let strong = behind(STRONG, weak)?;
        let gain = estimate(weak, strong)?;
        let (before, after) =
            (weak.at(Some(GAIN_TOLERANCE_MM))?, strong.at(Some(GAIN_TOLERANCE_MM))?);
        let by_seed: Vec<f64> = after
            .by_seed
            .iter()
            .zip(&before.by_seed)
            .map(|(after, before)| after - before)
            .collect();
        let continuous = rows
            .iter()
            .filter(|row| row.code == Code::Regression && weak.code != Code::Regression)
            .find(|row| (row.looks, row.width, row.channel) == (weak.looks, weak.width, WEAK));
        let gap = continuous.and_then(|continuous| {
            Some(estimate(continuous, behind(STRONG, continuous)?)?.minus(gain))
        });
        Some(Gain {
            looks: weak.looks,
            code: weak.code.clone(),
            width: weak.width,
            bits_nominal: weak.bits.nominal,
            bits_measured: weak.bits.expert,
            bits_said: strong.bits.policy,
            bits_of_place: weak.bits.tokenizer_at_least,
            weak: before.last,
            strong: after.last,
            gain: gain.into(),
            gain_over_seeds: Estimate::over_runs(&by_seed).into(),
            gain_per_bit: gain.times(1.0 / (strong.bits.channel - weak.bits.channel)).into(),
            gap: gap.map(Interval::from),
        })
    };
    rows.iter().filter(|row| row.channel == WEAK).filter_map(of).collect()
}

#[cfg(test)]
mod tests;
