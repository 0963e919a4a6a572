//! The linear autoencoder that nested dropout finds: principal components, the strongest first
//! (Rippel et al. 2014).

use nalgebra::{DMatrix, SymmetricEigen};

use super::Autoencoder;
use crate::representation::check_chunk;
use crate::{ChunkShape, EncodeError, Fsq};

/// Chunks as their strongest components around the mean. It needs no training but an eigenvalue
/// problem, so it is OAT's tokenizer where there is no network, and the floor for one with.
///
/// The quantiser squeezes latents with tanh before it rounds; each component is scaled for that,
/// and each level decodes to the mean of the training components that fell on it.
#[derive(Clone, Debug)]
pub struct Principal {
    shape: ChunkShape,
    fsq: Fsq,
    mean: Vec<f64>,
    /// Unit vectors in chunk space, one after the other.
    components: Vec<f64>,
    /// Standard deviation of each component over the training chunks.
    deviations: Vec<f64>,
    /// Each component's value for each level, all components one after the other.
    values: Vec<f64>,
    /// Where each component's values begin.
    starts: Vec<usize>,
}

/// Why no components were found.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum PrincipalError {
    /// Nothing to learn from.
    #[error("no chunks to find components of")]
    Empty,
    /// More components than a chunk has values, or a chunk too large for its covariance.
    #[error("{components} components of {values} values: at most as many, and 2048 values")]
    Size {
        /// Components asked for.
        components: usize,
        /// Values of a chunk.
        values: usize,
    },
    /// A chunk that cannot be used.
    #[error("chunk {place}: {error}")]
    Chunk {
        /// Which one.
        place: usize,
        /// What is wrong with it.
        error: EncodeError,
    },
}

impl Principal {
    /// Finds the components of normalised chunks for `registers` tokens of a quantiser.
    ///
    /// # Errors
    /// If there are no chunks, one cannot be used, or there are more components than values.
    pub fn fit(
        shape: ChunkShape,
        fsq: &Fsq,
        registers: usize,
        chunks: &[&[f64]],
    ) -> Result<Self, PrincipalError> {
        let (count, values) = (registers.saturating_mul(fsq.dims()), shape.values());
        if count > values || values > 2048 {
            return Err(PrincipalError::Size { components: count, values });
        }
        if chunks.is_empty() {
            return Err(PrincipalError::Empty);
        }
        for (place, chunk) in chunks.iter().enumerate() {
            check_chunk(shape, chunk).map_err(|error| PrincipalError::Chunk { place, error })?;
        }
        let data = DMatrix::from_fn(chunks.len(), values, |row, column| chunks[row][column]);
        let mean = data.row_mean();
        let centred = DMatrix::from_fn(chunks.len(), values, |r, c| data[(r, c)] - mean[c]);
        let covariance = centred.tr_mul(&centred) / chunks.len() as f64;
        let eigen = SymmetricEigen::new(covariance);
        let mut order: Vec<usize> = (0..values).collect();
        order.sort_by(|a, b| eigen.eigenvalues[*b].total_cmp(&eigen.eigenvalues[*a]));
        order.truncate(count);
        let mut principal = Self {
            shape,
            fsq: fsq.clone(),
            mean: mean.iter().copied().collect(),
            components: order
                .iter()
                .flat_map(|index| {
                    eigen.eigenvectors.column(*index).iter().copied().collect::<Vec<_>>()
                })
                .collect(),
            // A component without spread says nothing; any scale will do.
            deviations: order.iter().map(|i| eigen.eigenvalues[*i].max(1e-18).sqrt()).collect(),
            values: Vec::new(),
            starts: Vec::new(),
        };
        principal.fit_values(chunks);
        Ok(principal)
    }

    /// The mean chunk.
    #[must_use]
    pub fn mean(&self) -> &[f64] {
        &self.mean
    }

    /// The components, the strongest first: each one's unit vector in chunk space, and its standard
    /// deviation over the training chunks.
    pub fn components(&self) -> impl Iterator<Item = (&[f64], f64)> {
        let units = self.components.chunks_exact(self.shape.values());
        units.zip(self.deviations.iter().copied())
    }

    /// The mean of the components that fell on each level; of levels that none fell on, zero, the
    /// mean of all: nothing is known of them.
    fn fit_values(&mut self, chunks: &[&[f64]]) {
        let per_component = self.fsq.level_counts().cycle().take(self.deviations.len());
        for levels in per_component {
            self.starts.push(self.values.len());
            self.values.resize(self.values.len() + levels as usize, 0.0);
        }
        let mut members = vec![0_u32; self.values.len()];
        let mut latents = vec![0.0; self.deviations.len()];
        for chunk in chunks {
            self.encode(chunk, &mut latents);
            for (place, z) in latents.iter().enumerate() {
                let level = self.fsq.level(place % self.fsq.dims(), *z);
                let value = self.starts[place] + level as usize;
                self.values[value] += z * self.deviations[place];
                members[value] += 1;
            }
        }
        for (value, members) in self.values.iter_mut().zip(members) {
            *value /= f64::from(members.max(1));
        }
    }
}

impl Autoencoder for Principal {
    fn shape(&self) -> ChunkShape {
        self.shape
    }

    fn registers(&self) -> usize {
        self.deviations.len() / self.fsq.dims()
    }

    fn register_dims(&self) -> usize {
        self.fsq.dims()
    }

    fn encode(&mut self, chunk: &[f64], latents: &mut [f64]) {
        let components = self.components.chunks_exact(self.shape.values());
        for ((latent, component), deviation) in
            latents.iter_mut().zip(components).zip(&self.deviations)
        {
            let along: f64 = chunk
                .iter()
                .zip(&self.mean)
                .zip(component)
                .map(|((value, mean), unit)| (value - mean) * unit)
                .sum();
            *latent = along / deviation;
        }
    }

    fn decode(&mut self, codes: &[f64], kept: usize, chunk: &mut [f64]) {
        chunk.copy_from_slice(&self.mean);
        let components = self.components.chunks_exact(self.shape.values());
        let known = kept * self.fsq.dims();
        for (place, (code, component)) in codes.iter().zip(components).take(known).enumerate() {
            let level = self.fsq.level_of_code(place % self.fsq.dims(), *code);
            let along = self.values[self.starts[place] + level as usize];
            chunk.iter_mut().zip(component).for_each(|(value, unit)| *value += along * unit);
        }
    }
}
