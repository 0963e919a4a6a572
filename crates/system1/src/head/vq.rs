//! Residual codes (VQ-VLA, VQ-BeT): level by level, each on what the ones before leave.

use tandem_actions::{Choice, ChunkShape, Representation as _};
use tandem_bundle::Vq;

use super::speaker::Speaker;
use super::{Condition, Head, Parts, TokenCost};
use crate::budget::Budget;
use crate::policy::{LoadError, StepError};
use crate::precision::narrow;
use crate::tokenizer::{NeuralVq, Tokenizer};

pub(super) struct VqHead {
    codec: NeuralVq,
    speaker: Speaker,
    tokens: Vec<u32>,
    decoded: Vec<f64>,
}

impl VqHead {
    pub(super) fn new(
        parameters: &Vq,
        shape: ChunkShape,
        parts: &dyn Parts,
    ) -> Result<Self, LoadError> {
        let codec = Tokenizer::of(parts, &parameters.files)?.vq(shape)?;
        let speaker = Speaker::new(Choice::Best, parts)?;
        let tokens = Vec::with_capacity(codec.tokens().most());
        Ok(Self { codec, speaker, tokens, decoded: vec![0.0; shape.values()] })
    }
}

impl Head for VqHead {
    /// A step is a level of all registers: the codes of the levels there was time for are a
    /// coarser chunk.
    fn decode(
        &mut self,
        condition: &Condition<'_>,
        budget: &mut Budget<'_>,
        chunk: &mut [f32],
    ) -> Result<usize, StepError> {
        let levels = self.codec.vq().levels();
        let registers = self.codec.tokens().most() / levels;
        self.speaker.begin(condition)?;
        self.tokens.clear();
        let mut said = 0;
        for _ in 0..budget.steps(levels) {
            if budget.is_over() {
                break;
            }
            for _ in 0..registers {
                self.tokens.push(self.speaker.say()?);
            }
            said += 1;
        }
        if said == 0 {
            return Err(StepError::OutOfTime);
        }
        self.codec.decode_levels_into(&self.tokens, &mut self.decoded)?;
        narrow(&self.decoded, chunk);
        Ok(said)
    }

    fn cost(&self) -> Option<TokenCost> {
        let tokens = self.codec.tokens().most() as f64;
        Some(TokenCost { tokens, bits_nominal: self.codec.bits_nominal(tokens) })
    }
}
