//! The factorial: representation x visual encoder x size, on pictures, with the backbones frozen.
//!
//! Here nobody knows how many bits pass. A weak and a strong backbone (an encoder with the System 2
//! it was trained with) see the same pictures; every head is trained on what one of them makes of
//! the same demonstrations, and flies the same scenes.

mod backbone;
mod results;

use core::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::thread;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tandem_bundle::Bundle;
use tandem_evaluate::{Pair, play};
use tandem_learn::{HeadConfig, HeadJob, HeadOutcome, HeadProgress, train_head};
use tandem_sim::{Episode, Lockstep, LockstepConfig, SimConfig, World};

use crate::StudyError;
use crate::store::Store;
pub use backbone::{Backbone, weak_backbone};
pub use results::{PictureGain, PictureResults, PictureRow};

/// What is varied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PictureRecipe {
    /// The backbone's name.
    pub encoder: String,
    /// The head's representation.
    pub representation: String,
    /// Width of its hidden layers.
    pub width: usize,
    /// Seed of its weights and batches.
    pub seed: u64,
}

/// What is spent on each cell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PictureEffort {
    /// Samples that the dataset is seen as.
    pub samples: usize,
    /// Optimiser steps.
    pub steps: u64,
    /// Scenes to fly.
    pub episodes: usize,
    /// Seed of the first scene.
    pub first_scene: u64,
}

/// The cells.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PicturePlan {
    /// What each cell is given.
    pub effort: PictureEffort,
    /// The cells, seeds last.
    pub recipes: Vec<PictureRecipe>,
}

/// A measured cell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PictureCell {
    /// What was varied.
    pub recipe: PictureRecipe,
    /// `log2` of the chunks that its tokens can tell apart, on average; none without tokens.
    pub bits_nominal: Option<f64>,
    /// Mean absolute error of a chunk on held-out episodes, mrad.
    pub action_mrad: f64,
    /// Whether each scene succeeded by the task's rule.
    pub reached: Vec<bool>,
}

/// What to measure, and where.
#[derive(Clone, Copy)]
pub struct PictureJob<'a> {
    /// The world.
    pub sim: &'a SimConfig,
    /// The controller.
    pub lockstep: &'a LockstepConfig,
    /// Demonstrations.
    pub dataset: &'a Path,
    /// The backbones, the weak one first.
    pub backbones: [&'a Backbone; 2],
    /// The cells.
    pub plan: &'a PicturePlan,
    /// Where cells are kept.
    pub store: &'a Store,
    /// Where bundles and the memory of the dataset go; nothing there is needed afterwards.
    pub work: &'a Path,
    /// Threads that fly.
    pub workers: usize,
    /// The command that asked for it.
    pub command: &'a str,
}

