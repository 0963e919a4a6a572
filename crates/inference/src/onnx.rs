//! The ONNX Runtime engine: the only module that names `ort`, but for the error that carries its.

mod engine;
mod runtime;
mod setup;

pub use engine::{GraphError, OnnxEngine};
pub use runtime::{ONNXRUNTIME_VERSION, OnnxRuntime, RuntimeError};
pub use setup::{SetupError, SetupStep, setup_onnxruntime};
