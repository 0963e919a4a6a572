//! What the factorial's cells say together.

use serde::{Deserialize, Serialize};
use tandem_evaluate::{Estimate, Proportion};

use super::{PictureCell, PictureEffort, PictureJob};
use crate::results::{Interval, Share};

/// What the factorial found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PictureResults {
    /// The command.
    pub command: String,
    /// The machine, and what it was doing while the last cells were measured.
    pub conditions: serde_json::Value,
    /// What each cell was given.
    pub effort: PictureEffort,
    /// Cells that were measured.
    pub cells: usize,
    /// Cells of the plan.
    pub cells_wanted: usize,
    /// Each condition, over its seeds.
    pub rows: Vec<PictureRow>,
    /// What the strong encoder brings to each head.
    pub gains: Vec<PictureGain>,
}

/// One condition, over its seeds. Only the last checkpoint is flown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PictureRow {
    /// The backbone.
    pub encoder: String,
    /// The head.
    pub representation: String,
    /// Its width.
    pub width: usize,
    /// Nominal bits of a chunk; none without tokens.
    pub bits_nominal: Option<f64>,
    /// Mean absolute error on held-out episodes, mrad, over the seeds.
    pub action_mrad: f64,
    /// Success by the task's rule, all seeds together.
    pub success: Share,
    /// The rate of each seed.
    pub by_seed: Vec<f64>,
}

/// What the strong encoder brings over the weak one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PictureGain {
    /// The head.
    pub representation: String,
    /// Its width.
    pub width: usize,
    /// Nominal bits of a chunk; none without tokens.
    pub bits_nominal: Option<f64>,
    /// The gain in shares of one, by the pooled flights.
    pub gain: Interval,
    /// The same by the seeds' own gains.
    pub gain_over_seeds: Interval,
    /// How much less it is than that of regression at the same width; none for regression itself.
    pub gap: Option<Interval>,
}

impl PictureResults {
    pub(super) fn of(
        cells: &[PictureCell],
        job: &PictureJob<'_>,
        conditions: serde_json::Value,
    ) -> Self {
        let mut rows: Vec<(PictureRow, Proportion, u32)> = Vec::new();
        for cell in cells {
            let mut flown = Proportion::default();
            cell.reached.iter().for_each(|reached| flown.count(*reached));
            let recipe = &cell.recipe;
            let alike = |(row, _, _): &&mut (PictureRow, Proportion, u32)| {
                (&row.encoder, &row.representation, row.width)
                    == (&recipe.encoder, &recipe.representation, recipe.width)
            };
            if let Some((row, sum, seeds)) = rows.iter_mut().find(alike) {
                sum.successes += flown.successes;
                sum.trials += flown.trials;
                *seeds += 1;
                row.action_mrad += (cell.action_mrad - row.action_mrad) / f64::from(*seeds);
                row.by_seed.push(flown.rate());
                continue;
            }
            let row = PictureRow {
                encoder: recipe.encoder.clone(),
                representation: recipe.representation.clone(),
                width: recipe.width,
                bits_nominal: cell.bits_nominal,
                action_mrad: cell.action_mrad,
                success: flown.into(),
                by_seed: vec![flown.rate()],
            };
            rows.push((row, flown, 1));
        }
        let rows: Vec<PictureRow> = rows
            .into_iter()
            .map(|(row, sum, _)| PictureRow { success: sum.into(), ..row })
            .collect();
        Self {
            command: job.command.to_owned(),
            conditions,
            effort: job.plan.effort.clone(),
            cells: cells.len(),
            cells_wanted: job.plan.recipes.len(),
            gains: gains(&rows),
            rows,
        }
    }
}

fn gains(rows: &[PictureRow]) -> Vec<PictureGain> {
    let pair = |representation: &str, width: usize| {
        let of = |encoder: &str| {
            rows.iter().find(|row| {
                (row.encoder.as_str(), row.representation.as_str(), row.width)
                    == (encoder, representation, width)
            })
        };
        Some((of("weak")?, of("strong")?))
    };
    let estimate = |(weak, strong): (&PictureRow, &PictureRow)| {
        Estimate::from(strong.success).minus(Estimate::from(weak.success))
    };
    let of = |row: &PictureRow| {
        let (weak, strong) = pair(&row.representation, row.width)?;
        let gain = estimate((weak, strong));
        let by_seed: Vec<f64> = strong
            .by_seed
            .iter()
            .zip(&weak.by_seed)
            .map(|(after, before)| after - before)
            .collect();
        let continuous = pair("regression", row.width);
        let gap = continuous.filter(|_| row.representation != "regression");
        Some(PictureGain {
            representation: row.representation.clone(),
            width: row.width,
            bits_nominal: row.bits_nominal,
            gain: gain.into(),
            gain_over_seeds: Estimate::over_runs(&by_seed).into(),
            gap: gap.map(|continuous| estimate(continuous).minus(gain).into()),
        })
    };
    rows.iter().filter(|row| row.encoder == "weak").filter_map(of).collect()
}
