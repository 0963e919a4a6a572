//! The settings of a training run.

use serde::{Deserialize, Serialize};
use tandem_networks::{Architecture, System1Encoder, System1Head, System2, Tower, TowerLayer};

use crate::dataset::Sizes;
use crate::optimiser::AdamWConfig;
use crate::schedule::Schedule;

/// Everything a training run depends on but the data. Equal settings and data give equal weights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainConfig {
    /// The System 1 bundle's name, and its folder's.
    pub system1_name: String,
    /// The System 2 bundle's name, and its folder's; a run against a frozen System 2 ignores it.
    pub system2_name: String,
    /// Seed of weights, batches and augmentation.
    pub seed: u64,
    /// Optimiser steps.
    pub steps: u64,
    /// Samples in a batch.
    pub batch: usize,
    /// Steps of an action chunk.
    pub horizon: usize,
    /// Time between two steps of a chunk, ms; a multiple of the dataset's.
    pub step_period_ms: u32,
    /// How much older System 2's pictures may be than System 1's, ms: the temporal offset of
    /// Helix (Figure, 2025), drawn anew for each sample. Rounded to the dataset's moments.
    pub latent_age_ms_max: u32,
    /// In this share of the samples the instruction names the object the expert really went to;
    /// in the others it names any object on the table.
    pub executed_target_share: f32,
    /// Learning rate.
    pub schedule: Schedule,
    /// Optimiser.
    pub optimiser: AdamWConfig,
    /// Weights of the losses.
    pub losses: LossConfig,
    /// Changes to the pictures.
    pub augmentation: Augmentation,
    /// Measurements on episodes that are not trained on.
    pub validation: Validation,
    /// Steps between two checkpoints.
    pub checkpoint_every: u64,
    /// Sizes of System 1.
    pub system1: System1Config,
    /// Sizes of System 2.
    pub system2: System2Config,
}

/// Weights of the losses beside the action's, which has weight one.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LossConfig {
    /// Where the named object is, read from the latent goal by a linear probe.
    pub grounding: f64,
    /// The progress.
    pub progress: f64,
}

/// Random changes to a picture, each drawn uniformly in plus or minus these bounds.
///
/// Only light and colour: a shift or a turn would move the objects away from their labels.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Augmentation {
    /// Added to all of a picture's channels, of a range of one.
    pub brightness: f32,
    /// Relative change of the contrast.
    pub contrast: f32,
    /// Relative change of each channel for itself.
    pub tint: f32,
}

/// Measurements on held-out episodes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Validation {
    /// Share of the episodes that are held out.
    pub share: f64,
    /// Steps between two measurements.
    pub every: u64,
    /// Batches in a measurement.
    pub batches: u64,
}

/// Sizes of System 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct System1Config {
    /// How often it is to run, Hz.
    pub rate_hz: u32,
    /// The tower of each camera.
    pub tower: Tower,
    /// Hidden widths of the head.
    pub hidden: Vec<usize>,
}

/// Sizes of System 2.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct System2Config {
    /// How often it is to run, Hz.
    pub rate_hz: u32,
    /// The tower of each camera, in the dataset's order of cameras.
    pub towers: Vec<Tower>,
    /// Words of an instruction, at most.
    pub tokens_max: usize,
    /// Width of a token.
    pub width: usize,
    /// Attention heads.
    pub heads: usize,
    /// Transformer blocks.
    pub blocks: usize,
    /// Width of the latent goal.
    pub latent: usize,
}

impl TrainConfig {
    /// Both systems together; System 1 answers with a chunk of 80 ms.
    #[must_use]
    pub fn chunked() -> Self {
        Self {
            system1_name: "chunked".to_owned(),
            system2_name: "system2".to_owned(),
            seed: 1,
            steps: 6500,
            batch: 64,
            horizon: 16,
            step_period_ms: 5,
            latent_age_ms_max: 300,
            executed_target_share: 0.6,
            schedule: Schedule { peak: 1e-3, warm_up_steps: 100, last_fraction: 0.02 },
            optimiser: AdamWConfig::USUAL,
            losses: LossConfig { grounding: 1.0, progress: 0.3 },
            augmentation: Augmentation { brightness: 0.06, contrast: 0.15, tint: 0.05 },
            validation: Validation { share: 0.04, every: 250, batches: 8 },
            checkpoint_every: 250,
            system1: System1Config {
                rate_hz: 200,
                tower: tower(&[(16, 3, 2), (32, 3, 2), (32, 3, 2)], 16),
                hidden: vec![256, 256],
            },
            system2: System2Config {
                rate_hz: 8,
                towers: vec![
                    tower(&[(32, 5, 2), (64, 3, 2), (64, 3, 1)], 32),
                    tower(&[(16, 3, 2), (32, 3, 2), (32, 3, 2)], 16),
                ],
                tokens_max: 16,
                width: 96,
                heads: 4,
                blocks: 2,
                latent: 32,
            },
        }
    }

    /// A System 1 that answers with the next step alone, for a System 2 that is there already.
    #[must_use]
    pub fn per_step() -> Self {
        Self { system1_name: "per-step".to_owned(), horizon: 1, steps: 2000, ..Self::chunked() }
    }

    /// The networks these settings ask for, on pictures and joints of a dataset of these sizes.
    pub(crate) fn networks(&self, sizes: &Sizes, words: usize) -> Networks {
        let (cameras, dof) = (sizes.cameras.clone(), sizes.dof());
        let (height_px, width_px) = (sizes.height_px, sizes.width_px);
        let System1Config { tower, hidden, .. } = self.system1.clone();
        let System2Config { towers, tokens_max, width, heads, blocks, latent, .. } =
            self.system2.clone();
        let features = tower.outputs() * cameras.len();
        let head = System1Head { features, dof, latent, hidden, horizon: self.horizon };
        let encoder = System1Encoder { cameras: cameras.clone(), height_px, width_px, tower };
        let model = System2 {
            cameras,
            height_px,
            width_px,
            towers,
            words,
            tokens_max,
            dof,
            width,
            heads,
            blocks,
            latent,
        };
        Networks {
            model: Architecture::System2(model),
            encoder: Architecture::System1Encoder(encoder),
            head: Architecture::System1Head(head),
        }
    }
}

/// The three networks of a run.
#[derive(Clone, Debug)]
pub(crate) struct Networks {
    pub(crate) model: Architecture,
    pub(crate) encoder: Architecture,
    pub(crate) head: Architecture,
}

fn tower(layers: &[(usize, usize, usize)], keypoints: usize) -> Tower {
    let layer = |&(channels, kernel, stride)| TowerLayer { channels, kernel, stride };
    Tower { layers: layers.iter().map(layer).collect(), keypoints }
}
