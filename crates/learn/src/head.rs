//! Training a head on a frozen backbone.

mod config;
mod measure;
mod range;
mod ship;

use core::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg64Mcg;
use sha2::{Digest as _, Sha256};
use tandem_actions::ChunkShape;
use tandem_bundle::{Bundle, ChunkRange, System1Spec};
use tandem_inference::Weights;

use crate::checkpoint;
use crate::config::TrainConfig;
use crate::dataset::{Dataset, hex};
use crate::error::TrainError;
use crate::memory::{Backbone, Memories, remember};
use crate::objective::{HeadSizes, Objective, objective};
use crate::optimiser::AdamW;
use crate::parameters::Parameters;
use crate::scale::Scales;
use crate::validate::Metrics;

pub use config::HeadConfig;
pub use measure::Trained;

/// Which head to train, on what, and where to put it.
#[derive(Clone, Copy, Debug)]
pub struct HeadJob<'a> {
    /// The settings.
    pub config: &'a HeadConfig,
    /// The dataset's folder.
    pub dataset: &'a Path,
    /// The folder that gets the bundle's folder, the checkpoint in between, and the memory of the
    /// dataset, which heads of one backbone share.
    pub out: &'a Path,
    /// The System 1 whose encoder is taken over.
    pub backbone: &'a Bundle,
    /// The System 2 that it was trained with.
    pub system2: &'a Bundle,
    /// The command that asked for it, noted in the bundle.
    pub command: &'a str,
}

/// What a run is at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum HeadProgress {
    /// It encodes the dataset.
    Encoding {
        /// Samples done.
        done: usize,
        /// Samples to do.
        total: usize,
    },
    /// It trains.
    Training {
        /// Steps done.
        step: u64,
        /// Steps to do.
        steps: u64,
        /// The objective's loss.
        loss: f32,
    },
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq)]
pub enum HeadOutcome {
    /// It is done.
    Finished {
        /// The bundle.
        bundle: PathBuf,
        /// How far its chunks are from the expert's on held-out episodes.
        metrics: Metrics,
    },
    /// It was asked to stop; the same job goes on from there.
    Stopped {
        /// Steps done.
        step: u64,
    },
}

/// Trains a head, or goes on training it, and writes its bundle: the backbone's encoder and the new
/// head.
///
/// `progress` hears of every batch; breaking from it stops the run after saving a checkpoint. The
/// same job gives the same bytes, interrupted or not.
///
/// # Errors
/// If the data or the backbone do not serve, or a file cannot be written.
pub fn train_head(
    job: &HeadJob<'_>,
    progress: &mut dyn FnMut(&HeadProgress) -> ControlFlow<()>,
) -> Result<HeadOutcome, TrainError> {
    let write = |source| crate::DatasetError::Write { path: job.out.to_path_buf(), source };
    std::fs::create_dir_all(job.out).map_err(write)?;
    let mut run = match Run::new(job, progress)? {
        ControlFlow::Continue(run) => run,
        ControlFlow::Break(()) => return Ok(HeadOutcome::Stopped { step: 0 }),
    };
    let HeadConfig { steps, checkpoint_every, .. } = *job.config;
    let file = job.out.join(format!(".{}.checkpoint.safetensors", job.config.name));
    checkpoint::restore(&file, &run.fingerprint, &mut run.optimiser)?;
    while run.optimiser.steps() < steps {
        let loss = run.step(job.config)?;
        let step = run.optimiser.steps();
        let report = HeadProgress::Training { step, steps, loss };
        let stop = progress(&report).is_break() && step < steps;
        if stop || step % checkpoint_every.max(1) == 0 {
            checkpoint::save(&file, &run.fingerprint, &run.optimiser)?;
        }
        if stop {
            return Ok(HeadOutcome::Stopped { step });
        }
    }
    let trained = Trained::new(run.objective.as_ref(), &run.optimiser.averages())?;
    let memory = &run.memories.held_out;
    let metrics =
        measure::measure(&trained, run.objective.as_ref(), memory, &run.range, run.shape)?;
    let bundle = ship::ship(job, &run.range, run.objective.as_ref(), &trained, &metrics)?;
    // A finished run has nothing to go on with. A file that cannot be removed does no harm.
    std::fs::remove_file(&file).ok();
    Ok(HeadOutcome::Finished { bundle, metrics })
}

/// Everything a run holds between two steps.
struct Run {
    /// With chunks in the unit of `range`.
    memories: Memories,
    range: ChunkRange,
    shape: ChunkShape,
    objective: Box<dyn Objective>,
    parameters: Parameters,
    optimiser: AdamW,
    fingerprint: String,
}

