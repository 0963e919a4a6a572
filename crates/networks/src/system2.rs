//! System 2: a small vision-language model.

use serde::{Deserialize, Serialize};

use crate::layers::{Tower, transformer_block};
use crate::ops::{Activation, Ops};
use crate::signature::{Signature, TensorSpec};
use crate::system1::pictures;

/// Both cameras, the instruction and the joints to a latent goal and the task's progress.
///
/// The words pass through one transformer block; their mean conditions (FiLM) a convolutional
/// tower per camera, so that the towers look for what the sentence names. Keypoints, joints and
/// words then meet as tokens in a transformer whose last token, a learned query, reads out the
/// latent together with the keypoints themselves.
///
/// Inputs: one `picture.<camera>` `[3, H, W]` each, `tokens` `[tokens_max]` (word ids, padded with
/// zero), `joints` `[dof]` (measured q, rad). Outputs: `latent` `[latent]` in `[-1, 1]`, `progress`
/// `[1]` in `[0, 1]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct System2 {
    /// Camera names, in input order.
    pub cameras: Vec<String>,
    /// Picture height, pixels.
    pub height_px: usize,
    /// Picture width, pixels.
    pub width_px: usize,
    /// The tower of each camera, in the same order.
    pub towers: Vec<Tower>,
    /// Words in the vocabulary, the padding and the unknown word included.
    pub words: usize,
    /// Words in an instruction, at most.
    pub tokens_max: usize,
    /// Degrees of freedom.
    pub dof: usize,
    /// Width of a token in the transformer.
    pub width: usize,
    /// Attention heads; divides `width`.
    pub heads: usize,
    /// Transformer blocks over all tokens.
    pub blocks: usize,
    /// Width of the latent goal.
    pub latent: usize,
}

impl System2 {
    pub(crate) fn signature(&self) -> Signature {
        let mut inputs = pictures(&self.cameras, self.height_px, self.width_px);
        inputs.push(TensorSpec::new("tokens", &[self.tokens_max]));
        inputs.push(TensorSpec::new("joints", &[self.dof]));
        let outputs =
            vec![TensorSpec::new("latent", &[self.latent]), TensorSpec::new("progress", &[1])];
        Signature { inputs, outputs }
    }

    pub(crate) fn forward<O: Ops>(
        &self,
        ops: &mut O,
        inputs: &[O::Tensor],
    ) -> Result<Vec<O::Tensor>, O::Error> {
        let (pictures, rest) = inputs.split_at(self.cameras.len().min(inputs.len()));
        let [tokens, joints] = rest else { return Ok(Vec::new()) };

        let words = ops.embedding(tokens, "text.embedding", self.words, self.width)?;
        let words = ops.add_learned(&words, "text.position")?;
        let words = transformer_block(ops, "text.block", &words, self.width, self.heads)?;
        let sentence = ops.mean_tokens(&words)?;

        let mut sequence = Vec::new();
        let mut seen = Vec::new();
        for ((camera, tower), picture) in self.cameras.iter().zip(&self.towers).zip(pictures) {
            let name = format!("vision.{camera}");
            let keypoints = tower.forward(ops, &name, picture, Some(&sentence))?;
            let token = format!("token.{camera}");
            sequence.push(ops.linear(&keypoints, &token, self.width, Activation::None)?);
            seen.push(keypoints);
        }
        sequence.push(ops.linear(joints, "token.joints", self.width, Activation::None)?);
        seen.push(joints.clone());
        sequence.push(words);
        // The query starts from the sentence; its learned position tells it from the words.
        sequence.push(sentence);
        let mut x = ops.concat_tokens(&sequence)?;
        x = ops.add_learned(&x, "position")?;
        for block in 0..self.blocks {
            x = transformer_block(ops, &format!("block{block}"), &x, self.width, self.heads)?;
        }
        let query = ops.token(&x, self.cameras.len() + 1 + self.tokens_max)?;
        seen.push(ops.layer_norm(&query, "norm")?);

        let seen = ops.concat(&seen)?;
        let hidden = ops.linear(&seen, "readout", 2 * self.width, Activation::Relu)?;
        let latent = ops.linear(&hidden, "latent", self.latent, Activation::Tanh)?;
        let progress = ops.linear(&hidden, "progress", 1, Activation::Sigmoid)?;
        Ok(vec![latent, progress])
    }
}
