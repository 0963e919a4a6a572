//! The spatial softmax: where each map is bright, and its gradient.

use super::{exp, parallel, scratch};

/// The sizes: maps of `height x width` on `batch` samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MapShape {
    pub(crate) channels: usize,
    pub(crate) height: usize,
    pub(crate) width: usize,
}

impl MapShape {
    const fn positions(&self) -> usize {
        self.height * self.width
    }
}

/// The coordinates of `count` columns or rows: evenly spaced, the first at -1 and the last at 1, a
/// single one at 0. The ONNX exporter writes the same numbers into its graphs.
#[must_use]
pub fn keypoint_axis(count: usize) -> Vec<f32> {
    let span = count.saturating_sub(1).max(1) as f32;
    let first = if count > 1 { -1.0 } else { 0.0 };
    (0..count).map(|index| first + 2.0 * index as f32 / span).collect()
}

/// The expected column and row of each map's softmax: `[batch, 2 * channels]`.
pub(crate) fn forward(shape: &MapShape, maps: &[f32]) -> Vec<f32> {
    let (columns, rows) = (keypoint_axis(shape.width), keypoint_axis(shape.height));
    let mut out = vec![0.0; 2 * maps.len() / shape.positions()];
    parallel::for_each_piece(&mut out, 2 * shape.channels, |sample, out| {
        let (points, _) = out.as_chunks_mut::<2>();
        let maps = &maps[sample * shape.channels * shape.positions()..];
        scratch::with(shape.positions(), |weights| {
            for (point, map) in points.iter_mut().zip(maps.chunks_exact(shape.positions())) {
                weights.copy_from_slice(map);
                exp::softmax(weights);
                *point = expectation(weights, &columns, &rows);
            }
        });
    });
    out
}

/// The gradient of the maps.
pub(crate) fn backward(shape: &MapShape, maps: &[f32], out: &[f32], grad: &[f32]) -> Vec<f32> {
    let (columns, rows) = (keypoint_axis(shape.width), keypoint_axis(shape.height));
    let (points, _) = out.as_chunks::<2>();
    let (grads, _) = grad.as_chunks::<2>();
    let mut grad_maps = maps.to_vec();
    let sample_length = shape.channels * shape.positions();
    parallel::for_each_piece(&mut grad_maps, sample_length, |sample, maps| {
        let points = points[sample * shape.channels..].iter();
        let points = points.zip(&grads[sample * shape.channels..]);
        for (map, ([x, y], [grad_x, grad_y])) in
            maps.chunks_exact_mut(shape.positions()).zip(points)
        {
            exp::softmax(map);
            for (line, row) in map.chunks_exact_mut(shape.width).zip(&rows) {
                let from_row = grad_y * (row - y);
                for (weight, column) in line.iter_mut().zip(&columns) {
                    *weight *= grad_x * (column - x) + from_row;
                }
            }
        }
    });
    grad_maps
}

fn expectation(weights: &[f32], columns: &[f32], rows: &[f32]) -> [f32; 2] {
    let (mut x, mut y) = (0.0, 0.0);
    for (line, row) in weights.chunks_exact(columns.len()).zip(rows) {
        x += exp::dot(line, columns);
        y += exp::sum(line) * row;
    }
    [x, y]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bright_pixel_is_found_where_it_is() {
        let shape = MapShape { channels: 1, height: 3, width: 5 };
        let mut map = [0.0; 15];
        map[2 * 5 + 1] = 100.0;
        assert_eq!(forward(&shape, &map), [-0.5, 1.0]);
        assert_eq!(keypoint_axis(1), [0.0]);
    }
}
