//! The built-in engine.

use candle_core::Tensor;
use tandem_networks::{Architecture, Signature};

use crate::engine::{Engine, EngineError, check};
use crate::load::LoadError;
use crate::ops::values::Values;
use crate::ops::{CandleOps, OpsError};
use crate::weights::Weights;

/// Runs a network with Candle, on the calling thread alone: at batch one no kernel of this crate
/// wakes rayon's threads, and nothing is large enough to wake Candle's own.
///
/// It allocates in every run, so it has no place in the control tick.
pub struct CandleEngine {
    architecture: Architecture,
    signature: Signature,
    weights: Weights,
}

impl CandleEngine {
    /// Takes the weights `architecture` asks for from `find`, which gives shape and numbers.
    ///
    /// # Errors
    /// If the network's sizes do not fit together, or a weight is missing or of the wrong shape.
    pub fn load<'w>(
        architecture: &Architecture,
        find: impl Fn(&str) -> Option<(&'w [usize], &'w [f32])>,
    ) -> Result<Self, LoadError> {
        let mut tensors = Vec::new();
        for parameter in architecture.parameters()? {
            let name = parameter.name;
            let Some((shape, data)) = find(&name) else {
                return Err(LoadError::MissingWeight { name, shape: parameter.shape });
            };
            if shape != parameter.shape {
                let (expected, found) = (parameter.shape, shape.to_vec());
                return Err(LoadError::WeightShape { name, expected, found });
            }
            tensors.push((name, Weights::tensor(shape, data).map_err(OpsError::from)?));
        }
        let weights = tensors.into_iter().collect();
        Ok(Self {
            signature: architecture.signature(),
            architecture: architecture.clone(),
            weights,
        })
    }
}

impl Engine for CandleEngine {
    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn run(&mut self, inputs: &[&[f32]], outputs: &mut [&mut [f32]]) -> Result<(), EngineError> {
        check(&self.signature, inputs, outputs)?;
        let mut tensors = Vec::with_capacity(inputs.len());
        for (spec, input) in self.signature.inputs.iter().zip(inputs) {
            let shape = [&[1], spec.shape.as_slice()].concat();
            tensors.push(Weights::tensor(&shape, input).map_err(OpsError::from)?);
        }
        let results = self.architecture.forward(&mut CandleOps::new(&self.weights), &tensors)?;
        for (result, output) in results.iter().zip(outputs) {
            copy(result, output)?;
        }
        Ok(())
    }
}

fn copy(result: &Tensor, output: &mut [f32]) -> Result<(), OpsError> {
    let result = result.contiguous()?;
    let values = Values::of(&result);
    // The shapes agree: `parameters` ran the same function over shapes and compared.
    output.copy_from_slice(values.slice()?);
    Ok(())
}
