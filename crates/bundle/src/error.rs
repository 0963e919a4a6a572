//! Why a bundle was refused, or could not be written.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::{Digest, Finding};

/// Why a bundle was refused, or could not be written.
#[derive(Debug, Error)]
pub enum BundleError {
    /// A file could not be read.
    #[error("{}: cannot be read ({error}); check the path and the file's permissions", .file.display())]
    Read {
        /// The file.
        file: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// A file could not be written.
    #[error("{}: cannot be written ({error}); check the free space and the permissions", .file.display())]
    Write {
        /// The file.
        file: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// A folder that is no bundle would have been replaced.
    #[error("{}: holds other files than a bundle; name an empty or a new folder", .dir.display())]
    Occupied {
        /// The folder.
        dir: PathBuf,
    },
    /// A file is larger than any of its kind should be.
    #[error("{}: is larger than {bytes_max} bytes; it is no file of a bundle, remove it", .file.display())]
    TooLarge {
        /// The file.
        file: PathBuf,
        /// The limit.
        bytes_max: u64,
    },
    /// A file of the bundle lies elsewhere.
    #[error(
        "{}: leads out of the bundle's folder, to {}; copy that file into the folder",
        .file.display(), .target.display()
    )]
    Escapes {
        /// The file.
        file: PathBuf,
        /// Where it leads.
        target: PathBuf,
    },
    /// The manifest is wrong at one place.
    #[error("{0}")]
    Manifest(Finding),
    /// A file is not the one the manifest speaks of.
    #[error(
        "{}: its SHA-256 is {found}, but bundle.toml says {expected}; \
         fetch the bundle again, or export it anew",
        .file.display()
    )]
    Hash {
        /// The file.
        file: PathBuf,
        /// What the manifest says.
        expected: Digest,
        /// What the file has.
        found: Digest,
    },
    /// The weights file as a whole is wrong.
    #[error("{}: {fault}; fetch the bundle again, or export it anew", .file.display())]
    Weights {
        /// The weights file.
        file: PathBuf,
        /// What is wrong with it.
        fault: WeightsFault,
    },
    /// One tensor is wrong.
    #[error("{}: tensor `{tensor}` {fault}; train or export the bundle anew", .file.display())]
    Tensor {
        /// The weights file.
        file: PathBuf,
        /// The tensor's name.
        tensor: String,
        /// What is wrong with it.
        fault: TensorFault,
    },
}

/// What is wrong with a weights file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum WeightsFault {
    /// The header does not fit into the file.
    #[error("is cut off within its header: {bytes} bytes of {bytes_needed}")]
    HeaderCut {
        /// The file's length.
        bytes: usize,
        /// The length the header needs.
        bytes_needed: u64,
    },
    /// The header is no safetensors header.
    #[error("its safetensors header cannot be read (at byte {byte} of it)")]
    Header {
        /// Where the reading stopped.
        byte: usize,
    },
    /// The header lists too many tensors.
    #[error("lists {tensors} tensors, more than the {tensors_max} allowed")]
    TooMany {
        /// How many.
        tensors: usize,
        /// The limit.
        tensors_max: usize,
    },
    /// The tensors end before or after the file.
    #[error("is {bytes} bytes long, but its header speaks of {bytes_needed}")]
    Length {
        /// The file's length.
        bytes: usize,
        /// What the header says.
        bytes_needed: u64,
    },
}

/// What is wrong with one tensor.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TensorFault {
    /// It reaches past the end of the file.
    #[error("is truncated: it needs bytes up to {end}, but the file has {bytes}")]
    Truncated {
        /// Where its data ends.
        end: u64,
        /// The file's length.
        bytes: usize,
    },
    /// Its bytes do not follow the tensor before it.
    #[error("leaves a gap or overlaps another tensor")]
    Misplaced,
    /// Its numbers are neither F32 nor F16.
    #[error("is of type {dtype}, but only F32 and F16 are supported")]
    Type {
        /// The type it has.
        dtype: String,
    },
    /// Its shape and its length disagree.
    #[error("has shape {shape:?} but {bytes} bytes")]
    Size {
        /// Its shape.
        shape: Vec<usize>,
        /// Its length.
        bytes: u64,
    },
    /// A number is NaN or infinite.
    #[error("is not finite at element {element}")]
    NotFinite {
        /// The first bad one.
        element: usize,
    },
    /// A network needs it and it is not there.
    #[error("is missing, which network `{network}` needs with shape {shape:?}")]
    Missing {
        /// The network.
        network: String,
        /// The shape it should have.
        shape: Vec<usize>,
    },
    /// Its shape is not the one the network's architecture has.
    #[error("has shape {found:?}, but the architecture of network `{network}` has {expected:?}")]
    Shape {
        /// The network.
        network: String,
        /// The shape it should have.
        expected: Vec<usize>,
        /// The shape it has.
        found: Vec<usize>,
    },
    /// No network of the manifest has it.
    #[error("belongs to no network in bundle.toml")]
    Superfluous,
}

impl BundleError {
    /// The file at fault.
    #[must_use]
    pub fn file(&self) -> &Path {
        match self {
            Self::Read { file, .. }
            | Self::Write { file, .. }
            | Self::TooLarge { file, .. }
            | Self::Escapes { file, .. }
            | Self::Hash { file, .. }
            | Self::Weights { file, .. }
            | Self::Tensor { file, .. } => file,
            Self::Occupied { dir } => dir,
            Self::Manifest(finding) => &finding.file,
        }
    }
}

impl From<BundleError> for Finding {
    fn from(error: BundleError) -> Self {
        if let BundleError::Manifest(finding) = error {
            return finding;
        }
        let tensor = match &error {
            BundleError::Tensor { tensor, .. } => Some(tensor.clone()),
            _ => None,
        };
        Self { file: error.file().to_path_buf(), position: None, tensor, text: error.to_string() }
    }
}
