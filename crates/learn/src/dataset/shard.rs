//! One file of a dataset: some episodes as a safetensors file, one row for each moment.

use std::collections::HashMap;
use std::fs::File;
use std::io::Read as _;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use safetensors::tensor::{Dtype, Metadata, TensorView, serialize};
use serde::{Deserialize, Serialize};

use super::error::DatasetError;
use super::moment::{Episode, ObjectWords, Sizes};

/// The key of the header under which the episodes stand, as JSON.
const EPISODES_KEY: &str = "episodes";
/// The largest header read, a bound against broken files. Real ones have some 100 KiB.
const HEADER_BYTES_MAX: u64 = 64 << 20;

/// What a shard's header says of one episode.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EpisodeHeader {
    /// The seed of its scene.
    pub seed: u64,
    /// The object the expert went to.
    pub target: usize,
    /// How many rows are its moments.
    pub moments: usize,
    /// The objects on the table.
    pub objects: Vec<ObjectWords>,
}

/// The bytes of a shard that holds `episodes`.
pub(super) fn shard_bytes(sizes: &Sizes, episodes: &[Episode]) -> Result<Vec<u8>, DatasetError> {
    for episode in episodes {
        if let Some(what) = sizes.misfit(episode) {
            return Err(DatasetError::Misfit { seed: episode.seed, what });
        }
    }
    let headers: Vec<_> = episodes.iter().map(EpisodeHeader::of).collect();
    let json = serde_json::to_string(&headers).map_err(DatasetError::Json)?;
    let columns = columns(sizes, episodes);
    let views = columns.iter().map(|column| {
        let view = TensorView::new(column.dtype, column.shape.clone(), &column.bytes)?;
        Ok((column.name.clone(), view))
    });
    let views = views.collect::<Result<Vec<_>, safetensors::SafeTensorError>>();
    let header = HashMap::from([(EPISODES_KEY.to_owned(), json)]);
    views.and_then(|views| serialize(views, Some(header))).map_err(DatasetError::Encode)
}

