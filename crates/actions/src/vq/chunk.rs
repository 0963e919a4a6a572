//! A chunk as a few residual codes.

use super::{ResidualVq, VqError};
use crate::representation::{check_chunk, check_finite, check_room, check_tokens};
use crate::{ChunkShape, DecodeError, EncodeError, Representation, TokenCount};

/// A chunk in groups of steps, each group's actions one vector of a [`ResidualVq`]. Tokens are
/// codes, group by group and level by level.
#[derive(Clone, Debug)]
pub struct VqChunk {
    shape: ChunkShape,
    // Invariant: its vectors are whole steps, a whole number of them in a chunk.
    vq: ResidualVq,
    residual: Vec<f64>,
}

impl VqChunk {
    /// VQ-VLA's sizes: codebooks, codes in each, and the steps they stand for.
    pub const VQ_VLA: (usize, u32, usize) = (4, 256, 5);
    /// VQ-BeT's codebooks and codes in each; they stand for the whole chunk.
    pub const VQ_BET: (usize, u32) = (2, 16);

    /// For chunks of `shape` whose groups are as many steps as `vq` has vectors for.
    ///
    /// # Errors
    /// If a chunk does not fall into such groups.
    pub fn new(shape: ChunkShape, vq: ResidualVq) -> Result<Self, VqError> {
        let group_steps = vq.dim() / shape.dims();
        let whole = group_steps > 0 && vq.dim().is_multiple_of(shape.dims());
        if !whole || !shape.steps().is_multiple_of(group_steps) {
            return Err(VqError::Group { steps: shape.steps(), group_steps });
        }
        let residual = vec![0.0; vq.dim()];
        Ok(Self { shape, vq, residual })
    }

    /// The codebooks.
    #[must_use]
    pub const fn vq(&self) -> &ResidualVq {
        &self.vq
    }

    fn groups(&self) -> usize {
        self.shape.values() / self.vq.dim()
    }
}

impl Representation for VqChunk {
    fn shape(&self) -> ChunkShape {
        self.shape
    }

    fn vocabulary(&self) -> u32 {
        self.vq.codebook_size()
    }

    fn tokens(&self) -> TokenCount {
        TokenCount::Exactly(self.groups() * self.vq.levels())
    }

    fn encode_into(&mut self, chunk: &[f64], tokens: &mut Vec<u32>) -> Result<(), EncodeError> {
        check_chunk(self.shape, chunk)?;
        tokens.clear();
        tokens.resize(self.tokens().most(), 0);
        let groups = chunk.chunks_exact(self.vq.dim());
        for (vector, codes) in groups.zip(tokens.chunks_exact_mut(self.vq.levels())) {
            self.residual.copy_from_slice(vector);
            self.vq.encode_into(&mut self.residual, codes);
        }
        Ok(())
    }

    fn decode_into(&mut self, tokens: &[u32], chunk: &mut [f64]) -> Result<(), DecodeError> {
        check_room(self.shape, chunk)?;
        check_tokens(self.tokens().most(), self.vq.codebook_size(), tokens)?;
        let groups = chunk.chunks_exact_mut(self.vq.dim());
        for (vector, codes) in groups.zip(tokens.chunks_exact(self.vq.levels())) {
            // The ids were checked above.
            let _known = self.vq.decode_into(codes, vector);
        }
        // Finite codes may still add up to more than a number can hold.
        check_finite(chunk)
    }
}
