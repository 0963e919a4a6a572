//! A dataset, seen once: what a frozen backbone makes of it.
//!
//! Heads that share a backbone share its features and latent goals too. Encoding the pictures takes
//! nearly all of a training step; done once and kept, a head trains in a minute or two.

mod cache;
mod encode;

use candle_core::{Device, Tensor};
use tandem_networks::ConditionSizes;

use crate::error::TrainError;
use crate::objective::ConditionBatch;

pub(crate) use encode::{Backbone, remember};

/// Conditions and the expert's chunks, sample by sample, row-major.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Memory {
    /// `[N, features]`.
    pub features: Vec<f32>,
    /// `[N, posture]`, scaled.
    pub posture: Vec<f32>,
    /// `[N, latent]`.
    pub latent: Vec<f32>,
    /// `[N, steps * joints]`: offsets from the command.
    pub chunk: Vec<f32>,
    /// Samples held.
    pub samples: usize,
}

impl Memory {
    /// Widths of the conditions.
    #[must_use]
    pub fn sizes(&self) -> ConditionSizes {
        let [features, posture, latent] =
            [&self.features, &self.posture, &self.latent].map(|values| self.width(values));
        ConditionSizes { features, posture, latent }
    }

    /// Numbers in a chunk.
    #[must_use]
    pub fn values(&self) -> usize {
        self.width(&self.chunk)
    }

    /// The samples `rows`, as a batch.
    ///
    /// # Errors
    /// If a row is not there.
    pub fn batch(&self, rows: &[usize]) -> Result<(ConditionBatch, Tensor), TrainError> {
        let condition = ConditionBatch {
            features: self.gather(&self.features, rows)?,
            posture: self.gather(&self.posture, rows)?,
            latent: self.gather(&self.latent, rows)?,
        };
        Ok((condition, self.gather(&self.chunk, rows)?))
    }

    /// One row of a column.
    pub(crate) fn row<'a>(&self, column: &'a [f32], row: usize) -> &'a [f32] {
        let width = self.width(column);
        column.get(row * width..(row + 1) * width).unwrap_or_default()
    }

    fn gather(&self, column: &[f32], rows: &[usize]) -> Result<Tensor, candle_core::Error> {
        let values: Vec<f32> =
            rows.iter().flat_map(|&row| self.row(column, row).iter().copied()).collect();
        Tensor::from_vec(values, (rows.len(), self.width(column)), &Device::Cpu)
    }

    fn width(&self, column: &[f32]) -> usize {
        column.len() / self.samples.max(1)
    }
}

/// What a run remembers.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Memories {
    /// Of the episodes to learn from, under changing light.
    pub(crate) training: Memory,
    /// Of the others, as the robot sees them.
    pub(crate) held_out: Memory,
}
