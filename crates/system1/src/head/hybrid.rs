//! HybridVLA (arXiv 2503.10631): diffusion, averaged with a chunk that was said token by token where
//! the speaker is sure of it.

use tandem_actions::{Bins as _, ChunkShape, Confidence, ConfidenceGate, OpenVlaBins};
use tandem_bundle::{Diffusion, Hybrid};
use tandem_inference::{Engine, EngineError};

use super::diffusion::DiffusionHead;
use super::{Condition, Head, Parts, outputs, width};
use crate::budget::Budget;
use crate::policy::{LoadError, StepError};

pub(super) struct HybridHead {
    diffusion: DiffusionHead,
    context: Box<dyn Engine>,
    next: Box<dyn Engine>,
    bins: OpenVlaBins,
    gate: ConfidenceGate,
    /// Joints of a row: the time is asked for before each row.
    dims: usize,
    digested: Vec<f32>,
    /// The last tokens, the newest first.
    window: Vec<f32>,
    logits: Vec<f32>,
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
        let Hybrid { steps, training_steps, noise, bins, confidence_min } = parameters;
        let diffusion = Diffusion { steps, training_steps, noise };
        let (context, next) = (parts.engine("context")?, parts.engine("next")?);
        let values = shape.values();
        Ok(Self {
            diffusion: DiffusionHead::new(diffusion, shape, parts)?,
            bins: OpenVlaBins::new(bins),
            gate: ConfidenceGate {
                confidence: Confidence::Mean(values),
                threshold: confidence_min,
                gripper_threshold: None,
            },
            dims: shape.dims(),
            digested: vec![0.0; outputs(context.as_ref())],
            window: vec![0.0; width(next.as_ref(), "tokens")],
            logits: vec![0.0; outputs(next.as_ref())],
            probabilities: Vec::with_capacity(values),
            said: Vec::with_capacity(values),
            action: vec![0.0; values],
            context,
            next,
        })
    }

    /// Says the tokens of a chunk, and whether there was time for all of them.
    fn speak(
        &mut self,
        condition: &Condition<'_>,
        budget: &mut Budget<'_>,
    ) -> Result<bool, EngineError> {
        self.context.run(&condition.inputs(), &mut [&mut self.digested])?;
        self.probabilities.clear();
        self.said.clear();
        // Before the first token there is nothing: the code after the last. Codes are exact in f32.
        self.window.fill(self.logits.len() as f32);
        for place in 0..self.action.len() {
            if place.is_multiple_of(self.dims) && budget.is_over() {
                return Ok(false);
            }
            let inputs = [self.digested.as_slice(), &self.window, &[place as f32]];
            self.next.run(&inputs, &mut [&mut self.logits])?;
            let (token, probability) = likeliest(&self.logits);
            self.probabilities.push(probability);
            self.said.push(self.bins.value(place % self.dims, token));
            self.window.rotate_right(1);
            if let Some(newest) = self.window.first_mut() {
                *newest = token as f32;
            }
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
            self.action.iter_mut().zip(&*chunk).for_each(|(wide, &value)| *wide = value.into());
            self.gate.combine(&self.probabilities, &self.said, &mut self.action);
            chunk.iter_mut().zip(&self.action).for_each(|(value, &wide)| *value = wide as f32);
        }
        Ok(steps)
    }

    fn reset(&mut self) {
        self.diffusion.reset();
    }
}

/// The likeliest token and its probability, which is NaN where a logit is: no gate lets that through.
fn likeliest(logits: &[f32]) -> (u32, f64) {
    let (mut best, mut most) = (0, f32::NEG_INFINITY);
    for (token, &logit) in (0..).zip(logits) {
        if logit > most {
            (best, most) = (token, logit);
        }
    }
    let total: f64 = logits.iter().map(|logit| f64::from(logit - most).exp()).sum();
    (best, 1.0 / total)
}
