//! Demonstrations to trained bundles, and bundles to ONNX.

mod batch;
mod bench;
mod checkpoint;
mod config;
mod dataset;
mod error;
mod export;
mod learner;
mod onnx;
mod optimiser;
mod parameters;
mod picture;
mod prefetch;
mod scale;
mod schedule;
mod ship;
mod train;
mod validate;

pub use bench::{BENCH_BATCH, bench_train};
pub use config::{Augmentation, LossConfig, System1Config, System2Config, TrainConfig, Validation};
pub use dataset::{
    DATASET_FILE, Dataset, DatasetError, DatasetManifest, DatasetWriter, Episode, EpisodeHeader,
    EpisodeIndex, Moment, ObjectMoment, ObjectWords, Row, Shard, ShardEntry, Sizes,
};
pub use error::TrainError;
pub use export::{ExportError, export};
pub use onnx::{RecordError, onnx_bytes};
pub use optimiser::{AdamW, AdamWConfig};
pub use parameters::Parameters;
pub use schedule::Schedule;
pub use train::{TrainJob, TrainOutcome, TrainProgress, train};
pub use validate::Metrics;
