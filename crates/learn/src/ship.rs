//! Trained weights as bundles.

use core::time::Duration;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use tandem_bundle::{
    Action, Bundle, BundleWriter, CameraInput, Latent, Manifest, NetworkSpec, Precision,
    Representation, Role, System1Spec, System2Spec, Tensor, Text,
};
use tandem_networks::Architecture;
use tandem_system2::Tokenizer;
use tandem_types::ModelId;

use crate::config::{Networks, TrainConfig};
use crate::dataset::Dataset;
use crate::error::TrainError;
use crate::scale::Scales;
use crate::train::TrainJob;
use crate::validate::Metrics;

/// The licence of weights trained here: that of the code they were made with.
const LICENCE: &str = "MIT OR Apache-2.0";

/// Everything a finished run leaves behind.
pub(crate) struct Shipment<'a> {
    pub(crate) job: &'a TrainJob<'a>,
    pub(crate) config: &'a TrainConfig,
    pub(crate) dataset: &'a Dataset,
    pub(crate) scales: &'a Scales,
    /// Under `<network>.<parameter>`.
    pub(crate) weights: &'a BTreeMap<String, Vec<f32>>,
    pub(crate) metrics: &'a Metrics,
}

/// Writes the bundles: System 2 first, if it was trained, for System 1 names it.
pub(crate) fn ship(shipment: &Shipment<'_>) -> Result<(PathBuf, Option<PathBuf>), TrainError> {
    let Shipment { job, config, dataset, .. } = shipment;
    let words = &dataset.manifest().words;
    let tokens = Tokenizer::new(words, config.system2.tokens_max).words();
    let networks = config.networks(dataset.sizes(), tokens);
    let (model, system2) = match job.system2 {
        Some(bundle) => (bundle.model_id(), None),
        None => {
            let dir = job.out.join(&config.system2_name);
            let bundle = shipment.write_system2(&networks, &dir)?;
            (bundle.model_id(), Some(dir))
        }
    };
    let dir = job.out.join(&config.system1_name);
    shipment.write_system1(&networks, model, &dir)?;
    Ok((dir, system2))
}

impl Shipment<'_> {
    fn write_system2(&self, networks: &Networks, dir: &Path) -> Result<Bundle, TrainError> {
        let system2 = &self.config.system2;
        let words = self.dataset.manifest().words.clone();
        let text = Text { words, tokens_max: system2.tokens_max };
        let role = Role::System2(System2Spec { text });
        let name = &self.config.system2_name;
        // The writer puts the model's own id in.
        let manifest = self.manifest(name, system2.rate_hz, role, ModelId(0));
        self.write(manifest, &[("model", &networks.model)], dir)
    }

    fn write_system1(
        &self,
        networks: &Networks,
        model: ModelId,
        dir: &Path,
    ) -> Result<Bundle, TrainError> {
        let role = Role::System1(System1Spec {
            representation: Representation::Regression,
            action: Action {
                horizon: self.config.horizon,
                step_period: Duration::from_millis(self.config.step_period_ms.into()),
                scale_rad: self.scales.action_rad.clone(),
                range: None,
            },
            normalisation: self.scales.normalisation.clone(),
        });
        let name = &self.config.system1_name;
        let manifest = self.manifest(name, self.config.system1.rate_hz, role, model);
        self.write(manifest, &[("encoder", &networks.encoder), ("head", &networks.head)], dir)
    }

    fn manifest(&self, name: &str, rate_hz: u32, role: Role, model: ModelId) -> Manifest {
        let sizes = self.dataset.sizes();
        let (width_px, height_px) = (sizes.width_px, sizes.height_px);
        let camera = |name: &String| CameraInput { name: name.clone(), width_px, height_px };
        Manifest {
            name: name.to_owned(),
            licence: LICENCE.to_owned(),
            rate_hz,
            joints: sizes.joints.clone(),
            cameras: sizes.cameras.iter().map(camera).collect(),
            latent: Latent {
                dim: self.config.system2.latent,
                model,
                age_min: Duration::ZERO,
                age_max: Duration::from_millis(self.config.latent_age_ms_max.into()),
            },
            role,
            networks: Vec::new(),
            training: self.training(),
            files: BTreeMap::new(),
        }
    }

    fn training(&self) -> BTreeMap<String, String> {
        let Metrics { action_error_mrad, action_at_rest_mrad, place_error_mm_p50, .. } =
            self.metrics;
        let mut words = vec![
            ("command", self.job.command.to_owned()),
            ("seed", self.config.seed.to_string()),
            ("steps", self.config.steps.to_string()),
            ("batch", self.config.batch.to_string()),
            ("data_sha256", self.dataset.manifest().sha256()),
            ("episodes", self.dataset.episodes().len().to_string()),
            ("held_out_action_error_mrad", format!("{action_error_mrad:.3}")),
            ("held_out_action_at_rest_mrad", format!("{action_at_rest_mrad:.3}")),
        ];
        if let Some(place_mm) = place_error_mm_p50 {
            words.push(("held_out_place_error_mm_p50", format!("{place_mm:.1}")));
        }
        words.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
    }

    fn write(
        &self,
        mut manifest: Manifest,
        networks: &[(&str, &Architecture)],
        dir: &Path,
    ) -> Result<Bundle, TrainError> {
        let mut tensors = BTreeMap::new();
        for (network, architecture) in networks {
            for parameter in architecture.parameters()? {
                let name = format!("{network}.{}", parameter.name);
                let data = self.weights.get(&name).cloned().unwrap_or_default();
                tensors.insert(name, Tensor { shape: parameter.shape, data });
            }
            manifest.networks.push(NetworkSpec::new(*network, (*architecture).clone(), unit));
        }
        Ok(BundleWriter::new(manifest, tensors, Precision::F16).save(dir)?)
    }
}

/// The unit of a network's input or output, for people.
pub(crate) fn unit(tensor: &str) -> &'static str {
    match tensor {
        "tokens" => "word id",
        "joints" => "rad",
        "posture" => "standard deviations",
        "chunk" => "action.scale_rad from the command",
        "noisy" | "clean" => "action.range from the command",
        "progress" => "fraction",
        picture if picture.starts_with("picture.") => "brightness, -0.5 to 0.5",
        _ => "none",
    }
}
