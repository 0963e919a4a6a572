//! From raw actions (rad, m, whatever the robot has) to about `[-1, 1]`, and back.

mod fit;
mod quantile;

pub use fit::StatisticsFit;

/// What is known of each action dimension, from [`StatisticsFit`] or a bundle. Raw units.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Statistics {
    /// One per dimension.
    pub dims: Vec<DimStatistics>,
}

/// What is known of one action dimension. Raw units.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct DimStatistics {
    /// The least value seen.
    pub min: f64,
    /// The greatest.
    pub max: f64,
    /// The mean.
    pub mean: f64,
    /// The standard deviation (of the population: divided by n).
    pub std: f64,
    /// The 0.01 quantile.
    pub q01: f64,
    /// The 0.99 quantile.
    pub q99: f64,
}

/// How raw actions are scaled. They are not interchangeable: a policy must be run with the rule it
/// was trained with, to the epsilon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scaling {
    /// Least to -1, greatest to 1 (Diffusion Policy's "limits", OAT). Nothing is clipped. A
    /// dimension that never moved becomes 0, and comes back as the value it had.
    MinMax,
    /// OpenVLA's `BOUNDS_Q99`: q01 to -1, q99 to just below 1 (epsilon 1e-8 in the divisor), clipped
    /// to `[-1, 1]`; a dimension that never moved becomes 0.
    QuantileClipped,
    /// openpi's quantile rule: as above with epsilon 1e-6 in both directions, and nothing clipped.
    QuantileOpen,
    /// openpi's z-score: zero mean, unit deviation, epsilon 1e-6.
    MeanStd,
}

/// A scaling of known statistics, for rows of as many dimensions.
#[derive(Clone, Debug)]
pub struct Normaliser {
    scaling: Scaling,
    // Invariant: as many masks as dimensions.
    statistics: Statistics,
    mask: Vec<bool>,
}

/// A normaliser that does not fit its statistics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NormaliserError {
    /// The mask is for another robot.
    #[error("a mask of {mask} dimensions for statistics of {statistics}")]
    Mask {
        /// Dimensions of the mask.
        mask: usize,
        /// Dimensions of the statistics.
        statistics: usize,
    },
    /// Statistics that are no numbers, or in no order.
    #[error(
        "the statistics of dimension {dim} are not finite, or min > max, q01 > q99 or std < 0: \
         fit them again from the demonstrations"
    )]
    Statistics {
        /// The dimension.
        dim: usize,
    },
}

impl Normaliser {
    /// Scales the dimensions where `mask` is true; the others (a binary gripper, say) pass as they
    /// are, but for those that [`Scaling::QuantileClipped`] found never to move.
    ///
    /// # Errors
    /// If the mask has another number of dimensions, or the statistics cannot be.
    pub fn new(
        scaling: Scaling,
        statistics: Statistics,
        mask: Vec<bool>,
    ) -> Result<Self, NormaliserError> {
        if mask.len() != statistics.dims.len() {
            let statistics = statistics.dims.len();
            return Err(NormaliserError::Mask { mask: mask.len(), statistics });
        }
        match statistics.dims.iter().position(|dim| !dim.can_be()) {
            Some(dim) => Err(NormaliserError::Statistics { dim }),
            None => Ok(Self { scaling, statistics, mask }),
        }
    }

    /// Scales every dimension.
    ///
    /// # Errors
    /// If the statistics cannot be.
    pub fn all(scaling: Scaling, statistics: Statistics) -> Result<Self, NormaliserError> {
        let mask = vec![true; statistics.dims.len()];
        Self::new(scaling, statistics, mask)
    }

    /// How many action dimensions a row has.
    #[must_use]
    pub fn dims(&self) -> usize {
        self.mask.len()
    }

    /// Scales rows of raw actions in place.
    pub fn normalise(&self, rows: &mut [f64]) {
        self.each(rows, |scaling, dim, masked, value| match (masked, scaling) {
            (true, _) => scaling.normalise(dim, value),
            (false, Scaling::QuantileClipped) if dim.is_still() => 0.0,
            (false, _) => value,
        });
    }

    /// Turns rows of scaled actions back to raw units, in place.
    pub fn restore(&self, rows: &mut [f64]) {
        self.each(rows, |scaling, dim, masked, value| match masked {
            true => scaling.restore(dim, value),
            false => value,
        });
    }

    fn each(&self, rows: &mut [f64], map: impl Fn(Scaling, &DimStatistics, bool, f64) -> f64) {
        for row in rows.chunks_mut(self.dims().max(1)) {
            for ((value, dim), masked) in row.iter_mut().zip(&self.statistics.dims).zip(&self.mask)
            {
                *value = map(self.scaling, dim, *masked, *value);
            }
        }
    }
}

impl Scaling {
    // The order of operations is the reference code's: it decides the last bit, and that decides
    // the bin of a value on an edge.
    fn normalise(self, dim: &DimStatistics, value: f64) -> f64 {
        match self {
            Self::MinMax | Self::QuantileClipped if dim.is_still() => 0.0,
            Self::MinMax => 2.0 * (value - dim.min) / (dim.max - dim.min) - 1.0,
            Self::QuantileClipped => {
                (2.0 * (value - dim.q01) / (dim.q99 - dim.q01 + 1e-8) - 1.0).clamp(-1.0, 1.0)
            }
            Self::QuantileOpen => (value - dim.q01) / (dim.q99 - dim.q01 + 1e-6) * 2.0 - 1.0,
            Self::MeanStd => (value - dim.mean) / (dim.std + 1e-6),
        }
    }

    fn restore(self, dim: &DimStatistics, value: f64) -> f64 {
        match self {
            Self::MinMax => 0.5 * (value + 1.0) * (dim.max - dim.min) + dim.min,
            Self::QuantileClipped => 0.5 * (value + 1.0) * (dim.q99 - dim.q01) + dim.q01,
            Self::QuantileOpen => (value + 1.0) / 2.0 * (dim.q99 - dim.q01 + 1e-6) + dim.q01,
            Self::MeanStd => value * (dim.std + 1e-6) + dim.mean,
        }
    }
}

impl DimStatistics {
    /// Never moved: nothing to scale by.
    fn is_still(&self) -> bool {
        self.min == self.max
    }

    fn can_be(&self) -> bool {
        let Self { min, max, mean, std, q01, q99 } = *self;
        let finite = [min, max, mean, std, q01, q99].iter().all(|value| value.is_finite());
        finite && min <= max && q01 <= q99 && std >= 0.0
    }
}

#[cfg(test)]
mod tests;
