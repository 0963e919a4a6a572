//! Convolution with bias and activation, and its gradient.

use tandem_networks::Activation;

use super::matrix::{Into, Matrix, MatrixMut, multiply};
use super::patches::{ConvShape, gather, scatter};
use super::{activation, exp, parallel, scratch};

/// Samples whose weight gradients are summed by one thread before all are added up. Fixed, so that
/// the order of summation is the same on any number of threads.
const GROUP: usize = 8;

/// `[batch, channels_out, height_out, width_out]` of `x` `[batch, channels_in, height, width]`.
pub(crate) fn forward(
    shape: &ConvShape,
    act: Activation,
    x: &[f32],
    weight: &[f32],
    bias: &[f32],
) -> Vec<f32> {
    let mut out = vec![0.0; shape.batch * shape.output()];
    let weight = Matrix::new(weight, shape.channels_out, shape.patch());
    parallel::for_each_piece(&mut out, shape.output(), |sample, out| {
        let x = &x[sample * shape.input()..][..shape.input()];
        with_patches(shape, x, |patches, _| {
            let patches = Matrix::new(patches, shape.patch(), shape.positions());
            let out = MatrixMut::new(out, shape.channels_out, shape.positions());
            multiply(out, weight, patches, Into::Replace);
        });
        for (map, bias) in out.chunks_exact_mut(shape.positions()).zip(bias) {
            activation::apply(act, *bias, map);
        }
    });
    out
}

/// Gradients of a convolution.
pub(crate) struct Gradients {
    /// Of the input, if it was asked for.
    pub(crate) x: Option<Vec<f32>>,
    pub(crate) weight: Vec<f32>,
    pub(crate) bias: Vec<f32>,
}

/// The gradients, from those of the output; that of the input only if `want_x`.
pub(crate) fn backward(
    shape: &ConvShape,
    act: Activation,
    [x, weight, out, grad]: [&[f32]; 4],
    want_x: bool,
) -> Gradients {
    let mut grad_x = if want_x { vec![0.0; x.len()] } else { Vec::new() };
    let mut targets = grad_x.chunks_mut(GROUP * shape.input());
    let jobs: Vec<_> = x
        .chunks(GROUP * shape.input())
        .zip(out.chunks(GROUP * shape.output()))
        .zip(grad.chunks(GROUP * shape.output()))
        .map(|((x, out), grad)| Job { x, out, grad, grad_x: targets.next() })
        .collect();
    let partials = parallel::map(jobs, |job| group(shape, act, weight, job));
    let mut sum_weight = vec![0.0; weight.len()];
    let mut sum_bias = vec![0.0; shape.channels_out];
    for (weight, bias) in partials {
        sum_weight.iter_mut().zip(weight).for_each(|(sum, part)| *sum += part);
        sum_bias.iter_mut().zip(bias).for_each(|(sum, part)| *sum += part);
    }
    Gradients { x: want_x.then_some(grad_x), weight: sum_weight, bias: sum_bias }
}

/// The samples of one group.
struct Job<'a> {
    x: &'a [f32],
    out: &'a [f32],
    grad: &'a [f32],
    grad_x: Option<&'a mut [f32]>,
}

fn group(shape: &ConvShape, act: Activation, weight: &[f32], job: Job<'_>) -> (Vec<f32>, Vec<f32>) {
    let (channels, patch, positions) = (shape.channels_out, shape.patch(), shape.positions());
    let mut sum_weight = vec![0.0; weight.len()];
    let mut sum_bias = vec![0.0; channels];
    let mut masked = vec![0.0; shape.output()];
    let mut targets = job.grad_x.map(|x| x.chunks_exact_mut(shape.input()));
    let samples = job
        .x
        .chunks_exact(shape.input())
        .zip(job.out.chunks_exact(shape.output()))
        .zip(job.grad.chunks_exact(shape.output()));
    for ((x, out), grad) in samples {
        activation::gradient(act, out, grad, &mut masked);
        for (sum, map) in sum_bias.iter_mut().zip(masked.chunks_exact(positions)) {
            *sum += exp::sum(map);
        }
        let masked = Matrix::new(&masked, channels, positions);
        with_patches(shape, x, |patches, spare| {
            let sum = MatrixMut::new(&mut sum_weight, channels, patch);
            let patches = Matrix::new(patches, patch, positions);
            multiply(sum, masked, patches.transposed(), Into::Add);
            let Some(target) = targets.as_mut().and_then(Iterator::next) else { return };
            let weight = Matrix::new(weight, channels, patch).transposed();
            if shape.is_pointwise() {
                multiply(MatrixMut::new(target, patch, positions), weight, masked, Into::Replace);
            } else {
                multiply(MatrixMut::new(spare, patch, positions), weight, masked, Into::Replace);
                scatter(shape, spare, target);
            }
        });
    }
    (sum_weight, sum_bias)
}

/// Hands the patches of a sample to `work`, with room for as many more.
fn with_patches(shape: &ConvShape, x: &[f32], work: impl FnOnce(&[f32], &mut [f32])) {
    if shape.is_pointwise() {
        return work(x, &mut []);
    }
    let length = shape.patch() * shape.positions();
    scratch::with(2 * length, |both| {
        let (patches, spare) = both.split_at_mut(length);
        gather(shape, x, patches);
        work(patches, spare);
    });
}
