//! Feature-wise modulation and ReLU, and its gradient.

use super::activation::relu;
use super::{exp, parallel};

/// The sizes: `[batch, channels, positions]` modulated by `[batch, 2 * channels]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FilmShape {
    pub(crate) channels: usize,
    pub(crate) positions: usize,
}

impl FilmShape {
    const fn sample(&self) -> usize {
        self.channels * self.positions
    }

    fn scales_and_shifts<'a>(&self, both: &'a [f32], sample: usize) -> (&'a [f32], &'a [f32]) {
        both[sample * 2 * self.channels..][..2 * self.channels].split_at(self.channels)
    }
}

/// `max(x * (1 + scale) + shift, 0)`.
pub(crate) fn forward(shape: &FilmShape, x: &[f32], scale_shift: &[f32]) -> Vec<f32> {
    let mut out = x.to_vec();
    parallel::for_each_piece(&mut out, shape.sample(), |sample, out| {
        let (scales, shifts) = shape.scales_and_shifts(scale_shift, sample);
        let maps = out.chunks_exact_mut(shape.positions).zip(scales.iter().zip(shifts));
        for (map, (scale, shift)) in maps {
            map.iter_mut().for_each(|x| *x = relu(*x * (1.0 + scale) + shift));
        }
    });
    out
}

/// Gradients of `x` and of the scales and shifts.
pub(crate) fn backward(
    shape: &FilmShape,
    [x, scale_shift, out, grad]: [&[f32]; 4],
) -> (Vec<f32>, Vec<f32>) {
    let mut grad_x = vec![0.0; x.len()];
    let mut grad_both = vec![0.0; scale_shift.len()];
    let jobs: Vec<_> = grad_x
        .chunks_mut(shape.sample())
        .zip(grad_both.chunks_mut(2 * shape.channels))
        .enumerate()
        .collect();
    parallel::map(jobs, |(sample, (grad_x, grad_both))| {
        let (scales, _) = shape.scales_and_shifts(scale_shift, sample);
        let (grad_scales, grad_shifts) = grad_both.split_at_mut(shape.channels);
        for (channel, map) in grad_x.chunks_exact_mut(shape.positions).enumerate() {
            let from = sample * shape.sample() + channel * shape.positions;
            let [x, out, grad] = [x, out, grad].map(|all| &all[from..][..shape.positions]);
            for ((d, out), grad) in map.iter_mut().zip(out).zip(grad) {
                *d = if *out > 0.0 { *grad } else { 0.0 };
            }
            grad_scales[channel] = exp::dot(map, x);
            grad_shifts[channel] = exp::sum(map);
            map.iter_mut().for_each(|d| *d *= 1.0 + scales[channel]);
        }
    });
    (grad_x, grad_both)
}
