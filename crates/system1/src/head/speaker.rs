//! What heads of tokens share: a context, a network that says the next token, and a window.

use tandem_inference::{Engine, EngineError};

use super::{Condition, Parts, outputs, width};
use crate::policy::{LoadError, StepError};

/// Says one token after the other, each time the likeliest: the same condition, the same tokens.
pub(super) struct Speaker {
    context: Box<dyn Engine>,
    next: Box<dyn Engine>,
    digested: Vec<f32>,
    /// The last tokens, the newest first.
    window: Vec<f32>,
    logits: Vec<f32>,
    said: usize,
}

impl Speaker {
    pub(super) fn new(parts: &dyn Parts) -> Result<Self, LoadError> {
        let (context, next) = (parts.engine("context")?, parts.engine("next")?);
        let digested = vec![0.0; outputs(context.as_ref())];
        let window = vec![0.0; width(next.as_ref(), "tokens")];
        let logits = vec![0.0; outputs(next.as_ref())];
        Ok(Self { context, next, digested, window, logits, said: 0 })
    }

    /// Codes that a token may be.
    pub(super) fn vocabulary(&self) -> usize {
        self.logits.len()
    }

    /// Digests a condition; nothing has been said yet.
    pub(super) fn begin(&mut self, condition: &Condition<'_>) -> Result<(), EngineError> {
        self.context.run(&condition.inputs(), &mut [&mut self.digested])?;
        // Whole numbers of a vocabulary are exact in f32.
        self.window.fill(self.logits.len() as f32);
        self.said = 0;
        Ok(())
    }

    /// The next token.
    pub(super) fn say(&mut self) -> Result<u32, StepError> {
        let place = [self.said as f32];
        self.next.run(&[&self.digested, &self.window, &place], &mut [&mut self.logits])?;
        let token = likeliest(&self.logits).ok_or(StepError::Logits { place: self.said })?;
        self.window.rotate_right(1);
        if let Some(newest) = self.window.first_mut() {
            *newest = token as f32;
        }
        self.said += 1;
        Ok(token)
    }
}

/// The place of the greatest logit, the first of equals; none if one is not a number.
pub(super) fn likeliest(logits: &[f32]) -> Option<u32> {
    let (mut best, mut most) = (0, f32::NEG_INFINITY);
    for (place, &logit) in (0..).zip(logits) {
        if logit.is_nan() {
            return None;
        }
        if logit > most {
            (best, most) = (place, logit);
        }
    }
    Some(best)
}

/// The decoded chunk in the width of the networks.
pub(super) fn narrow(wide: &[f64], chunk: &mut [f32]) {
    chunk.iter_mut().zip(wide).for_each(|(narrow, &wide)| *narrow = wide as f32);
}
