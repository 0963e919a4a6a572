//! Samples from a dataset, drawn by the step's number.

use std::sync::Arc;

use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg64Mcg;
use tandem_system2::Tokenizer;

use crate::config::TrainConfig;
use crate::dataset::{Dataset, DatasetError, EpisodeIndex, Row};
use crate::picture::{Light, picture_with_light};
use crate::scale::Scales;

/// One batch, row-major, as plain numbers.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Batch {
    pub(crate) samples: usize,
    /// System 1's pictures, one tensor for each camera.
    pub(crate) pictures_now: Vec<Vec<f32>>,
    /// System 2's older pictures, one tensor for each camera.
    pub(crate) pictures_then: Vec<Vec<f32>>,
    /// The instruction's word ids.
    pub(crate) tokens: Vec<f32>,
    /// System 2's joints, rad.
    pub(crate) joints: Vec<f32>,
    /// System 1's scaled posture.
    pub(crate) posture: Vec<f32>,
    /// The expert's scaled chunk.
    pub(crate) chunk: Vec<f32>,
    /// The named object's scaled position when System 2 looked.
    pub(crate) place: Vec<f32>,
    /// Progress when System 2 looked.
    pub(crate) progress: Vec<f32>,
    /// All objects' positions when System 2 looked, m, and which of them is named.
    pub(crate) scenes: Vec<(Vec<[f32; 3]>, usize)>,
}

/// Draws batches. A batch is a pure function of the run's seed and a number, so that an
/// interrupted run goes on exactly where it stopped.
#[derive(Clone)]
pub(crate) struct Batcher {
    dataset: Arc<Dataset>,
    config: Arc<TrainConfig>,
    scales: Arc<Scales>,
    words: Arc<Vec<EpisodeWords>>,
    episodes: Arc<Vec<usize>>,
    augment: bool,
}

/// The tokens of each instruction of each object of an episode.
type EpisodeWords = Vec<Vec<Vec<u16>>>;

impl Batcher {
    /// A source of batches from these episodes of the dataset.
    pub(crate) fn new(
        dataset: Arc<Dataset>,
        config: Arc<TrainConfig>,
        scales: Arc<Scales>,
        tokenizer: &Tokenizer,
        episodes: Vec<usize>,
        augment: bool,
    ) -> Self {
        let encode = |text: &String| tokenizer.encode(text).ids;
        let words = dataset.episodes().iter().map(|episode| {
            let objects = episode.objects.iter();
            objects.map(|object| object.instructions.iter().map(encode).collect()).collect()
        });
        let words = Arc::new(words.collect());
        Self { dataset, config, scales, words, episodes: Arc::new(episodes), augment }
    }

    /// Batch number `number`.
    pub(crate) fn batch(&self, number: u64) -> Result<Batch, DatasetError> {
        // An odd multiplier spreads neighbouring numbers over the seeds (Knuth's 64-bit one).
        let seed =
            self.config.seed ^ number.wrapping_add(1).wrapping_mul(6_364_136_223_846_793_005);
        let mut rng = Pcg64Mcg::seed_from_u64(seed);
        let cameras = self.dataset.sizes().cameras.len();
        let mut batch = Batch {
            samples: self.config.batch,
            pictures_now: vec![Vec::new(); cameras],
            pictures_then: vec![Vec::new(); cameras],
            ..Batch::default()
        };
        for _ in 0..self.config.batch {
            let sample = self.draw(&mut rng)?;
            self.push(&sample, &mut rng, &mut batch)?;
        }
        Ok(batch)
    }

    fn draw(&self, rng: &mut Pcg64Mcg) -> Result<Sample, DatasetError> {
        let none = DatasetError::TooSmall { episodes: 0, needed: 1 };
        if self.episodes.is_empty() {
            return Err(none);
        }
        let episode = self.episodes.get(rng.random_range(0..self.episodes.len()));
        let (index, words) = episode
            .and_then(|&at| Some((self.dataset.episodes().get(at)?, self.words.get(at)?)))
            .ok_or(none)?;
        // The lag first: drawn after the moment, the early moments would make short lags common.
        let last = index.moments.saturating_sub(1);
        let lag = rng.random_range(0..=self.lag_moments_max().min(last));
        let now = rng.random_range(lag..=last);
        let then = now - lag;
        let object = self.target(index, words, rng);
        let instructions = words.get(object).map_or(&[][..], Vec::as_slice);
        let tokens = match instructions.len() {
            0 => Vec::new(),
            n => instructions.get(rng.random_range(0..n)).cloned().unwrap_or_default(),
        };
        let objects = index.objects.len();
        Ok(Sample { now: index.first + now, then: index.first + then, object, objects, tokens })
    }

