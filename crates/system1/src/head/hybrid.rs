//! HybridVLA (arXiv 2503.10631): diffusion, averaged with a chunk that was said token by token where
//! the speaker is sure of it.

use tandem_actions::{Bins as _, ChunkShape, Confidence, ConfidenceGate, OpenVlaBins};
use tandem_bundle::{Diffusion, Hybrid};

use super::diffusion::DiffusionHead;
use super::speaker::Speaker;
use super::{Condition, Head, Parts, choice};
use crate::budget::Budget;
use crate::policy::{LoadError, StepError};
use crate::precision::{narrow, widen};

pub(super) struct HybridHead {
    diffusion: DiffusionHead,
    speaker: Speaker,
    bins: OpenVlaBins,
    gate: ConfidenceGate,
    /// Joints of a row: the time is asked for before each row.
    dims: usize,
    probabilities: Vec<f64>,
    said: Vec<f64>,
    action: Vec<f64>,
}

impl HybridHead {
    pub(super) fn new(
        parameters: Hybrid,
        shape: ChunkShape,
        parts: &dyn Parts,
    ) -> Result<Self, LoadError> {
        let diffusion = Diffusion {
            steps: parameters.steps,
            training_steps: parameters.training_steps,
            noise: parameters.noise,
        };
        let values = shape.values();
        Ok(Self {
            diffusion: DiffusionHead::new(diffusion, shape, parts)?,
            speaker: Speaker::new(choice(parameters.choice), parts)?,
            bins: OpenVlaBins::new(parameters.bins),
            gate: ConfidenceGate {
                confidence: Confidence::Mean(values),
                threshold: parameters.confidence_min,
                gripper_threshold: None,
            },
            dims: shape.dims(),
            probabilities: Vec::with_capacity(values),
            said: Vec::with_capacity(values),
            action: vec![0.0; values],
        })
    }

    /// Says the tokens of a chunk, and whether that came to an end: in time, and with likelihoods.
    fn speak(
        &mut self,
        condition: &Condition<'_>,
        budget: &mut Budget<'_>,
    ) -> Result<bool, StepError> {
        self.speaker.begin(condition)?;
        self.probabilities.clear();
        self.said.clear();
        for place in 0..self.action.len() {
            if place.is_multiple_of(self.dims) && budget.is_over() {
                return Ok(false);
            }
            let chosen = match self.speaker.say_with_probability() {
                Err(StepError::Logits { .. }) => return Ok(false),
                other => other?,
            };
            self.probabilities.push(chosen.probability);
            self.said.push(self.bins.value(place % self.dims, chosen.token));
        }
        Ok(true)
    }
}

impl Head for HybridHead {
    /// Diffusion comes first and can stand alone: what was not said in time, or not with enough
    /// confidence, changes nothing.
    fn decode(
        &mut self,
        condition: &Condition<'_>,
        budget: &mut Budget<'_>,
        chunk: &mut [f32],
    ) -> Result<usize, StepError> {
        let steps = self.diffusion.decode(condition, budget, chunk)?;
        if self.speak(condition, budget)? {
            widen(chunk, &mut self.action);
            self.gate.combine(&self.probabilities, &self.said, &mut self.action);
            narrow(&self.action, chunk);
        }
        Ok(steps)
    }

    fn reset(&mut self) {
        self.diffusion.reset();
        self.speaker.reset();
    }
}
