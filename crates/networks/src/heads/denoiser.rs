//! The network in the loop of diffusion and flow matching.

use serde::{Deserialize, Serialize};

use super::hidden;
use crate::ops::{Activation, Ops};
use crate::signature::{Signature, TensorSpec};

/// A noisy chunk to the chunk behind the noise.
///
/// It predicts the clean chunk rather than the noise or the velocity, which both follow from it. A
/// chunk lies on a small manifold that a small network can reach, whereas noise fills all
/// dimensions and has to pass through it unharmed (Li and He 2025, arXiv 2511.13720).
///
/// Inputs: `context` `[context]`, `noisy` `[values]`, `time` `[time]` (see [`time_features`]).
/// Output: `clean` `[values]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Denoiser {
    /// Width of the context.
    pub context: usize,
    /// Numbers in a chunk.
    pub values: usize,
    /// Width of the time's features, even.
    pub time: usize,
    /// Hidden widths.
    pub hidden: Vec<usize>,
}

impl Denoiser {
    pub(crate) fn signature(&self) -> Signature {
        let inputs = [("context", self.context), ("noisy", self.values), ("time", self.time)]
            .map(|(name, width)| TensorSpec::new(name, &[width]));
        let outputs = vec![TensorSpec::new("clean", &[self.values])];
        Signature { inputs: inputs.into(), outputs }
    }

    pub(crate) fn forward<O: Ops>(
        &self,
        ops: &mut O,
        inputs: &[O::Tensor],
    ) -> Result<Vec<O::Tensor>, O::Error> {
        let x = hidden(ops, inputs, &self.hidden)?;
        Ok(vec![ops.linear(&x, "out", self.values, Activation::None)?])
    }
}

/// Periods of the slowest and the fastest wave, in units of the time that runs from 0 to 1 (those
/// of pi0's time embedding).
const PERIODS: (f64, f64) = (4.0, 4e-3);

/// A time in `[0, 1]` as waves of geometrically spaced periods, sines first: the form in which a
/// network can tell near times apart. An odd last place stays as it is.
pub fn time_features(time: f64, out: &mut [f32]) {
    let waves = out.len() / 2;
    let (sines, cosines) = out.split_at_mut(waves);
    for (index, (sine, cosine)) in sines.iter_mut().zip(cosines).enumerate() {
        let share = index as f64 / waves.saturating_sub(1).max(1) as f64;
        let period = PERIODS.0 * (PERIODS.1 / PERIODS.0).powf(share);
        let phase = core::f64::consts::TAU * time / period;
        (*sine, *cosine) = (phase.sin() as f32, phase.cos() as f32);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_and_far_times_can_be_told_apart() {
        let features = |time| {
            let mut out = [0.0; 16];
            time_features(time, &mut out);
            out
        };
        let apart = |a: f64, b: f64| {
            let pairs = features(a).into_iter().zip(features(b));
            pairs.map(|(a, b)| (a - b) * (a - b)).sum::<f32>()
        };
        assert_eq!(features(0.0)[..8], [0.0; 8]);
        assert!(apart(0.5, 0.501) > 0.1 && apart(0.0, 1.0) > 1.0);
        assert_eq!(features(0.3), features(0.3));
        time_features(0.5, &mut []);
    }
}
