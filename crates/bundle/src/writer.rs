//! Making a bundle.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use half::f16;
use safetensors::{Dtype, View};

use crate::bundle::{BUNDLE_FILE, Bundle, WEIGHTS_FILE};
use crate::error::{BundleError, TensorFault, WeightsFault};
use crate::files::{self, Digest, FILE_BYTES_MAX};
use crate::manifest::{Manifest, NormRange, Role};
use crate::weights::Tensor;

/// How exactly weights are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// As they are.
    F32,
    /// Rounded to half precision: half the size on disk, 11 significant bits.
    F16,
}

/// Collects the parts of a bundle and writes them as one.
#[derive(Clone, Debug)]
pub struct BundleWriter {
    manifest: Manifest,
    weights: Weights,
    /// Networks as ONNX, and what else the bundle needs.
    files: BTreeMap<String, Vec<u8>>,
}

#[derive(Clone, Debug)]
enum Weights {
    Tensors(BTreeMap<String, Tensor>, Precision),
    /// Those of the bundle in this folder, byte for byte.
    Kept(PathBuf),
}

impl BundleWriter {
    /// A new bundle. Of `manifest`, the writer fills in `files` and, for a System 2, the
    /// `latent.model`.
    #[must_use]
    pub fn new(
        manifest: Manifest,
        weights: BTreeMap<String, Tensor>,
        precision: Precision,
    ) -> Self {
        Self { manifest, weights: Weights::Tensors(weights, precision), files: BTreeMap::new() }
    }

    /// A bundle with the weights, and so the identity, of one on disk, and with its tokenizer or the
    /// like: for adding to it.
    ///
    /// ONNX files that are not given anew are dropped.
    #[must_use]
    pub fn from_bundle(bundle: &Bundle) -> Self {
        let mut manifest = bundle.manifest().clone();
        for network in &mut manifest.networks {
            network.onnx = None;
        }
        let weights = Weights::Kept(bundle.dir().to_path_buf());
        Self { manifest, weights, files: bundle.extras().clone() }
    }

    /// Adds the ONNX form of `network`, as the file `<network>.onnx`.
    ///
    /// A network that the manifest does not know is passed over.
    #[must_use]
    pub fn with_onnx(mut self, network: &str, bytes: Vec<u8>) -> Self {
        if let Some(spec) =
            self.manifest.networks.iter_mut().find(|candidate| candidate.name == network)
        {
            let name = format!("{network}.onnx");
            spec.onnx = Some(name.clone());
            self.files.insert(name, bytes);
        }
        self
    }

    /// Adds a file that the representation needs, such as a tokenizer.
    #[must_use]
    pub fn with_file(mut self, name: impl Into<String>, bytes: Vec<u8>) -> Self {
        self.files.insert(name.into(), bytes);
        self
    }

    /// Writes the bundle to the folder `dir`, reads it back, and returns it.
    ///
    /// A reader sees the old bundle or the new one, never a mixture: everything is written to a
    /// folder beside `dir`, checked there, and renamed. Should the machine stop between the two
    /// renames that replacing an old bundle takes, the old one is left beside it as `.NAME.old`.
    ///
    /// # Errors
    /// If a file cannot be written, if `dir` holds something else, or if the bundle would not be
    /// loadable; `dir` is then as it was.
    pub fn save(mut self, dir: impl AsRef<Path>) -> Result<Bundle, BundleError> {
        let dir = dir.as_ref();
        if dir.is_dir() && !dir.join(BUNDLE_FILE).is_file() && !is_empty(dir) {
            return Err(BundleError::Occupied { dir: dir.to_path_buf() });
        }
        let bytes = self.weights.bytes(&dir.join(WEIGHTS_FILE))?;
        let digest = Digest::of(&bytes);
        if let Role::System2(_) = self.manifest.role {
            self.manifest.latent.model = digest.model_id();
        }
        let mut parts = self.files;
        parts.insert(WEIGHTS_FILE.to_owned(), bytes);
        self.manifest.files =
            parts.iter().map(|(name, bytes)| (name.clone(), Digest::of(bytes))).collect();
        parts.insert(BUNDLE_FILE.to_owned(), self.manifest.to_toml().into_bytes());

        let partial = beside(dir, "partial");
        let written = write_all(&partial, &parts)
            .and_then(|()| Bundle::load(&partial))
            .and_then(|bundle| replace(&partial, dir).map(|()| bundle));
        if written.is_err() {
            // The first error is the one to tell; what is left behind is overwritten next time.
            fs::remove_dir_all(&partial).ok();
        }
        Ok(written?.moved_to(dir))
    }
}

