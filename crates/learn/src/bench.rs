//! How long a training step takes.

use candle_core::{Device, Tensor};
use rand::SeedableRng as _;
use rand_pcg::Pcg64Mcg;
use tandem_inference::{
    BENCH_EXTRA, BENCH_OUTPUTS, BENCH_PICTURE_PX, CandleOps, Weights, bench_network,
    bench_parameters,
};
use tandem_realtime::{Clock, Histogram};

use crate::error::TrainError;
use crate::optimiser::{AdamW, AdamWConfig};
use crate::parameters::{Parameters, normal};

/// Samples in the batch that is timed.
pub const BENCH_BATCH: usize = 64;
/// Steps before the first that is timed: memory and caches fill.
const WARM_UP_STEPS: usize = 3;

/// Times `steps` whole training steps (forward, backward, AdamW) of
/// [`bench_network`](tandem_inference::bench_network) on one fixed random batch.
///
/// # Errors
/// If a tensor operation fails.
pub fn bench_train(clock: &dyn Clock, steps: usize) -> Result<Histogram, TrainError> {
    let mut rng = Pcg64Mcg::seed_from_u64(1);
    let mut random = |shape: &[usize]| {
        let values: Vec<f32> = (0..shape.iter().product()).map(|_| normal(&mut rng)).collect();
        Tensor::from_vec(values, shape, &Device::Cpu)
    };
    let picture = random(&[BENCH_BATCH, 3, BENCH_PICTURE_PX, BENCH_PICTURE_PX])?;
    let extra = random(&[BENCH_BATCH, BENCH_EXTRA])?;
    let wanted = random(&[BENCH_BATCH, BENCH_OUTPUTS])?;
    let mut parameters = Parameters::default();
    parameters.add("bench", &bench_parameters()?, 2)?;
    let mut optimiser = AdamW::new(&parameters, AdamWConfig::USUAL)?;
    let mut histogram = Histogram::new();
    for step in 0..WARM_UP_STEPS + steps {
        let start = clock.now();
        let weights: Weights = parameters.network("bench").into_iter().collect();
        let said = bench_network(&mut CandleOps::new(&weights), &picture, &extra)?;
        let loss = (said - &wanted)?.sqr()?.mean_all()?;
        let gradients = loss.backward()?;
        optimiser.step(&gradients, 1e-4)?;
        if step >= WARM_UP_STEPS {
            histogram.record(start.age_at(clock.now()));
        }
    }
    Ok(histogram)
}
