//! Codebooks from data: k-means on the vectors, then on what is left of them, level by level.

use rand::Rng;
use rand::RngExt as _;

use super::{ResidualVq, VqError, distance_squared};

impl ResidualVq {
    /// Fits codebooks on vectors of `dim` values, one after the other in `vectors`. This is the
    /// k-means start that VQ-VLA's training begins with (10 iterations there); with actions as
    /// vectors it is a tokenizer of its own.
    ///
    /// # Errors
    /// If there are fewer vectors than codes, or a value is not finite.
    pub fn fit(
        levels: usize,
        codebook_size: u32,
        dim: usize,
        vectors: &[f64],
        iterations: usize,
        rng: &mut impl Rng,
    ) -> Result<Self, VqError> {
        let wanted = (codebook_size as usize).saturating_mul(dim);
        let whole = dim > 0 && vectors.len().is_multiple_of(dim);
        if !whole || wanted == 0 || vectors.len() < wanted {
            let found = vectors.len();
            return Err(VqError::Data { codebook_size, dim, found });
        }
        if let Some(place) = vectors.iter().position(|value| !value.is_finite()) {
            return Err(VqError::NotFinite { place });
        }
        let mut residuals = vectors.to_vec();
        let mut codes = Vec::with_capacity(levels * wanted);
        for _ in 0..levels {
            let book = k_means(&residuals, dim, codebook_size as usize, iterations, rng);
            for residual in residuals.chunks_exact_mut(dim) {
                let nearest = nearest(residual, &book, dim);
                let code = &book[nearest * dim..(nearest + 1) * dim];
                residual.iter_mut().zip(code).for_each(|(left, code)| *left -= code);
            }
            codes.extend(book);
        }
        Self::new(levels, codebook_size, dim, codes)
    }
}

/// Lloyd's algorithm. A centre that no vector is nearest to is put on a random vector, so that
/// no code stays dead while there is something to stand for.
fn k_means(
    vectors: &[f64],
    dim: usize,
    centres: usize,
    iterations: usize,
    rng: &mut impl Rng,
) -> Vec<f64> {
    let count = vectors.len() / dim;
    let vector = |i: usize| &vectors[i * dim..(i + 1) * dim];
    let mut book = spread(vectors, dim, centres, rng);
    let (mut sums, mut members) = (vec![0.0; book.len()], vec![0_u32; centres]);
    for _ in 0..iterations {
        sums.fill(0.0);
        members.fill(0);
        for i in 0..count {
            let nearest = nearest(vector(i), &book, dim);
            members[nearest] += 1;
            let sum = &mut sums[nearest * dim..(nearest + 1) * dim];
            sum.iter_mut().zip(vector(i)).for_each(|(sum, value)| *sum += value);
        }
        let centres = book.chunks_exact_mut(dim).zip(sums.chunks_exact(dim)).zip(&members);
        for ((centre, sum), members) in centres {
            if *members == 0 {
                centre.copy_from_slice(vector(rng.random_range(0..count)));
            } else {
                let share = 1.0 / f64::from(*members);
                centre.iter_mut().zip(sum).for_each(|(centre, sum)| *centre = sum * share);
            }
        }
    }
    book
}

/// Starting centres, each drawn with the odds of its squared distance to those already there
/// (k-means++, Arthur and Vassilvitskii 2007).
fn spread(vectors: &[f64], dim: usize, centres: usize, rng: &mut impl Rng) -> Vec<f64> {
    let count = vectors.len() / dim;
    let first = rng.random_range(0..count) * dim;
    let mut book = vectors[first..first + dim].to_vec();
    let mut squared = vec![f64::INFINITY; count];
    while book.len() < centres * dim {
        let newest = &book[book.len() - dim..];
        for (squared, vector) in squared.iter_mut().zip(vectors.chunks_exact(dim)) {
            *squared = squared.min(distance_squared(vector, newest));
        }
        let mut left = squared.iter().sum::<f64>() * rng.random::<f64>();
        let chosen = squared.iter().position(|squared| {
            left -= squared;
            left < 0.0
        });
        // Nothing chosen: every vector is a centre already.
        let chosen = chosen.unwrap_or_else(|| rng.random_range(0..count)) * dim;
        book.extend_from_slice(&vectors[chosen..chosen + dim]);
    }
    book
}

fn nearest(vector: &[f64], book: &[f64], dim: usize) -> usize {
    let (mut nearest, mut nearest_squared) = (0, f64::INFINITY);
    for (index, code) in book.chunks_exact(dim).enumerate() {
        let squared = distance_squared(vector, code);
        if squared < nearest_squared {
            (nearest, nearest_squared) = (index, squared);
        }
    }
    nearest
}
