//! System 1: a small visual encoder and a head that runs at the policy's rate.

use serde::{Deserialize, Serialize};

use crate::layers::Tower;
use crate::ops::{Activation, Ops};
use crate::signature::{Signature, TensorSpec};

/// Pictures to visual features. Runs once when frames arrive.
///
/// Inputs: one `picture.<camera>` `[3, H, W]` each. Output: `features` `[2 * keypoints * cameras]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct System1Encoder {
    /// Camera names, in input order.
    pub cameras: Vec<String>,
    /// Picture height, pixels.
    pub height_px: usize,
    /// Picture width, pixels.
    pub width_px: usize,
    /// The tower each camera has for itself.
    pub tower: Tower,
}

impl System1Encoder {
    pub(crate) fn signature(&self) -> Signature {
        let features = self.tower.outputs() * self.cameras.len();
        Signature {
            inputs: pictures(&self.cameras, self.height_px, self.width_px),
            outputs: vec![TensorSpec::new("features", &[features])],
        }
    }

    pub(crate) fn forward<O: Ops>(
        &self,
        ops: &mut O,
        inputs: &[O::Tensor],
    ) -> Result<Vec<O::Tensor>, O::Error> {
        let mut features = Vec::with_capacity(self.cameras.len());
        for (camera, picture) in self.cameras.iter().zip(inputs) {
            features.push(self.tower.forward(ops, camera, picture, None)?);
        }
        Ok(vec![ops.concat(&features)?])
    }
}

/// Features, posture and latent goal to an action chunk. Runs in every System 1 step.
///
/// Inputs: `features` `[features]`, `posture` `[3 * dof]` (normalised q, then dq, then lead: the
/// command minus the measured position), `latent` `[latent]`. Output: `chunk` `[horizon * dof]`, the
/// normalised departure of each step from the command at the observation, step by step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct System1Head {
    /// Width of the visual features.
    pub features: usize,
    /// Degrees of freedom.
    pub dof: usize,
    /// Width of the latent goal.
    pub latent: usize,
    /// Hidden widths.
    pub hidden: Vec<usize>,
    /// Steps in a chunk.
    pub horizon: usize,
}

impl System1Head {
    pub(crate) fn signature(&self) -> Signature {
        Signature {
            inputs: vec![
                TensorSpec::new("features", &[self.features]),
                TensorSpec::new("posture", &[3 * self.dof]),
                TensorSpec::new("latent", &[self.latent]),
            ],
            outputs: vec![TensorSpec::new("chunk", &[self.horizon * self.dof])],
        }
    }

    pub(crate) fn forward<O: Ops>(
        &self,
        ops: &mut O,
        inputs: &[O::Tensor],
    ) -> Result<Vec<O::Tensor>, O::Error> {
        let mut x = ops.concat(inputs)?;
        for (index, &width) in self.hidden.iter().enumerate() {
            x = ops.linear(&x, &format!("hidden{index}"), width, Activation::Relu)?;
        }
        Ok(vec![ops.linear(&x, "out", self.horizon * self.dof, Activation::None)?])
    }
}

pub(crate) fn pictures(cameras: &[String], height_px: usize, width_px: usize) -> Vec<TensorSpec> {
    let shape = [3, height_px, width_px];
    cameras.iter().map(|name| TensorSpec::new(format!("picture.{name}"), &shape)).collect()
}
