//! The network that says one token after the other.

use serde::{Deserialize, Serialize};

use super::hidden;
use crate::ops::{Activation, Ops};
use crate::signature::{Signature, TensorSpec};

/// A context and the last few tokens to the logits of the next.
///
/// It looks back over a window and not over everything, so a token costs the same wherever it
/// stands, and training sees all places of a chunk at once without a mask.
///
/// Inputs: `context` `[context]`; `tokens` `[window]`, the newest first, where the code
/// `vocabulary` stands for what lies before the chunk; `place` `[1]`, how many tokens came before.
/// Output: `logits` `[vocabulary]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Next {
    /// Width of the context.
    pub context: usize,
    /// Tokens that it looks back over.
    pub window: usize,
    /// Codes that a token may be.
    pub vocabulary: usize,
    /// Tokens that a chunk may have.
    pub places: usize,
    /// Width of a token's embedding, and of a place's.
    pub embedding: usize,
    /// Hidden widths.
    pub hidden: Vec<usize>,
}

impl Next {
    pub(crate) fn signature(&self) -> Signature {
        let inputs = vec![
            TensorSpec::new("context", &[self.context]),
            TensorSpec::new("tokens", &[self.window]),
            TensorSpec::new("place", &[1]),
        ];
        Signature { inputs, outputs: vec![TensorSpec::new("logits", &[self.vocabulary])] }
    }

    pub(crate) fn forward<O: Ops>(
        &self,
        ops: &mut O,
        inputs: &[O::Tensor],
    ) -> Result<Vec<O::Tensor>, O::Error> {
        let Self { window, vocabulary, places, embedding, .. } = *self;
        let mut known = inputs.to_vec();
        if let [_, tokens, place] = &mut known[..] {
            let seen = ops.embedding(tokens, "embedding", vocabulary + 1, embedding)?;
            *tokens = ops.reshape(&seen, &[window * embedding])?;
            let at = ops.embedding(place, "place", places, embedding)?;
            *place = ops.reshape(&at, &[embedding])?;
        }
        let x = hidden(ops, &known, &self.hidden)?;
        Ok(vec![ops.linear(&x, "out", vocabulary, Activation::None)?])
    }
}
