//! The network that says all tokens of a chunk at once.

use serde::{Deserialize, Serialize};

use super::hidden;
use crate::ops::{Activation, Ops};
use crate::signature::{Signature, TensorSpec};

/// A context, and perhaps what is known of the tokens so far, to the logits of every token.
///
/// The tokens are rows of equally many, one row for each step of the chunk. One output layer serves
/// all rows, which tell themselves apart by a learned position: it would be the largest part of the
/// network otherwise.
///
/// Inputs: `context` `[context]`, then by [`TokensSeen`]. Output: `logits` `[rows * columns *
/// vocabulary]`, token by token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tokens {
    /// Width of the context.
    pub context: usize,
    /// Rows of tokens: the chunk's steps.
    pub rows: usize,
    /// Tokens in a row.
    pub columns: usize,
    /// Codes that a token may be.
    pub vocabulary: usize,
    /// What is known of the tokens.
    pub seen: TokensSeen,
    /// Width of a token's embedding.
    pub embedding: usize,
    /// Hidden widths.
    pub hidden: Vec<usize>,
    /// Width of a row before the output layer.
    pub row_width: usize,
}

/// What is known of the tokens before they are said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokensSeen {
    /// Nothing.
    Nothing,
    /// Some of them: `tokens` `[rows * columns]`, where the code `vocabulary` is a mask.
    Masked,
    /// All of them as noisy one-hot vectors: `noisy` `[rows * columns * vocabulary]`, and `time`,
    /// the features of the time, as wide as this number.
    Noisy(usize),
}

impl Tokens {
    const fn tokens(&self) -> usize {
        self.rows * self.columns
    }

    pub(crate) fn signature(&self) -> Signature {
        let logits = self.tokens() * self.vocabulary;
        let mut inputs = vec![TensorSpec::new("context", &[self.context])];
        match self.seen {
            TokensSeen::Nothing => {}
            TokensSeen::Masked => inputs.push(TensorSpec::new("tokens", &[self.tokens()])),
            TokensSeen::Noisy(time) => {
                inputs.push(TensorSpec::new("noisy", &[logits]));
                inputs.push(TensorSpec::new("time", &[time]));
            }
        }
        Signature { inputs, outputs: vec![TensorSpec::new("logits", &[logits])] }
    }

    pub(crate) fn forward<O: Ops>(
        &self,
        ops: &mut O,
        inputs: &[O::Tensor],
    ) -> Result<Vec<O::Tensor>, O::Error> {
        let Self { rows, columns, vocabulary, embedding, row_width, .. } = *self;
        let mut known = inputs.to_vec();
        if let Some(seen) = known.get_mut(1) {
            let embedded = if self.seen == TokensSeen::Masked {
                ops.embedding(seen, "embedding", vocabulary + 1, embedding)?
            } else {
                let each = ops.reshape(seen, &[self.tokens(), vocabulary])?;
                ops.linear(&each, "embedding", embedding, Activation::None)?
            };
            *seen = ops.reshape(&embedded, &[self.tokens() * embedding])?;
        }
        let x = hidden(ops, &known, &self.hidden)?;
        let x = ops.linear(&x, "rows", rows * row_width, Activation::None)?;
        let x = ops.reshape(&x, &[rows, row_width])?;
        let x = ops.add_learned(&x, "position")?;
        let x = ops.linear(&x, "row", row_width, Activation::Relu)?;
        let x = ops.linear(&x, "out", columns * vocabulary, Activation::None)?;
        Ok(vec![ops.reshape(&x, &[self.tokens() * vocabulary])?])
    }
}
