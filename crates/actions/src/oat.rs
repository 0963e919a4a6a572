//! Ordered action tokens (OAT, arXiv 2602.04215): a chunk as registers whose first ones say most,
//! so that any prefix decodes to a coarser chunk.
//!
//! Written from the paper's description. A learned autoencoder turns a chunk into a few registers,
//! each quantised by [`Fsq`] to one token; nested dropout in training makes the first registers
//! carry what matters most. The networks are the caller's ([`Autoencoder`]); the tokens, the
//! attention mask and the dropout are here. [`Principal`] is the autoencoder that nested dropout
//! finds when everything is linear.

mod dropout;
mod prefix;
mod principal;

pub use dropout::{NestedDropout, attention_mask};
pub use prefix::OatPrefix;
pub use principal::{Principal, PrincipalError};

use crate::representation::{check_chunk, check_finite, check_room, check_tokens};
use crate::{ChunkShape, DecodeError, EncodeError, Fsq, Representation, TokenCount};

/// The networks around OAT's quantiser.
pub trait Autoencoder {
    /// The chunks it takes.
    fn shape(&self) -> ChunkShape;

    /// How many registers a chunk becomes.
    fn registers(&self) -> usize;

    /// How many latent values a register has: one per dimension of the quantiser.
    fn register_dims(&self) -> usize;

    /// Writes the latents of a chunk, register by register.
    fn encode(&mut self, chunk: &[f64], latents: &mut [f64]);

    /// Writes the chunk of quantised latents (each within `[-1, 1]`), of which only the first
    /// `kept` registers are known; what the others hold means nothing.
    fn decode(&mut self, codes: &[f64], kept: usize, chunk: &mut [f64]);
}

/// The tokenizer: an autoencoder with a quantiser in its middle.
#[derive(Clone, Debug)]
pub struct Oat<A> {
    autoencoder: A,
    fsq: Fsq,
    latents: Vec<f64>,
}

/// A quantiser and an autoencoder that do not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the quantiser has {fsq} dimensions, the autoencoder's {registers} registers have {register_dims}"
)]
pub struct OatError {
    /// Dimensions of the quantiser.
    pub fsq: usize,
    /// Registers.
    pub registers: usize,
    /// Dimensions of a register.
    pub register_dims: usize,
}

impl<A: Autoencoder> Oat<A> {
    /// OAT's quantiser: 1000 codes.
    pub const LEVELS: [u32; 4] = [8, 5, 5, 5];
    /// OAT's registers.
    pub const REGISTERS: usize = 8;

    /// Puts a quantiser into an autoencoder.
    ///
    /// # Errors
    /// If a register is not one latent of the quantiser, or there is none.
    pub fn new(autoencoder: A, fsq: Fsq) -> Result<Self, OatError> {
        let (registers, register_dims) = (autoencoder.registers(), autoencoder.register_dims());
        if registers == 0 || register_dims != fsq.dims() {
            return Err(OatError { fsq: fsq.dims(), registers, register_dims });
        }
        let latents = vec![0.0; registers * register_dims];
        Ok(Self { autoencoder, fsq, latents })
    }

    /// The quantiser.
    #[must_use]
    pub const fn fsq(&self) -> &Fsq {
        &self.fsq
    }

    /// Decodes the first tokens of a chunk, one at least: a policy that ran out of time has still
    /// said the most important.
    ///
    /// # Errors
    /// If there are no tokens, more than registers, or an id beyond the codebook.
    pub fn decode_prefix_into(
        &mut self,
        tokens: &[u32],
        chunk: &mut [f64],
    ) -> Result<(), DecodeError> {
        check_room(self.autoencoder.shape(), chunk)?;
        let registers = self.autoencoder.registers();
        let expected = tokens.len().clamp(1, registers);
        check_tokens(expected, self.fsq.codebook_size(), tokens)?;
        // What is missing may be anything; zeros keep the result a function of the tokens.
        self.latents.fill(0.0);
        for (token, code) in tokens.iter().zip(self.latents.chunks_exact_mut(self.fsq.dims())) {
            self.fsq.code_into(*token, code);
        }
        self.autoencoder.decode(&self.latents, tokens.len(), chunk);
        check_finite(chunk)
    }
}

impl<A: Autoencoder> Representation for Oat<A> {
    fn shape(&self) -> ChunkShape {
        self.autoencoder.shape()
    }

    fn vocabulary(&self) -> u32 {
        self.fsq.codebook_size()
    }

    fn tokens(&self) -> TokenCount {
        TokenCount::Exactly(self.autoencoder.registers())
    }

    fn encode_into(&mut self, chunk: &[f64], tokens: &mut Vec<u32>) -> Result<(), EncodeError> {
        check_chunk(self.autoencoder.shape(), chunk)?;
        self.autoencoder.encode(chunk, &mut self.latents);
        tokens.clear();
        tokens.extend(self.latents.chunks_exact(self.fsq.dims()).map(|z| self.fsq.index(z)));
        Ok(())
    }

    /// Takes whole chunks only; [`Oat::decode_prefix_into`] takes prefixes.
    fn decode_into(&mut self, tokens: &[u32], chunk: &mut [f64]) -> Result<(), DecodeError> {
        check_tokens(self.autoencoder.registers(), self.fsq.codebook_size(), tokens)?;
        self.decode_prefix_into(tokens, chunk)
    }
}

#[cfg(test)]
mod tests;
