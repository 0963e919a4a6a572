//! `Ops` over Candle tensors: evaluates a network and, if its weights are variables, can be
//! differentiated.

mod attention;
mod conv;
mod film;
mod keypoints;
mod layer_norm;
mod linear;
pub(crate) mod values;

use candle_core::{DType, Tensor};
use tandem_networks::{Activation, Conv, Ops};

use crate::weights::Weights;

/// Why an operation failed.
#[derive(Debug, thiserror::Error)]
pub enum OpsError {
    /// A weight the network asks for is not there.
    #[error("there is no weight `{name}`; the weights belong to another network")]
    Missing {
        /// Its full name.
        name: String,
    },
    /// A weight has another shape than the layer needs.
    #[error("weight `{name}` has the shape {found:?} where its layer needs {expected:?}")]
    Shape {
        /// Its full name.
        name: String,
        /// What the layer needs.
        expected: Vec<usize>,
        /// What is there.
        found: Vec<usize>,
    },
    /// A word id is not one of the vocabulary's.
    #[error("word id {id} is not a whole number below {words}; tokenise with the bundle's words")]
    Word {
        /// The id given.
        id: f32,
        /// Size of the vocabulary.
        words: usize,
    },
    /// Candle refused the shapes or failed.
    #[error("a tensor operation failed: {0}")]
    Candle(#[from] candle_core::Error),
}

/// Evaluates a network over Candle tensors, with weights looked up by name.
///
/// Over plain tensors it is inference; over variables (see [`Weights`]) every operation leaves a
/// trace for `Tensor::backward`.
pub struct CandleOps<'a> {
    weights: &'a Weights,
    prefix: &'a str,
}

impl<'a> CandleOps<'a> {
    /// Looks weights up by the names the network asks for.
    #[must_use]
    pub const fn new(weights: &'a Weights) -> Self {
        Self { weights, prefix: "" }
    }

    /// Looks weights up under `prefix` followed by the name, for several networks in one set:
    /// the prefix `head.` finds `head.out.weight`.
    #[must_use]
    pub const fn under(weights: &'a Weights, prefix: &'a str) -> Self {
        Self { weights, prefix }
    }

    fn weight(&self, layer: &str, part: &str, shape: &[usize]) -> Result<Tensor, OpsError> {
        let name = [self.prefix, layer, part].concat();
        let Some(tensor) = self.weights.get(&name) else { return Err(OpsError::Missing { name }) };
        if tensor.dims() != shape {
            let found = tensor.dims().to_vec();
            return Err(OpsError::Shape { name, expected: shape.to_vec(), found });
        }
        Ok(tensor.clone())
    }
}

impl Ops for CandleOps<'_> {
    type Tensor = Tensor;
    type Error = OpsError;

    fn conv2d(&mut self, x: &Tensor, name: &str, conv: Conv) -> Result<Tensor, OpsError> {
        let Conv { channels, kernel, .. } = conv;
        let (_, inputs, _, _) = x.dims4()?;
        let weight = self.weight(name, ".weight", &[channels, inputs, kernel, kernel])?;
        let bias = self.weight(name, ".bias", &[channels])?;
        Ok(conv::conv2d(x, &weight, &bias, conv)?)
    }

    fn linear(
        &mut self,
        x: &Tensor,
        name: &str,
        outputs: usize,
        activation: Activation,
    ) -> Result<Tensor, OpsError> {
        let inputs = x.dim(candle_core::D::Minus1)?;
        let weight = self.weight(name, ".weight", &[outputs, inputs])?;
        let bias = self.weight(name, ".bias", &[outputs])?;
        Ok(linear::linear(x, &weight, &bias, activation)?)
    }

    fn film_relu(&mut self, x: &Tensor, scale_shift: &Tensor) -> Result<Tensor, OpsError> {
        Ok(film::film_relu(x, scale_shift)?)
    }

    fn spatial_softmax(&mut self, x: &Tensor) -> Result<Tensor, OpsError> {
        Ok(keypoints::spatial_softmax(x)?)
    }

    fn mean_picture(&mut self, x: &Tensor) -> Result<Tensor, OpsError> {
        Ok(x.flatten_from(2)?.mean(2)?)
    }

    fn embedding(
        &mut self,
        ids: &Tensor,
        name: &str,
        words: usize,
        width: usize,
    ) -> Result<Tensor, OpsError> {
        let weight = self.weight(name, ".weight", &[words, width])?;
        let (batch, length) = ids.dims2()?;
        let ids = ids.flatten_all()?;
        for id in ids.to_vec1::<f32>()? {
            // Also refuses NaN. Whole numbers of a vocabulary are exact in f32.
            if !(id >= 0.0 && id < words as f32 && id.fract() == 0.0) {
                return Err(OpsError::Word { id, words });
            }
        }
        let rows = weight.index_select(&ids.to_dtype(DType::U32)?, 0)?;
        Ok(rows.reshape((batch, length, width))?)
    }

    fn add_learned(&mut self, x: &Tensor, name: &str) -> Result<Tensor, OpsError> {
        let (_, length, width) = x.dims3()?;
        Ok(x.broadcast_add(&self.weight(name, ".weight", &[length, width])?)?)
    }

    fn layer_norm(&mut self, x: &Tensor, name: &str) -> Result<Tensor, OpsError> {
        let width = x.dim(candle_core::D::Minus1)?;
        let weight = self.weight(name, ".weight", &[width])?;
        let bias = self.weight(name, ".bias", &[width])?;
        Ok(layer_norm::layer_norm(x, &weight, &bias)?)
    }

    fn attention(
        &mut self,
        q: &Tensor,
        k: &Tensor,
        v: &Tensor,
        heads: usize,
    ) -> Result<Tensor, OpsError> {
        Ok(attention::attention(q, k, v, heads)?)
    }

    fn add(&mut self, a: &Tensor, b: &Tensor) -> Result<Tensor, OpsError> {
        Ok(a.add(b)?)
    }

    fn concat(&mut self, parts: &[Tensor]) -> Result<Tensor, OpsError> {
        Ok(Tensor::cat(parts, 1)?)
    }

    fn concat_tokens(&mut self, parts: &[Tensor]) -> Result<Tensor, OpsError> {
        let mut tokens = Vec::with_capacity(parts.len());
        for part in parts {
            tokens.push(if part.rank() == 2 { part.unsqueeze(1)? } else { part.clone() });
        }
        Ok(Tensor::cat(&tokens, 1)?)
    }

    fn token(&mut self, x: &Tensor, index: usize) -> Result<Tensor, OpsError> {
        Ok(x.narrow(1, index, 1)?.squeeze(1)?)
    }

    fn mean_tokens(&mut self, x: &Tensor) -> Result<Tensor, OpsError> {
        Ok(x.mean(1)?)
    }

    fn reshape(&mut self, x: &Tensor, shape: &[usize]) -> Result<Tensor, OpsError> {
        Ok(x.reshape([&[x.dim(0)?], shape].concat())?)
    }
}

#[cfg(test)]
mod tests;
