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
        // With a number of dimensions that the compiler knows, rows stay in registers: the same
        // sums in the same order, three times as fast. Arms have six or seven joints.
        match self.shape.dims() {
            6 => self.forward_of::<6>(chunk, coefficients),
            7 => self.forward_of::<7>(chunk, coefficients),
            _ => self.forward_of_any(chunk, coefficients),
        }
    }

    fn forward_of<const DIMS: usize>(&self, chunk: &[f64], coefficients: &mut [f64]) {
        let (chunk, _) = chunk.as_chunks::<DIMS>();
        let (coefficients, _) = coefficients.as_chunks_mut::<DIMS>();
        let rows = self.basis.chunks_exact(self.shape.steps());
        for (row, out) in rows.zip(coefficients) {
            let mut sums = [0.0; DIMS];
            for (weight, values) in row.iter().zip(chunk) {
                add_scaled(*weight, values, &mut sums);
            }
            *out = sums;
        }
    }

    fn forward_of_any(&self, chunk: &[f64], coefficients: &mut [f64]) {
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
            *coefficient = round_ties_even(scale * *coefficient);
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

/// As `f64::round_ties_even`, which is a call for each number where the processor is assumed to have
/// no instruction for it (all x86-64 before SSE4.1).
fn round_ties_even(value: f64) -> f64 {
    /// Numbers from here on have no digits after the point.
    const WHOLE: f64 = (1_u64 << 52) as f64;
    // The sum has no room for such digits, and is rounded as all sums are: half to even.
    let rounded = (value.abs() + WHOLE) - WHOLE;
    if value.abs() < WHOLE { rounded.copysign(value) } else { value }
}

#[inline]
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
        #[test]
        fn rounding_is_that_of_the_standard_library(value: f64, halves in -99..99_i32) {
            for value in [value, f64::from(halves) / 2.0] {
                let (found, expected) = (round_ties_even(value), value.round_ties_even());
                prop_assert!(found.to_bits() == expected.to_bits() || value.is_nan());
            }
        }

        #[test]
        fn known_and_any_dimensions_give_the_same_bytes(
            (steps, dims, seed) in (1..20_usize, 6..8_usize, any::<u16>()),
        ) {
            let dct = Dct::new(ChunkShape::new(steps, dims).unwrap());
            let chunk: Vec<f64> =
                (0..steps * dims).map(|i| (f64::from(seed) + i as f64).sin()).collect();
            let (mut known, mut any) = (chunk.clone(), chunk.clone());
            dct.forward(&chunk, &mut known);
            dct.forward_of_any(&chunk, &mut any);
            prop_assert_eq!(known, any);
        }

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
