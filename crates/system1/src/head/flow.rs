//! Flow matching: Euler's method from noise to a chunk.

use tandem_actions::{ChunkShape, flow};
use tandem_bundle::Flow;

use super::denoising::Denoising;
use super::{Attempt, Condition, Head, Parts};
use crate::budget::Budget;
use crate::policy::{LoadError, StepError};
use crate::precision::narrow;

pub(super) struct FlowHead {
    networks: Denoising,
    steps: usize,
    x: Vec<f64>,
    velocity: Vec<f64>,
}

impl FlowHead {
    pub(super) fn new(
        parameters: Flow,
        shape: ChunkShape,
        parts: &dyn Parts,
    ) -> Result<Self, LoadError> {
        let (x, velocity) = (vec![0.0; shape.values()], vec![0.0; shape.values()]);
        let networks = Denoising::new(parameters.noise, shape, parts)?;
        Ok(Self { networks, steps: parameters.steps, x, velocity })
    }
}

impl Head for FlowHead {
    fn decode(
        &mut self,
        condition: &Condition<'_>,
        budget: &mut Budget<'_>,
        chunk: &mut [f32],
    ) -> Result<usize, StepError> {
        let Self { networks, x, velocity, .. } = self;
        networks.begin(condition, x)?;
        // Bounded by the bundle's own steps, of which there are a thousand at most.
        let steps = u32::try_from(budget.steps(self.steps)).unwrap_or(u32::MAX);
        let mut attempt = Attempt::new(budget);
        let taken = flow::euler(steps, x, velocity, |x, t, velocity| {
            attempt.step(|| {
                let clean = networks.clean(x, t)?;
                // On the straight path x = t noise + (1 - t) chunk, whose velocity is noise - chunk.
                for ((velocity, x), &clean) in velocity.iter_mut().zip(x).zip(clean) {
                    *velocity = (x - f64::from(clean)) / t;
                }
                Ok(())
            })
        });
        narrow(&self.x, chunk);
        attempt.finish(usize::try_from(taken).unwrap_or(usize::MAX))
    }

    fn reset(&mut self) {
        self.networks.reset();
    }
}