    fn lag_moments_max(&self) -> usize {
        let period = self.dataset.sizes().moment_period_ms.max(1);
        usize::try_from(self.config.latent_age_ms_max / period).unwrap_or(0)
    }

    /// The object to name: the one the expert went to, or any that can be named.
    fn target(&self, index: &EpisodeIndex, words: &EpisodeWords, rng: &mut Pcg64Mcg) -> usize {
        if rng.random::<f32>() < self.config.executed_target_share {
            return index.target;
        }
        let can_be_named = |&at: &usize| words.get(at).is_some_and(|texts| !texts.is_empty());
        let objects: Vec<_> = (0..index.objects.len()).filter(can_be_named).collect();
        match objects.len() {
            0 => index.target,
            n => objects.get(rng.random_range(0..n)).copied().unwrap_or(index.target),
        }
    }

    fn push(
        &self,
        sample: &Sample,
        rng: &mut Pcg64Mcg,
        batch: &mut Batch,
    ) -> Result<(), DatasetError> {
        let outside = || DatasetError::TooSmall { episodes: 0, needed: 1 };
        let rows = self.dataset.rows();
        let now = rows.get(sample.now).ok_or_else(outside)?;
        let then = rows.get(sample.then).ok_or_else(outside)?;
        let sizes = self.dataset.sizes();
        let mut bytes = vec![0; sizes.frame_bytes()];
        for (moment, pictures) in
            [(sample.now, &mut batch.pictures_now), (sample.then, &mut batch.pictures_then)]
        {
            for (camera, picture) in sizes.cameras.iter().zip(pictures) {
                self.dataset.frame(moment, camera, &mut bytes)?;
                let light = if self.augment {
                    Light::draw(&self.config.augmentation, rng)
                } else {
                    Light::UNCHANGED
                };
                picture_with_light(&bytes, light, picture);
            }
        }
        let Sample { now: moment, object, .. } = *sample;
        let scale = &self.scales.action_rad;
        let chunk = scaled_chunk(&self.dataset, &self.config, scale, moment, object)?;
        batch.chunk.extend(chunk);
        self.push_numbers(sample, now, then, batch);
        Ok(())
    }

    fn push_numbers(&self, sample: &Sample, now: &Row, then: &Row, batch: &mut Batch) {
        let tokens_max = self.config.system2.tokens_max;
        let tokens = sample.tokens.iter().map(|&id| f32::from(id));
        batch.tokens.extend(tokens.chain(core::iter::repeat(0.0)).take(tokens_max));
        batch.joints.extend(&then.q);
        batch.posture.extend(self.scales.posture(now));
        let place = then.objects.get(sample.object).copied().unwrap_or_default();
        batch.place.extend(self.scales.place(place));
        batch.progress.push(then.progress.get(sample.object).copied().unwrap_or(0.0));
        let objects = then.objects.iter().copied().take(sample.objects).collect();
        batch.scenes.push((objects, sample.object));
    }
}

/// The expert's way to `object` at `moment` as System 1 is to say it: the offsets from the command
/// at the policy's own steps, in units of `action_rad`.
pub(crate) fn scaled_chunk(
    dataset: &Dataset,
    config: &TrainConfig,
    action_rad: &[f64],
    moment: usize,
    object: usize,
) -> Result<Vec<f32>, DatasetError> {
    let sizes = dataset.sizes();
    let dof = sizes.dof();
    let stride = path_stride(config, sizes.path_step_ms);
    let mut path = vec![0.0; config.horizon * stride * dof];
    dataset.path(moment, object, &mut path)?;
    let steps = path.chunks_exact(dof.max(1)).skip(stride - 1).step_by(stride);
    let scale = |step: &[f32]| {
        let pairs = step.iter().zip(action_rad);
        pairs.map(|(&offset, &scale)| (f64::from(offset) / scale) as f32).collect::<Vec<_>>()
    };
    Ok(steps.flat_map(scale).collect())
}

/// Path steps of the dataset in one step of the policy.
pub(crate) fn path_stride(config: &TrainConfig, path_step_ms: u32) -> usize {
    usize::try_from(config.step_period_ms / path_step_ms.max(1)).unwrap_or(1).max(1)
}

/// What a sample is made of.
struct Sample {
    /// System 1's moment.
    now: usize,
    /// System 2's moment.
    then: usize,
    /// The named object.
    object: usize,
    /// Objects on the table.
    objects: usize,
    tokens: Vec<u16>,
}
