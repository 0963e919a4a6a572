//! The settings of a head's training run.

use serde::{Deserialize, Serialize};

use crate::optimiser::AdamWConfig;
use crate::schedule::Schedule;

/// Everything a head depends on but data and backbone. Equal settings give equal weights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeadConfig {
    /// The bundle's name, and its folder's.
    pub name: String,
    /// Which representation, by its name.
    pub representation: String,
    /// Seed of weights, batches and noise.
    pub seed: u64,
    /// Optimiser steps.
    pub steps: u64,
    /// Samples in a batch.
    pub batch: usize,
    /// Samples that the dataset is seen as.
    pub samples: usize,
    /// Samples of held-out episodes to measure on.
    pub held_out: usize,
    /// Width of the hidden layers.
    pub width: usize,
    /// Learning rate.
    pub schedule: Schedule,
    /// Optimiser.
    pub optimiser: AdamWConfig,
    /// Steps between two checkpoints.
    pub checkpoint_every: u64,
}

impl HeadConfig {
    /// The usual settings for a representation.
    #[must_use]
    pub fn usual(representation: &str) -> Self {
        Self {
            name: representation.to_owned(),
            representation: representation.to_owned(),
            seed: 7,
            steps: 12_000,
            batch: 256,
            samples: 150_000,
            held_out: 2048,
            width: 256,
            schedule: Schedule { peak: 1e-3, warm_up_steps: 200, last_fraction: 0.01 },
            optimiser: AdamWConfig::USUAL,
            checkpoint_every: 1000,
        }
    }
}
