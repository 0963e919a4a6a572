//! From a bundle to an engine.

use std::path::Path;

use tandem_bundle::Bundle;
use tandem_networks::ShapeError;

use crate::candle::CandleEngine;
use crate::engine::{Engine, EngineKind};
use crate::onnx::{GraphError, OnnxEngine, OnnxRuntime, RuntimeError};
use crate::ops::OpsError;

/// Why a network could not be made ready.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The bundle has no such network.
    #[error("the bundle has no network `{name}`; it has {present:?}")]
    NoNetwork {
        /// What was asked for.
        name: String,
        /// What it has.
        present: Vec<String>,
    },
    /// The bundle has the network, but not as ONNX.
    #[error("network `{name}` has no onnx file; run `tandem export`, or set engine = \"candle\"")]
    NoOnnx {
        /// The network.
        name: String,
    },
    /// A weight is missing.
    #[error("weight `{name}` of shape {shape:?} is missing")]
    MissingWeight {
        /// Its name in the network.
        name: String,
        /// The shape the network needs.
        shape: Vec<usize>,
    },
    /// A weight has another shape.
    #[error("weight `{name}` has the shape {found:?} where the network needs {expected:?}")]
    WeightShape {
        /// Its name in the network.
        name: String,
        /// What the network needs.
        expected: Vec<usize>,
        /// What is there.
        found: Vec<usize>,
    },
    /// A plan has no such operation.
    #[error("a plan has no {operation}; run this network on an engine")]
    Unsupported {
        /// What the network asked for.
        operation: &'static str,
    },
    /// The network's own sizes do not fit together.
    #[error(transparent)]
    Sizes(#[from] ShapeError),
    /// Candle could not take the weights.
    #[error(transparent)]
    Candle(#[from] OpsError),
    /// ONNX Runtime is not there or does not serve.
    #[error(transparent)]
    Runtime(#[from] RuntimeError),
    /// The ONNX graph is not the network.
    #[error(transparent)]
    Graph(#[from] GraphError),
}

/// Makes `network` of `bundle` ready on the engine `kind`; `library` is where ONNX Runtime lies,
/// if the config says so (see [`OnnxRuntime::find`]).
///
/// # Errors
/// If the bundle has no such network, or what the engine needs is missing or does not fit.
pub fn load(
    bundle: &Bundle,
    network: &str,
    kind: EngineKind,
    library: Option<&Path>,
) -> Result<Box<dyn Engine>, LoadError> {
    let manifest = bundle.manifest();
    let Some(spec) = manifest.network(network) else {
        let present = manifest.networks.iter().map(|spec| spec.name.clone()).collect();
        return Err(LoadError::NoNetwork { name: network.to_owned(), present });
    };
    match kind {
        EngineKind::Candle => Ok(Box::new(CandleEngine::load(&spec.architecture, |parameter| {
            let tensor = bundle.weights().get(&format!("{network}.{parameter}"))?;
            Some((tensor.shape.as_slice(), tensor.data.as_slice()))
        })?)),
        EngineKind::Onnx => {
            let Some(file) = &spec.onnx else {
                return Err(LoadError::NoOnnx { name: network.to_owned() });
            };
            let runtime = OnnxRuntime::find(library)?;
            let signature = spec.architecture.signature();
            Ok(Box::new(OnnxEngine::load(&bundle.dir().join(file), &signature, &runtime)?))
        }
    }
}
