//! What heads of tokens share: a context, a network that says the next token, and a window.

use rand::SeedableRng as _;
use rand_pcg::Pcg64Mcg;
use tandem_actions::{Choice, Chosen};
use tandem_inference::{Engine, EngineError};

use super::{Condition, Parts, outputs, width};
use crate::policy::{LoadError, StepError};

/// Seed of tokens that are drawn. Any will do; one, so that the same conditions give the same bytes.
const SEED: u64 = 0x5a_1d;

/// Says one token after the other.
pub(super) struct Speaker {
    context: Box<dyn Engine>,
    next: Box<dyn Engine>,
    choice: Choice,
    rng: Pcg64Mcg,
    digested: Vec<f32>,
    /// The last tokens, the newest first.
    window: Vec<f32>,
    logits: Vec<f32>,
    said: usize,
}

impl Speaker {
    pub(super) fn new(choice: Choice, parts: &dyn Parts) -> Result<Self, LoadError> {
        let (context, next) = (parts.engine("context")?, parts.engine("next")?);
        let digested = vec![0.0; outputs(context.as_ref())];
        let window = vec![0.0; width(next.as_ref(), "tokens")];
        let logits = vec![0.0; outputs(next.as_ref())];
        let rng = Pcg64Mcg::seed_from_u64(SEED);
        Ok(Self { context, next, choice, rng, digested, window, logits, said: 0 })
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
        self.ask()?;
        let token = self.choice.token(&mut self.rng, &mut self.logits);
        let token = token.ok_or(StepError::Logits { place: self.said })?;
        self.remember(token);
        Ok(token)
    }

    /// The next token, and how likely it was.
    pub(super) fn say_with_probability(&mut self) -> Result<Chosen, StepError> {
        self.ask()?;
        let chosen = self.choice.choose(&mut self.rng, &mut self.logits);
        let chosen = chosen.ok_or(StepError::Logits { place: self.said })?;
        self.remember(chosen.token);
        Ok(chosen)
    }

    /// Forgets what was drawn.
    pub(super) fn reset(&mut self) {
        self.rng = Pcg64Mcg::seed_from_u64(SEED);
    }

    fn ask(&mut self) -> Result<(), EngineError> {
        let place = [self.said as f32];
        self.next.run(&[&self.digested, &self.window, &place], &mut [&mut self.logits])
    }

    fn remember(&mut self, token: u32) {
        self.window.rotate_right(1);
        if let Some(newest) = self.window.first_mut() {
            *newest = token as f32;
        }
        self.said += 1;
    }
}
