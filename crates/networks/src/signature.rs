//! What goes into a network and what comes out.

/// One named input or output; the batch axis is left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TensorSpec {
    /// Its name, the same in the manifest and in the ONNX graph.
    pub name: String,
    /// Its shape without the batch.
    pub shape: Vec<usize>,
}

impl TensorSpec {
    /// A tensor of `shape` called `name`.
    #[must_use]
    pub fn new(name: impl Into<String>, shape: &[usize]) -> Self {
        Self { name: name.into(), shape: shape.to_vec() }
    }

    /// Numbers in one batch element.
    #[must_use]
    pub fn elements(&self) -> usize {
        self.shape.iter().product()
    }
}

/// A network's inputs and outputs, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// What it takes.
    pub inputs: Vec<TensorSpec>,
    /// What it gives.
    pub outputs: Vec<TensorSpec>,
}
