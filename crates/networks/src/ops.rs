//! The operations a network may ask for.

/// What follows a layer, fused into it where the backend can.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// Nothing.
    None,
    /// `max(x, 0)`.
    Relu,
    /// Hyperbolic tangent.
    Tanh,
    /// Logistic sigmoid.
    Sigmoid,
}

/// A square two-dimensional convolution with a bias and "same" padding of `kernel / 2`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conv {
    /// Output channels.
    pub channels: usize,
    /// Kernel edge, odd.
    pub kernel: usize,
    /// Stride in both directions.
    pub stride: usize,
    /// What follows.
    pub activation: Activation,
}

/// Who evaluates, differentiates, measures or records a network.
///
/// Tensors are row-major `f32`; `B` is the batch, `L` a sequence, `D` a width. A parameter `name`
/// stands for the tensors `name.weight` and `name.bias` of the layer.
pub trait Ops {
    /// A value in the network.
    type Tensor: Clone;
    /// Why an operation failed.
    type Error;

    /// `[B, C, H, W] -> [B, channels, ceil(H / stride), ceil(W / stride)]`.
    /// Weight `[channels, C, kernel, kernel]`.
    ///
    /// # Errors
    /// If shapes do not fit or the backend fails; so for every operation here.
    fn conv2d(
        &mut self,
        x: &Self::Tensor,
        name: &str,
        conv: Conv,
    ) -> Result<Self::Tensor, Self::Error>;

    /// `[.., D] -> [.., outputs]`. Weight `[outputs, D]`.
    fn linear(
        &mut self,
        x: &Self::Tensor,
        name: &str,
        outputs: usize,
        activation: Activation,
    ) -> Result<Self::Tensor, Self::Error>;

    /// Feature-wise modulation (FiLM, Perez et al. 2018) and ReLU:
    /// `max(x * (1 + scale) + shift, 0)` with `[B, C, H, W]` and `scale_shift` `[B, 2 C]`, all
    /// scales first.
    fn film_relu(
        &mut self,
        x: &Self::Tensor,
        scale_shift: &Self::Tensor,
    ) -> Result<Self::Tensor, Self::Error>;

    /// Spatial softmax (Levine et al. 2016): `[B, C, H, W] -> [B, 2 C]`, the expected column
    /// (x, to the right) and row (y, down) of each channel's softmax, in `[-1, 1]`, as
    /// `x0, y0, x1, y1, ..`.
    fn spatial_softmax(&mut self, x: &Self::Tensor) -> Result<Self::Tensor, Self::Error>;

    /// `[B, C, H, W] -> [B, C]`, the mean over the picture.
    fn mean_picture(&mut self, x: &Self::Tensor) -> Result<Self::Tensor, Self::Error>;

    /// Looks word ids (whole numbers held as `f32`, `[B, L]`) up in `name.weight` `[words, width]`:
    /// `[B, L, width]`.
    fn embedding(
        &mut self,
        ids: &Self::Tensor,
        name: &str,
        words: usize,
        width: usize,
    ) -> Result<Self::Tensor, Self::Error>;

    /// Adds the learned `name.weight` `[L, D]` to `[B, L, D]`.
    fn add_learned(&mut self, x: &Self::Tensor, name: &str) -> Result<Self::Tensor, Self::Error>;

    /// Layer normalisation over the last axis with epsilon 1e-5. Weight and bias `[D]`.
    fn layer_norm(&mut self, x: &Self::Tensor, name: &str) -> Result<Self::Tensor, Self::Error>;

    /// Scaled dot-product attention of `heads` heads, `q`, `k`, `v` each `[B, L, D]`, unmasked.
    fn attention(
        &mut self,
        q: &Self::Tensor,
        k: &Self::Tensor,
        v: &Self::Tensor,
        heads: usize,
    ) -> Result<Self::Tensor, Self::Error>;

    /// `a + b`, of one shape.
    fn add(&mut self, a: &Self::Tensor, b: &Self::Tensor) -> Result<Self::Tensor, Self::Error>;

    /// `[B, D] x n -> [B, sum of D]`.
    fn concat(&mut self, parts: &[Self::Tensor]) -> Result<Self::Tensor, Self::Error>;

    /// `[B, D] -> [B, 1, D]` and `[B, L, D]` as they are, joined to `[B, sum of L, D]`.
    fn concat_tokens(&mut self, parts: &[Self::Tensor]) -> Result<Self::Tensor, Self::Error>;

    /// `[B, L, D] -> [B, D]`, the token at `index`.
    fn token(&mut self, x: &Self::Tensor, index: usize) -> Result<Self::Tensor, Self::Error>;

    /// `[B, L, D] -> [B, D]`, the mean over the sequence.
    fn mean_tokens(&mut self, x: &Self::Tensor) -> Result<Self::Tensor, Self::Error>;

    /// The same numbers in another shape: `[B, ..] -> [B, ..shape]`, row-major.
    fn reshape(&mut self, x: &Self::Tensor, shape: &[usize]) -> Result<Self::Tensor, Self::Error>;
}
