//! What runs a network at batch one.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};
use tandem_networks::{Signature, TensorSpec};

use crate::ops::OpsError;

/// A network ready to run, one sample at a time.
///
/// The results are whatever the network says, NaN included: judging them is the caller's business.
pub trait Engine: Send {
    /// What goes in and what comes out, in order.
    fn signature(&self) -> &Signature;

    /// Runs the network on `inputs` and fills `outputs`, all row-major and in the order of the
    /// signature, on the calling thread alone.
    ///
    /// # Errors
    /// If the count or the length of a slice is not that of the signature, or the backend fails.
    fn run(&mut self, inputs: &[&[f32]], outputs: &mut [&mut [f32]]) -> Result<(), EngineError>;
}

/// Why a network did not run.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// Another number of inputs than the network takes.
    #[error("the network takes {expected} inputs; {given} were given")]
    InputCount {
        /// What it takes.
        expected: usize,
        /// What was given.
        given: usize,
    },
    /// Another number of outputs than the network gives.
    #[error("the network gives {expected} outputs; there was room for {given}")]
    OutputCount {
        /// What it gives.
        expected: usize,
        /// What there was room for.
        given: usize,
    },
    /// An input of another length.
    #[error("input `{tensor}` holds {expected} numbers, shape {shape:?}; {given} were given")]
    InputLength {
        /// Its name.
        tensor: String,
        /// Its shape.
        shape: Vec<usize>,
        /// Numbers it holds.
        expected: usize,
        /// Numbers given.
        given: usize,
    },
    /// An output of another length.
    #[error(
        "output `{tensor}` holds {expected} numbers, shape {shape:?}; there was room for {given}"
    )]
    OutputLength {
        /// Its name.
        tensor: String,
        /// Its shape.
        shape: Vec<usize>,
        /// Numbers it holds.
        expected: usize,
        /// Numbers there was room for.
        given: usize,
    },
    /// The Candle engine failed.
    #[error(transparent)]
    Candle(#[from] OpsError),
    /// ONNX Runtime failed.
    #[error("onnx runtime failed: {0}")]
    Onnx(#[from] ort::Error),
}

/// Which engine runs a network, as config files name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EngineKind {
    /// Built in; nothing to install.
    Candle,
    /// ONNX Runtime, from a shared library.
    Onnx,
}

impl EngineKind {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::Candle, Self::Onnx];

    const fn name(self) -> &'static str {
        match self {
            Self::Candle => "candle",
            Self::Onnx => "onnx",
        }
    }
}

impl fmt::Display for EngineKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A word that names no engine.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no engine; use `candle` or `onnx`")]
pub struct UnknownEngine(
    /// The word.
    pub String,
);

impl FromStr for EngineKind {
    type Err = UnknownEngine;

    fn from_str(word: &str) -> Result<Self, UnknownEngine> {
        let found = Self::ALL.into_iter().find(|kind| kind.name() == word);
        found.ok_or_else(|| UnknownEngine(word.to_owned()))
    }
}

/// Runs `engine` on zeros `runs` times, so that its first run in earnest finds caches filled and
/// every buffer allocated.
///
/// # Errors
/// What the engine fails with.
pub fn warm_up(engine: &mut dyn Engine, runs: usize) -> Result<(), EngineError> {
    let zeros = |specs: &[TensorSpec]| -> Vec<Vec<f32>> {
        specs.iter().map(|spec| vec![0.0; spec.elements()]).collect()
    };
    let inputs = zeros(&engine.signature().inputs);
    let mut outputs = zeros(&engine.signature().outputs);
    let inputs: Vec<&[f32]> = inputs.iter().map(Vec::as_slice).collect();
    let mut outputs: Vec<&mut [f32]> = outputs.iter_mut().map(Vec::as_mut_slice).collect();
    (0..runs).try_for_each(|_| engine.run(&inputs, &mut outputs))
}

/// Checks the slices given to [`Engine::run`].
pub(crate) fn check(
    signature: &Signature,
    inputs: &[&[f32]],
    outputs: &[&mut [f32]],
) -> Result<(), EngineError> {
    let (expected, given) = (signature.inputs.len(), inputs.len());
    if expected != given {
        return Err(EngineError::InputCount { expected, given });
    }
    let (expected, given) = (signature.outputs.len(), outputs.len());
    if expected != given {
        return Err(EngineError::OutputCount { expected, given });
    }
    for (spec, input) in signature.inputs.iter().zip(inputs) {
        let (expected, given) = (spec.elements(), input.len());
        if expected != given {
            let (tensor, shape) = (spec.name.clone(), spec.shape.clone());
            return Err(EngineError::InputLength { tensor, shape, expected, given });
        }
    }
    for (spec, output) in signature.outputs.iter().zip(outputs) {
        let (expected, given) = (spec.elements(), output.len());
        if expected != given {
            let (tensor, shape) = (spec.name.clone(), spec.shape.clone());
            return Err(EngineError::OutputLength { tensor, shape, expected, given });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_spelled_one_way() {
        for kind in EngineKind::ALL {
            assert_eq!(kind.to_string().parse(), Ok(kind));
        }
        let error = "Candle".parse::<EngineKind>().unwrap_err();
        assert_eq!(error.to_string(), "`Candle` is no engine; use `candle` or `onnx`");
    }
}
