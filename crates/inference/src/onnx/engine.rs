//! A network on ONNX Runtime.

use std::path::{Path, PathBuf};

use ort::memory::Allocator;
use ort::session::{IoBinding, Session};
use ort::value::{Outlet, Tensor, TensorElementType, ValueType};
use tandem_networks::{Signature, TensorSpec};

use super::runtime::OnnxRuntime;
use crate::engine::{Engine, EngineError, check};

/// Why a graph is not the network it should be.
#[derive(Debug, thiserror::Error)]
pub enum GraphError {
    /// The file does not load.
    #[error("{} is no graph that onnx runtime can run: {source}", file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// What the runtime says.
        source: ort::Error,
    },
    /// The graph's inputs or outputs are others than the network's.
    #[error("{} has the {side} {found:?} where the network has {expected:?}; export it again", file.display())]
    Names {
        /// The file.
        file: PathBuf,
        /// `inputs` or `outputs`.
        side: &'static str,
        /// The network's.
        expected: Vec<String>,
        /// The graph's, sorted.
        found: Vec<String>,
    },
    /// A tensor of the graph has another type or shape.
    #[error("`{tensor}` of {} is {found} where the network has f32 {expected:?}; export it again", file.display())]
    Shape {
        /// The file.
        file: PathBuf,
        /// The tensor's name.
        tensor: String,
        /// The network's shape, batch first.
        expected: Vec<usize>,
        /// The graph's, as the runtime spells it.
        found: String,
    },
    /// The tensors cannot be bound.
    #[error("{} cannot be made ready: {source}", file.display())]
    Binding {
        /// The file.
        file: PathBuf,
        /// What the runtime says.
        source: ort::Error,
    },
}

/// Runs a network with ONNX Runtime: one thread, no spinning, inputs and outputs allocated once.
pub struct OnnxEngine {
    signature: Signature,
    session: Session,
    binding: IoBinding,
    inputs: Vec<Tensor<f32>>,
}

impl OnnxEngine {
    /// Reads the graph in `file` and checks that it takes and gives what `signature` says.
    ///
    /// # Errors
    /// If the file is no such graph.
    pub fn load(
        file: &Path,
        signature: &Signature,
        runtime: &OnnxRuntime,
    ) -> Result<Self, GraphError> {
        let session = session(file, runtime)
            .map_err(|source| GraphError::File { file: file.to_path_buf(), source })?;
        matches(file, "inputs", &signature.inputs, session.inputs())?;
        matches(file, "outputs", &signature.outputs, session.outputs())?;
        let (inputs, binding) = bind(&session, signature)
            .map_err(|source| GraphError::Binding { file: file.to_path_buf(), source })?;
        Ok(Self { signature: signature.clone(), session, binding, inputs })
    }
}

impl Engine for OnnxEngine {
    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn run(&mut self, inputs: &[&[f32]], outputs: &mut [&mut [f32]]) -> Result<(), EngineError> {
        check(&self.signature, inputs, outputs)?;
        for ((spec, tensor), input) in
            self.signature.inputs.iter().zip(&mut self.inputs).zip(inputs)
        {
            tensor.extract_tensor_mut().1.copy_from_slice(input);
            // `ort` promises to see a changed tensor only once it is bound again.
            self.binding.bind_input(spec.name.as_str(), tensor)?;
        }
        let results = self.session.run_binding(&self.binding)?;
        for ((_, result), output) in results.iter().zip(outputs) {
            output.copy_from_slice(result.try_extract_tensor::<f32>()?.1);
        }
        Ok(())
    }
}

fn session(file: &Path, runtime: &OnnxRuntime) -> Result<Session, ort::Error> {
    Session::builder(&runtime.environment)?
        .with_intra_threads(1)?
        .with_inter_threads(1)?
        .with_intra_op_spinning(false)?
        .with_inter_op_spinning(false)?
        .commit_from_file(file)
}

/// One tensor for each input and output, all bound, outputs in the order of the signature.
fn bind(
    session: &Session,
    signature: &Signature,
) -> Result<(Vec<Tensor<f32>>, IoBinding), ort::Error> {
    let tensor = |spec: &TensorSpec| Tensor::<f32>::new(&Allocator::default(), batched(spec));
    let mut binding = session.create_binding()?;
    let mut inputs = Vec::new();
    for spec in &signature.inputs {
        let input = tensor(spec)?;
        binding.bind_input(spec.name.as_str(), &input)?;
        inputs.push(input);
    }
    for spec in &signature.outputs {
        binding.bind_output(spec.name.as_str(), tensor(spec)?)?;
    }
    Ok((inputs, binding))
}

fn matches(
    file: &Path,
    side: &'static str,
    specs: &[TensorSpec],
    outlets: &[Outlet],
) -> Result<(), GraphError> {
    let mut expected: Vec<_> = specs.iter().map(|spec| spec.name.clone()).collect();
    let mut found: Vec<_> = outlets.iter().map(|outlet| outlet.name().to_owned()).collect();
    expected.sort_unstable();
    found.sort_unstable();
    if expected != found {
        return Err(GraphError::Names { file: file.to_path_buf(), side, expected, found });
    }
    for spec in specs {
        for outlet in outlets.iter().filter(|outlet| outlet.name() == spec.name) {
            if !serves(outlet.dtype(), &batched(spec)) {
                return Err(GraphError::Shape {
                    file: file.to_path_buf(),
                    tensor: spec.name.clone(),
                    expected: batched(spec),
                    found: outlet.dtype().to_string(),
                });
            }
        }
    }
    Ok(())
}

/// Whether tensors of `shape` fit; a graph may leave axes open, which `ort` shows as -1.
fn serves(found: &ValueType, shape: &[usize]) -> bool {
    let ValueType::Tensor { ty: TensorElementType::Float32, shape: found, .. } = found else {
        return false;
    };
    let fits =
        |(found, wanted): (&i64, &usize)| *found == -1 || usize::try_from(*found) == Ok(*wanted);
    found.len() == shape.len() && found.iter().zip(shape).all(fits)
}

fn batched(spec: &TensorSpec) -> Vec<usize> {
    [&[1], spec.shape.as_slice()].concat()
}
