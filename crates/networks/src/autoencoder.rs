//! The networks on both sides of a learned tokenizer's quantiser.

use serde::{Deserialize, Serialize};

use crate::ops::{Activation, Ops};
use crate::signature::{Signature, TensorSpec};

/// An action chunk to latents that a quantiser turns into tokens.
///
/// Input: `chunk` `[values]`, scaled, step by step. Output: `latents` `[latents]`, register by
/// register.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChunkEncoder {
    /// Values of a chunk: steps times joints.
    pub values: usize,
    /// Hidden widths.
    pub hidden: Vec<usize>,
    /// Latent values of all registers.
    pub latents: usize,
}

/// Quantised latents back to an action chunk.
///
/// Input: `codes` `[codes]`, register by register; where registers may be missing, each one's
/// values are followed by a 1, or all are zero. Output: `chunk` `[values]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChunkDecoder {
    /// Numbers that say all registers.
    pub codes: usize,
    /// Hidden widths.
    pub hidden: Vec<usize>,
    /// Values of a chunk.
    pub values: usize,
}

impl ChunkEncoder {
    pub(crate) fn signature(&self) -> Signature {
        Signature {
            inputs: vec![TensorSpec::new("chunk", &[self.values])],
            outputs: vec![TensorSpec::new("latents", &[self.latents])],
        }
    }

    pub(crate) fn forward<O: Ops>(
        &self,
        ops: &mut O,
        inputs: &[O::Tensor],
    ) -> Result<Vec<O::Tensor>, O::Error> {
        let chunk = ops.concat(inputs)?;
        bypassed(ops, &chunk, &self.hidden, self.latents)
    }
}

impl ChunkDecoder {
    pub(crate) fn signature(&self) -> Signature {
        Signature {
            inputs: vec![TensorSpec::new("codes", &[self.codes])],
            outputs: vec![TensorSpec::new("chunk", &[self.values])],
        }
    }

    pub(crate) fn forward<O: Ops>(
        &self,
        ops: &mut O,
        inputs: &[O::Tensor],
    ) -> Result<Vec<O::Tensor>, O::Error> {
        let codes = ops.concat(inputs)?;
        bypassed(ops, &codes, &self.hidden, self.values)
    }
}

/// Hidden layers beside a linear one. Training starts from a linear tokenizer, whose best weights
/// are known, and the hidden layers add what it misses.
fn bypassed<O: Ops>(
    ops: &mut O,
    x: &O::Tensor,
    hidden: &[usize],
    outputs: usize,
) -> Result<Vec<O::Tensor>, O::Error> {
    let straight = ops.linear(x, "straight", outputs, Activation::None)?;
    let mut x = x.clone();
    for (index, &width) in hidden.iter().enumerate() {
        x = ops.linear(&x, &format!("hidden{index}"), width, Activation::Relu)?;
    }
    let bent = ops.linear(&x, "out", outputs, Activation::None)?;
    Ok(vec![ops.add(&straight, &bent)?])
}
