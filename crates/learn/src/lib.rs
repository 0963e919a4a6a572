//! Demonstrations to trained bundles, and bundles to ONNX.
//!
//! [`collect`] lets the scripted expert fly in lockstep and writes a [`Dataset`]; [`train`] clones
//! the expert's behaviour into System 1 and System 2 together, gradients passing through the
//! latent goal, and writes both as bundles (or a System 1 alone, for a System 2 that is there);
//! [`export`] adds each network of a bundle as an ONNX file. All three are asked for with a struct
//! that names everything their result depends on, report progress to a callback, and stop when it
//! says so; asked again they go on where they stopped and end with the same bytes.
//!
//! [`train_head`] trains another System 1 head on the encoder and the System 2 that are there: it
//! encodes the dataset once into a [`Memory`] that all heads of a backbone share, and then teaches
//! an [`Objective`], which is a representation's networks and loss. An objective does not know
//! where its conditions come from; `tandem_system1`'s documentation says how to add one.
//!
//! An exported network is recorded by the very function that evaluates it:
//!
//! ```
//! use std::collections::BTreeMap;
//! use tandem_learn::onnx_bytes;
//! use tandem_networks::{Architecture, System1Head};
//!
//! let head = Architecture::System1Head(System1Head {
//!     features: 2, dof: 1, latent: 1, hidden: vec![], horizon: 2,
//! });
//! let weights = BTreeMap::from([
//!     ("out.weight".to_owned(), vec![0.5; 2 * 6]),
//!     ("out.bias".to_owned(), vec![0.0; 2]),
//! ]);
//! let file = onnx_bytes("head", &head, &weights)?;
//! assert!(file.len() < 1000);
//! # Ok::<(), tandem_learn::RecordError>(())
//! ```
//!
//! What this crate does not do: it defines no network (that is `networks`), computes no
//! convolution (`inference`) and judges no policy by what it does to the world (`evaluate`).
//! Threading: everything here blocks its caller for minutes, starts threads that end with the
//! call, and allocates freely; none of it belongs into a running daemon.

mod batch;
mod bench;
mod checkpoint;
mod collect;
mod config;
mod dataset;
mod error;
mod export;
mod head;
mod learner;
mod memory;
mod objective;
mod objective_trainer;
mod onnx;
mod optimiser;
mod parameters;
mod picture;
mod prefetch;
mod process;
mod scale;
mod schedule;
mod ship;
mod tokenizer;
mod train;
mod validate;
mod vector;

pub use bench::{BENCH_BATCH, bench_train};
pub use collect::{
    CollectConfig, CollectError, CollectJob, CollectProgress, Collected, Disturbance, collect,
};
pub use config::{Augmentation, LossConfig, System1Config, System2Config, TrainConfig, Validation};
pub use dataset::{
    DATASET_FILE, Dataset, DatasetError, DatasetManifest, DatasetWriter, Episode, EpisodeHeader,
    EpisodeIndex, Moment, ObjectMoment, ObjectWords, Row, Shard, ShardEntry, Sizes,
};
pub use error::TrainError;
pub use export::{ExportError, export};
pub use head::{
    Deviation, HeadConfig, HeadJob, HeadOutcome, HeadProgress, Trained, deviation, parameters,
    train_head,
};
pub use memory::Memory;
pub use objective::{ConditionBatch, HeadSizes, Objective, objective, objective_names};
pub use objective_trainer::ObjectiveTrainer;
pub use onnx::{RecordError, onnx_bytes};
pub use optimiser::{AdamW, AdamWConfig};
pub use parameters::Parameters;
pub use process::prepare_process;
pub use schedule::Schedule;
pub use tokenizer::{
    AutoencoderConfig, ExpertChunks, ReadyError, TOKENIZER_DECODER, TOKENIZER_ENCODER,
    TrainedAutoencoder, VqSizes, fit_oat, fit_vq, oat_file, vq_file,
};
pub use train::{TrainJob, TrainOutcome, TrainProgress, train};
pub use validate::Metrics;
pub use vector::{VectorConfig, VectorHead, VectorPolicy, VectorTrainer, Wanted};
