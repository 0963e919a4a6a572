//! Behaviour cloning of both systems together.

use core::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest as _, Sha256};
use tandem_bundle::Bundle;
use tandem_system2::Tokenizer;

use crate::batch::{Batcher, path_stride};
use crate::checkpoint;
use crate::config::TrainConfig;
use crate::dataset::{Dataset, hex};
use crate::error::TrainError;
use crate::learner::Learner;
use crate::optimiser::AdamW;
use crate::parameters::Parameters;
use crate::prefetch::Prefetch;
use crate::scale::Scales;
use crate::ship::{Shipment, ship};
use crate::validate::{Metrics, measure};

/// What to train, on what, and where to put it.
#[derive(Clone, Copy, Debug)]
pub struct TrainJob<'a> {
    /// The settings.
    pub config: &'a TrainConfig,
    /// The dataset's folder.
    pub dataset: &'a Path,
    /// The folder that gets one folder for each bundle, and the checkpoint in between.
    pub out: &'a Path,
    /// A System 2 to train a System 1 for; without one, both are trained together.
    pub system2: Option<&'a Bundle>,
    /// The command that asked for it, noted in the bundles.
    pub command: &'a str,
}

/// One step of a run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TrainProgress {
    /// Steps done.
    pub step: u64,
    /// Steps to do.
    pub steps: u64,
    /// Mean absolute error of the scaled chunk.
    pub action_loss: f32,
    /// Mean absolute error of the scaled place; zero against a frozen System 2.
    pub grounding_loss: f32,
    /// Mean squared error of the progress.
    pub progress_loss: f32,
    /// Norm of the gradient before clipping.
    pub gradient_norm: f64,
    /// Learning rate.
    pub rate: f64,
    /// A measurement, when one was due.
    pub metrics: Option<Metrics>,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq)]
pub enum TrainOutcome {
    /// It is done; here are the bundles.
    Finished {
        /// The System 1 bundle.
        system1: PathBuf,
        /// The System 2 bundle, if it was trained too.
        system2: Option<PathBuf>,
        /// The last measurement.
        metrics: Metrics,
    },
    /// It was asked to stop; the same job goes on from the checkpoint.
    Stopped {
        /// Steps done.
        step: u64,
    },
}

/// Trains, or goes on training, and writes the bundles at the end.
///
/// `progress` hears of every step; breaking from it stops the run after saving a checkpoint.
///
/// # Errors
/// If the data do not serve, a file cannot be written, or a network does not fit.
pub fn train(
    job: &TrainJob<'_>,
    progress: &mut dyn FnMut(&TrainProgress) -> ControlFlow<()>,
) -> Result<TrainOutcome, TrainError> {
    let mut run = Run::new(job)?;
    let checkpoint = job.out.join(format!(".{}.checkpoint.safetensors", run.config.system1_name));
    let write = |source| crate::DatasetError::Write { path: job.out.to_path_buf(), source };
    std::fs::create_dir_all(job.out).map_err(write)?;
    checkpoint::restore(&checkpoint, &run.fingerprint, &mut run.optimiser)?;
    let steps = run.config.steps;
    let mut metrics = None;
    for batch in Prefetch::start(run.training.clone(), run.optimiser.steps(), steps) {
        let mut report = run.step(&batch?)?;
        if report.step % run.config.validation.every.max(1) == 0 || report.step == steps {
            metrics = Some(run.measure()?);
            report.metrics = metrics;
        }
        let stop = progress(&report).is_break() && report.step < steps;
        if stop || report.step % run.config.checkpoint_every.max(1) == 0 {
            checkpoint::save(&checkpoint, &run.fingerprint, &run.optimiser)?;
        }
        if stop {
            return Ok(TrainOutcome::Stopped { step: report.step });
        }
    }
    let metrics = match metrics {
        Some(metrics) => metrics,
        None => run.measure()?,
    };
    let (system1, system2) = run.ship(job, &metrics)?;
    // A finished run has nothing to go on with. A file that cannot be removed does no harm.
    std::fs::remove_file(&checkpoint).ok();
    Ok(TrainOutcome::Finished { system1, system2, metrics })
}

/// Everything a run holds between two steps.
struct Run {
    config: Arc<TrainConfig>,
    dataset: Arc<Dataset>,
    scales: Arc<Scales>,
    learner: Learner,
    parameters: Parameters,
    optimiser: AdamW,
    training: Batcher,
    validation: Batcher,
    fingerprint: String,
}

