//! What can be wrong with a dataset.

use std::path::PathBuf;

/// A dataset that cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum DatasetError {
    /// A file cannot be read.
    #[error("{}: cannot be read", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file cannot be written.
    #[error("{}: cannot be written", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file is not what it should be.
    #[error("{}: {problem}; delete this file and collect again", path.display())]
    Broken {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A file is not the one the manifest names.
    #[error("{}: its SHA-256 is not the manifest's; delete it and collect again", path.display())]
    Hash {
        /// The file.
        path: PathBuf,
    },
    /// The folder holds a dataset that was made otherwise.
    #[error(
        "{}: was collected with other settings; give the same settings or another folder",
        path.display()
    )]
    Other {
        /// The manifest.
        path: PathBuf,
    },
    /// An episode does not have the dataset's sizes.
    #[error("the {what} of the episode with seed {seed} do not fit the dataset's sizes")]
    Misfit {
        /// The episode's seed.
        seed: u64,
        /// What does not fit.
        what: &'static str,
    },
    /// The dataset has too few episodes for its purpose.
    #[error("the dataset has {episodes} usable episodes; collect at least {needed}")]
    TooSmall {
        /// Episodes there are.
        episodes: usize,
        /// Episodes needed.
        needed: usize,
    },
    /// A header could not be written as JSON.
    #[error("a header cannot be written as JSON")]
    Json(#[source] serde_json::Error),
    /// A shard could not be encoded.
    #[error("a shard cannot be encoded")]
    Encode(#[source] safetensors::SafeTensorError),
}
