//! The network that `tandem bench train` times.

use tandem_networks::{Activation, Conv, Ops, Parameter, ShapeError, ShapeOps};

/// Edge of the picture, pixels; it has three channels.
pub const BENCH_PICTURE_PX: usize = 96;
/// Numbers that join the pooled features.
pub const BENCH_EXTRA: usize = 524;
/// Numbers that come out.
pub const BENCH_OUTPUTS: usize = 96;

/// Four 3x3 convolutions of stride two with ReLU (3-32-64-128-128), the mean over the picture,
/// `extra` beside it, and 652-512-512-96 linear with ReLU between: 57 MFLOP forward.
///
/// `picture` is `[B, 3, 96, 96]`, `extra` `[B, 524]`, the result `[B, 96]`.
///
/// # Errors
/// What `ops` fails with.
pub fn bench_network<O: Ops>(
    ops: &mut O,
    picture: &O::Tensor,
    extra: &O::Tensor,
) -> Result<O::Tensor, O::Error> {
    let mut x = picture.clone();
    for (index, channels) in [32, 64, 128, 128].into_iter().enumerate() {
        let conv = Conv { channels, kernel: 3, stride: 2, activation: Activation::Relu };
        x = ops.conv2d(&x, &format!("conv{index}"), conv)?;
    }
    let pooled = ops.mean_picture(&x)?;
    let x = ops.concat(&[pooled, extra.clone()])?;
    let x = ops.linear(&x, "hidden0", 512, Activation::Relu)?;
    let x = ops.linear(&x, "hidden1", 512, Activation::Relu)?;
    ops.linear(&x, "out", BENCH_OUTPUTS, Activation::None)
}

/// The weights of [`bench_network`].
///
/// # Errors
/// None in practice: the network's sizes are fixed and fit.
pub fn bench_parameters() -> Result<Vec<Parameter>, ShapeError> {
    let mut ops = ShapeOps::default();
    let picture = vec![1, 3, BENCH_PICTURE_PX, BENCH_PICTURE_PX];
    bench_network(&mut ops, &picture, &vec![1, BENCH_EXTRA])?;
    Ok(ops.into_parameters())
}
