//! What System 1 tells the control tick.

use core::time::Duration;

use crate::{InstructionId, JointVec, ModelId, Stamp};

/// The most numbers a chunk can hold: 32 steps of a 35-DoF body, or 186 of a 6-DoF arm.
pub const CHUNK_VALUES_MAX: usize = 1120;

/// A short path of joint positions for the near future.
///
/// The path starts at [`origin`](Self::origin) at the moment [`observed`](Self::observed) and goes
/// through [`steps`](Self::steps) points, `step_period` apart: point `i` is due at
/// `observed + (i + 1) * step_period`. An executor aligns it by that stamp, never by an estimate
/// of how long inference took.
#[derive(Clone, Copy, Debug)]
pub struct ActionChunk {
    /// The stamp of the observation it was computed from (the tick that sampled the posture).
    pub observed: Stamp,
    /// The stamp of the oldest camera frame it used.
    pub frame_observed: Stamp,
    /// The stamp of the observation behind the latent goal it used.
    pub latent_observed: Stamp,
    /// The model that computed it.
    pub model: ModelId,
    /// The instruction that the latent goal answered.
    pub instruction: InstructionId,
    /// System 2's progress when it was computed, in `[0, 1]`.
    pub progress: f32,
    /// When its policy means to say the next chunk, counted from this one. Zero if it is at the rate
    /// that System 1 runs at; a policy made for a lower rate is not late before.
    pub renewed_after: Duration,
    /// The commanded position at `observed`, rad: the path's start.
    pub origin: JointVec,
    step_period: Duration,
    // Invariant: steps * origin.len() <= CHUNK_VALUES_MAX.
    steps: usize,
    values: [f32; CHUNK_VALUES_MAX],
}

/// Why a path was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChunkError {
    /// The number of values is zero, more than [`CHUNK_VALUES_MAX`], or no multiple of the DoF.
    Shape {
        /// How many values came.
        values: usize,
        /// Degrees of freedom of the origin.
        dof: usize,
    },
    /// The step period is zero.
    Period,
}

impl core::fmt::Display for ChunkError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Shape { values, dof } => write!(
                f,
                "chunk of {values} values is no whole number of steps of {dof} joints \
                 within {CHUNK_VALUES_MAX} values"
            ),
            Self::Period => write!(f, "chunk with a step period of zero"),
        }
    }
}

impl core::error::Error for ChunkError {}

impl ActionChunk {
    /// A chunk with no steps: stay at `origin`.
    #[must_use]
    pub const fn at_rest(origin: JointVec, observed: Stamp) -> Self {
        Self {
            observed,
            frame_observed: Stamp::ORIGIN,
            latent_observed: Stamp::ORIGIN,
            model: ModelId(0),
            instruction: InstructionId(0),
            progress: 0.0,
            renewed_after: Duration::ZERO,
            origin,
            step_period: Duration::from_millis(1),
            steps: 0,
            values: [0.0; CHUNK_VALUES_MAX],
        }
    }

    /// Replaces the path: `values` holds one row of joint positions (rad) per step.
    ///
    /// Values are not checked for finiteness here: that is the guard's business, which must see
    /// and count what a policy really said.
    ///
    /// # Errors
    /// If the shape or the period is impossible; the path is then unchanged.
    pub fn set_path(&mut self, step_period: Duration, values: &[f32]) -> Result<(), ChunkError> {
        let dof = self.origin.len();
        let shape = ChunkError::Shape { values: values.len(), dof };
        if step_period.is_zero() {
            return Err(ChunkError::Period);
        }
        if values.is_empty() || values.len().checked_rem(dof) != Some(0) {
            return Err(shape);
        }
        self.values.get_mut(..values.len()).ok_or(shape)?.copy_from_slice(values);
        self.steps = values.len().checked_div(dof).ok_or(shape)?;
        self.step_period = step_period;
        Ok(())
    }

    /// How many points the path has.
    #[must_use]
    pub const fn steps(&self) -> usize {
        self.steps
    }

    /// The time between two points.
    #[must_use]
    pub const fn step_period(&self) -> Duration {
        self.step_period
    }

    /// Degrees of freedom.
    #[must_use]
    pub fn dof(&self) -> usize {
        self.origin.len()
    }

    /// The joint positions of point `step`, rad, or `None` past the end.
    #[must_use]
    pub fn step(&self, step: usize) -> Option<&[f32]> {
        if step >= self.steps {
            return None;
        }
        let start = step.checked_mul(self.dof())?;
        self.values.get(start..start.checked_add(self.dof())?)
    }

    /// The joint positions of point `step`, to be changed in place, or `None` past the end.
    #[must_use]
    pub fn step_mut(&mut self, step: usize) -> Option<&mut [f32]> {
        if step >= self.steps {
            return None;
        }
        let (dof, start) = (self.dof(), step.checked_mul(self.dof())?);
        self.values.get_mut(start..start.checked_add(dof)?)
    }

    /// When the last point is due.
    #[must_use]
    pub fn end(&self) -> Stamp {
        let steps = u32::try_from(self.steps).unwrap_or(u32::MAX);
        self.observed.after(self.step_period.saturating_mul(steps))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_ragged_and_oversized_paths() {
        let mut chunk = ActionChunk::at_rest(JointVec::zeros(3), Stamp::ORIGIN);
        let period = Duration::from_millis(5);
        for values in [0, 4, CHUNK_VALUES_MAX + 2] {
            let path = [0.0; CHUNK_VALUES_MAX + 2];
            assert_eq!(
                chunk.set_path(period, &path[..values]),
                Err(ChunkError::Shape { values, dof: 3 })
            );
        }
        assert_eq!(chunk.set_path(Duration::ZERO, &[0.0; 3]), Err(ChunkError::Period));
        assert_eq!(chunk.steps(), 0);
    }

    #[test]
    fn a_chunk_without_joints_takes_no_path() {
        let mut chunk = ActionChunk::at_rest(JointVec::EMPTY, Stamp::ORIGIN);
        assert!(chunk.set_path(Duration::from_millis(5), &[0.0]).is_err());
    }

    #[test]
    fn steps_and_end() {
        let mut chunk = ActionChunk::at_rest(JointVec::zeros(2), Stamp::from_nanos(1_000));
        chunk.set_path(Duration::from_nanos(10), &[1.0, 2.0, 3.0, 4.0]).unwrap();
        assert_eq!(chunk.step(0), Some(&[1.0, 2.0][..]));
        assert_eq!(chunk.step(1), Some(&[3.0, 4.0][..]));
        assert_eq!(chunk.step(2), None);
        assert!(chunk.step_mut(2).is_none());
        chunk.step_mut(1).unwrap()[1] = 5.0;
        assert_eq!(chunk.step(1), Some(&[3.0, 5.0][..]));
        assert_eq!(chunk.end(), Stamp::from_nanos(1_020));
    }
}