impl Run {
    fn new(job: &TrainJob<'_>) -> Result<Self, TrainError> {
        let dataset = Arc::new(Dataset::open(job.dataset)?);
        let mut config = job.config.clone();
        let mut words = dataset.manifest().words.clone();
        if let Some(bundle) = job.system2 {
            words = adopt(bundle, &mut config)?;
        }
        check(&config, &dataset)?;
        let config = Arc::new(config);
        let tokenizer = Tokenizer::new(&words, config.system2.tokens_max);
        let mut networks = config.networks(dataset.sizes(), tokenizer.words());
        if let Some(network) = job.system2.and_then(|bundle| bundle.manifest().network("model")) {
            networks.model = network.architecture.clone();
        }
        let (learner, parameters) = Learner::new(
            networks,
            dataset.sizes().clone(),
            config.losses,
            config.seed,
            job.system2,
        )?;
        let optimiser = AdamW::new(&parameters, config.optimiser)?;
        let scales = Arc::new(Scales::measure(&dataset, &config)?);
        let (training, held_out) = split(dataset.episodes().len(), config.validation.share)?;
        let batcher = |episodes, augment| {
            let (dataset, config, scales) = (dataset.clone(), config.clone(), scales.clone());
            Batcher::new(dataset, config, scales, &tokenizer, episodes, augment)
        };
        let (training, validation) = (batcher(training, true), batcher(held_out, false));
        let fingerprint = fingerprint(&config, &dataset, job.system2)?;
        Ok(Self {
            config,
            dataset,
            scales,
            learner,
            parameters,
            optimiser,
            training,
            validation,
            fingerprint,
        })
    }

    fn step(&mut self, batch: &crate::batch::Batch) -> Result<TrainProgress, TrainError> {
        let steps = self.config.steps;
        let rate = self.config.schedule.rate(self.optimiser.steps(), steps);
        let weights = self.learner.weights(&self.parameters);
        let answer = self.learner.answer(&weights, batch)?;
        let losses = self.learner.losses(&answer, batch)?;
        let gradients = losses.total.backward()?;
        let gradient_norm = self.optimiser.step(&gradients, rate)?;
        Ok(TrainProgress {
            step: self.optimiser.steps(),
            steps,
            action_loss: losses.action,
            grounding_loss: losses.grounding,
            progress_loss: losses.progress,
            gradient_norm,
            rate,
            metrics: None,
        })
    }

    fn measure(&self) -> Result<Metrics, TrainError> {
        let weights = self.learner.averages(&self.parameters, &self.optimiser.averages())?;
        let batches = self.config.validation.batches;
        measure(&self.learner, &weights, &self.validation, batches, &self.scales)
    }

    fn ship(
        &self,
        job: &TrainJob<'_>,
        metrics: &Metrics,
    ) -> Result<(PathBuf, Option<PathBuf>), TrainError> {
        ship(&Shipment {
            job,
            config: &self.config,
            dataset: &self.dataset,
            scales: &self.scales,
            weights: &self.optimiser.averages(),
            metrics,
        })
    }
}

/// Takes over from a System 2 what a System 1 for it has to share, and returns its vocabulary.
fn adopt(bundle: &Bundle, config: &mut TrainConfig) -> Result<Vec<String>, TrainError> {
    let manifest = bundle.manifest();
    let Some(spec) = manifest.system2() else {
        return Err(TrainError::NoSystem2 { bundle: manifest.name.clone() });
    };
    config.system2_name.clone_from(&manifest.name);
    config.system2.latent = manifest.latent.dim;
    config.system2.tokens_max = spec.text.tokens_max;
    Ok(spec.text.words.clone())
}

pub(crate) fn check(config: &TrainConfig, dataset: &Dataset) -> Result<(), TrainError> {
    let sizes = dataset.sizes();
    let stride = path_stride(config, sizes.path_step_ms);
    let fits = config.step_period_ms.is_multiple_of(sizes.path_step_ms.max(1))
        && config.horizon >= 1
        && config.horizon * stride <= sizes.path_steps;
    if !fits {
        return Err(TrainError::Horizon {
            horizon: config.horizon,
            step_period_ms: config.step_period_ms,
            path_steps: sizes.path_steps,
            path_step_ms: sizes.path_step_ms,
        });
    }
    Ok(())
}

/// The last episodes are held out: their scenes come from seeds of their own.
pub(crate) fn split(episodes: usize, share: f64) -> Result<(Vec<usize>, Vec<usize>), TrainError> {
    const EPISODES_MIN: usize = 2;
    if episodes < EPISODES_MIN {
        return Err(crate::DatasetError::TooSmall { episodes, needed: EPISODES_MIN }.into());
    }
    let held_out = ((episodes as f64 * share).ceil() as usize).clamp(1, episodes - 1);
    let first = episodes - held_out;
    Ok(((0..first).collect(), (first..episodes).collect()))
}

/// Names a run by everything its weights depend on.
fn fingerprint(
    config: &TrainConfig,
    dataset: &Dataset,
    system2: Option<&Bundle>,
) -> Result<String, TrainError> {
    let settings = serde_json::to_string(config).map_err(crate::DatasetError::Json)?;
    let model = system2.map(|bundle| bundle.model_id().0);
    let text = format!("{settings} {} {model:?}", dataset.manifest().sha256());
    Ok(hex(&Sha256::digest(text)))
}

#[cfg(test)]
mod tests;
