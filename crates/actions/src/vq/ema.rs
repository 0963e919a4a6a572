//! Codebooks that follow an encoder under training.

use super::ResidualVq;

/// Codebooks whose codes are running means of the vectors that fell on them (van den Oord et al.
/// 2017, appendix A.1), one residual level after the other.
///
/// A code's count is smoothed (Laplace) before it divides, so that one that nothing falls on any
/// more fades and does not blow up.
#[derive(Clone, Debug)]
pub struct EmaCodebooks {
    vq: ResidualVq,
    decay: f64,
    /// Running counts, `[levels][codebook_size]`.
    counts: Vec<f64>,
    /// Running sums, `[levels][codebook_size][dim]`.
    sums: Vec<f64>,
}

/// Added to every count; the value of VQ-BeT and VQ-VLA.
const EPSILON: f64 = 1e-5;

impl EmaCodebooks {
    /// VQ-BeT's and VQ-VLA's decay.
    pub const DECAY: f64 = 0.8;

    /// Starts from codebooks, mostly those of k-means, with one member to each code.
    #[must_use]
    pub fn new(vq: ResidualVq, decay: f64) -> Self {
        let counts = vec![1.0; vq.levels * vq.codebook_size as usize];
        let sums = vq.codes.clone();
        Self { vq, decay: decay.clamp(0.0, 1.0), counts, sums }
    }

    /// The codebooks as they are now.
    #[must_use]
    pub const fn vq(&self) -> &ResidualVq {
        &self.vq
    }

    /// Moves the codes towards the vectors, one after the other in `vectors`, that fall on them. A
    /// vector with a value that is not finite is passed over.
    pub fn update(&mut self, vectors: &[f64]) {
        let (levels, dim) = (self.vq.levels, self.vq.dim);
        let size = self.vq.codebook_size as usize;
        let (mut members, mut totals) = (vec![0.0; self.counts.len()], vec![0.0; self.sums.len()]);
        let mut chosen = vec![0; levels];
        let mut residual = vec![0.0; dim];
        for vector in vectors.chunks_exact(dim).filter(|v| v.iter().all(|x| x.is_finite())) {
            residual.copy_from_slice(vector);
            self.vq.encode_into(&mut residual, &mut chosen);
            residual.copy_from_slice(vector);
            for (level, code) in chosen.iter().enumerate() {
                let place = level * size + *code as usize;
                members[place] += 1.0;
                let total = &mut totals[place * dim..(place + 1) * dim];
                let code = &self.vq.codes[place * dim..(place + 1) * dim];
                for ((left, total), code) in residual.iter_mut().zip(total).zip(code) {
                    *total += *left;
                    *left -= code;
                }
            }
        }
        let follow = |mean: &mut f64, new: f64| *mean += (1.0 - self.decay) * (new - *mean);
        self.counts.iter_mut().zip(&members).for_each(|(count, new)| follow(count, *new));
        self.sums.iter_mut().zip(&totals).for_each(|(sum, new)| follow(sum, *new));
        self.settle(size, dim);
    }

    /// Codes from counts and sums.
    fn settle(&mut self, size: usize, dim: usize) {
        let books = self.vq.codes.chunks_exact_mut(size * dim);
        let memory = self.counts.chunks_exact(size).zip(self.sums.chunks_exact(size * dim));
        for (book, (counts, sums)) in books.zip(memory) {
            let total: f64 = counts.iter().sum();
            for ((code, sum), count) in
                book.chunks_exact_mut(dim).zip(sums.chunks_exact(dim)).zip(counts)
            {
                let smoothed = (count + EPSILON) / (total + size as f64 * EPSILON) * total;
                if smoothed > 0.0 {
                    code.iter_mut().zip(sum).for_each(|(code, sum)| *code = sum / smoothed);
                }
            }
        }
    }
}
