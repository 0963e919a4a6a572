//! The heads of System 1 beside plain regression: what stands between a condition and a chunk.
//!
//! All of them start from the same [`ConditionSizes`]: visual features, posture and latent goal.
//! A head that answers at once is one network (`head`). A head that answers step by step is two:
//! a [`Context`] that runs once, and a small network that runs in every step.

mod act;
mod context;
mod denoiser;
mod next;
mod tokens;

pub use act::{ActHead, ActPosterior};
pub use context::Context;
pub use denoiser::{Denoiser, time_features};
pub use next::Next;
pub use tokens::{Tokens, TokensSeen};

use serde::{Deserialize, Serialize};

use crate::ops::{Activation, Ops};
use crate::signature::TensorSpec;

/// Widths of what a head starts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConditionSizes {
    /// Width of the visual features.
    pub features: usize,
    /// Width of the posture: three numbers for each joint.
    pub posture: usize,
    /// Width of the latent goal.
    pub latent: usize,
}

impl ConditionSizes {
    /// The three inputs, in the order every head takes them.
    pub(crate) fn inputs(self) -> Vec<TensorSpec> {
        let Self { features, posture, latent } = self;
        [("features", features), ("posture", posture), ("latent", latent)]
            .map(|(name, width)| TensorSpec::new(name, &[width]))
            .into()
    }
}

/// `[B, D] -> [B, last of widths]`: layers `hidden0`, `hidden1`, .. with ReLU.
fn hidden<O: Ops>(
    ops: &mut O,
    inputs: &[O::Tensor],
    widths: &[usize],
) -> Result<O::Tensor, O::Error> {
    let mut x = ops.concat(inputs)?;
    for (index, &width) in widths.iter().enumerate() {
        x = ops.linear(&x, &format!("hidden{index}"), width, Activation::Relu)?;
    }
    Ok(x)
}