impl Bundle {
    /// Writes in this bundle's folder how long the latent goals are that its policy knows. Everything
    /// else it says stays, and so does its identity, which is that of its weights.
    ///
    /// # Errors
    /// If the folder cannot be written to.
    pub fn record_latent_norm(&self, norm: NormRange) -> Result<(), BundleError> {
        let mut manifest = self.manifest().clone();
        manifest.latent.norm = Some(norm);
        let file = self.dir().join(BUNDLE_FILE);
        let partial = beside(&file, "partial");
        let write = || -> io::Result<()> {
            fs::write(&partial, manifest.to_toml())?;
            fs::rename(&partial, &file)
        };
        write().map_err(|error| unwritable(&file, error))
    }
}

impl Weights {
    fn bytes(&self, file: &Path) -> Result<Vec<u8>, BundleError> {
        let (tensors, precision) = match self {
            Self::Kept(dir) => {
                return files::read(&files::confined(dir, WEIGHTS_FILE)?, FILE_BYTES_MAX);
            }
            Self::Tensors(tensors, precision) => (tensors, *precision),
        };
        for (name, tensor) in tensors {
            let elements =
                tensor.shape.iter().try_fold(1_usize, |size, &side| size.checked_mul(side));
            if elements != Some(tensor.data.len()) {
                let bytes = u64::try_from(tensor.data.len().saturating_mul(4)).unwrap_or(u64::MAX);
                let fault = TensorFault::Size { shape: tensor.shape.clone(), bytes };
                let (file, tensor) = (file.to_path_buf(), name.clone());
                return Err(BundleError::Tensor { file, tensor, fault });
            }
        }
        let views = tensors.iter().map(|(name, tensor)| (name, Encoded::new(tensor, precision)));
        safetensors::serialize(views, None).map_err(|_oversized_header| BundleError::Weights {
            file: file.to_path_buf(),
            fault: WeightsFault::Header { byte: 0 },
        })
    }
}

/// A tensor as its bytes on disk.
struct Encoded<'a> {
    shape: &'a [usize],
    dtype: Dtype,
    bytes: Vec<u8>,
}

impl<'a> Encoded<'a> {
    fn new(tensor: &'a Tensor, precision: Precision) -> Self {
        let values = tensor.data.iter();
        let (dtype, bytes) = match precision {
            Precision::F32 => (Dtype::F32, values.flat_map(|value| value.to_le_bytes()).collect()),
            Precision::F16 => {
                (Dtype::F16, values.flat_map(|&value| f16::from_f32(value).to_le_bytes()).collect())
            }
        };
        Self { shape: &tensor.shape, dtype, bytes }
    }
}

impl View for Encoded<'_> {
    fn dtype(&self) -> Dtype {
        self.dtype
    }

    fn shape(&self) -> &[usize] {
        self.shape
    }

    fn data(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(&self.bytes)
    }

    fn data_len(&self) -> usize {
        self.bytes.len()
    }
}

/// `.NAME.suffix` in the same folder, so that a rename stays on one file system.
fn beside(dir: &Path, suffix: &str) -> PathBuf {
    let name = dir.file_name().unwrap_or_default().to_string_lossy();
    dir.with_file_name(format!(".{name}.{suffix}"))
}

fn is_empty(dir: &Path) -> bool {
    fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_none())
}

fn write_all(dir: &Path, parts: &BTreeMap<String, Vec<u8>>) -> Result<(), BundleError> {
    remove(dir)?;
    fs::create_dir_all(dir).map_err(|error| unwritable(dir, error))?;
    for (name, bytes) in parts {
        let file = dir.join(name);
        let write = || -> io::Result<()> {
            let mut open = File::create(&file)?;
            open.write_all(bytes)?;
            open.sync_all()
        };
        write().map_err(|error| unwritable(&file, error))?;
    }
    Ok(())
}

fn replace(partial: &Path, dir: &Path) -> Result<(), BundleError> {
    let old = beside(dir, "old");
    remove(&old)?;
    let failed = |error| unwritable(dir, error);
    let replaced = dir.exists();
    if replaced {
        fs::rename(dir, &old).map_err(failed)?;
    }
    if let Err(error) = fs::rename(partial, dir) {
        if replaced {
            fs::rename(&old, dir).map_err(failed)?;
        }
        return Err(failed(error));
    }
    remove(&old)
}

fn remove(dir: &Path) -> Result<(), BundleError> {
    match fs::remove_dir_all(dir) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(unwritable(dir, error)),
        _ => Ok(()),
    }
}

fn unwritable(file: &Path, error: io::Error) -> BundleError {
    BundleError::Write { file: file.to_path_buf(), error }
}

#[cfg(test)]
mod tests;
