//! Statistics of action dimensions in one pass over the data.

use super::quantile::Histogram;
use super::{DimStatistics, Statistics};

/// Collects [`Statistics`] row by row, in bounded memory (64 KiB a dimension).
///
/// Means and deviations are exact (Welford 1962); quantiles are within 1/2048 of the range between
/// the least and the greatest value, so an outlier a thousand times beyond the rest blurs them.
#[derive(Clone, Debug)]
pub struct StatisticsFit {
    dims: Vec<Dim>,
    rows_skipped: u64,
}

#[derive(Clone, Debug)]
struct Dim {
    count: u64,
    min: f64,
    max: f64,
    mean: f64,
    /// The sum of squared differences from the mean so far.
    squares: f64,
    histogram: Histogram,
}

impl StatisticsFit {
    /// For rows of `dims` action dimensions.
    #[must_use]
    pub fn new(dims: usize) -> Self {
        let dim = Dim {
            count: 0,
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
            mean: 0.0,
            squares: 0.0,
            histogram: Histogram::EMPTY,
        };
        Self { dims: vec![dim; dims], rows_skipped: 0 }
    }

    /// Takes rows of raw actions. A row that is short or not finite (or beyond 1e150, whose square
    /// is no number) is skipped and counted.
    pub fn add(&mut self, rows: &[f64]) {
        for row in rows.chunks(self.dims.len().max(1)) {
            let usable = row.iter().all(|value| value.abs() < 1e150);
            if row.len() != self.dims.len() || !usable {
                self.rows_skipped += 1;
                continue;
            }
            for (dim, value) in self.dims.iter_mut().zip(row) {
                dim.add(*value);
            }
        }
    }

    /// How many rows were no actions.
    #[must_use]
    pub const fn rows_skipped(&self) -> u64 {
        self.rows_skipped
    }

    /// What was found; none before the first row.
    #[must_use]
    pub fn statistics(&self) -> Option<Statistics> {
        let dims = self.dims.iter().map(Dim::statistics).collect::<Option<_>>()?;
        Some(Statistics { dims })
    }
}

impl Dim {
    fn add(&mut self, value: f64) {
        self.count += 1;
        self.min = self.min.min(value);
        self.max = self.max.max(value);
        let before = value - self.mean;
        self.mean += before / self.count as f64;
        self.squares += before * (value - self.mean);
        self.histogram.add(value);
    }

    fn statistics(&self) -> Option<DimStatistics> {
        if self.count == 0 {
            return None;
        }
        let quantile = |q| self.histogram.quantile(q).clamp(self.min, self.max);
        Some(DimStatistics {
            min: self.min,
            max: self.max,
            mean: self.mean,
            std: (self.squares / self.count as f64).sqrt(),
            q01: quantile(0.01),
            q99: quantile(0.99),
        })
    }
}
