//! HybridVLA (arXiv 2503.10631): diffusion and a network that says the chunk token by token, behind
//! one context.

use candle_core::{Device, Tensor};
use rand::RngExt as _;
use rand_pcg::Pcg64Mcg;
use tandem_actions::{Bins as _, OpenVlaBins};
use tandem_bundle::{Choice, Hybrid, Noise, Representation};
use tandem_inference::{CandleOps, Weights};
use tandem_networks::{Architecture, Next};

use super::cross_entropy::cross_entropy;
use super::diffusion::{Denoise, TRAINING_STEPS};
use super::{ConditionBatch, HeadSizes, Objective, only};
use crate::error::TrainError;
use crate::parameters::with_values;

/// DDIM steps, as many as diffusion takes alone. With the published four, the arm arrived in 27 scenes
/// of 40, with ten in 34 (gate closed, noise held).
const STEPS: usize = 10;
/// A quarter of OpenVLA's: each number of a chunk has a range of its own here.
const BINS: u16 = 64;
/// The mean probability of a token from which the spoken chunk counts, as published.
const CONFIDENCE_MIN: f64 = 0.96;
/// Width of a token's embedding.
const EMBEDDING: usize = 16;
/// Rows of a chunk that a token looks back over: two say a speed.
const WINDOW_ROWS: usize = 2;
/// Places of each chunk that one step learns from. What is left out today is drawn tomorrow.
const PLACES: usize = 8;
/// As many evaluations as a chunk has numbers take more than a slot of 200 Hz.
const RATE_HZ_MAX: u32 = 100;

/// The sum of both losses, unweighted, as released.
pub(super) struct HybridObjective {
    diffusion: Denoise,
    next: Architecture,
    bins: OpenVlaBins,
    window: usize,
}

impl HybridObjective {
    pub(super) fn new(sizes: &HeadSizes) -> Result<Self, TrainError> {
        let (shape, width) = (sizes.shape, sizes.width);
        let (bins, window) = (OpenVlaBins::new(BINS), WINDOW_ROWS * shape.dims());
        let diffusion = Denoise::new(sizes)?;
        let next = Architecture::Next(Next {
            context: diffusion.context_width(),
            window,
            vocabulary: BINS.into(),
            places: shape.values(),
            embedding: EMBEDDING,
            hidden: vec![width / 2, width / 2],
        });
        Ok(Self { diffusion, next, bins, window })
    }

    /// The cross-entropy of the next token at a few places of each chunk.
    fn spoken(
        &self,
        weights: &Weights,
        condition: &ConditionBatch,
        chunk: &Tensor,
        rng: &mut Pcg64Mcg,
    ) -> Result<Tensor, TrainError> {
        let (_, values) = chunk.dims2()?;
        let code = |&value: &f32| self.bins.id(0, f64::from(value));
        let codes: Vec<u32> = with_values(chunk, |values| values.iter().map(code).collect())?;
        let (mut samples, mut windows) = (Vec::new(), Vec::new());
        let (mut places, mut wanted) = (Vec::new(), Vec::new());
        for (sample, codes) in (0_u32..).zip(codes.chunks_exact(values.max(1))) {
            for _ in 0..PLACES {
                let place = rng.random_range(0..codes.len());
                let before = codes.iter().take(place).rev().map(|&code| code as f32);
                let nothing = core::iter::repeat(f32::from(BINS));
                windows.extend(before.chain(nothing).take(self.window));
                samples.push(sample);
                places.push(place as f32);
                wanted.extend(codes.get(place));
            }
        }
        let rows = samples.len();
        let context = self.diffusion.context(weights, condition)?;
        let context = context.index_select(&Tensor::from_vec(samples, rows, &Device::Cpu)?, 0)?;
        let window = Tensor::from_vec(windows, (rows, self.window), &Device::Cpu)?;
        let places = Tensor::from_vec(places, (rows, 1), &Device::Cpu)?;
        let mut ops = CandleOps::under(weights, "next.");
        let logits = only(self.next.forward(&mut ops, &[context, window, places])?)?;
        Ok(cross_entropy(&logits, wanted, vec![1.0; rows])?)
    }
}

impl Objective for HybridObjective {
    fn representation(&self) -> Representation {
        Representation::Hybrid(Hybrid {
            steps: STEPS,
            training_steps: TRAINING_STEPS,
            noise: Noise::Fresh,
            bins: BINS,
            confidence_min: CONFIDENCE_MIN,
            choice: Choice::Likeliest,
        })
    }

    fn networks(&self) -> Vec<(&'static str, Architecture)> {
        let mut networks = self.diffusion.networks();
        networks.push(("next", self.next.clone()));
        networks
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
        let denoised = self.diffusion.loss(weights, condition, chunk, rng)?;
        let spoken = self.spoken(weights, condition, chunk, rng)?;
        Ok((denoised + spoken)?)
    }
}
