//! What can be made to go wrong, on purpose and by a seed.

use core::time::Duration;

use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg64Mcg;

/// Which faults are in force.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FaultPlan {
    /// The share of bytes that get lost, either way.
    pub dropped_bytes: f64,
    /// The share of bytes with one wrong bit, either way.
    pub flipped_bits: f64,
    /// How much later than it should each answer comes.
    pub delay: Duration,
    /// Servos that hear and do nothing, and say nothing.
    pub mute: Vec<u8>,
    /// Servos that have let go because their load was too high for too long.
    pub overloaded: Vec<u8>,
    /// The supply has collapsed: all servos have lost their memory and let go.
    pub brown_out: bool,
}

/// The faults in force, and the dice they are thrown with.
#[derive(Clone, Debug)]
pub struct Faults {
    /// What goes wrong.
    pub plan: FaultPlan,
    rng: Pcg64Mcg,
    dropped: u64,
    flipped: u64,
}

impl Faults {
    pub(super) fn new(seed: u64) -> Self {
        let rng = Pcg64Mcg::seed_from_u64(seed);
        Self { plan: FaultPlan::default(), rng, dropped: 0, flipped: 0 }
    }

    /// What becomes of a byte on the line.
    pub(super) fn mangle(&mut self, byte: u8) -> Option<u8> {
        if self.plan.dropped_bytes > 0.0 && self.rng.random_bool(self.plan.dropped_bytes.min(1.0)) {
            self.dropped += 1;
            return None;
        }
        if self.plan.flipped_bits > 0.0 && self.rng.random_bool(self.plan.flipped_bits.min(1.0)) {
            self.flipped += 1;
            return Some(byte ^ (1 << self.rng.random_range(0..8)));
        }
        Some(byte)
    }

    /// How many bytes were lost and how many had a wrong bit.
    #[must_use]
    pub const fn counts(&self) -> (u64, u64) {
        (self.dropped, self.flipped)
    }
}
