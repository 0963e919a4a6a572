//! A network as a list of steps over memory of their own.

mod ops;
mod step;

use tandem_networks::{Architecture, Signature};

use crate::engine::{Engine, EngineError, check};
use crate::load::LoadError;
use ops::PlanOps;
use step::Step;

/// A small network of linear layers and embeddings, unrolled once: a run looks nothing up and
/// allocates nothing, so what it costs is its multiplications.
///
/// It is for networks that are asked many times in one step of a policy (the decoder of a
/// tokenizer, the next of a hundred tokens), where an engine's overhead would be most of the time.
/// Pictures and attention are left to the engines.
#[derive(Clone)]
pub struct Plan {
    signature: Signature,
    steps: Vec<Step>,
    /// The inputs, then what each step wrote. A step reads only what stands before its own.
    values: Vec<Vec<f32>>,
    outputs: Vec<usize>,
}

impl Plan {
    /// Unrolls `architecture` with the weights that `find` gives, each with its shape.
    ///
    /// # Errors
    /// If the network's sizes do not fit together, a weight is missing or of the wrong shape, or
    /// the network asks for an operation that a plan does not have.
    pub fn load<'w>(
        architecture: &Architecture,
        find: impl Fn(&str) -> Option<(&'w [usize], &'w [f32])>,
    ) -> Result<Self, LoadError> {
        // Sizes that no weight can have must not be allocated below.
        architecture.parameters()?;
        let signature = architecture.signature();
        let mut ops = PlanOps::new(&find);
        let inputs: Vec<_> = signature.inputs.iter().map(|spec| ops.input(&spec.shape)).collect();
        let results = architecture.forward(&mut ops, &inputs)?;
        let outputs = results.iter().map(|result| result.at).collect();
        let PlanOps { steps, values, .. } = ops;
        Ok(Self { signature, steps, values, outputs })
    }
}

impl Engine for Plan {
    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn run(&mut self, inputs: &[&[f32]], outputs: &mut [&mut [f32]]) -> Result<(), EngineError> {
        check(&self.signature, inputs, outputs)?;
        for (value, input) in self.values.iter_mut().zip(inputs) {
            value.copy_from_slice(input);
        }
        let first = inputs.len();
        for (index, step) in self.steps.iter().enumerate() {
            let (before, rest) = self.values.split_at_mut(first + index);
            if let Some(out) = rest.first_mut() {
                step.run(before, out)?;
            }
        }
        for (&at, output) in self.outputs.iter().zip(outputs) {
            output.copy_from_slice(&self.values[at]);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
