//! Heads of one network that answer at once: regression, and ACT's decoder.

use tandem_inference::Engine;

use super::{Condition, Head, Parts, width};
use crate::budget::Budget;
use crate::policy::{LoadError, StepError};

/// One network, run once. It has no steps to save, so it does not ask for the time.
pub(super) struct Direct {
    engine: Box<dyn Engine>,
    /// ACT's style, all zeros: the mean of what the decoder was trained on.
    style: Option<Vec<f32>>,
}

impl Direct {
    pub(super) fn regression(parts: &dyn Parts) -> Result<Self, LoadError> {
        Ok(Self { engine: parts.engine("head")?, style: None })
    }

    pub(super) fn act(parts: &dyn Parts) -> Result<Self, LoadError> {
        let engine = parts.engine("head")?;
        let style = Some(vec![0.0; width(engine.as_ref(), "style")]);
        Ok(Self { engine, style })
    }
}

impl Head for Direct {
    fn decode(
        &mut self,
        condition: &Condition<'_>,
        _budget: &mut Budget<'_>,
        chunk: &mut [f32],
    ) -> Result<usize, StepError> {
        let [features, posture, latent] = condition.inputs();
        match &self.style {
            None => self.engine.run(&[features, posture, latent], &mut [chunk])?,
            Some(style) => self.engine.run(&[features, posture, latent, style], &mut [chunk])?,
        }
        Ok(1)
    }
}
