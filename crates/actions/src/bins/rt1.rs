//! RT-1's action tokenizer (`robotics_transformer/tokenizers/action_tokenizer.py`).

use super::Bins;

/// Values between per-dimension bounds, *truncated* to one of `vocabulary` levels that include both
/// bounds. On even data the decoded value is half a level too low on average: -0.0039 of `[-1, 1]`
/// at 256 levels.
#[derive(Clone, Debug)]
pub struct Rt1Bins {
    // Invariant: at least 2.
    vocabulary: u32,
    // Invariant: finite, and the first of each pair is less than the second.
    bounds: Vec<(f64, f64)>,
}

/// Bounds that cannot be.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum Rt1Error {
    /// Too few levels to have a width.
    #[error("{0} levels: at least 2 are needed, one for each bound")]
    Vocabulary(u32),
    /// A range without width.
    #[error("the bounds {minimum} and {maximum} of dimension {dim}: the first must be the lesser")]
    Bounds {
        /// The action dimension.
        dim: usize,
        /// Its lower bound.
        minimum: f64,
        /// Its upper bound.
        maximum: f64,
    },
}

impl Rt1Bins {
    /// With `vocabulary` levels between each dimension's `(minimum, maximum)`.
    ///
    /// # Errors
    /// If there are fewer than two levels, or a range without width.
    pub fn new(vocabulary: u32, bounds: Vec<(f64, f64)>) -> Result<Self, Rt1Error> {
        if vocabulary < 2 {
            return Err(Rt1Error::Vocabulary(vocabulary));
        }
        let wrong = |(low, high): &(f64, f64)| !(low < high && (high - low).is_finite());
        match bounds.iter().position(wrong) {
            Some(dim) => {
                let (minimum, maximum) = bounds[dim];
                Err(Rt1Error::Bounds { dim, minimum, maximum })
            }
            None => Ok(Self { vocabulary, bounds }),
        }
    }

    /// The bounds of a dimension; `[-1, 1]` for those beyond the ones given.
    fn bounds(&self, dim: usize) -> (f64, f64) {
        self.bounds.get(dim).copied().unwrap_or((-1.0, 1.0))
    }

    fn last(&self) -> f64 {
        f64::from(self.vocabulary - 1)
    }
}

impl Bins for Rt1Bins {
    fn bins(&self) -> u32 {
        self.vocabulary
    }

    fn id(&self, dim: usize, value: f64) -> u32 {
        let (low, high) = self.bounds(dim);
        let share = (value.clamp(low, high) - low) / (high - low);
        (share * self.last()) as u32
    }

    fn value(&self, dim: usize, id: u32) -> f64 {
        let (low, high) = self.bounds(dim);
        f64::from(id.min(self.vocabulary - 1)) / self.last() * (high - low) + low
    }
}

/// RT-1's rule for a dimension that is a choice, given as one-hot (move the arm, move the base,
/// stop): the token is the choice.
#[derive(Clone, Copy, Debug)]
pub struct Rt1Discrete {
    /// How many choices there are.
    pub choices: u32,
}

impl Rt1Discrete {
    /// The first greatest entry.
    #[must_use]
    pub fn token(self, one_hot: &[f64]) -> u32 {
        let mut best = 0;
        for (choice, value) in one_hot.iter().enumerate() {
            if *value > one_hot[best] {
                best = choice;
            }
        }
        best as u32
    }

    /// The choice a token stands for; the first for tokens beyond.
    #[must_use]
    pub const fn choice(self, token: u32) -> u32 {
        if token < self.choices { token } else { 0 }
    }
}
