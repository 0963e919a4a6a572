//! Named tensors.

use std::collections::BTreeMap;

use candle_core::{Device, Tensor};

/// The weights of one or more networks, by name.
///
/// Built from plain tensors it serves inference; built from the tensors of variables it serves
/// training, for a clone of a variable's tensor shares its storage and its place in autograd:
///
/// ```
/// use candle_core::{DType, Device, Tensor, Var};
/// use tandem_inference::{CandleOps, Weights};
/// use tandem_networks::{Activation, Ops as _};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let vars = [
///     ("out.weight", Var::ones((1, 3), DType::F32, &Device::Cpu)?),
///     ("out.bias", Var::zeros(1, DType::F32, &Device::Cpu)?),
/// ];
/// let weights: Weights =
///     vars.iter().map(|(name, var)| (name.to_string(), var.as_tensor().clone())).collect();
/// let x = Tensor::new(&[[1.0_f32, 2.0, 3.0]], &Device::Cpu)?;
/// let y = CandleOps::new(&weights).linear(&x, "out", 1, Activation::None)?;
/// let gradients = y.backward()?;
/// assert_eq!(gradients.get(&vars[0].1).unwrap().to_vec2::<f32>()?, [[1.0, 2.0, 3.0]]);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Weights {
    tensors: BTreeMap<String, Tensor>,
}

impl Weights {
    /// The weight called `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Tensor> {
        self.tensors.get(name)
    }

    /// A tensor on the CPU, from its numbers.
    pub(crate) fn tensor(shape: &[usize], data: &[f32]) -> candle_core::Result<Tensor> {
        Tensor::from_slice(data, shape, &Device::Cpu)
    }
}

impl FromIterator<(String, Tensor)> for Weights {
    fn from_iter<I: IntoIterator<Item = (String, Tensor)>>(tensors: I) -> Self {
        Self { tensors: tensors.into_iter().collect() }
    }
}
