//! A chunk as residual codes of a learned autoencoder's latents.

use super::{ResidualVq, VqError};
use crate::oat::Autoencoder;
use crate::representation::{check_chunk, check_finite, check_room, check_tokens};
use crate::{ChunkShape, DecodeError, EncodeError, Representation, TokenCount};

/// The tokenizers of VQ-VLA and VQ-BeT: each register of an autoencoder is one vector of a
/// [`ResidualVq`]. Tokens are codes, register by register and level by level.
#[derive(Clone, Debug)]
pub struct VqLatent<A> {
    autoencoder: A,
    // Invariant: its vectors are the autoencoder's registers.
    vq: ResidualVq,
    latents: Vec<f64>,
    residual: Vec<f64>,
}

impl<A: Autoencoder> VqLatent<A> {
    /// Puts codebooks into an autoencoder.
    ///
    /// # Errors
    /// If a register is not one vector of the codebooks.
    pub fn new(autoencoder: A, vq: ResidualVq) -> Result<Self, VqError> {
        let (registers, dim) = (autoencoder.registers(), autoencoder.register_dims());
        if registers == 0 || dim != vq.dim() {
            let (levels, codebook_size) = (vq.levels(), vq.codebook_size());
            return Err(VqError::Size { levels, codebook_size, dim, found: vq.codes.len() });
        }
        let latents = vec![0.0; registers * dim];
        Ok(Self { autoencoder, residual: vec![0.0; dim], latents, vq })
    }

    /// The codebooks.
    #[must_use]
    pub const fn vq(&self) -> &ResidualVq {
        &self.vq
    }
}

impl<A: Autoencoder> Representation for VqLatent<A> {
    fn shape(&self) -> ChunkShape {
        self.autoencoder.shape()
    }

    fn vocabulary(&self) -> u32 {
        self.vq.codebook_size()
    }

    fn tokens(&self) -> TokenCount {
        TokenCount::Exactly(self.autoencoder.registers() * self.vq.levels())
    }

    fn encode_into(&mut self, chunk: &[f64], tokens: &mut Vec<u32>) -> Result<(), EncodeError> {
        check_chunk(self.shape(), chunk)?;
        self.autoencoder.encode(chunk, &mut self.latents);
        tokens.clear();
        tokens.resize(self.tokens().most(), 0);
        let registers = self.latents.chunks_exact(self.vq.dim());
        for (latent, codes) in registers.zip(tokens.chunks_exact_mut(self.vq.levels())) {
            self.residual.copy_from_slice(latent);
            self.vq.encode_into(&mut self.residual, codes);
        }
        Ok(())
    }

    fn decode_into(&mut self, tokens: &[u32], chunk: &mut [f64]) -> Result<(), DecodeError> {
        check_room(self.shape(), chunk)?;
        check_tokens(self.tokens().most(), self.vq.codebook_size(), tokens)?;
        let registers = self.latents.chunks_exact_mut(self.vq.dim());
        for (latent, codes) in registers.zip(tokens.chunks_exact(self.vq.levels())) {
            // The ids were checked above.
            let _known = self.vq.decode_into(codes, latent);
        }
        self.autoencoder.decode(&self.latents, self.autoencoder.registers(), chunk);
        check_finite(chunk)
    }
}
