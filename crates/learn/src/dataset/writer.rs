//! A dataset's folder and its manifest.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::error::DatasetError;
use super::moment::{Episode, Sizes};
use super::shard::shard_bytes;

/// The manifest's name in a dataset's folder.
pub const DATASET_FILE: &str = "dataset.json";

/// What a dataset is, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatasetManifest {
    /// The command that started it.
    pub command: String,
    /// How it was made, in free words: seed, settings. Two collections with equal words give equal
    /// data, so that an interrupted one can be continued.
    pub made: BTreeMap<String, String>,
    /// The sizes all its moments share.
    pub sizes: Sizes,
    /// All words its instructions use.
    pub words: Vec<String>,
    /// Its files, by number.
    pub shards: BTreeMap<usize, ShardEntry>,
}

/// One file of a dataset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShardEntry {
    /// Its name in the folder.
    pub file: String,
    /// SHA-256 of its bytes, lower-case hexadecimal.
    pub sha256: String,
    /// Its episodes.
    pub episodes: usize,
    /// Its moments.
    pub moments: usize,
}

impl DatasetManifest {
    /// Reads the manifest in `folder`.
    ///
    /// # Errors
    /// If it cannot be read or understood.
    pub fn read(folder: &Path) -> Result<Self, DatasetError> {
        let path = folder.join(DATASET_FILE);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(source) => return Err(DatasetError::Read { path, source }),
        };
        serde_json::from_slice(&bytes)
            .map_err(|_bad| DatasetError::Broken { path, problem: "it is no dataset manifest" })
    }

    /// SHA-256 over all shards: the identity of the data.
    #[must_use]
    pub fn sha256(&self) -> String {
        let mut hash = Sha256::new();
        for entry in self.shards.values() {
            hash.update(entry.sha256.as_bytes());
        }
        hex(&hash.finalize())
    }
}

/// Writes shards into a folder; the manifest is complete after every one.
#[derive(Debug)]
pub struct DatasetWriter {
    folder: PathBuf,
    manifest: DatasetManifest,
}

impl DatasetWriter {
    /// Starts a dataset in `folder`, or continues the one that is there if it was made alike.
    ///
    /// # Errors
    /// If the folder cannot be made, or holds a dataset made otherwise.
    pub fn open(folder: &Path, mut manifest: DatasetManifest) -> Result<Self, DatasetError> {
        let path = folder.join(DATASET_FILE);
        let write = |source| DatasetError::Write { path: folder.to_path_buf(), source };
        fs::create_dir_all(folder).map_err(write)?;
        if path.exists() {
            let found = DatasetManifest::read(folder)?;
            manifest.command.clone_from(&found.command);
            manifest.shards.clone_from(&found.shards);
            if found != manifest {
                return Err(DatasetError::Other { path });
            }
        }
        let writer = Self { folder: folder.to_path_buf(), manifest };
        writer.save()?;
        Ok(writer)
    }

    /// What is there so far.
    #[must_use]
    pub const fn manifest(&self) -> &DatasetManifest {
        &self.manifest
    }

    /// Writes shard `number`. A shard appears whole or not at all.
    ///
    /// # Errors
    /// If an episode does not fit or a file cannot be written.
    pub fn write(&mut self, number: usize, episodes: &[Episode]) -> Result<(), DatasetError> {
        let bytes = shard_bytes(&self.manifest.sizes, episodes)?;
        let file = format!("shard-{number:04}.safetensors");
        write_atomically(&self.folder.join(&file), &bytes)?;
        let entry = ShardEntry {
            file,
            sha256: hex(&Sha256::digest(&bytes)),
            episodes: episodes.len(),
            moments: episodes.iter().map(|episode| episode.moments.len()).sum(),
        };
        self.manifest.shards.insert(number, entry);
        self.save()
    }

    fn save(&self) -> Result<(), DatasetError> {
        let json = serde_json::to_vec_pretty(&self.manifest).map_err(DatasetError::Json)?;
        write_atomically(&self.folder.join(DATASET_FILE), &json)
    }
}

/// Writes a file so that a reader, or a crash, sees the old bytes or the new ones.
pub(crate) fn write_atomically(path: &Path, bytes: &[u8]) -> Result<(), DatasetError> {
    let write = |source| DatasetError::Write { path: path.to_path_buf(), source };
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".part");
    fs::write(&temporary, bytes).map_err(write)?;
    fs::rename(&temporary, path).map_err(write)
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
