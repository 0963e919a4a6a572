//! Which pairs of ids merge.

/// What a pair of ids becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rule {
    /// Its place in the order in which rules were learned.
    pub(super) rank: u32,
    /// The id of both together.
    pub(super) merged: u32,
}

impl Rule {
    /// For pairs that do not merge: it comes after all others.
    pub(super) const NONE: Self = Self { rank: u32::MAX, merged: u32::MAX };
}

/// Rules by pair, with open addressing: an encoder spends most of its time looking here, and the
/// standard library's map guards against attackers that a file read once does not have.
#[derive(Clone, Debug)]
pub(super) struct Rules {
    // Invariant: a power of two, and at most a quarter of the slots hold a rule.
    slots: Vec<(u64, Rule)>,
}

impl Rules {
    pub(super) fn with_room_for(rules: usize) -> Self {
        let slots = (4 * rules).next_power_of_two().max(4);
        Self { slots: vec![(0, Rule::NONE); slots] }
    }

    /// Adds one of the rules that there is room for. Of two for one pair the last one counts.
    pub(super) fn insert(&mut self, left: u32, right: u32, rule: Rule) {
        let slot = self.slot(pair(left, right));
        self.slots[slot] = (pair(left, right), rule);
    }

    pub(super) fn get(&self, left: u32, right: u32) -> Rule {
        self.slots[self.slot(pair(left, right))].1
    }

    /// Where a pair is, or would be. Ends, as three quarters of the slots are free.
    fn slot(&self, pair: u64) -> usize {
        let mask = self.slots.len() - 1;
        // Fibonacci hashing (Knuth): the upper bits of the product are well mixed.
        let mut slot = (pair.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32) as usize & mask;
        while self.slots[slot].1 != Rule::NONE && self.slots[slot].0 != pair {
            slot = (slot + 1) & mask;
        }
        slot
    }
}

fn pair(left: u32, right: u32) -> u64 {
    u64::from(left) << 32 | u64::from(right)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_is_a_map(pairs in prop::collection::vec((0..40_u32, 0..40_u32), 0..200)) {
            let mut rules = Rules::with_room_for(pairs.len());
            let mut map = BTreeMap::new();
            for (rank, (left, right)) in (0..).zip(&pairs) {
                let rule = Rule { rank, merged: rank + 1 };
                rules.insert(*left, *right, rule);
                map.insert((*left, *right), rule);
            }
            for left in 0..41 {
                for right in 0..41 {
                    let expected = map.get(&(left, right)).copied().unwrap_or(Rule::NONE);
                    prop_assert_eq!(rules.get(left, right), expected);
                }
            }
        }
    }
}
