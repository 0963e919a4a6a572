//! Demonstrations on disk: a folder of safetensors shards and a manifest.

mod error;
mod moment;
mod reader;
mod shard;
mod writer;

pub use error::DatasetError;
pub use moment::{Episode, Moment, ObjectMoment, ObjectWords, Sizes};
pub use reader::{Dataset, EpisodeIndex, Row};
pub use shard::{EpisodeHeader, Shard};
pub use writer::{DATASET_FILE, DatasetManifest, DatasetWriter, ShardEntry};

pub(crate) use writer::{hex, write_atomically};

#[cfg(test)]
pub(crate) mod tests;
