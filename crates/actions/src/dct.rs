//! The orthonormal discrete cosine transform along time.

use core::f64::consts::PI;

use crate::ChunkShape;

/// DCT-II and its inverse for chunks of one shape, each action dimension by itself:
/// `X[k] = s[k] * sum over n of x[n] cos(pi (2n + 1) k / 2T)` with `s[0] = sqrt(1/T)` and
/// `s[k] = sqrt(2/T)`, as SciPy's `dct(type=2, norm="ortho", axis=0)`.
///
/// It is a product with a table, not a fast transform: at the 16 to 50 steps of a chunk the table
/// is smaller than the chunk's way through a cache, exact to the last bits, and free of allocation.
#[derive(Clone, Debug)]
pub struct Dct {
    shape: ChunkShape,
    /// Rows are frequencies, columns are steps.
    basis: Vec<f64>,
}

impl Dct {
    /// The transform for chunks of this shape. Steps squared is the table's size.
    #[must_use]
    pub fn new(shape: ChunkShape) -> Self {
        let steps = shape.steps();
        let mut basis = Vec::with_capacity(steps * steps);
        for k in 0..steps {
            let norm = (if k == 0 { 1.0 } else { 2.0 } / steps as f64).sqrt();
            for n in 0..steps {
                // The angle modulo a full turn, in integers, so that it stays exact for long chunks.
                let quarter_steps = ((2 * n + 1) * k) % (4 * steps);
                let angle = PI * quarter_steps as f64 / (2 * steps) as f64;
                basis.push(norm * angle.cos());
            }
        }
        Self { shape, basis }
    }

    /// The chunks it takes.
    #[must_use]
    pub const fn shape(&self) -> ChunkShape {
        self.shape
    }

    /// Frequencies of `chunk` into `coefficients`, row by row from the lowest; both are chunks of
    /// [`Self::shape`], and what is beyond is left alone.
    pub fn forward(&self, chunk: &[f64], coefficients: &mut [f64]) {
        let dims = self.shape.dims();
        let rows = self.basis.chunks_exact(self.shape.steps());
        for (row, out) in rows.zip(coefficients.chunks_exact_mut(dims)) {
            out.fill(0.0);
            for (weight, values) in row.iter().zip(chunk.chunks_exact(dims)) {
                add_scaled(*weight, values, out);
            }
        }
    }

    /// Scales coefficients and rounds them half to even, as NumPy does: 2.5 becomes 2.
    pub fn quantise(scale: f64, coefficients: &mut [f64]) {
        for coefficient in coefficients {
            *coefficient = (scale * *coefficient).round_ties_even();
        }
    }

    /// The chunk that has these coefficients.
    pub fn inverse(&self, coefficients: &[f64], chunk: &mut [f64]) {
        let dims = self.shape.dims();
        chunk.fill(0.0);
        let rows = self.basis.chunks_exact(self.shape.steps());
        for (row, values) in rows.zip(coefficients.chunks_exact(dims)) {
            for (weight, out) in row.iter().zip(chunk.chunks_exact_mut(dims)) {
                add_scaled(*weight, values, out);
            }
        }
    }
}

fn add_scaled(weight: f64, values: &[f64], out: &mut [f64]) {
    for (out, value) in out.iter_mut().zip(values) {
        *out += weight * value;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Orthonormal: nothing is lost, and lengths stay.
        #[test]
        fn the_inverse_undoes_it_and_energy_stays(
            (steps, dims, seed) in (1..40_usize, 1..5_usize, any::<u32>()),
        ) {
            let shape = ChunkShape::new(steps, dims).unwrap();
            let chunk: Vec<f64> =
                (0..shape.values()).map(|i| (f64::from(seed) + i as f64).sin()).collect();
            let (mut coefficients, mut back) = (chunk.clone(), chunk.clone());
            let dct = Dct::new(shape);
            dct.forward(&chunk, &mut coefficients);
            dct.inverse(&coefficients, &mut back);
            let energy = |values: &[f64]| values.iter().map(|x| x * x).sum::<f64>();
            prop_assert!((energy(&chunk) - energy(&coefficients)).abs() < 1e-10);
            for (value, back) in chunk.iter().zip(&back) {
                prop_assert!((value - back).abs() < 1e-12);
            }
        }
    }

    /// A constant has but one frequency.
    #[test]
    fn a_constant_is_its_mean() {
        let dct = Dct::new(ChunkShape::new(4, 1).unwrap());
        let mut coefficients = [0.0; 4];
        dct.forward(&[3.0; 4], &mut coefficients);
        assert!((coefficients[0] - 6.0).abs() < 1e-12);
        assert!(coefficients[1..].iter().all(|c| c.abs() < 1e-12));
    }
}
