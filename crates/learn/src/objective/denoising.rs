//! What flow matching and diffusion share in training.

use candle_core::{Device, Tensor};
use rand_pcg::Pcg64Mcg;
use tandem_inference::{CandleOps, Weights};
use tandem_networks::{Architecture, Context, Denoiser, time_features};

use super::{ConditionBatch, HeadSizes, only};
use crate::error::TrainError;
use crate::parameters::{normal, with_values};

/// Width of the time's features.
const TIME: usize = 32;

/// A context, and a network that takes noise away.
pub(super) struct Denoising {
    context: Architecture,
    denoiser: Architecture,
}

/// One noisy sample: how much of the chunk and how much of the noise there is at a time.
pub(super) struct Mixture {
    pub(super) time: f64,
    pub(super) signal: f64,
    pub(super) noise: f64,
}

impl Denoising {
    pub(super) fn new(sizes: &HeadSizes) -> Self {
        let HeadSizes { condition, shape, width } = *sizes;
        let context = Context { condition, hidden: vec![width, width / 2] };
        let denoiser = Denoiser {
            context: context.width(),
            values: shape.values(),
            time: TIME,
            hidden: vec![width, width, width],
        };
        let (context, denoiser) =
            (Architecture::Context(context), Architecture::Denoiser(denoiser));
        Self { context, denoiser }
    }

    pub(super) fn networks(&self) -> Vec<(&'static str, Architecture)> {
        vec![("context", self.context.clone()), ("denoiser", self.denoiser.clone())]
    }

    pub(super) fn context_width(&self) -> usize {
        self.context.signature().outputs.iter().map(|output| output.elements()).sum()
    }

    /// The context of a batch.
    pub(super) fn context(
        &self,
        weights: &Weights,
        condition: &ConditionBatch,
    ) -> Result<Tensor, TrainError> {
        let mut ops = CandleOps::under(weights, "context.");
        only(self.context.forward(&mut ops, &condition.inputs())?)
    }

    /// The mean squared error of the chunk that the network sees behind a mixture, drawn for each
    /// sample of the batch.
    pub(super) fn loss(
        &self,
        weights: &Weights,
        condition: &ConditionBatch,
        chunk: &Tensor,
        rng: &mut Pcg64Mcg,
        mut draw: impl FnMut(&mut Pcg64Mcg) -> Mixture,
    ) -> Result<Tensor, TrainError> {
        let (samples, values) = chunk.dims2()?;
        let (mut noisy, mut times) = (Vec::with_capacity(samples * values), Vec::new());
        with_values(chunk, |chunk| {
            for row in chunk.chunks_exact(values.max(1)) {
                let Mixture { time, signal, noise } = draw(rng);
                let (signal, noise) = (signal as f32, noise as f32);
                noisy.extend(row.iter().map(|value| signal * value + noise * normal(rng)));
                let mut features = [0.0; TIME];
                time_features(time, &mut features);
                times.extend(features);
            }
        })?;
        let noisy = Tensor::from_vec(noisy, (samples, values), &Device::Cpu)?;
        let times = Tensor::from_vec(times, (samples, TIME), &Device::Cpu)?;
        let context = self.context(weights, condition)?;
        let mut ops = CandleOps::under(weights, "denoiser.");
        let clean = only(self.denoiser.forward(&mut ops, &[context, noisy, times])?)?;
        Ok((clean - chunk)?.sqr()?.mean_all()?)
    }
}

/// Standard normal numbers in the shape of `like`.
pub(super) fn normal_like(like: &Tensor, rng: &mut Pcg64Mcg) -> Result<Tensor, TrainError> {
    let values: Vec<f32> = (0..like.elem_count()).map(|_| normal(rng)).collect();
    Ok(Tensor::from_vec(values, like.shape(), &Device::Cpu)?)
}
