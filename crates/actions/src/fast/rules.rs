//! Which pairs of ids merge.

/// For pairs that do not merge: it comes after all others.
pub(super) const NEVER: u32 = u32::MAX;

/// Ranks by pair, with open addressing: an encoder spends most of its time looking here, and the
/// standard library's map guards against attackers that a file read once does not have. A slot is
/// eight bytes, so that FAST's whole table stays in a first-level cache.
#[derive(Clone, Debug)]
pub(super) struct Rules {
    // Invariant: a power of two, and at most a quarter of the slots hold a rule.
    slots: Vec<Slot>,
    /// What the pair of each rank becomes.
    merged: Vec<u32>,
    /// Which ids are part of a pair.
    parts: Vec<bool>,
    are_ordered: bool,
}

#[derive(Clone, Copy, Debug)]
struct Slot {
    pair: u32,
    rank: u32,
}

impl Rules {
    pub(super) fn with_room_for(rules: usize) -> Self {
        let slots = (4 * rules).next_power_of_two().max(4);
        let merged = Vec::with_capacity(rules);
        let slots = vec![Slot { pair: 0, rank: NEVER }; slots];
        Self { slots, merged, parts: Vec::new(), are_ordered: true }
    }

    /// Adds the next rule of those that there is room for, in the order in which they were learned.
    /// Of two for one pair the last one counts. None if an id is beyond any vocabulary.
    pub(super) fn push(&mut self, left: u32, right: u32, merged: u32) -> Option<()> {
        let (pair, rank) = (pair(left, right)?, u32::try_from(self.merged.len()).ok()?);
        let slot = self.slot(pair);
        self.slots[slot] = Slot { pair, rank };
        self.merged.push(merged);
        for part in [left as usize, right as usize] {
            if self.parts.len() <= part {
                self.parts.resize(part + 1, false);
            }
            self.parts[part] = true;
        }
        self.are_ordered &= !self.parts.get(merged as usize).copied().unwrap_or(false);
        Some(())
    }

    /// Whether what a rule makes takes part only in rules after it, as in every tokenizer that
    /// learned them one by one; a file may say otherwise.
    pub(super) const fn are_ordered(&self) -> bool {
        self.are_ordered
    }

    /// When a pair merges: the least rank first; [`NEVER`] if it does not.
    pub(super) fn rank(&self, left: u32, right: u32) -> u32 {
        pair(left, right).map_or(NEVER, |pair| self.slots[self.slot(pair)].rank)
    }

    /// What the pair of a rank becomes.
    pub(super) fn merged(&self, rank: u32) -> u32 {
        self.merged[rank as usize]
    }

    /// Where a pair is, or would be. Ends, as three quarters of the slots are free.
    fn slot(&self, pair: u32) -> usize {
        let mask = self.slots.len() - 1;
        // Fibonacci hashing (Knuth): the upper bits of the product are well mixed.
        let mixed = u64::from(pair).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
        let mut slot = mixed as usize & mask;
        while self.slots[slot].rank != NEVER && self.slots[slot].pair != pair {
            slot = (slot + 1) & mask;
        }
        slot
    }
}

/// Both ids in one number: a vocabulary has at most 2^16.
fn pair(left: u32, right: u32) -> Option<u32> {
    ((left | right) <= 0xFFFF).then_some(left << 16 | right)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn rules_that_make_what_an_earlier_one_takes_are_out_of_order() {
        let ordered = |rules: &[(u32, u32, u32)]| {
            let mut all = Rules::with_room_for(rules.len());
            rules.iter().for_each(|&(left, right, made)| all.push(left, right, made).unwrap());
            all.are_ordered()
        };
        assert!(ordered(&[(0, 0, 5), (5, 5, 6), (6, 1, 7)]));
        assert!(!ordered(&[(5, 1, 6), (0, 0, 5)]), "5 is taken before it is made");
        assert!(!ordered(&[(0, 1, 1)]), "and here by the same rule");
    }

    proptest! {
        #[test]
        fn it_is_a_map(pairs in prop::collection::vec((0..40_u32, 0..40_u32), 0..200)) {
            let mut rules = Rules::with_room_for(pairs.len());
            let mut map = BTreeMap::new();
            for (rank, (left, right)) in (0..).zip(&pairs) {
                rules.push(*left, *right, 7 * rank).unwrap();
                map.insert((*left, *right), rank);
            }
            for left in 0..41 {
                for right in 0..41 {
                    let rank = map.get(&(left, right)).copied().unwrap_or(NEVER);
                    prop_assert_eq!(rules.rank(left, right), rank);
                    prop_assert!(rank == NEVER || rules.merged(rank) == 7 * rank);
                }
            }
            prop_assert_eq!(rules.rank(1 << 16, 0), NEVER);
        }
    }
}
