//! E0 (arXiv 2511.21542): denoising one-hot vectors.

use candle_core::{Device, Tensor};
use rand_pcg::Pcg64Mcg;
use tandem_actions::{e0_noisy_one_hot, flow};
use tandem_bundle::{Choice, E0, Noise, Representation};
use tandem_inference::Weights;
use tandem_networks::{Architecture, TokensSeen, time_features};

use super::parallel::Parallel;
use super::{ConditionBatch, HeadSizes, Objective};
use crate::error::TrainError;
use crate::parameters::normal;

/// Steps, as released.
const STEPS: usize = 10;
/// E0 has 2048 bins of one range for all; here each number of a chunk has its own.
const BINS: u16 = 128;
/// Width of the time's features.
const TIME: usize = 16;
/// Ten steps over so many one-hot vectors take more than a slot of 200 Hz.
const RATE_HZ_MAX: u32 = 50;

/// The network learns to say the codes behind the noise.
pub(super) struct Denoise {
    codes: Parallel,
    tokens: usize,
}

impl Denoise {
    pub(super) fn new(sizes: &HeadSizes) -> Self {
        let codes = Parallel::new(sizes, BINS, TokensSeen::Noisy(TIME));
        Self { codes, tokens: sizes.shape.values() }
    }
}

impl Objective for Denoise {
    fn representation(&self) -> Representation {
        let (noise, choice) = (Noise::Held, Choice::Median);
        Representation::E0(E0 { steps: STEPS, bins: BINS, noise, choice })
    }

    fn networks(&self) -> Vec<(&'static str, Architecture)> {
        self.codes.networks.list()
    }

    fn rate_hz(&self, backbone_hz: u32) -> u32 {
        backbone_hz.min(RATE_HZ_MAX)
    }

    fn loss(
        &self,
        weights: &Weights,
        condition: &ConditionBatch,
        chunk: &Tensor,
        rng: &mut Pcg64Mcg,
    ) -> Result<Tensor, TrainError> {
        let targets = self.codes.encode(chunk)?;
        let width = self.codes.vocabulary() as usize;
        let mut noisy: Vec<f32> = (0..targets.len() * width).map(|_| normal(rng)).collect();
        let (samples, mut times) = (chunk.dim(0)?, Vec::new());
        let rows = noisy.chunks_exact_mut(self.tokens * width);
        for (row, codes) in rows.zip(targets.chunks_exact(self.tokens)) {
            let time = flow::training_time(rng);
            for (one_hot, &code) in row.chunks_exact_mut(width).zip(codes) {
                e0_noisy_one_hot(time, code, one_hot);
            }
            let mut features = [0.0; TIME];
            time_features(time, &mut features);
            times.extend(features);
        }
        let noisy = Tensor::from_vec(noisy, (samples, self.tokens * width), &Device::Cpu)?;
        let times = Tensor::from_vec(times, (samples, TIME), &Device::Cpu)?;
        let even = vec![1.0; targets.len()];
        self.codes.networks.loss(weights, condition, vec![noisy, times], targets, even)
    }
}
