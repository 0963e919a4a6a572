//! Residual vector quantisation: a vector as the sum of one code from each of a few codebooks.
//!
//! VQ-VLA writes five steps as 4 codes of 256, VQ-BeT a whole chunk as 2 codes of 16 and lets the
//! policy add a continuous offset. There the vectors are latents of a learned autoencoder; here
//! they are whatever the caller gives: [`VqLatent`] gives those latents, [`VqChunk`] the actions
//! themselves.

mod chunk;
mod ema;
mod fit;
mod latent;
mod offsets;

pub use chunk::VqChunk;
pub use ema::EmaCodebooks;
pub use latent::VqLatent;
pub use offsets::{OffsetError, Offsets};

/// Codebooks, each applied to what the ones before it left over.
#[derive(Clone, Debug, PartialEq)]
pub struct ResidualVq {
    // Invariant: all at least 1, and `codes` holds levels * codebook_size * dim finite values.
    levels: usize,
    codebook_size: u32,
    dim: usize,
    codes: Vec<f64>,
}

/// Codebooks that cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VqError {
    /// Sizes and values disagree.
    #[error("{levels} codebooks of {codebook_size} codes of {dim} values, from {found} values")]
    Size {
        /// Codebooks.
        levels: usize,
        /// Codes in each.
        codebook_size: u32,
        /// Values of a code.
        dim: usize,
        /// Values there were.
        found: usize,
    },
    /// A code that is no vector.
    #[error("value {place} of the codebooks is not finite")]
    NotFinite {
        /// Where, in all codebooks one after the other.
        place: usize,
    },
    /// Fewer vectors than codes, or not whole vectors.
    #[error("{found} values are too few or no whole vectors for {codebook_size} codes of {dim}")]
    Data {
        /// Codes to fit.
        codebook_size: u32,
        /// Values of a code.
        dim: usize,
        /// Values there were.
        found: usize,
    },
    /// The chunk does not fall into groups of that many steps.
    #[error("a chunk of {steps} steps does not divide into groups of {group_steps}")]
    Group {
        /// The chunk's steps.
        steps: usize,
        /// The steps one group of codes stands for.
        group_steps: usize,
    },
}

impl ResidualVq {
    /// From trained codebooks, `[levels][codebook_size][dim]` in row-major order.
    ///
    /// # Errors
    /// If a size is zero or does not fit, or a value is not finite.
    pub fn new(
        levels: usize,
        codebook_size: u32,
        dim: usize,
        codes: Vec<f64>,
    ) -> Result<Self, VqError> {
        let expected =
            (codebook_size as usize).checked_mul(dim).and_then(|n| n.checked_mul(levels));
        if expected != Some(codes.len()) || codes.is_empty() {
            let found = codes.len();
            return Err(VqError::Size { levels, codebook_size, dim, found });
        }
        match codes.iter().position(|value| !value.is_finite()) {
            Some(place) => Err(VqError::NotFinite { place }),
            None => Ok(Self { levels, codebook_size, dim, codes }),
        }
    }

    /// All codes, `[levels][codebook_size][dim]` in row-major order.
    #[must_use]
    pub fn codes(&self) -> &[f64] {
        &self.codes
    }

    /// How many codebooks there are, and so how many codes a vector has.
    #[must_use]
    pub const fn levels(&self) -> usize {
        self.levels
    }

    /// How many codes each codebook has.
    #[must_use]
    pub const fn codebook_size(&self) -> u32 {
        self.codebook_size
    }

    /// How many values a vector has.
    #[must_use]
    pub const fn dim(&self) -> usize {
        self.dim
    }

    /// The codes nearest to a vector, one from each level, the one of the lower index if two are
    /// equally near. `residual` holds the vector at first, and what is left over of it at the end.
    pub fn encode_into(&self, residual: &mut [f64], codes: &mut [u32]) {
        for (level, chosen) in (0..self.levels).zip(codes) {
            let book = self.codebook(level).chunks_exact(self.dim);
            let (mut nearest, mut nearest_squared) = (0, f64::INFINITY);
            for (index, code) in book.enumerate() {
                let squared = distance_squared(residual, code);
                if squared < nearest_squared {
                    (nearest, nearest_squared) = (index as u32, squared);
                }
            }
            *chosen = nearest;
            if let Some(code) = self.code(level, nearest) {
                residual.iter_mut().zip(code).for_each(|(left, code)| *left -= code);
            }
        }
    }

    /// The sum of the first codes, as many as there are: a prefix gives a coarser vector. None if
    /// a code does not exist.
    pub fn decode_into(&self, codes: &[u32], vector: &mut [f64]) -> Option<()> {
        vector.fill(0.0);
        for (level, code) in codes.iter().enumerate() {
            let code = self.code(level, *code)?;
            vector.iter_mut().zip(code).for_each(|(sum, code)| *sum += code);
        }
        Some(())
    }

    /// VQ-VLA's single vocabulary for all levels: a level's codes follow those of the level before.
    #[must_use]
    pub const fn language_token(&self, level: u32, code: u32) -> u32 {
        level.saturating_mul(self.codebook_size).saturating_add(code)
    }

    fn codebook(&self, level: usize) -> &[f64] {
        let size = self.codebook_size as usize * self.dim;
        self.codes.get(level * size..(level + 1) * size).unwrap_or_default()
    }

    fn code(&self, level: usize, code: u32) -> Option<&[f64]> {
        let code = code as usize;
        self.codebook(level).get(code * self.dim..(code + 1) * self.dim)
    }
}

fn distance_squared(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum()
}

#[cfg(test)]
mod tests;
