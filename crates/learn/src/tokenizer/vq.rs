//! The autoencoders of VQ-VLA and VQ-BeT, trained with codebooks that follow them.

use candle_core::{Device, Tensor};
use tandem_actions::{ChunkShape, EmaCodebooks, ResidualVq};

use super::autoencoder::{AutoencoderConfig, Straight, TrainedAutoencoder, Trainer};
use crate::TrainError;
use crate::parameters::with_values;

/// Weight of the distance between latents and their codes.
const COMMITMENT: f64 = 1.0;
/// Rounds of k-means before the first step; VQ-VLA has ten.
const ROUNDS: usize = 10;
/// Vectors for k-means, at most.
const VECTORS_MAX: usize = 16_384;

/// The codebooks of a residual quantiser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VqSizes {
    /// Steps that one register stands for; a chunk's steps are a multiple of it.
    pub group_steps: usize,
    /// Codebooks, each on what the ones before leave.
    pub levels: usize,
    /// Codes in each.
    pub codes: u32,
}

/// Trains encoder, codebooks and decoder of a [`VqLatent`](tandem_actions::VqLatent) on scaled
/// chunks.
///
/// A register's latent has as many values as the steps it stands for have actions, and at first it
/// is those actions: training starts from k-means on the actions themselves and moves on from
/// there. Codes are running means of the latents that fall on them; the gradient of the decoder's
/// input passes to the encoder straight through the quantiser.
///
/// # Errors
/// If the chunk does not fall into such groups, or there are fewer of them than codes.
pub fn fit_vq(
    shape: ChunkShape,
    chunks: &[&[f64]],
    sizes: VqSizes,
    config: &AutoencoderConfig,
) -> Result<(TrainedAutoencoder, ResidualVq), TrainError> {
    let VqSizes { group_steps, levels, codes } = sizes;
    let dim = group_steps * shape.dims();
    let registers = shape.steps().checked_div(group_steps).unwrap_or(0);
    if registers * dim != shape.values() {
        return Err(tandem_actions::VqError::Group { steps: shape.steps(), group_steps }.into());
    }
    let straight = identity(shape.values());
    let mut trainer = Trainer::new(config, shape, registers, &straight, chunks)?;
    let every = (chunks.len() * registers).div_ceil(VECTORS_MAX).max(1);
    let vectors: Vec<f64> =
        chunks.iter().step_by(every).flat_map(|chunk| chunk.iter().copied()).collect();
    let vq = ResidualVq::fit(levels, codes, dim, &vectors, ROUNDS, &mut trainer.rng)?;
    let mut books = EmaCodebooks::new(vq, EmaCodebooks::DECAY);
    for _ in 0..config.steps {
        let chunk = trainer.batch()?;
        let weights = trainer.weights();
        let latents = trainer.encode(&weights, &chunk)?;
        let values: Vec<f64> =
            with_values(&latents, |z| z.iter().copied().map(f64::from).collect())?;
        let quantised = nearest(books.vq(), &values);
        let quantised = Tensor::from_vec(quantised, latents.shape(), &Device::Cpu)?;
        let away = (&quantised - &latents)?;
        let passed = (&latents + away.detach())?;
        let decoded = trainer.decode(&weights, &passed)?;
        let error = (decoded - chunk)?.sqr()?.mean_all()?;
        let commitment = (away.sqr()?.mean_all()? * COMMITMENT)?;
        trainer.step(&(error + commitment)?)?;
        books.update(&values);
    }
    // The averaged encoder is the last one but for the steps of a learning rate that has faded.
    Ok((trainer.finish()?, books.vq().clone()))
}

/// What the codes of each vector add up to.
fn nearest(vq: &ResidualVq, vectors: &[f64]) -> Vec<f32> {
    let mut codes = vec![0; vq.levels()];
    let mut residual = vec![0.0; vq.dim()];
    let mut out = Vec::with_capacity(vectors.len());
    for vector in vectors.chunks_exact(vq.dim()) {
        residual.copy_from_slice(vector);
        vq.encode_into(&mut residual, &mut codes);
        out.extend(vector.iter().zip(&residual).map(|(value, left)| (value - left) as f32));
    }
    out
}

fn identity(values: usize) -> Straight {
    let one = |at: usize| if at / values == at % values { 1.0 } else { 0.0 };
    let matrix: Vec<f32> = (0..values * values).map(one).collect();
    let zeros = vec![0.0; values];
    Straight { encode: matrix.clone(), encode_bias: zeros.clone(), decode: matrix, mean: zeros }
}
