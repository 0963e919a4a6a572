//! ACT's conditional variational autoencoder (Zhao et al. 2023, arXiv 2304.13705).

use serde::{Deserialize, Serialize};

use super::{ConditionSizes, hidden};
use crate::ops::{Activation, Ops};
use crate::shape_ops::{Parameter, ShapeError, ShapeOps};
use crate::signature::{Signature, TensorSpec};

/// The decoder: condition and style to a chunk. Runs in every System 1 step, with a style of zeros.
///
/// Inputs: `features`, `posture`, `latent`, `style` `[style]`. Output: `chunk` `[values]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActHead {
    /// What it starts from.
    pub condition: ConditionSizes,
    /// Width of the style.
    pub style: usize,
    /// Hidden widths.
    pub hidden: Vec<usize>,
    /// Numbers in a chunk: steps times joints.
    pub values: usize,
}

impl ActHead {
    pub(crate) fn signature(&self) -> Signature {
        let mut inputs = self.condition.inputs();
        inputs.push(TensorSpec::new("style", &[self.style]));
        Signature { inputs, outputs: vec![TensorSpec::new("chunk", &[self.values])] }
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

/// The encoder, which sees the expert's chunk and so exists in training only: condition and chunk to
/// the mean and the logarithm of the variance of the style.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActPosterior {
    /// What the decoder starts from.
    pub condition: ConditionSizes,
    /// Numbers in a chunk.
    pub values: usize,
    /// Width of the style.
    pub style: usize,
    /// Hidden widths.
    pub hidden: Vec<usize>,
}

impl ActPosterior {
    /// Features, posture, latent goal and chunk, each `[B, ..]`, to mean and log-variance, each
    /// `[B, style]`.
    ///
    /// # Errors
    /// What `ops` fails with.
    pub fn forward<O: Ops>(
        &self,
        ops: &mut O,
        inputs: &[O::Tensor],
    ) -> Result<[O::Tensor; 2], O::Error> {
        let x = hidden(ops, inputs, &self.hidden)?;
        let mean = ops.linear(&x, "mean", self.style, Activation::None)?;
        let log_variance = ops.linear(&x, "log_variance", self.style, Activation::None)?;
        Ok([mean, log_variance])
    }

    /// Its weights.
    ///
    /// # Errors
    /// If the sizes do not fit together.
    pub fn parameters(&self) -> Result<Vec<Parameter>, ShapeError> {
        let ConditionSizes { features, posture, latent } = self.condition;
        let inputs = [features, posture, latent, self.values].map(|width| vec![1, width]);
        let mut ops = ShapeOps::default();
        self.forward(&mut ops, &inputs)?;
        Ok(ops.into_parameters())
    }
}
