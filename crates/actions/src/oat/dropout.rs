//! What orders OAT's registers in training: who sees whom, and how many are kept.

use rand::{Rng, RngExt as _};

/// Whether position `query` may attend to position `key` in OAT's encoder, row by row, for a chunk
/// of `steps` positions followed by `registers`: actions see all actions and no register; a
/// register sees all actions, the registers before it, and itself.
#[must_use]
pub fn attention_mask(steps: usize, registers: usize) -> Vec<bool> {
    let all = steps + registers;
    let may = |query: usize, key: usize| key < steps || (query >= steps && key <= query);
    (0..all).flat_map(|query| (0..all).map(move |key| may(query, key))).collect()
}

/// How many registers a training example keeps; the rest are masked, *after* projection and
/// position, by a learned vector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NestedDropout {
    /// Any number from one, evenly.
    Uniform,
    /// A power of two, evenly: 1, 2, 4, 8. OAT's choice.
    PowersOfTwo,
    /// All of them: no dropout, and so no order.
    None,
}

impl NestedDropout {
    /// Draws how many of `registers` to keep: at least one where there is one.
    pub fn kept(self, rng: &mut impl Rng, registers: usize) -> usize {
        match (self, registers) {
            (_, 0) => 0,
            (Self::Uniform, _) => rng.random_range(1..=registers),
            (Self::PowersOfTwo, _) => 1 << rng.random_range(0..=registers.ilog2()),
            (Self::None, _) => registers,
        }
    }
}
