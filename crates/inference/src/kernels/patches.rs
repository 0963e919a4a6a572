//! Pictures to matrices of patches and back, so that a convolution becomes a matrix product.

/// The sizes of a convolution of one batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ConvShape {
    pub(crate) batch: usize,
    pub(crate) channels_in: usize,
    pub(crate) height: usize,
    pub(crate) width: usize,
    pub(crate) channels_out: usize,
    pub(crate) kernel: usize,
    pub(crate) stride: usize,
}

impl ConvShape {
    pub(crate) const fn height_out(&self) -> usize {
        self.height.div_ceil(self.stride)
    }

    pub(crate) const fn width_out(&self) -> usize {
        self.width.div_ceil(self.stride)
    }

    /// Pixels of one output map.
    pub(crate) const fn positions(&self) -> usize {
        self.height_out() * self.width_out()
    }

    /// Numbers under the kernel at one position.
    pub(crate) const fn patch(&self) -> usize {
        self.channels_in * self.kernel * self.kernel
    }

    /// Numbers in one input sample.
    pub(crate) const fn input(&self) -> usize {
        self.channels_in * self.height * self.width
    }

    /// Numbers in one output sample.
    pub(crate) const fn output(&self) -> usize {
        self.channels_out * self.positions()
    }

    /// Whether the picture is its own matrix of patches.
    pub(crate) const fn is_pointwise(&self) -> bool {
        self.kernel == 1 && self.stride == 1
    }

    /// Which output coordinates of a line of `length` lie on the line when shifted by `tap`, and
    /// the input coordinate of the first.
    fn inside(&self, tap: usize, length: usize, length_out: usize) -> (usize, usize, usize) {
        let padding = self.kernel / 2;
        let first = padding.saturating_sub(tap).div_ceil(self.stride);
        let end = (length + padding).saturating_sub(tap).div_ceil(self.stride).min(length_out);
        let start = (first * self.stride + tap).saturating_sub(padding);
        (first.min(end), end, start)
    }
}

/// Writes the patches of the sample `x` as `[patch, positions]`.
pub(crate) fn gather(shape: &ConvShape, x: &[f32], patches: &mut [f32]) {
    let (kernel, width_out) = (shape.kernel, shape.width_out());
    for (row, out) in patches.chunks_exact_mut(shape.positions()).enumerate() {
        let (channel, tap_y, tap_x) = taps(row, kernel);
        let map = &x[channel * shape.height * shape.width..][..shape.height * shape.width];
        let (top, bottom, mut y) = shape.inside(tap_y, shape.height, shape.height_out());
        let (left, right, start) = shape.inside(tap_x, shape.width, width_out);
        out[..top * width_out].fill(0.0);
        out[bottom * width_out..].fill(0.0);
        for line in out[top * width_out..bottom * width_out].chunks_exact_mut(width_out) {
            line[..left].fill(0.0);
            line[right..].fill(0.0);
            let source = &map[y * shape.width..][..shape.width];
            copy(&mut line[left..right], source.get(start..).unwrap_or_default(), shape.stride);
            y += shape.stride;
        }
    }
}

/// Adds patches back to where [`gather`] took them from.
pub(crate) fn scatter(shape: &ConvShape, patches: &[f32], x: &mut [f32]) {
    let (kernel, width_out) = (shape.kernel, shape.width_out());
    for (row, out) in patches.chunks_exact(shape.positions()).enumerate() {
        let (channel, tap_y, tap_x) = taps(row, kernel);
        let map = &mut x[channel * shape.height * shape.width..][..shape.height * shape.width];
        let (top, bottom, mut y) = shape.inside(tap_y, shape.height, shape.height_out());
        let (left, right, start) = shape.inside(tap_x, shape.width, width_out);
        for line in out[top * width_out..bottom * width_out].chunks_exact(width_out) {
            let target = &mut map[y * shape.width..][..shape.width];
            add(target.get_mut(start..).unwrap_or_default(), &line[left..right], shape.stride);
            y += shape.stride;
        }
    }
}

const fn taps(row: usize, kernel: usize) -> (usize, usize, usize) {
    (row / (kernel * kernel), row / kernel % kernel, row % kernel)
}

/// Every `stride`-th number; strides one and two get loops that the compiler vectorises.
fn copy(out: &mut [f32], source: &[f32], stride: usize) {
    match stride {
        1 => out.copy_from_slice(&source[..out.len()]),
        2 => {
            let (pairs, rest) = source.as_chunks::<2>();
            for (out, pair) in out.iter_mut().zip(pairs) {
                *out = pair[0];
            }
            if let (Some(out), [last]) = (out.get_mut(pairs.len()), rest) {
                *out = *last;
            }
        }
        _ => out.iter_mut().zip(source.iter().step_by(stride)).for_each(|(out, x)| *out = *x),
    }
}

fn add(out: &mut [f32], source: &[f32], stride: usize) {
    match stride {
        1 => out.iter_mut().zip(source).for_each(|(out, x)| *out += x),
        2 => {
            let (pairs, rest) = out.as_chunks_mut::<2>();
            if let (Some(x), [last]) = (source.get(pairs.len()), rest) {
                *last += x;
            }
            for (pair, x) in pairs.iter_mut().zip(source) {
                pair[0] += x;
            }
        }
        _ => out.iter_mut().step_by(stride).zip(source).for_each(|(out, x)| *out += x),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn naive(shape: &ConvShape, x: &[f32]) -> Vec<f32> {
        let mut out = Vec::new();
        for row in 0..shape.patch() {
            let (channel, tap_y, tap_x) = taps(row, shape.kernel);
            for position in 0..shape.positions() {
                let line = |p: usize, tap: usize, length: usize| {
                    (p * shape.stride + tap).checked_sub(shape.kernel / 2).filter(|i| *i < length)
                };
                let y = line(position / shape.width_out(), tap_y, shape.height);
                let x_at = line(position % shape.width_out(), tap_x, shape.width);
                out.push(match (y, x_at) {
                    (Some(y), Some(i)) => x[(channel * shape.height + y) * shape.width + i],
                    _ => 0.0,
                });
            }
        }
        out
    }

    #[test]
    fn patches_of_every_odd_size() {
        for (kernel, stride) in [(1, 1), (1, 2), (3, 1), (3, 2), (3, 3), (5, 1), (5, 2), (7, 4)] {
            for (height, width) in [(1, 1), (2, 3), (4, 5), (6, 8), (7, 7)] {
                let shape = ConvShape {
                    batch: 1,
                    channels_in: 2,
                    height,
                    width,
                    channels_out: 1,
                    kernel,
                    stride,
                };
                let x: Vec<f32> = (0..shape.input()).map(|i| i as f32 + 1.0).collect();
                let mut patches = vec![f32::NAN; shape.patch() * shape.positions()];
                gather(&shape, &x, &mut patches);
                assert_eq!(patches, naive(&shape, &x), "{shape:?}");

                // Scattering is the transpose of gathering: <gather(x), p> = <x, scatter(p)>.
                let weights: Vec<f32> = (0..patches.len()).map(|i| (i % 7) as f32).collect();
                let mut back = vec![0.0; x.len()];
                scatter(&shape, &weights, &mut back);
                let there: f32 = patches.iter().zip(&weights).map(|(a, b)| a * b).sum();
                let here: f32 = x.iter().zip(&back).map(|(a, b)| a * b).sum();
                assert_eq!(there, here, "{shape:?}");
            }
        }
    }
}