impl Run {
    fn new(
        job: &HeadJob<'_>,
        progress: &mut dyn FnMut(&HeadProgress) -> ControlFlow<()>,
    ) -> Result<ControlFlow<(), Self>, TrainError> {
        let dataset = Arc::new(Dataset::open(job.dataset)?);
        let spec = fit(job, &dataset)?;
        let data = data_config(job, spec);
        crate::train::check(&data, &dataset)?;
        let scales = Arc::new(Scales::measure(&dataset, &data)?.adopt(spec));
        let backbone = Backbone::new(job.backbone, job.system2)?;
        let counts = [job.config.samples, job.config.held_out];
        let told = &mut |done, total| progress(&HeadProgress::Encoding { done, total });
        let found = remember(&backbone, &dataset, &scales, &data, counts, job.out, told)?;
        let ControlFlow::Continue(mut memories) = found else { return Ok(ControlFlow::Break(())) };
        let range = range::measure(&memories.training, &spec.action.scale_rad)?;
        for memory in [&mut memories.training, &mut memories.held_out] {
            range::into_range(memory, &spec.action.scale_rad, &range);
        }

        let shape = ChunkShape::new(spec.action.horizon, job.backbone.manifest().joints.len())?;
        let condition = memories.training.sizes();
        let sizes = HeadSizes { condition, shape, width: job.config.width };
        let chunks = &memories.training.chunk;
        let objective = objective(&job.config.representation, &sizes, chunks)?;
        let parameters = parameters(objective.as_ref(), job.config.seed)?;
        let optimiser = AdamW::new(&parameters, job.config.optimiser)?;
        let fingerprint = fingerprint(job, &dataset)?;
        let run = Self { memories, range, shape, objective, parameters, optimiser, fingerprint };
        Ok(ControlFlow::Continue(run))
    }

    /// One step. What it draws is a function of the seed and its number, so that a run that was
    /// interrupted goes on exactly where it stopped.
    fn step(&mut self, config: &HeadConfig) -> Result<f32, TrainError> {
        let number = self.optimiser.steps();
        let seed = config.seed ^ number.wrapping_add(1).wrapping_mul(6_364_136_223_846_793_005);
        let mut rng = Pcg64Mcg::seed_from_u64(seed);
        let samples = self.memories.training.samples;
        let rows: Vec<usize> =
            (0..config.batch).map(|_| rng.random_range(0..samples.max(1))).collect();
        let (condition, chunk) = self.memories.training.batch(&rows)?;
        let vars = self.parameters.vars().iter();
        let weights: Weights =
            vars.map(|(name, var)| (name.clone(), var.as_tensor().clone())).collect();
        let loss = self.objective.loss(&weights, &condition, &chunk, &mut rng)?;
        let rate = config.schedule.rate(number, config.steps);
        self.optimiser.step(&loss.backward()?, rate)?;
        Ok(loss.to_scalar()?)
    }
}

/// Fresh weights for everything an objective trains.
///
/// # Errors
/// If the sizes do not fit together.
pub fn parameters(objective: &dyn Objective, seed: u64) -> Result<Parameters, TrainError> {
    let mut parameters = Parameters::default();
    let mut networks = Vec::new();
    for (name, architecture) in objective.networks() {
        networks.push((name, architecture.parameters()?));
    }
    networks.extend(objective.auxiliaries()?);
    for ((name, list), number) in networks.iter().zip(1_u64..) {
        parameters.add(name, list, seed.wrapping_mul(31) ^ number)?;
    }
    Ok(parameters)
}

/// Whether backbone, System 2 and data belong together.
fn fit<'a>(job: &HeadJob<'a>, dataset: &Dataset) -> Result<&'a System1Spec, TrainError> {
    let manifest = job.backbone.manifest();
    let name = || manifest.name.clone();
    let spec = manifest.system1().ok_or_else(|| TrainError::NoSystem1 { bundle: name() })?;
    let system2 = job.system2.manifest();
    if system2.system2().is_none() {
        return Err(TrainError::NoSystem2 { bundle: system2.name.clone() });
    }
    if manifest.latent.model != job.system2.model_id() {
        return Err(TrainError::OtherSystem2 { bundle: name(), system2: system2.name.clone() });
    }
    let sizes = dataset.sizes();
    let sees = |it: &tandem_bundle::CameraInput| (it.name.clone(), it.width_px, it.height_px);
    let seen = |name: &String| (name.clone(), sizes.width_px, sizes.height_px);
    let cameras: Vec<_> = sizes.cameras.iter().map(seen).collect();
    let agree = [manifest, system2].iter().all(|manifest| {
        manifest.joints == sizes.joints
            && manifest.cameras.iter().map(sees).collect::<Vec<_>>() == cameras
    });
    if agree { Ok(spec) } else { Err(TrainError::OtherRobot { bundle: name() }) }
}

/// The samples' settings: those of the backbone, and the usual ones for what a bundle does not say.
fn data_config(job: &HeadJob<'_>, spec: &System1Spec) -> TrainConfig {
    let mut config = TrainConfig::chunked();
    let latent = job.backbone.manifest().latent;
    let whole_ms = |time: core::time::Duration| u32::try_from(time.as_millis()).unwrap_or(u32::MAX);
    config.horizon = spec.action.horizon;
    config.step_period_ms = whole_ms(spec.action.step_period);
    config.latent_age_ms_max = whole_ms(latent.age_max);
    config.system2.latent = latent.dim;
    if let Some(system2) = job.system2.manifest().system2() {
        config.system2.tokens_max = system2.text.tokens_max;
    }
    config
}

/// Names a run by everything its weights depend on.
fn fingerprint(job: &HeadJob<'_>, dataset: &Dataset) -> Result<String, TrainError> {
    let settings = serde_json::to_string(job.config).map_err(crate::DatasetError::Json)?;
    let models = [job.backbone, job.system2].map(|bundle| bundle.model_id().0);
    let text = format!("{settings} {} {models:?}", dataset.manifest().sha256());
    Ok(hex(&Sha256::digest(text)))
}

#[cfg(test)]
mod tests;
