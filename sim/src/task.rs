//! What is asked of the arm, and when it has done it.

mod instruction;
mod judge;
mod words;

use rand::RngExt as _;
use rand_pcg::Pcg64Mcg;

use crate::Scene;

pub use instruction::{Templates, instruct};
pub use judge::{Judge, SuccessRule, Verdict};
pub use words::{TEMPLATES_HELD_OUT, TEMPLATES_TRAINED, vocabulary};

/// One episode's task: a target named in words, and another object with words of its own, to see
/// whether the words make the difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// The target's place among the scene's objects.
    pub target: usize,
    /// A sentence that names the target and nothing else.
    pub instruction: String,
    /// Another object's place.
    pub alternative: usize,
    /// A sentence that names that one.
    pub alternative_instruction: String,
}

impl Task {
    /// Draws a task for a scene of at least two objects.
    #[must_use]
    pub fn generate(scene: &Scene, templates: Templates, rng: &mut Pcg64Mcg) -> Self {
        let count = scene.objects.len().max(1);
        let target = rng.random_range(0..count);
        let alternative = (target + rng.random_range(1..count.max(2))) % count;
        let kinds: Vec<_> = scene.objects.iter().map(|object| object.kind).collect();
        Self {
            target,
            instruction: instruct(&kinds, target, templates, rng),
            alternative,
            alternative_instruction: instruct(&kinds, alternative, templates, rng),
        }
    }
}

#[cfg(test)]
mod tests;