/// How far a factorial is.
#[derive(Clone, Debug)]
pub enum PictureProgress<'a> {
    /// A head is being trained.
    Training(&'a PictureRecipe, HeadProgress),
    /// A cell is there; of so many.
    Cell(&'a PictureCell, usize),
}

impl PicturePlan {
    /// Every representation at two sizes, with few steps and scenes when `quick`.
    #[must_use]
    pub fn new(quick: bool, representations: &[&str], seeds: u64) -> Self {
        let (samples, steps, episodes) =
            if quick { (20_000, 1500, 20) } else { (150_000, 12_000, 100) };
        let mut recipes = Vec::new();
        for seed in 1..=seeds {
            for encoder in ["weak", "strong"] {
                for width in [128, 256] {
                    recipes.extend(representations.iter().map(|name| PictureRecipe {
                        encoder: encoder.to_owned(),
                        representation: (*name).to_owned(),
                        width,
                        seed,
                    }));
                }
            }
        }
        // The scenes of `tandem eval`'s usual seeds stay for the table of policies.
        let effort = PictureEffort { samples, steps, episodes, first_scene: 1001 };
        Self { effort, recipes }
    }
}

/// Measures what is missing; breaking from `progress` stops it. Returns whether all cells are there.
///
/// # Errors
/// If a head cannot be trained or flown, or a cell cannot be kept.
pub fn run_pictures(
    job: &PictureJob<'_>,
    progress: &mut dyn FnMut(&PictureProgress<'_>) -> ControlFlow<()>,
) -> Result<bool, StudyError> {
    for recipe in &job.plan.recipes {
        let key = job.key(recipe)?;
        if job.store.get::<PictureCell>(&key)?.is_some() {
            continue;
        }
        let Some(cell) = measure(job, recipe, &key, progress)? else { return Ok(false) };
        job.store.put(&key, &cell)?;
        if progress(&PictureProgress::Cell(&cell, job.plan.recipes.len())).is_break() {
            return Ok(false);
        }
    }
    Ok(true)
}

impl PictureJob<'_> {
    /// Draws together the cells that are there.
    ///
    /// # Errors
    /// If one cannot be read.
    pub fn gather(&self, conditions: serde_json::Value) -> Result<PictureResults, StudyError> {
        let mut cells = Vec::new();
        for recipe in &self.plan.recipes {
            cells.extend(self.store.get::<PictureCell>(&self.key(recipe)?)?);
        }
        Ok(PictureResults::of(&cells, self, conditions))
    }

    fn backbone(&self, recipe: &PictureRecipe) -> &Backbone {
        let [weak, strong] = self.backbones;
        if recipe.encoder == weak.name { weak } else { strong }
    }

    /// Names a cell by everything its numbers depend on.
    fn key(&self, recipe: &PictureRecipe) -> Result<String, StudyError> {
        let backbone = self.backbone(recipe);
        let models = [&backbone.system1, &backbone.system2].map(|bundle| bundle.model_id().0);
        let world = format!("{:?} {:?}", self.sim, self.lockstep);
        let manifest = self.dataset.join(tandem_learn::DATASET_FILE);
        let data = std::fs::read(&manifest)
            .map_err(|source| StudyError::File { path: manifest.clone(), source })?;
        let settings =
            serde_json::to_string(&(recipe, &self.plan.effort)).map_err(StudyError::Cell)?;
        let digest = Sha256::new()
            .chain_update(settings)
            .chain_update(world)
            .chain_update(data)
            .chain_update(format!("{models:?}"))
            .finalize();
        Ok(digest.iter().take(12).map(|byte| format!("{byte:02x}")).collect())
    }
}

fn measure(
    job: &PictureJob<'_>,
    recipe: &PictureRecipe,
    key: &str,
    progress: &mut dyn FnMut(&PictureProgress<'_>) -> ControlFlow<()>,
) -> Result<Option<PictureCell>, StudyError> {
    let backbone = job.backbone(recipe);
    let PictureEffort { samples, steps, .. } = job.plan.effort;
    let usual = HeadConfig::usual(&recipe.representation);
    let config = HeadConfig {
        name: format!("{}-{key}", recipe.representation),
        seed: recipe.seed,
        width: recipe.width,
        samples,
        steps,
        ..usual
    };
    let out = job.work.join(&recipe.encoder);
    let head_job = HeadJob {
        config: &config,
        dataset: job.dataset,
        out: &out,
        backbone: &backbone.system1,
        system2: &backbone.system2,
        command: job.command,
    };
    let outcome =
        train_head(&head_job, &mut |step| progress(&PictureProgress::Training(recipe, *step)))?;
    let HeadOutcome::Finished { bundle, deviation, .. } = outcome else { return Ok(None) };
    let (reached, bits_nominal) = fly(job, backbone, &bundle)?;
    let (action_mrad, recipe) = (deviation.error_mrad, recipe.clone());
    Ok(Some(PictureCell { recipe, bits_nominal, action_mrad, reached }))
}

type Flown = (Vec<bool>, Option<f64>);

/// Flies all scenes with a bundle, each worker every so-many-th of them.
fn fly(job: &PictureJob<'_>, backbone: &Backbone, bundle: &PathBuf) -> Result<Flown, StudyError> {
    let PictureEffort { episodes, first_scene, .. } = job.plan.effort;
    let head = Bundle::load(bundle)?;
    let workers = job.workers.clamp(1, episodes.max(1));
    let shares = thread::scope(|scope| {
        let share = |worker: usize| {
            let seeds = (0..episodes as u64).skip(worker).step_by(workers);
            let seeds: Vec<u64> = seeds.map(|at| first_scene + at).collect();
            let head = &head;
            scope.spawn(move || fly_share(job, backbone, head, &seeds))
        };
        let threads: Vec<_> = (0..workers).map(share).collect();
        threads.into_iter().map(|thread| thread.join()).collect::<Vec<_>>()
    });
    let mut reached = vec![false; episodes];
    let mut bits = None;
    for (worker, share) in shares.into_iter().enumerate() {
        let (share, nominal) = share.map_err(|_panic| StudyError::Worker)??;
        bits = bits.or(nominal);
        reached
            .iter_mut()
            .skip(worker)
            .step_by(workers)
            .zip(share)
            .for_each(|(all, one)| *all = one);
    }
    Ok((reached, bits))
}

fn fly_share(
    job: &PictureJob<'_>,
    backbone: &Backbone,
    head: &Bundle,
    seeds: &[u64],
) -> Result<Flown, StudyError> {
    let mut pair = backbone.pair(head, job.sim)?;
    let mut reached = Vec::with_capacity(seeds.len());
    for seed in seeds {
        // A world of its own, so that a flight does not depend on how scenes are shared out.
        let mut lockstep =
            Lockstep::new(World::new(job.sim.clone(), *seed)?, job.lockstep.clone())?;
        play(&mut lockstep, &mut pair, [Episode::new(*seed)], Pair::instruct, |played| {
            reached.push(played.succeeded());
            ControlFlow::Continue(())
        })?;
    }
    match pair.take_failure() {
        Some(failure) => Err(failure.into()),
        // After the flights: how many tokens a chunk takes may differ from chunk to chunk.
        None => Ok((reached, pair.policy().cost().map(|cost| cost.bits_nominal))),
    }
}
