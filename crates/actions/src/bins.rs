//! One token per value: the ways of RT-1, OpenVLA, openpi and E0 to cut a range into bins.
//!
//! They look alike and are not: RT-1 truncates (a bias of half a bin), OpenVLA has as many *edges*
//! as others have bins and decodes to centres, E0 decodes to lower edges as released.

mod openvla;
mod rt1;
mod uniform;

pub use openvla::OpenVlaBins;
pub use rt1::{Rt1Bins, Rt1Discrete, Rt1Error};
pub use uniform::{BinEdges, BinValue, UniformBins};

use crate::representation::{check_chunk, check_room, check_tokens};
use crate::{ChunkShape, DecodeError, EncodeError, Representation, TokenCount};

/// A rule that gives each value of an action dimension an id.
pub trait Bins {
    /// How many ids there are.
    fn bins(&self) -> u32;

    /// The id of a finite value; values beyond the range belong to the outermost bins.
    fn id(&self, dim: usize, value: f64) -> u32;

    /// The value an id stands for; finite, also for ids beyond the range.
    fn value(&self, dim: usize, id: u32) -> f64;
}

/// A chunk as one token per value, row by row.
#[derive(Clone, Debug)]
pub struct Binned<B> {
    shape: ChunkShape,
    bins: B,
}

impl<B: Bins> Binned<B> {
    /// For chunks of `shape`, by the rule `bins`.
    pub const fn new(shape: ChunkShape, bins: B) -> Self {
        Self { shape, bins }
    }

    /// The rule.
    pub const fn rule(&self) -> &B {
        &self.bins
    }
}

impl<B: Bins> Representation for Binned<B> {
    fn shape(&self) -> ChunkShape {
        self.shape
    }

    fn vocabulary(&self) -> u32 {
        self.bins.bins()
    }

    fn tokens(&self) -> TokenCount {
        TokenCount::Exactly(self.shape.values())
    }

    fn encode_into(&mut self, chunk: &[f64], tokens: &mut Vec<u32>) -> Result<(), EncodeError> {
        check_chunk(self.shape, chunk)?;
        let dims = self.shape.dims();
        tokens.clear();
        tokens.extend(chunk.iter().enumerate().map(|(i, value)| self.bins.id(i % dims, *value)));
        Ok(())
    }

    fn decode_into(&mut self, tokens: &[u32], chunk: &mut [f64]) -> Result<(), DecodeError> {
        check_room(self.shape, chunk)?;
        check_tokens(self.shape.values(), self.bins.bins(), tokens)?;
        let dims = self.shape.dims();
        for (i, (value, id)) in chunk.iter_mut().zip(tokens).enumerate() {
            *value = self.bins.value(i % dims, *id);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
