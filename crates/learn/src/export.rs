//! A bundle's networks as ONNX files in the bundle.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use tandem_bundle::{Bundle, BundleError, BundleWriter};

use crate::onnx::{RecordError, onnx_bytes};

/// A bundle that cannot be exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The bundle cannot be read or written.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// A network cannot be written as ONNX.
    #[error("network `{network}` cannot be written as ONNX")]
    Record {
        /// Its name.
        network: String,
        /// Why.
        source: RecordError,
    },
}

/// Writes each network of the bundle in `dir` as `<network>.onnx` beside its weights, and the
/// files' hashes into its manifest. Returns the files written.
///
/// # Errors
/// If the bundle is broken or cannot be written; it is then as it was.
pub fn export(dir: &Path) -> Result<Vec<PathBuf>, ExportError> {
    let bundle = Bundle::load(dir)?;
    let mut writer = BundleWriter::from_bundle(&bundle);
    let mut files = Vec::new();
    for spec in &bundle.manifest().networks {
        let own = |name: &str| name.strip_prefix(&spec.name)?.strip_prefix('.').map(str::to_owned);
        let weights: BTreeMap<String, Vec<f32>> = bundle
            .weights()
            .iter()
            .filter_map(|(name, tensor)| Some((own(name)?, tensor.data.clone())))
            .collect();
        let bytes = onnx_bytes(&spec.name, &spec.architecture, &weights)
            .map_err(|source| ExportError::Record { network: spec.name.clone(), source })?;
        writer = writer.with_onnx(&spec.name, bytes);
        files.push(dir.join(format!("{}.onnx", spec.name)));
    }
    writer.save(dir)?;
    Ok(files)
}
