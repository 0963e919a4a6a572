//! The files of a bundle: names that stay in its folder, sizes with a limit, and hashes.

use core::fmt;
use core::str::FromStr;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Component, Path, PathBuf};

use sha2::{Digest as _, Sha256};
use tandem_types::ModelId;
use thiserror::Error;

use crate::BundleError;

/// Far above any policy that runs 200 times a second on a CPU; below the memory of the machine.
pub(crate) const FILE_BYTES_MAX: u64 = 1 << 30;
/// The manifest is text for people.
pub(crate) const MANIFEST_BYTES_MAX: u64 = 1 << 20;

/// The SHA-256 of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digest([u8; 32]);

/// Not the spelling of a [`Digest`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("is no SHA-256")]
pub struct DigestError;

impl Digest {
    /// The hash of `bytes`.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The model whose weights have this hash: its first eight bytes.
    #[must_use]
    pub fn model_id(&self) -> ModelId {
        let [a, b, c, d, e, f, g, h, ..] = self.0;
        ModelId(u64::from_be_bytes([a, b, c, d, e, f, g, h]))
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for Digest {
    type Err = DigestError;

    fn from_str(text: &str) -> Result<Self, DigestError> {
        let mut bytes = [0; 32];
        if text.len() != 64 || !text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(DigestError);
        }
        for (byte, start) in bytes.iter_mut().zip((0..64).step_by(2)) {
            let digits = text.get(start..start + 2).ok_or(DigestError)?;
            *byte = u8::from_str_radix(digits, 16).map_err(|_not_hex| DigestError)?;
        }
        Ok(Self(bytes))
    }
}

/// Whether `name` is one file name and nothing else.
pub(crate) fn is_plain(name: &str) -> bool {
    let mut components = Path::new(name).components();
    let first = components.next();
    components.next().is_none()
        && matches!(first, Some(Component::Normal(only)) if only == name)
        && !name.contains(['\\', '\0'])
}

/// The file `name` in `dir`, unless a link leads it out of there.
pub(crate) fn confined(dir: &Path, name: &str) -> Result<PathBuf, BundleError> {
    let file = dir.join(name);
    let resolve = |path: &Path| path.canonicalize().map_err(|error| unreadable(path, error));
    let target = resolve(&file)?;
    if is_plain(name) && target.starts_with(resolve(dir)?) {
        Ok(file)
    } else {
        Err(BundleError::Escapes { file, target })
    }
}

/// Everything in `file`, up to a limit.
pub(crate) fn read(file: &Path, bytes_max: u64) -> Result<Vec<u8>, BundleError> {
    let open = File::open(file).map_err(|error| unreadable(file, error))?;
    let mut bytes = Vec::new();
    // One more than the limit, so that a file at the limit is told from one above it.
    open.take(bytes_max + 1).read_to_end(&mut bytes).map_err(|error| unreadable(file, error))?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length <= bytes_max) {
        Ok(bytes)
    } else {
        Err(BundleError::TooLarge { file: file.to_path_buf(), bytes_max })
    }
}

fn unreadable(file: &Path, error: io::Error) -> BundleError {
    BundleError::Read { file: file.to_path_buf(), error }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spells_and_reads_the_known_hash_of_nothing() {
        let text = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(Digest::of(b"").to_string(), text);
        assert_eq!(text.parse(), Ok(Digest::of(b"")));
        assert_eq!(Digest::of(b"").model_id(), ModelId(0xe3b0_c442_98fc_1c14));
        for bad in ["", "e3b0", &text.replace('e', "g"), &text.replace("e3", "\u{e9}")] {
            assert_eq!(bad.parse::<Digest>(), Err(DigestError), "{bad}");
        }
    }

    #[test]
    fn only_plain_names_stay_in_the_folder() {
        assert!(is_plain("model.safetensors"));
        for name in ["", ".", "..", "../a", "/a", "a/b", "a/", "./a", "a\\b"] {
            assert!(!is_plain(name), "{name}");
        }
    }

    #[test]
    fn a_link_out_of_the_folder_is_refused() {
        let outside = tempfile::tempdir().unwrap();
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(outside.path().join("secret"), b"x").unwrap();
        std::os::unix::fs::symlink(outside.path().join("secret"), dir.path().join("a.onnx"))
            .unwrap();
        assert!(matches!(confined(dir.path(), "a.onnx"), Err(BundleError::Escapes { .. })));
    }

    #[test]
    fn reads_up_to_the_limit_and_no_further() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("a");
        std::fs::write(&file, [0; 10]).unwrap();
        assert_eq!(read(&file, 10).unwrap().len(), 10);
        assert!(matches!(read(&file, 9), Err(BundleError::TooLarge { bytes_max: 9, .. })));
    }
}
