//! OAT's autoencoder, trained from the paper's description.

use tandem_actions::{ChunkShape, Fsq, NestedDropout, Principal};

use super::autoencoder::{AutoencoderConfig, Straight, TrainedAutoencoder, Trainer, singles};
use super::straight_through::Quantise;
use crate::TrainError;

/// How much a code of one is worth in standard deviations of a normal latent: the regression of
/// `z` on `tanh z`, which is about what the quantiser does, `E[z tanh z] / E[tanh^2 z]`.
const DEVIATIONS_PER_CODE: f64 = 1.54;

/// Trains encoder and decoder of an [`Oat`](tandem_actions::Oat) on scaled chunks.
///
/// Each step keeps some of the registers and asks for the whole chunk, so the first registers learn
/// to say what matters most. The loss is the logarithm of the mean square error: it asks for the
/// same relative gain from every number of registers, where the square error itself would hear of
/// the shortest prefix alone, whose errors are a thousand times as large.
///
/// It starts from the linear tokenizer of [`Principal`], which is optimal among its like.
///
/// # Errors
/// If there are no chunks, or too few values in one for the registers.
pub fn fit_oat(
    shape: ChunkShape,
    chunks: &[&[f64]],
    fsq: &Fsq,
    registers: usize,
    dropout: NestedDropout,
    config: &AutoencoderConfig,
) -> Result<TrainedAutoencoder, TrainError> {
    let principal = Principal::fit(shape, fsq, registers, chunks)?;
    let straight = straight(&principal, fsq.dims(), shape.values());
    let mut trainer = Trainer::new(config, shape, registers, &straight, chunks)?;
    for _ in 0..config.steps {
        let kept = dropout.kept(&mut trainer.rng, registers);
        let chunk = trainer.batch()?;
        let weights = trainer.weights();
        let latents = trainer.encode(&weights, &chunk)?;
        let quantise = Quantise { fsq: fsq.clone(), kept, registers };
        let codes = latents.contiguous()?.apply_op1(quantise)?;
        let decoded = trainer.decode(&weights, &codes)?;
        let loss = (decoded - chunk)?.sqr()?.mean_all()?.log()?;
        trainer.step(&loss)?;
    }
    trainer.finish()
}

/// The linear tokenizer's weights; behind each register's columns stands one for its mark.
fn straight(principal: &Principal, dims: usize, values: usize) -> Straight {
    let (mut encode, mut encode_bias, mut columns) = (Vec::new(), Vec::new(), Vec::new());
    for (place, (unit, deviation)) in principal.components().enumerate() {
        let mean: f64 = unit.iter().zip(principal.mean()).map(|(unit, mean)| unit * mean).sum();
        encode.extend(unit.iter().map(|unit| (unit / deviation) as f32));
        encode_bias.push((-mean / deviation) as f32);
        let scale = DEVIATIONS_PER_CODE * deviation;
        columns.push(unit.iter().map(|unit| (scale * unit) as f32).collect::<Vec<_>>());
        if (place + 1) % dims == 0 {
            columns.push(vec![0.0; values]);
        }
    }
    let row = |value: usize| columns.iter().map(move |column| column[value]);
    let decode = (0..values).flat_map(row).collect();
    Straight { encode, encode_bias, decode, mean: singles(principal.mean()).collect() }
}
