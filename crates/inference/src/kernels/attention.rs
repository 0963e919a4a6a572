//! Scaled dot-product attention of short sequences, fused per sample and head, and its gradient.

use super::matrix::{Into, Matrix, MatrixMut, multiply};
use super::{exp, parallel, scratch};

/// The sizes: `q`, `k`, `v` are `[batch, tokens, heads * head_width]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AttentionShape {
    pub(crate) tokens: usize,
    pub(crate) heads: usize,
    pub(crate) head_width: usize,
}

impl AttentionShape {
    const fn width(&self) -> usize {
        self.heads * self.head_width
    }

    const fn sample(&self) -> usize {
        self.tokens * self.width()
    }

    /// One over the square root of the head's width (Vaswani et al. 2017).
    fn scale(&self) -> f32 {
        1.0 / (self.head_width as f32).sqrt()
    }

    /// One head of one sample, as a matrix `[tokens, head_width]`.
    fn head<'a>(&self, sample: &'a [f32], head: usize) -> Matrix<'a> {
        let from = &sample[head * self.head_width..];
        Matrix::strided(from, self.tokens, self.head_width, self.width())
    }

    fn head_mut<'a>(&self, sample: &'a mut [f32], head: usize) -> MatrixMut<'a> {
        let from = &mut sample[head * self.head_width..];
        MatrixMut::strided(from, self.tokens, self.head_width, self.width())
    }

    /// The attention weights of a head, `[tokens, tokens]`.
    fn weights(&self, q: &[f32], k: &[f32], head: usize, into: &mut [f32]) {
        let out = MatrixMut::new(into, self.tokens, self.tokens);
        multiply(out, self.head(q, head), self.head(k, head).transposed(), Into::Replace);
        let scale = self.scale();
        for row in into.chunks_exact_mut(self.tokens) {
            row.iter_mut().for_each(|x| *x *= scale);
            exp::softmax(row);
        }
    }
}

/// `softmax(q k^T / sqrt(head_width)) v` for each head.
pub(crate) fn forward(shape: &AttentionShape, q: &[f32], k: &[f32], v: &[f32]) -> Vec<f32> {
    let (tokens, length) = (shape.tokens, shape.sample());
    let mut out = vec![0.0; q.len()];
    parallel::for_each_piece(&mut out, length, |sample, out| {
        let [q, k, v] = [q, k, v].map(|all| &all[sample * length..][..length]);
        scratch::with(tokens * tokens, |weights| {
            for head in 0..shape.heads {
                shape.weights(q, k, head, weights);
                let weights = Matrix::new(weights, tokens, tokens);
                multiply(shape.head_mut(out, head), weights, shape.head(v, head), Into::Replace);
            }
        });
    });
    out
}

/// Gradients of `q`, `k` and `v`.
pub(crate) fn backward(shape: &AttentionShape, [q, k, v, grad]: [&[f32]; 4]) -> [Vec<f32>; 3] {
    let (tokens, length) = (shape.tokens, shape.sample());
    let [mut grad_q, mut grad_k, mut grad_v] = [(); 3].map(|()| vec![0.0; q.len()]);
    let jobs: Vec<_> = grad_q
        .chunks_mut(length)
        .zip(grad_k.chunks_mut(length))
        .zip(grad_v.chunks_mut(length))
        .enumerate()
        .collect();
    parallel::map(jobs, |(sample, ((grad_q, grad_k), grad_v))| {
        let [q, k, v, grad] = [q, k, v, grad].map(|all| &all[sample * length..][..length]);
        scratch::with(2 * tokens * tokens, |both| {
            let (weights, slopes) = both.split_at_mut(tokens * tokens);
            for head in 0..shape.heads {
                let grad = shape.head(grad, head);
                shape.weights(q, k, head, weights);
                let transposed = Matrix::new(weights, tokens, tokens).transposed();
                multiply(shape.head_mut(grad_v, head), transposed, grad, Into::Replace);

                let out = MatrixMut::new(slopes, tokens, tokens);
                multiply(out, grad, shape.head(v, head).transposed(), Into::Replace);
                through_softmax(weights, slopes, tokens, shape.scale());
                let slopes = Matrix::new(slopes, tokens, tokens);
                multiply(shape.head_mut(grad_q, head), slopes, shape.head(k, head), Into::Replace);
                let slopes = slopes.transposed();
                multiply(shape.head_mut(grad_k, head), slopes, shape.head(q, head), Into::Replace);
            }
        });
    });
    [grad_q, grad_k, grad_v]
}

/// Turns the gradient of the attention weights into that of the scores before the softmax.
fn through_softmax(weights: &[f32], slopes: &mut [f32], tokens: usize, scale: f32) {
    let rows = slopes.chunks_exact_mut(tokens).zip(weights.chunks_exact(tokens));
    for (slopes, weights) in rows {
        let mean = exp::dot(slopes, weights);
        for (slope, weight) in slopes.iter_mut().zip(weights) {
            *slope = weight * (*slope - mean) * scale;
        }
    }
}
