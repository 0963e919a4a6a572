//! A part of OAT's tokens as a representation of its own.

use super::{Autoencoder, Oat};
use crate::{ChunkShape, DecodeError, EncodeError, Representation, TokenCount};

/// The first tokens of an [`Oat`]: the line of a rate-distortion table for a policy that stops
/// there.
#[derive(Clone, Debug)]
pub struct OatPrefix<A> {
    oat: Oat<A>,
    // Invariant: at least 1 and at most the registers.
    kept: usize,
}

impl<A: Autoencoder> OatPrefix<A> {
    /// The first `kept` tokens, one at least and all at most.
    #[must_use]
    pub fn new(oat: Oat<A>, kept: usize) -> Self {
        let kept = kept.clamp(1, oat.tokens().most());
        Self { oat, kept }
    }
}

impl<A: Autoencoder> Representation for OatPrefix<A> {
    fn shape(&self) -> ChunkShape {
        self.oat.shape()
    }

    fn vocabulary(&self) -> u32 {
        self.oat.vocabulary()
    }

    fn tokens(&self) -> TokenCount {
        TokenCount::Exactly(self.kept)
    }

    /// `tokens` needs room for all of OAT's, of which the first remain.
    fn encode_into(&mut self, chunk: &[f64], tokens: &mut Vec<u32>) -> Result<(), EncodeError> {
        self.oat.encode_into(chunk, tokens)?;
        tokens.truncate(self.kept);
        Ok(())
    }

    fn decode_into(&mut self, tokens: &[u32], chunk: &mut [f64]) -> Result<(), DecodeError> {
        if tokens.len() != self.kept {
            return Err(DecodeError::Count { expected: self.kept, found: tokens.len() });
        }
        self.oat.decode_prefix_into(tokens, chunk)
    }
}
