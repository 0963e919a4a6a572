//! Masked discrete diffusion (Discrete Diffusion VLA, arXiv 2508.20072).

use candle_core::{Device, Tensor};
use rand::RngExt as _;
use rand::seq::SliceRandom as _;
use rand_pcg::Pcg64Mcg;
use tandem_actions::RevealSchedule;
use tandem_bundle::{Choice, DiscreteDiffusion, Representation};
use tandem_inference::Weights;
use tandem_networks::{Architecture, TokensSeen};

use super::parallel::Parallel;
use super::{ConditionBatch, HeadSizes, Objective};
use crate::error::TrainError;

/// Rounds, as published.
const ROUNDS: usize = 12;
/// Half as many bins as published: each number of a chunk has a range of its own here.
const BINS: u16 = 128;
/// Where a kept code is taken back. The published thresholds are not known; neighbouring bins share
/// what is likely among them, so that these are low.
const REMASK: (f64, f64) = (0.0, 0.05);
/// Twelve rounds take more than a slot of 200 Hz.
const RATE_HZ_MAX: u32 = 100;

/// The network learns to say the codes that were masked from those that were not.
pub(super) struct Unmask {
    codes: Parallel,
    tokens: usize,
}

impl Unmask {
    pub(super) fn new(sizes: &HeadSizes) -> Self {
        let codes = Parallel::new(sizes, BINS, TokensSeen::Masked);
        Self { codes, tokens: sizes.shape.values() }
    }
}

impl Objective for Unmask {
    fn representation(&self) -> Representation {
        let (remask_first, remask_last) = REMASK;
        let (rounds, bins) = (ROUNDS, BINS);
        let choice = Choice::Median;
        let parameters = DiscreteDiffusion { rounds, bins, remask_first, remask_last, choice };
        Representation::DiscreteDiffusion(parameters)
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
        let mut seen: Vec<f32> = targets.iter().map(|&code| code as f32).collect();
        let mut masked = vec![0.0; seen.len()];
        let mask = self.codes.vocabulary() as f32;
        let mut places: Vec<usize> = (0..self.tokens).collect();
        let rows = seen.chunks_exact_mut(self.tokens).zip(masked.chunks_exact_mut(self.tokens));
        for (seen, masked) in rows {
            let count = RevealSchedule::Cosine.masked_in_training(self.tokens, rng.random());
            let (chosen, _) = places.partial_shuffle(rng, count);
            for &mut place in chosen {
                (seen[place], masked[place]) = (mask, 1.0);
            }
        }
        let seen = Tensor::from_vec(seen, chunk.shape(), &Device::Cpu)?;
        self.codes.networks.loss(weights, condition, vec![seen], targets, masked)
    }
}
