//! FAST: tokens until the end, or no chunk.

use tandem_actions::{Choice, ChunkShape, Fast, Representation as _};

use super::speaker::Speaker;
use super::{Condition, Head, Parts, Spoken, TokenCost};
use crate::budget::Budget;
use crate::policy::{LoadError, StepError};
use crate::precision::narrow;
use crate::tokenizer::fast;

/// The tokenizer's ids, and one more that ends a chunk.
pub(super) struct FastHead {
    codec: Fast,
    speaker: Speaker,
    most: usize,
    tokens: Vec<u32>,
    decoded: Vec<f64>,
    spoken: Spoken,
}

impl FastHead {
    pub(super) fn new(
        parameters: &tandem_bundle::Fast,
        shape: ChunkShape,
        parts: &dyn Parts,
    ) -> Result<Self, LoadError> {
        let codec = fast(parameters, shape, parts)?;
        let speaker = Speaker::new(Choice::Best, parts)?;
        let (expected, found) = (codec.vocabulary() as usize + 1, speaker.vocabulary());
        if expected != found {
            return Err(LoadError::Vocabulary { expected, found });
        }
        let most = parameters.tokens_max;
        let (tokens, decoded) = (Vec::with_capacity(most), vec![0.0; shape.values()]);
        Ok(Self { codec, speaker, most, tokens, decoded, spoken: Spoken::default() })
    }
}

impl Head for FastHead {
    /// Most sequences of tokens are no chunk, and neither is one that does not end: those are
    /// errors, and the chunk before goes on. The reference answers with zeros.
    fn decode(
        &mut self,
        condition: &Condition<'_>,
        budget: &mut Budget<'_>,
        chunk: &mut [f32],
    ) -> Result<usize, StepError> {
        self.speaker.begin(condition)?;
        self.tokens.clear();
        let end = self.codec.vocabulary();
        for _ in 0..self.most {
            if budget.is_over() {
                return Err(StepError::OutOfTime);
            }
            let token = self.speaker.say()?;
            if token == end {
                self.codec.decode_into(&self.tokens, &mut self.decoded)?;
                narrow(&self.decoded, chunk);
                self.spoken.add(self.tokens.len());
                return Ok(self.tokens.len());
            }
            self.tokens.push(token);
        }
        Err(StepError::NoEnd { tokens: self.most })
    }

    fn cost(&self) -> Option<TokenCost> {
        Some(self.spoken.cost(|tokens| self.codec.bits_nominal(tokens)))
    }

    fn reset(&mut self) {
        self.spoken = Spoken::default();
    }
}
