//! The settings of a collection.

use core::ops::Range;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tandem_sim::SimConfig;

use crate::dataset::Sizes;

/// Seeds of episodes for training have this bit; those of a demo or an evaluation, which people
/// type, do not. So no policy is ever judged on a scene it was trained on.
const TRAINING_SEED_BIT: u64 = 1 << 62;

/// Everything a collection depends on but the world. Equal settings give equal data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CollectConfig {
    /// Episodes: each has a scene of its own.
    pub episodes: usize,
    /// Chooses the scenes.
    pub seed: u64,
    /// Episodes in a file.
    pub episodes_per_shard: usize,
    /// Threads.
    pub workers: usize,
    /// The longest the arm flies before the recording begins, ms; drawn anew for each episode, so
    /// that short recordings still show every stage of the way.
    pub prelude_ms_max: u64,
    /// How long an episode is recorded, ms. Many short recordings teach more than a few long ones:
    /// a scene's pictures resemble each other.
    pub duration_ms: u64,
    /// From one recorded moment to the next, ms, on average.
    pub moment_period_ms: u32,
    /// How much sooner or later a moment may be recorded, ms: without it every picture of an
    /// episode would be of the same age.
    pub moment_jitter_ms: u32,
    /// Steps of a recorded path.
    pub path_steps: usize,
    /// Time between two steps of a path, ms.
    pub path_step_ms: u32,
    /// Instructions drawn for each object.
    pub instructions: usize,
    /// How the arm is led astray.
    pub disturbance: Disturbance,
}

/// Spells in which the arm is led somewhere else, while what is recorded stays the right answer.
///
/// An expert alone visits only good states, and a policy that learned from it knows nothing
/// else (Ross et al. 2011). Here the expert is asked at states that it would not have visited.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Disturbance {
    /// How likely an episode begins with a spell, so that it starts anywhere.
    pub first_chance: f64,
    /// The longest first spell, ms.
    pub first_ms_max: u64,
    /// The shortest time between two later spells, ms.
    pub pause_ms_min: u64,
    /// The longest.
    pub pause_ms_max: u64,
    /// The shortest spell, ms.
    pub spell_ms_min: u64,
    /// The longest.
    pub spell_ms_max: u64,
}

impl CollectConfig {
    /// The demonstrations that the shipped policies learn from.
    #[must_use]
    pub const fn tabletop() -> Self {
        Self {
            episodes: 20_000,
            seed: 1,
            episodes_per_shard: 100,
            workers: 2,
            prelude_ms_max: 2000,
            duration_ms: 800,
            moment_period_ms: 100,
            moment_jitter_ms: 15,
            path_steps: 24,
            path_step_ms: 5,
            instructions: 12,
            disturbance: Disturbance {
                first_chance: 0.5,
                first_ms_max: 1600,
                pause_ms_min: 400,
                pause_ms_max: 1600,
                spell_ms_min: 150,
                spell_ms_max: 1400,
            },
        }
    }

    /// Files.
    #[must_use]
    pub fn shards(&self) -> usize {
        self.episodes.div_ceil(self.episodes_per_shard.max(1))
    }

    /// The episodes in file `shard`.
    #[must_use]
    pub fn episodes_of(&self, shard: usize) -> Range<usize> {
        let each = self.episodes_per_shard.max(1);
        let first = (shard * each).min(self.episodes);
        first..(first + each).min(self.episodes)
    }

    /// The seed of episode `index`.
    #[must_use]
    pub const fn episode_seed(&self, index: usize) -> u64 {
        // Room for 2^32 episodes between two seeds.
        TRAINING_SEED_BIT ^ (self.seed << 32) ^ index as u64
    }

    /// The settings that the data depend on, as words for the manifest.
    pub(super) fn words(&self) -> BTreeMap<String, String> {
        let words = [
            ("episodes", self.episodes.to_string()),
            ("seed", self.seed.to_string()),
            ("episodes_per_shard", self.episodes_per_shard.to_string()),
            ("prelude_ms_max", self.prelude_ms_max.to_string()),
            ("duration_ms", self.duration_ms.to_string()),
            ("moment_jitter_ms", self.moment_jitter_ms.to_string()),
            ("instructions", self.instructions.to_string()),
            ("disturbance", format!("{:?}", self.disturbance)),
        ];
        words.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
    }

    /// The sizes that data from this world have.
    pub(super) fn sizes(&self, sim: &SimConfig) -> Sizes {
        let first = sim.cameras.first();
        Sizes {
            cameras: sim.cameras.iter().map(|camera| camera.name.clone()).collect(),
            width_px: first.map_or(0, |camera| camera.width_px),
            height_px: first.map_or(0, |camera| camera.height_px),
            joints: sim.robot.joints().iter().map(|joint| joint.name.clone()).collect(),
            objects_max: SimConfig::OBJECTS_MAX,
            path_steps: self.path_steps,
            path_step_ms: self.path_step_ms,
            moment_period_ms: self.moment_period_ms,
        }
    }
}
