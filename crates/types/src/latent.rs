//! What System 2 tells System 1.

use crate::{InstructionId, ModelId, Stamp};

/// The most numbers a latent goal can hold (2 KiB of `f32`).
pub const LATENT_MAX: usize = 512;

/// System 2's answer to "what should the arm be doing": a vector whose meaning System 1 has
/// learned, and how much of the task is done.
#[derive(Clone, Copy, Debug)]
pub struct LatentGoal {
    /// The stamp of the oldest camera frame it was computed from; its age is counted from here.
    pub observed: Stamp,
    /// The model that computed it. System 1 accepts only the one it was trained with.
    pub model: ModelId,
    /// The instruction it answers.
    pub instruction: InstructionId,
    /// Fraction of the task done, in `[0, 1]`.
    pub progress: f32,
    // Invariant: dim <= LATENT_MAX.
    dim: usize,
    values: [f32; LATENT_MAX],
}

/// Why a latent vector was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LatentError {
    /// More than [`LATENT_MAX`] values.
    TooLong {
        /// How many there were.
        dim: usize,
    },
    /// A value, or the progress, is NaN or infinite.
    NotFinite {
        /// The first bad element; the dimension itself stands for the progress.
        index: usize,
    },
}

impl core::fmt::Display for LatentError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::TooLong { dim } => {
                write!(f, "latent of {dim} values, but at most {LATENT_MAX} are supported")
            }
            Self::NotFinite { index } => write!(f, "latent value {index} is not a finite number"),
        }
    }
}

impl core::error::Error for LatentError {}

impl LatentGoal {
    /// No goal: dimension zero.
    pub const NONE: Self = Self {
        observed: Stamp::ORIGIN,
        model: ModelId(0),
        instruction: InstructionId(0),
        progress: 0.0,
        dim: 0,
        values: [0.0; LATENT_MAX],
    };

    /// Replaces the vector and the progress (clamped to `[0, 1]`), or leaves both as they were.
    ///
    /// # Errors
    /// If there are too many values or one is not finite.
    pub fn set(&mut self, values: &[f32], progress: f32) -> Result<(), LatentError> {
        let dim = values.len();
        let target = self.values.get_mut(..dim).ok_or(LatentError::TooLong { dim })?;
        if let Some(index) = values.iter().position(|value| !value.is_finite()) {
            return Err(LatentError::NotFinite { index });
        }
        if !progress.is_finite() {
            return Err(LatentError::NotFinite { index: dim });
        }
        target.copy_from_slice(values);
        self.dim = dim;
        self.progress = progress.clamp(0.0, 1.0);
        Ok(())
    }

    /// The vector.
    #[must_use]
    pub fn values(&self) -> &[f32] {
        self.values.get(..self.dim).unwrap_or(&[])
    }
}

impl Default for LatentGoal {
    fn default() -> Self {
        Self::NONE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_is_not_finite_and_keeps_the_old_goal() {
        let mut goal = LatentGoal::NONE;
        goal.set(&[1.0, 2.0], 0.5).unwrap();
        assert_eq!(goal.set(&[1.0, f32::NAN], 0.5), Err(LatentError::NotFinite { index: 1 }));
        assert_eq!(goal.set(&[1.0], f32::INFINITY), Err(LatentError::NotFinite { index: 1 }));
        assert_eq!(
            goal.set(&[0.0; LATENT_MAX + 1], 0.0),
            Err(LatentError::TooLong { dim: LATENT_MAX + 1 })
        );
        assert_eq!(goal.values(), &[1.0, 2.0]);
    }
}
