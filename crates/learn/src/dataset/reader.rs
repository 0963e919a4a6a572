//! A whole dataset, opened for training.

use std::fs::File;
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::error::DatasetError;
use super::moment::{ObjectWords, Sizes};
use super::shard::Shard;
use super::writer::{DatasetManifest, hex};

/// An open dataset. Joint and object numbers are in memory, pictures and paths stay on disk.
#[derive(Debug)]
pub struct Dataset {
    manifest: DatasetManifest,
    shards: Vec<Shard>,
    episodes: Vec<EpisodeIndex>,
    rows: Vec<Row>,
}

/// Where an episode's moments are.
#[derive(Clone, Debug)]
pub struct EpisodeIndex {
    /// Its first moment, an index into the dataset's moments.
    pub first: usize,
    /// How many moments it has.
    pub moments: usize,
    /// The object the expert went to.
    pub target: usize,
    /// The objects on the table.
    pub objects: Vec<ObjectWords>,
}

/// The small numbers of one moment.
#[derive(Clone, Debug)]
pub struct Row {
    /// Measured joint positions, rad.
    pub q: Vec<f32>,
    /// Measured joint velocities, rad/s.
    pub dq: Vec<f32>,
    /// Commanded joint positions, rad.
    pub command: Vec<f32>,
    /// Fingertip in the base frame, m.
    pub tip: [f32; 3],
    /// Centre of each object in the base frame, m.
    pub objects: Vec<[f32; 3]>,
    /// Progress towards each object.
    pub progress: Vec<f32>,
    shard: usize,
    shard_row: usize,
}

impl Dataset {
    /// Opens the dataset in `folder` and checks the hash of each of its files.
    ///
    /// # Errors
    /// If a file is missing, changed or broken.
    pub fn open(folder: &Path) -> Result<Self, DatasetError> {
        let manifest = DatasetManifest::read(folder)?;
        let mut dataset =
            Self { manifest, shards: Vec::new(), episodes: Vec::new(), rows: Vec::new() };
        for entry in dataset.manifest.shards.clone().values() {
            let path = folder.join(&entry.file);
            if file_hash(&path)? != entry.sha256 {
                return Err(DatasetError::Hash { path });
            }
            let shard = Shard::open(&path, &dataset.manifest.sizes)?;
            dataset.index(&shard)?;
            dataset.shards.push(shard);
        }
        Ok(dataset)
    }

    fn index(&mut self, shard: &Shard) -> Result<(), DatasetError> {
        let sizes = &self.manifest.sizes;
        let dof = sizes.dof().max(1);
        let [q, dq, command, tip, objects, progress] =
            ["q", "dq", "command", "tip", "objects", "progress"]
                .map(|name| shard.all_numbers(name));
        let (q, dq, command, tip) = (q?, dq?, command?, tip?);
        let (objects, progress) = (objects?, progress?);
        let rows = q
            .chunks_exact(dof)
            .zip(dq.chunks_exact(dof))
            .zip(command.chunks_exact(dof))
            .zip(tip.as_chunks::<3>().0)
            .zip(objects.as_chunks::<3>().0.chunks_exact(sizes.objects_max.max(1)))
            .zip(progress.chunks_exact(sizes.objects_max.max(1)));
        let mut first = self.rows.len();
        for (shard_row, (((((q, dq), command), tip), objects), progress)) in rows.enumerate() {
            self.rows.push(Row {
                q: q.to_vec(),
                dq: dq.to_vec(),
                command: command.to_vec(),
                tip: *tip,
                objects: objects.to_vec(),
                progress: progress.to_vec(),
                shard: self.shards.len(),
                shard_row,
            });
        }
        for header in shard.episodes() {
            let (moments, target) = (header.moments, header.target);
            let objects = header.objects.clone();
            self.episodes.push(EpisodeIndex { first, moments, target, objects });
            first += moments;
        }
        Ok(())
    }

    /// What the dataset is and how it was made.
    #[must_use]
    pub const fn manifest(&self) -> &DatasetManifest {
        &self.manifest
    }

    /// The sizes all moments share.
    #[must_use]
    pub const fn sizes(&self) -> &Sizes {
        &self.manifest.sizes
    }

    /// The episodes.
    #[must_use]
    pub fn episodes(&self) -> &[EpisodeIndex] {
        &self.episodes
    }

    /// The small numbers of each moment.
    #[must_use]
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// Reads the picture of `camera` at `moment`.
    ///
    /// # Errors
    /// If there is no such picture, or its file cannot be read.
    pub fn frame(&self, moment: usize, camera: &str, out: &mut [u8]) -> Result<(), DatasetError> {
        let (shard, row) = self.place(moment)?;
        shard.bytes(&format!("frames.{camera}"), row, out)
    }

    /// Reads the first steps of the expert's path to `object` at `moment`, rad from the command.
    ///
    /// # Errors
    /// If there is no such path, or its file cannot be read.
    pub fn path(&self, moment: usize, object: usize, out: &mut [f32]) -> Result<(), DatasetError> {
        let (shard, row) = self.place(moment)?;
        shard.numbers("path", row, object * self.sizes().path_values(), out)
    }

    fn place(&self, moment: usize) -> Result<(&Shard, usize), DatasetError> {
        let row = self.rows.get(moment);
        let place = row.and_then(|row| Some((self.shards.get(row.shard)?, row.shard_row)));
        let needed = moment + 1;
        place.ok_or(DatasetError::TooSmall { episodes: self.episodes.len(), needed })
    }
}

fn file_hash(path: &Path) -> Result<String, DatasetError> {
    let read = |source| DatasetError::Read { path: path.to_path_buf(), source };
    let mut file = File::open(path).map_err(read)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        match std::io::Read::read(&mut file, &mut buffer).map_err(read)? {
            0 => return Ok(hex(&hash.finalize())),
            n => hash.update(buffer.get(..n).unwrap_or(&[])),
        }
    }
}
