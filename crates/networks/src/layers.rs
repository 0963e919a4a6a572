//! Pieces that networks share.

use serde::{Deserialize, Serialize};

use crate::ops::{Activation, Conv, Ops};

/// One convolution of a [`Tower`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TowerLayer {
    /// Output channels.
    pub channels: usize,
    /// Kernel edge, odd.
    pub kernel: usize,
    /// Stride.
    pub stride: usize,
}

/// A stack of convolutions that ends in keypoints: where in the picture are the things that matter.
///
/// The spatial softmax at its end keeps *where* and drops the rest; on pictures this small it
/// locates an object to a fraction of a pixel where mean pooling learns nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tower {
    /// Convolutions, each followed by ReLU (or by FiLM and ReLU, from the second on, when the
    /// tower is conditioned).
    pub layers: Vec<TowerLayer>,
    /// Maps of the closing 1x1 convolution; each gives one (x, y).
    pub keypoints: usize,
}

impl Tower {
    /// Numbers that come out.
    #[must_use]
    pub const fn outputs(&self) -> usize {
        2 * self.keypoints
    }

    /// `[B, 3, H, W] -> [B, 2 * keypoints]`. With a condition `[B, D]` every layer past the first
    /// is modulated by it.
    pub(crate) fn forward<O: Ops>(
        &self,
        ops: &mut O,
        name: &str,
        picture: &O::Tensor,
        condition: Option<&O::Tensor>,
    ) -> Result<O::Tensor, O::Error> {
        let mut x = picture.clone();
        for (index, layer) in self.layers.iter().enumerate() {
            let conv = format!("{name}.conv{index}");
            let condition = condition.filter(|_| index > 0);
            let activation = if condition.is_some() { Activation::None } else { Activation::Relu };
            let TowerLayer { channels, kernel, stride } = *layer;
            x = ops.conv2d(&x, &conv, Conv { channels, kernel, stride, activation })?;
            if let Some(condition) = condition {
                let film = format!("{name}.film{index}");
                let scale_shift = ops.linear(condition, &film, 2 * channels, Activation::None)?;
                x = ops.film_relu(&x, &scale_shift)?;
            }
        }
        let maps =
            Conv { channels: self.keypoints, kernel: 1, stride: 1, activation: Activation::None };
        let x = ops.conv2d(&x, &format!("{name}.maps"), maps)?;
        ops.spatial_softmax(&x)
    }
}

/// A pre-norm transformer block (Xiong et al. 2020): `[B, L, D] -> [B, L, D]`.
pub(crate) fn transformer_block<O: Ops>(
    ops: &mut O,
    name: &str,
    x: &O::Tensor,
    width: usize,
    heads: usize,
) -> Result<O::Tensor, O::Error> {
    let normed = ops.layer_norm(x, &format!("{name}.norm1"))?;
    let q = ops.linear(&normed, &format!("{name}.q"), width, Activation::None)?;
    let k = ops.linear(&normed, &format!("{name}.k"), width, Activation::None)?;
    let v = ops.linear(&normed, &format!("{name}.v"), width, Activation::None)?;
    let mixed = ops.attention(&q, &k, &v, heads)?;
    let mixed = ops.linear(&mixed, &format!("{name}.mix"), width, Activation::None)?;
    let x = ops.add(x, &mixed)?;
    let normed = ops.layer_norm(&x, &format!("{name}.norm2"))?;
    let hidden = ops.linear(&normed, &format!("{name}.up"), 2 * width, Activation::Relu)?;
    let hidden = ops.linear(&hidden, &format!("{name}.down"), width, Activation::None)?;
    ops.add(&x, &hidden)
}
