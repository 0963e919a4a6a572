//! A bundle in memory.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use tandem_types::ModelId;

use crate::document::Document;
use crate::error::BundleError;
use crate::files::{FILE_BYTES_MAX, MANIFEST_BYTES_MAX, confined, read};
use crate::manifest::{self, Manifest, Role};
use crate::weights::{self, Tensor};
use crate::{Digest, Finding, Position, parameters};

/// The name of the manifest in a bundle's folder.
pub const BUNDLE_FILE: &str = "bundle.toml";
/// The name of the weights in a bundle's folder.
pub const WEIGHTS_FILE: &str = "model.safetensors";

/// A policy that was read from its folder and found sound: hashes right, every tensor finite and
/// of the shape its network needs.
#[derive(Clone, Debug)]
pub struct Bundle {
    // Invariant: these were checked against each other by `inspect`.
    manifest: Manifest,
    weights: BTreeMap<String, Tensor>,
    /// The files that are neither weights nor networks, by name.
    extras: BTreeMap<String, Vec<u8>>,
    model_id: ModelId,
    /// The manifest's text, for the places of its keys.
    document: Document,
    dir: PathBuf,
}

impl Bundle {
    /// Reads and checks the bundle in `dir`.
    ///
    /// # Errors
    /// The first thing that is wrong with it; [`inspect`](Self::inspect) lists all.
    pub fn load(dir: impl AsRef<Path>) -> Result<Self, BundleError> {
        let dir = dir.as_ref();
        Self::inspect(dir).map_err(|errors| {
            // `inspect` never fails with an empty list; a total answer costs one line.
            let nothing = || Finding::at(dir, Position::START, "refused", "run `tandem check`");
            errors.into_iter().next().unwrap_or_else(|| BundleError::Manifest(nothing()))
        })
    }

    /// Reads and checks the bundle in `dir`, and says everything that is wrong with it.
    ///
    /// # Errors
    /// One for each thing that is wrong.
    pub fn inspect(dir: impl AsRef<Path>) -> Result<Self, Vec<BundleError>> {
        let dir = dir.as_ref();
        let manifest_file = dir.join(BUNDLE_FILE);
        let text = read(&manifest_file, MANIFEST_BYTES_MAX).map_err(|error| vec![error])?;
        let (manifest, document) = manifest::read(&manifest_file, &String::from_utf8_lossy(&text))
            .map_err(|findings| {
                findings.into_iter().map(BundleError::Manifest).collect::<Vec<_>>()
            })?;

        let mut errors = Vec::new();
        let mut weights = Vec::new();
        let mut extras = BTreeMap::new();
        let is_onnx =
            |name: &str| manifest.networks.iter().any(|it| it.onnx.as_deref() == Some(name));
        for (name, &expected) in &manifest.files {
            match verified(dir, name, expected) {
                Ok(bytes) if name == WEIGHTS_FILE => weights = bytes,
                Ok(_) if is_onnx(name) => {}
                Ok(bytes) => drop(extras.insert(name.clone(), bytes)),
                Err(error) => errors.push(error),
            }
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        let model_id = Digest::of(&weights).model_id();
        let weights_file = dir.join(WEIGHTS_FILE);
        let weights = weights::read(&weights_file, &weights)?;
        errors.extend(parameters::check(&weights_file, &manifest, &weights));
        errors.extend(own_model(&document, &manifest, model_id));
        if errors.is_empty() {
            let dir = dir.to_path_buf();
            Ok(Self { manifest, weights, extras, model_id, document, dir })
        } else {
            Err(errors)
        }
    }

    /// What it takes, gives and was made from.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The weights of all its networks, under `<network>.<parameter>`.
    #[must_use]
    pub fn weights(&self) -> &BTreeMap<String, Tensor> {
        &self.weights
    }

    /// Its files beside weights and networks, such as a tokenizer, by name.
    #[must_use]
    pub fn extras(&self) -> &BTreeMap<String, Vec<u8>> {
        &self.extras
    }

    /// Its folder.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The place of a key in its manifest, as [`Document::position`] says it.
    #[must_use]
    pub fn position(&self, key: &str) -> Position {
        self.document.position(key)
    }

    /// The same bundle, found in another folder.
    pub(crate) fn moved_to(self, dir: &Path) -> Self {
        let document = self.document.moved_to(dir.join(BUNDLE_FILE));
        Self { dir: dir.to_path_buf(), document, ..self }
    }

    /// The identity of its weights, which every latent goal and every chunk carries.
    #[must_use]
    pub fn model_id(&self) -> ModelId {
        self.model_id
    }
}

/// The bytes of a listed file, if they are the ones listed.
fn verified(dir: &Path, name: &str, expected: Digest) -> Result<Vec<u8>, BundleError> {
    let file = confined(dir, name)?;
    let bytes = read(&file, FILE_BYTES_MAX)?;
    let found = Digest::of(&bytes);
    if found == expected { Ok(bytes) } else { Err(BundleError::Hash { file, expected, found }) }
}

/// The latent goals of a System 2 bear its own id.
fn own_model(document: &Document, manifest: &Manifest, own: ModelId) -> Option<BundleError> {
    let named = manifest.latent.model;
    if matches!(manifest.role, Role::System1(_)) || named == own {
        return None;
    }
    let problem = format!("is {:016x}, but this System 2 is {:016x}", named.0, own.0);
    let mend = "write its own id there, or export the bundle anew";
    Some(BundleError::Manifest(document.finding("latent.model", problem, mend)))
}
