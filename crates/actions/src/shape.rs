//! How large an action chunk is.

use core::fmt;

/// The size of an action chunk: future steps times action dimensions.
///
/// Chunks are slices of `f64` in row-major order, one row per step, in the units of the normalised
/// action (mostly `[-1, 1]`). They are double precision because a value on the edge of a bin must
/// fall on the same side as in the reference code, and because a chunk is a few hundred values:
/// converting them costs nothing beside the network that made them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ChunkShape {
    // Invariant: both are at least 1, and their product is at most VALUES_MAX.
    steps: usize,
    dims: usize,
}

/// A chunk that cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a chunk of {steps} steps x {dims} dimensions: both must be at least 1, and the product at most {}",
    ChunkShape::VALUES_MAX
)]
pub struct ShapeError {
    /// The steps asked for.
    pub steps: usize,
    /// The dimensions asked for.
    pub dims: usize,
}

impl ChunkShape {
    /// The most values in a chunk: ten minutes of a humanoid at 3 Hz, and far beyond any policy.
    pub const VALUES_MAX: usize = 1 << 16;

    /// A shape of `steps` rows with `dims` values each.
    ///
    /// # Errors
    /// If either is zero or the chunk would be larger than [`Self::VALUES_MAX`].
    pub const fn new(steps: usize, dims: usize) -> Result<Self, ShapeError> {
        match steps.checked_mul(dims) {
            Some(1..=Self::VALUES_MAX) => Ok(Self { steps, dims }),
            _ => Err(ShapeError { steps, dims }),
        }
    }

    /// How many steps: the rows.
    #[must_use]
    pub const fn steps(self) -> usize {
        self.steps
    }

    /// How many action dimensions: the columns.
    #[must_use]
    pub const fn dims(self) -> usize {
        self.dims
    }

    /// How many values: steps times dimensions.
    #[must_use]
    pub const fn values(self) -> usize {
        self.steps * self.dims
    }
}

impl fmt::Display for ChunkShape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}", self.steps, self.dims)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_chunks_that_can_be_have_a_shape() {
        assert_eq!(ChunkShape::new(16, 7).map(ChunkShape::values), Ok(112));
        for (steps, dims) in [(0, 7), (16, 0), (usize::MAX, 2), (1 << 16, 2)] {
            assert_eq!(ChunkShape::new(steps, dims), Err(ShapeError { steps, dims }));
        }
    }
}
