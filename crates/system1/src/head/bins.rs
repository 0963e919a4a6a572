//! Bins: each number of a chunk is one of a few.

use rand::SeedableRng as _;
use rand_pcg::Pcg64Mcg;
use tandem_actions::{Binned, Choice, ChunkShape, OpenVlaBins, Representation as _};
use tandem_bundle::{Bins, Order};
use tandem_inference::Engine;

use super::speaker::Speaker;
use super::{Condition, Head, Parts, TokenCost, choice, outputs};
use crate::budget::Budget;
use crate::policy::{LoadError, StepError};
use crate::precision::narrow;

/// Seed of bins that are drawn. Any will do; one, so that the same conditions give the same bytes.
const SEED: u64 = 0xb1_25;

pub(super) struct BinsHead {
    codec: Binned<OpenVlaBins>,
    networks: Networks,
    tokens: Vec<u32>,
    decoded: Vec<f64>,
}

enum Networks {
    Autoregressive(Speaker),
    Parallel {
        context: Box<dyn Engine>,
        tokens: Box<dyn Engine>,
        choice: Choice,
        rng: Pcg64Mcg,
        digested: Vec<f32>,
        logits: Vec<f32>,
    },
}

impl BinsHead {
    pub(super) fn new(
        parameters: Bins,
        shape: ChunkShape,
        parts: &dyn Parts,
    ) -> Result<Self, LoadError> {
        let codec = Binned::new(shape, OpenVlaBins::new(parameters.bins));
        let choice = choice(parameters.choice);
        let networks = match parameters.order {
            Order::Autoregressive => Networks::Autoregressive(Speaker::new(choice, parts)?),
            Order::Parallel => {
                let (context, tokens) = (parts.engine("context")?, parts.engine("tokens")?);
                let digested = vec![0.0; outputs(context.as_ref())];
                let logits = vec![0.0; outputs(tokens.as_ref())];
                let rng = Pcg64Mcg::seed_from_u64(SEED);
                Networks::Parallel { context, tokens, choice, rng, digested, logits }
            }
        };
        let tokens = Vec::with_capacity(shape.values());
        Ok(Self { codec, networks, tokens, decoded: vec![0.0; shape.values()] })
    }

    /// Says the rows that there is time for, and how many those are. The joints of a row belong
    /// together, so the time is asked for before each row and not within.
    fn say(
        &mut self,
        condition: &Condition<'_>,
        budget: &mut Budget<'_>,
    ) -> Result<usize, StepError> {
        let (steps, dims) = (self.codec.shape().steps(), self.codec.shape().dims());
        self.tokens.clear();
        match &mut self.networks {
            Networks::Autoregressive(speaker) => {
                speaker.begin(condition)?;
                let rows = budget.steps(steps);
                for row in 0..rows {
                    if budget.is_over() {
                        return Ok(row);
                    }
                    for _ in 0..dims {
                        self.tokens.push(speaker.say()?);
                    }
                }
                Ok(rows)
            }
            Networks::Parallel { context, tokens, choice, rng, digested, logits } => {
                if budget.is_over() {
                    return Ok(0);
                }
                context.run(&condition.inputs(), &mut [digested])?;
                tokens.run(&[digested], &mut [logits])?;
                let ids = self.codec.vocabulary() as usize;
                for (place, logits) in logits.chunks_exact_mut(ids.max(1)).enumerate() {
                    let token = choice.token(rng, logits);
                    self.tokens.push(token.ok_or(StepError::Logits { place })?);
                }
                Ok(1)
            }
        }
    }
}

impl Head for BinsHead {
    /// Rows that there was no time for repeat the last one: each number's range grows with its
    /// step, so the same number again is the same motion going on.
    fn decode(
        &mut self,
        condition: &Condition<'_>,
        budget: &mut Budget<'_>,
        chunk: &mut [f32],
    ) -> Result<usize, StepError> {
        let said = self.say(condition, budget)?;
        let (values, dims) = (self.codec.shape().values(), self.codec.shape().dims());
        if self.tokens.len() < dims {
            return Err(StepError::OutOfTime);
        }
        while self.tokens.len() < values {
            let last = self.tokens.len() - dims;
            self.tokens.extend_from_within(last..);
        }
        self.codec.decode_into(&self.tokens, &mut self.decoded)?;
        narrow(&self.decoded, chunk);
        Ok(said)
    }

    fn cost(&self) -> Option<TokenCost> {
        let tokens = self.codec.shape().values() as f64;
        Some(TokenCost { tokens, bits_nominal: self.codec.bits_nominal(tokens) })
    }

    fn reset(&mut self) {
        match &mut self.networks {
            Networks::Autoregressive(speaker) => speaker.reset(),
            Networks::Parallel { rng, .. } => *rng = Pcg64Mcg::seed_from_u64(SEED),
        }
    }
}
