//! No tokenizer at all: what a continuous head puts out.

use crate::representation::{check_chunk, check_finite, check_room, check_tokens};
use crate::{ChunkShape, DecodeError, EncodeError, Representation, TokenCount};

/// Actions as the `f32` that a continuous head (regression, diffusion, flow) computes, each
/// number's bits one token: the line of a rate-distortion table that all others are held against.
///
/// Its 32 bits per value are no codebook's: they are what single precision can tell apart.
#[derive(Clone, Copy, Debug)]
pub struct Continuous {
    shape: ChunkShape,
}

impl Continuous {
    /// For chunks of this shape.
    #[must_use]
    pub const fn new(shape: ChunkShape) -> Self {
        Self { shape }
    }
}

impl Representation for Continuous {
    fn shape(&self) -> ChunkShape {
        self.shape
    }

    /// All patterns of 32 bits but the last, which is one of the many that are not a number.
    fn vocabulary(&self) -> u32 {
        u32::MAX
    }

    fn tokens(&self) -> TokenCount {
        TokenCount::Exactly(self.shape.values())
    }

    fn encode_into(&mut self, chunk: &[f64], tokens: &mut Vec<u32>) -> Result<(), EncodeError> {
        check_chunk(self.shape, chunk)?;
        tokens.clear();
        tokens.extend(chunk.iter().map(|value| (*value as f32).to_bits()));
        Ok(())
    }

    fn decode_into(&mut self, tokens: &[u32], chunk: &mut [f64]) -> Result<(), DecodeError> {
        check_room(self.shape, chunk)?;
        check_tokens(self.shape.values(), self.vocabulary(), tokens)?;
        for (value, bits) in chunk.iter_mut().zip(tokens) {
            *value = f64::from(f32::from_bits(*bits));
        }
        check_finite(chunk)
    }
}
