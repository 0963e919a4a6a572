//! A network as an ONNX file.
//!
//! The network's own code is run over [`ops::OnnxOps`], which records instead of computing, so
//! the exported graph is the network that was trained by construction.

mod graph;
mod ops;
mod proto;

use std::collections::BTreeMap;

use prost::Message as _;
use tandem_networks::{Architecture, ShapeError};

use self::ops::{OnnxOps, Value};

/// A network that cannot be written as ONNX.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// The sizes do not fit together.
    #[error(transparent)]
    Shape(#[from] ShapeError),
    /// A weight is not there.
    #[error("weight `{0}` is missing")]
    Missing(String),
    /// A weight has the wrong number of values.
    #[error("weight `{name}` holds {values} values where its shape {shape:?} wants another number")]
    Size {
        /// Its name.
        name: String,
        /// The shape the network wants.
        shape: Vec<usize>,
        /// The values there are.
        values: usize,
    },
}

/// The bytes of an ONNX model (opset 17) of `architecture`, batch one, with these weights.
///
/// `weights` holds every parameter that [`Architecture::parameters`] lists, row-major. Inputs and
/// outputs carry the names of the architecture's signature.
///
/// # Errors
/// If a weight is missing or sizes do not fit.
pub fn onnx_bytes(
    name: &str,
    architecture: &Architecture,
    weights: &BTreeMap<String, Vec<f32>>,
) -> Result<Vec<u8>, RecordError> {
    let signature = architecture.signature();
    let mut ops = OnnxOps::new(weights);
    let batched = |shape: &[usize]| [&[1], shape].concat();
    let inputs: Vec<Value> = signature
        .inputs
        .iter()
        .map(|spec| Value { name: spec.name.clone(), shape: batched(&spec.shape) })
        .collect();
    let outputs = architecture.forward(&mut ops, &inputs)?;
    let found: Vec<_> = outputs.iter().map(|value| value.shape.clone()).collect();
    let promised: Vec<_> = signature.outputs.iter().map(|spec| batched(&spec.shape)).collect();
    if found != promised {
        return Err(ShapeError::Outputs { promised, found }.into());
    }
    let mut graph = ops.graph;
    for (value, spec) in outputs.iter().zip(&signature.outputs) {
        graph.rename(&value.name, &spec.name);
    }
    Ok(graph.into_model(name, &signature.inputs, &signature.outputs).encode_to_vec())
}

#[cfg(test)]
mod tests;
