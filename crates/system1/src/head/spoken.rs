//! How many tokens chunks take, where that varies.

use super::TokenCost;

/// Tokens of all chunks so far, and those chunks.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Spoken {
    tokens: u64,
    chunks: u64,
}

impl Spoken {
    /// Counts a chunk.
    pub(crate) const fn add(&mut self, tokens: usize) {
        self.tokens += tokens as u64;
        self.chunks += 1;
    }

    /// The mean, and the bits that so many tokens could tell apart.
    pub(crate) fn cost(self, bits_nominal: impl FnOnce(f64) -> f64) -> TokenCost {
        let tokens = self.tokens as f64 / self.chunks.max(1) as f64;
        TokenCost { tokens, bits_nominal: bits_nominal(tokens) }
    }
}