struct Column {
    name: String,
    dtype: Dtype,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

/// The shape of each column after the row axis; `frames.<camera>` come after these.
fn float_columns(sizes: &Sizes) -> [(&'static str, Vec<usize>); 7] {
    let (dof, objects) = (sizes.dof(), sizes.objects_max);
    [
        ("q", vec![dof]),
        ("dq", vec![dof]),
        ("command", vec![dof]),
        ("tip", vec![3]),
        ("objects", vec![objects, 3]),
        ("progress", vec![objects]),
        ("path", vec![objects, sizes.path_steps, dof]),
    ]
}

fn columns(sizes: &Sizes, episodes: &[Episode]) -> Vec<Column> {
    let moments: Vec<_> = episodes.iter().flat_map(|episode| &episode.moments).collect();
    let rows = moments.len();
    let mut columns = Vec::new();
    for (name, shape) in float_columns(sizes) {
        let width: usize = shape.iter().product();
        let mut bytes = Vec::with_capacity(4 * rows * width);
        for moment in &moments {
            let objects = || moment.objects.iter();
            let row: Vec<f32> = match name {
                "q" => moment.q.clone(),
                "dq" => moment.dq.clone(),
                "command" => moment.command.clone(),
                "tip" => moment.tip.to_vec(),
                "objects" => objects().flat_map(|object| object.position).collect(),
                "progress" => objects().map(|object| object.progress).collect(),
                _ => objects().flat_map(|object| object.path.iter().copied()).collect(),
            };
            // A scene with fewer objects than the most leaves the rest of the row zero.
            let padded = row.iter().copied().chain(core::iter::repeat(0.0)).take(width);
            bytes.extend(padded.flat_map(f32::to_le_bytes));
        }
        let shape = [&[rows][..], &shape].concat();
        columns.push(Column { name: name.to_owned(), dtype: Dtype::F32, shape, bytes });
    }
    let times = moments.iter().flat_map(|moment| moment.time_ms.to_le_bytes()).collect();
    let name = "time_ms".to_owned();
    columns.push(Column { name, dtype: Dtype::U32, shape: vec![rows], bytes: times });
    for (camera, name) in sizes.cameras.iter().enumerate() {
        let frames = moments.iter().filter_map(|moment| moment.frames.get(camera));
        let bytes = frames.flatten().copied().collect();
        let shape = vec![rows, sizes.height_px, sizes.width_px, 3];
        columns.push(Column { name: format!("frames.{name}"), dtype: Dtype::U8, shape, bytes });
    }
    columns
}

impl EpisodeHeader {
    fn of(episode: &Episode) -> Self {
        Self {
            seed: episode.seed,
            target: episode.target,
            moments: episode.moments.len(),
            objects: episode.objects.clone(),
        }
    }
}

/// An open shard, read row by row: a dataset need not fit into memory.
#[derive(Debug)]
pub struct Shard {
    path: PathBuf,
    file: File,
    /// Where each column's rows start, and the bytes of a row.
    columns: HashMap<String, (u64, usize)>,
    rows: usize,
    episodes: Vec<EpisodeHeader>,
}

impl Shard {
    /// Opens the shard at `path` and checks that its columns have these sizes.
    ///
    /// # Errors
    /// If it cannot be read or is no such shard.
    pub fn open(path: &Path, sizes: &Sizes) -> Result<Self, DatasetError> {
        let read = |source| DatasetError::Read { path: path.to_path_buf(), source };
        let broken = |problem| DatasetError::Broken { path: path.to_path_buf(), problem };
        let mut file = File::open(path).map_err(read)?;
        let mut length = [0; 8];
        file.read_exact(&mut length).map_err(read)?;
        let length = u64::from_le_bytes(length);
        let file_bytes = file.metadata().map_err(read)?.len();
        if length > HEADER_BYTES_MAX.min(file_bytes) {
            return Err(broken("its header is longer than the file"));
        }
        let mut header = vec![0; usize::try_from(length).unwrap_or(0)];
        file.read_exact(&mut header).map_err(read)?;
        let metadata: Metadata =
            serde_json::from_slice(&header).map_err(|_bad| broken("its header is no JSON"))?;
        let episodes = metadata.metadata().as_ref().and_then(|map| map.get(EPISODES_KEY));
        let episodes: Vec<EpisodeHeader> = episodes
            .and_then(|json| serde_json::from_str(json).ok())
            .ok_or_else(|| broken("its header lists no episodes"))?;
        let rows = episodes.iter().map(|episode| episode.moments).sum();
        let start = 8 + length;
        let mut columns = HashMap::new();
        for (name, dtype, row) in expected(sizes) {
            let info = metadata.info(&name).ok_or_else(|| broken("a column is missing"))?;
            let shape = [&[rows][..], &row].concat();
            let end = start + u64::try_from(info.data_offsets.1).unwrap_or(u64::MAX);
            if info.shape != shape || info.dtype != dtype || end > file_bytes {
                return Err(broken("a column has another size than the dataset's"));
            }
            let width = row.iter().product::<usize>() * if dtype == Dtype::U8 { 1 } else { 4 };
            let offset = u64::try_from(info.data_offsets.0).unwrap_or(u64::MAX);
            columns.insert(name, (start + offset, width));
        }
        Ok(Self { path: path.to_path_buf(), file, columns, rows, episodes })
    }

    /// How many moments it holds.
    #[must_use]
    pub const fn rows(&self) -> usize {
        self.rows
    }

    /// Its episodes, in the order of their rows.
    #[must_use]
    pub fn episodes(&self) -> &[EpisodeHeader] {
        &self.episodes
    }

    /// Reads one row of a column of bytes.
    ///
    /// # Errors
    /// If there is no such row, or the file cannot be read.
    pub fn bytes(&self, column: &str, row: usize, out: &mut [u8]) -> Result<(), DatasetError> {
        self.bytes_at(column, row, 0, out)
    }

    /// Reads `out.len()` numbers of a row of a column, from the number `skip` on.
    ///
    /// # Errors
    /// If there is no such part of a row, or the file cannot be read.
    pub fn numbers(
        &self,
        column: &str,
        row: usize,
        skip: usize,
        out: &mut [f32],
    ) -> Result<(), DatasetError> {
        let mut bytes = vec![0; 4 * out.len()];
        self.bytes_at(column, row, 4 * skip, &mut bytes)?;
        for (value, bytes) in out.iter_mut().zip(bytes.as_chunks::<4>().0) {
            *value = f32::from_le_bytes(*bytes);
        }
        Ok(())
    }

    /// Reads all rows of a column of numbers.
    ///
    /// # Errors
    /// If there is no such column, or the file cannot be read.
    pub fn all_numbers(&self, column: &str) -> Result<Vec<f32>, DatasetError> {
        let width = self.columns.get(column).map_or(0, |&(_, width)| width / 4);
        let mut out = vec![0.0; self.rows * width];
        for (row, values) in out.chunks_exact_mut(width.max(1)).enumerate() {
            self.numbers(column, row, 0, values)?;
        }
        Ok(out)
    }

    fn bytes_at(
        &self,
        column: &str,
        row: usize,
        skip: usize,
        out: &mut [u8],
    ) -> Result<(), DatasetError> {
        let outside = || DatasetError::Broken {
            path: self.path.clone(),
            problem: "a row was asked for that it does not hold",
        };
        let &(start, width) = self.columns.get(column).ok_or_else(outside)?;
        if row >= self.rows || skip + out.len() > width {
            return Err(outside());
        }
        let offset = start + u64::try_from(row * width + skip).unwrap_or(u64::MAX);
        let read = |source| DatasetError::Read { path: self.path.clone(), source };
        self.file.read_exact_at(out, offset).map_err(read)
    }
}

/// Name, type and row shape of each column a shard must have.
fn expected(sizes: &Sizes) -> Vec<(String, Dtype, Vec<usize>)> {
    let floats = float_columns(sizes);
    let mut columns: Vec<_> =
        floats.into_iter().map(|(name, row)| (name.to_owned(), Dtype::F32, row)).collect();
    columns.push(("time_ms".to_owned(), Dtype::U32, Vec::new()));
    for camera in &sizes.cameras {
        let row = vec![sizes.height_px, sizes.width_px, 3];
        columns.push((format!("frames.{camera}"), Dtype::U8, row));
    }
    columns
}
