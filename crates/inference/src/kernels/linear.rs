//! The linear layer with bias and activation, and its gradient.

use tandem_networks::Activation;

use super::matrix::{Into, Matrix, MatrixMut, multiply};
use super::{activation, parallel};

/// Rows of a product that one piece of work computes, at least.
const ROWS: usize = 32;

/// The sizes of a linear layer on a batch of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LinearShape {
    /// Samples, each with as many rows.
    pub(crate) batch: usize,
    /// Rows in all: tokens times samples.
    pub(crate) rows: usize,
    pub(crate) inputs: usize,
    pub(crate) outputs: usize,
}

impl LinearShape {
    /// Rows in one piece of work: whole samples, so that a batch of one is one piece.
    fn rows_per_piece(&self) -> usize {
        self.rows.div_ceil(self.batch.max(1)).max(ROWS)
    }
}

/// `x weight^T + bias` through the activation: `[rows, outputs]`.
pub(crate) fn forward(
    shape: &LinearShape,
    act: Activation,
    x: &[f32],
    weight: &[f32],
    bias: &[f32],
) -> Vec<f32> {
    let mut out = vec![0.0; shape.rows * shape.outputs];
    forward_into(shape, act, x, weight, bias, &mut out);
    out
}

/// The same, into memory that is there: a batch of one allocates nothing.
pub(crate) fn forward_into(
    shape: &LinearShape,
    act: Activation,
    x: &[f32],
    weight: &[f32],
    bias: &[f32],
    out: &mut [f32],
) {
    let LinearShape { inputs, outputs, .. } = *shape;
    let weight = Matrix::new(weight, outputs, inputs).transposed();
    let piece = shape.rows_per_piece();
    parallel::for_each_piece(out, piece * outputs, |index, out| {
        let rows = out.len() / outputs;
        let x = Matrix::new(&x[index * piece * inputs..], rows, inputs);
        multiply(MatrixMut::new(out, rows, outputs), x, weight, Into::Replace);
        for row in out.chunks_exact_mut(outputs) {
            row.iter_mut().zip(bias).for_each(|(y, bias)| *y += bias);
        }
        activation::apply(act, 0.0, out);
    });
}

/// Gradients of a linear layer.
pub(crate) struct Gradients {
    /// Of the input, if it was asked for.
    pub(crate) x: Option<Vec<f32>>,
    pub(crate) weight: Vec<f32>,
    pub(crate) bias: Vec<f32>,
}

/// The gradients, from those of the output; that of the input only if `want_x`.
pub(crate) fn backward(
    shape: &LinearShape,
    act: Activation,
    [x, weight, out, grad]: [&[f32]; 4],
    want_x: bool,
) -> Gradients {
    let LinearShape { rows, inputs, outputs, .. } = *shape;
    let mut masked = vec![0.0; grad.len()];
    activation::gradient(act, out, grad, &mut masked);

    let mut bias = vec![0.0; outputs];
    for row in masked.chunks_exact(outputs) {
        bias.iter_mut().zip(row).for_each(|(sum, g)| *sum += g);
    }

    let mut grad_weight = vec![0.0; weight.len()];
    let all = Matrix::new(x, rows, inputs);
    parallel::for_each_piece(&mut grad_weight, ROWS * inputs, |index, part| {
        let some = part.len() / inputs;
        let masked = &masked[index * ROWS..];
        let masked = Matrix::strided(masked, rows, some, outputs).transposed();
        multiply(MatrixMut::new(part, some, inputs), masked, all, Into::Replace);
    });

    let mut grad_x = if want_x { vec![0.0; x.len()] } else { Vec::new() };
    let weight = Matrix::new(weight, outputs, inputs);
    let piece = shape.rows_per_piece();
    parallel::for_each_piece(&mut grad_x, piece * inputs, |index, part| {
        let some = part.len() / inputs;
        let masked = Matrix::new(&masked[index * piece * outputs..], some, outputs);
        multiply(MatrixMut::new(part, some, inputs), masked, weight, Into::Replace);
    });
    Gradients { x: want_x.then_some(grad_x), weight: grad_weight, bias }
}
