//! A trained head and its backbone's encoder as a bundle.

use std::collections::BTreeMap;
use std::path::PathBuf;

use tandem_bundle::{BundleWriter, ChunkRange, NetworkSpec, Precision, Role};

use super::{HeadJob, Trained};
use crate::error::TrainError;
use crate::objective::Objective;
use crate::ship::unit;
use crate::validate::Metrics;

pub(super) fn ship(
    job: &HeadJob<'_>,
    range: &ChunkRange,
    objective: &dyn Objective,
    trained: &Trained,
    metrics: &Metrics,
) -> Result<PathBuf, TrainError> {
    let mut manifest = job.backbone.manifest().clone();
    manifest.name.clone_from(&job.config.name);
    manifest.rate_hz = objective.rate_hz(manifest.rate_hz);
    if let Role::System1(spec) = &mut manifest.role {
        spec.representation = objective.representation();
        spec.action.range = Some(range.clone());
    }
    manifest.training = training(job, metrics);
    manifest.files.clear();
    manifest.networks.retain(|network| network.name == "encoder");
    manifest.networks.iter_mut().for_each(|network| network.onnx = None);
    let networks = trained.networks().iter();
    let specs = networks.map(|(name, network)| NetworkSpec::new(*name, network.clone(), unit));
    manifest.networks.extend(specs);

    let encoder = job.backbone.weights().iter().filter(|(name, _)| name.starts_with("encoder."));
    let weights = encoder.chain(trained.weights());
    let weights = weights.map(|(name, tensor)| (name.clone(), tensor.clone())).collect();
    let mut writer = BundleWriter::new(manifest, weights, Precision::F16);
    for (name, bytes) in trained.files() {
        writer = writer.with_file(name, bytes.clone());
    }
    let dir = job.out.join(&job.config.name);
    writer.save(&dir)?;
    Ok(dir)
}

/// How the head came about; what its encoder came from stands behind `backbone_`.
fn training(job: &HeadJob<'_>, metrics: &Metrics) -> BTreeMap<String, String> {
    let backbone = job.backbone.manifest();
    let of_backbone = |key: &str| backbone.training.get(key).cloned().unwrap_or_default();
    let Metrics { action_error_mrad, action_at_rest_mrad, .. } = metrics;
    let words = [
        ("command", job.command.to_owned()),
        ("seed", job.config.seed.to_string()),
        ("steps", job.config.steps.to_string()),
        ("batch", job.config.batch.to_string()),
        ("samples", job.config.samples.to_string()),
        ("data_sha256", of_backbone("data_sha256")),
        ("backbone", backbone.name.clone()),
        ("backbone_model", format!("{:016x}", job.backbone.model_id().0)),
        ("held_out_action_error_mrad", format!("{action_error_mrad:.3}")),
        ("held_out_action_at_rest_mrad", format!("{action_at_rest_mrad:.3}")),
    ];
    words.map(|(key, value)| (key.to_owned(), value)).into()
}
