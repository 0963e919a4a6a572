//! Layer normalisation over the last axis, and its gradient.

use super::exp::{dot, sum};

/// Added to the variance; the same in the ONNX graphs.
const EPSILON: f32 = 1e-5;

/// Each row of `weight.len()` numbers, normalised, scaled and shifted.
pub(crate) fn forward(x: &[f32], weight: &[f32], bias: &[f32]) -> Vec<f32> {
    let mut out = x.to_vec();
    for row in out.chunks_exact_mut(weight.len()) {
        normalise(row);
        for ((y, weight), bias) in row.iter_mut().zip(weight).zip(bias) {
            *y = *y * weight + bias;
        }
    }
    out
}

/// Gradients of `x`, the weight and the bias.
pub(crate) fn backward(x: &[f32], weight: &[f32], grad: &[f32]) -> [Vec<f32>; 3] {
    let width = weight.len();
    let mut grad_x = x.to_vec();
    let mut grad_weight = vec![0.0; width];
    let mut grad_bias = vec![0.0; width];
    let mut scaled = vec![0.0; width];
    for (row, grad) in grad_x.chunks_exact_mut(width).zip(grad.chunks_exact(width)) {
        let inverse_deviation = normalise(row);
        for (column, (y, g)) in row.iter().zip(grad).enumerate() {
            grad_weight[column] += g * y;
            grad_bias[column] += g;
            scaled[column] = g * weight[column];
        }
        let mean = sum(&scaled) / width as f32;
        let along = dot(&scaled, row) / width as f32;
        for (y, scaled) in row.iter_mut().zip(&scaled) {
            *y = inverse_deviation * (scaled - mean - *y * along);
        }
    }
    [grad_x, grad_weight, grad_bias]
}

/// Takes the mean off and divides by the deviation, one over which it returns.
fn normalise(row: &mut [f32]) -> f32 {
    let width = row.len() as f32;
    let mean = sum(row) / width;
    row.iter_mut().for_each(|x| *x -= mean);
    let inverse_deviation = 1.0 / (dot(row, row) / width + EPSILON).sqrt();
    row.iter_mut().for_each(|x| *x *= inverse_deviation);
    inverse_deviation
}
