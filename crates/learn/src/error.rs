//! What can go wrong in learning.

use std::path::PathBuf;

use crate::dataset::DatasetError;

/// A training run that cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// The demonstrations cannot be read, or a file cannot be written.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    /// Candle refused an operation.
    #[error("a tensor operation failed")]
    Candle(#[from] candle_core::Error),
    /// A checkpoint is broken.
    #[error("{}: is no checkpoint of this network; delete it to start again", path.display())]
    Checkpoint {
        /// The file.
        path: PathBuf,
    },
    /// A checkpoint belongs to a run with other settings.
    #[error(
        "{}: belongs to a run with other settings or data; delete it to start again",
        path.display()
    )]
    OtherRun {
        /// The file.
        path: PathBuf,
    },
    /// A network refused its weights or inputs.
    #[error(transparent)]
    Ops(#[from] tandem_inference::OpsError),
    /// The sizes asked for do not fit together.
    #[error(transparent)]
    Sizes(#[from] tandem_networks::ShapeError),
    /// The chunks do not serve to start a tokenizer from.
    #[error(transparent)]
    Components(#[from] tandem_actions::PrincipalError),
    /// The chunks do not serve to fit codebooks on.
    #[error(transparent)]
    Codebooks(#[from] tandem_actions::VqError),
    /// A bundle cannot be written.
    #[error(transparent)]
    Bundle(#[from] tandem_bundle::BundleError),
    /// The bundle given as System 2 is none.
    #[error("bundle `{bundle}` is no System 2; give one of kind `system2`")]
    NoSystem2 {
        /// Its name.
        bundle: String,
    },
    /// The bundle given as backbone is none.
    #[error("bundle `{bundle}` is no System 1; give one of kind `system1`")]
    NoSystem1 {
        /// Its name.
        bundle: String,
    },
    /// The backbone was trained with another System 2.
    #[error(
        "`{bundle}` was not trained with System 2 `{system2}`; give the System 2 that its bundle \
         names under latent.model"
    )]
    OtherSystem2 {
        /// The backbone.
        bundle: String,
        /// The System 2.
        system2: String,
    },
    /// The backbone and the data are of different robots.
    #[error(
        "`{bundle}` and its System 2 have other joints or cameras than the dataset; \
         give a dataset of their robot"
    )]
    OtherRobot {
        /// The backbone.
        bundle: String,
    },
    /// A bundle lacks a network.
    #[error("bundle `{bundle}` has no network `{network}`; train it anew")]
    NoNetwork {
        /// The bundle.
        bundle: String,
        /// The network.
        network: String,
    },
    /// Nobody knows this representation.
    #[error(
        "there is no representation `{name}`; write one of {}",
        tandem_bundle::Representation::NAMES.join(", ")
    )]
    UnknownRepresentation {
        /// The name.
        name: String,
    },
    /// Chunks of this size cannot be.
    #[error(transparent)]
    Shape(#[from] tandem_actions::ShapeError),
    /// There is no such noise schedule.
    #[error(transparent)]
    NoiseSchedule(#[from] tandem_actions::ScheduleError),
    /// The trained head cannot be run.
    #[error(transparent)]
    Load(#[from] tandem_system1::LoadError),
    /// The trained head fails.
    #[error(transparent)]
    Step(#[from] tandem_system1::StepError),
    /// The dataset's paths do not hold the chunk asked for.
    #[error(
        "a chunk of {horizon} steps of {step_period_ms} ms is not in the dataset's paths of \
         {path_steps} steps of {path_step_ms} ms; ask for less, or collect longer paths"
    )]
    Horizon {
        /// Steps asked for.
        horizon: usize,
        /// Their period, ms.
        step_period_ms: u32,
        /// Steps in the dataset.
        path_steps: usize,
        /// Their period, ms.
        path_step_ms: u32,
    },
    /// A checkpoint could not be encoded.
    #[error("{}: cannot be encoded", path.display())]
    Encode {
        /// The file.
        path: PathBuf,
        /// Why.
        source: safetensors::SafeTensorError,
    },
}
