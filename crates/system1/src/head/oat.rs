//! Ordered tokens (OAT): as many as there is time for.

use tandem_actions::{Choice, ChunkShape, Representation as _};
use tandem_bundle::Oat;

use super::speaker::Speaker;
use super::{Condition, Head, Parts, TokenCost};
use crate::budget::Budget;
use crate::policy::{LoadError, StepError};
use crate::precision::narrow;
use crate::tokenizer::{NeuralOat, Tokenizer};

pub(super) struct OatHead {
    codec: NeuralOat,
    speaker: Speaker,
    /// Tokens to say, at most.
    most: usize,
    tokens: Vec<u32>,
    decoded: Vec<f64>,
}

impl OatHead {
    pub(super) fn new(
        parameters: &Oat,
        shape: ChunkShape,
        parts: &dyn Parts,
    ) -> Result<Self, LoadError> {
        let codec = Tokenizer::of(parts, &parameters.files)?.oat(shape)?;
        let speaker = Speaker::new(Choice::Best, parts)?;
        let most = parameters.tokens.clamp(1, codec.tokens().most());
        let tokens = Vec::with_capacity(most);
        Ok(Self { codec, speaker, most, tokens, decoded: vec![0.0; shape.values()] })
    }
}

impl Head for OatHead {
    fn decode(
        &mut self,
        condition: &Condition<'_>,
        budget: &mut Budget<'_>,
        chunk: &mut [f32],
    ) -> Result<usize, StepError> {
        self.speaker.begin(condition)?;
        self.tokens.clear();
        for _ in 0..budget.steps(self.most) {
            if budget.is_over() {
                break;
            }
            self.tokens.push(self.speaker.say()?);
        }
        if self.tokens.is_empty() {
            return Err(StepError::OutOfTime);
        }
        self.codec.decode_prefix_into(&self.tokens, &mut self.decoded)?;
        narrow(&self.decoded, chunk);
        Ok(self.tokens.len())
    }

    fn cost(&self) -> Option<TokenCost> {
        let tokens = self.most as f64;
        Some(TokenCost { tokens, bits_nominal: self.codec.bits_nominal(tokens) })
    }
}
