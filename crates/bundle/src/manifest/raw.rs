//! `bundle.toml` as it is spelled.

mod heads;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Manifest, Moments, NetworkSpec, Role, TensorSpec};
use crate::{Key, Kind};

pub(super) use heads::{
    RawBins, RawDiffusion, RawDiscreteDiffusion, RawE0, RawFast, RawFlow, RawHeads, RawHybrid,
    RawOat, RawVq,
};

/// Every key of a `bundle.toml`.
pub(super) const KEYS: [Key; 96] = [
    Key::must("name", Kind::Text),
    Key::must("kind", Kind::Text),
    Key::must("licence", Kind::Text),
    Key::must("rate_hz", Kind::Count),
    Key::may("representation", Kind::Text),
    Key::must("joints", Kind::Texts),
    Key::may("action", Kind::Table),
    Key::must("action.horizon", Kind::Count),
    Key::must("action.step_period_ms", Kind::Number),
    Key::must("action.scale_rad", Kind::Numbers),
    Key::may("action.range", Kind::Table),
    Key::must("action.range.low_rad", Kind::Numbers),
    Key::must("action.range.high_rad", Kind::Numbers),
    Key::may("camera", Kind::Tables),
    Key::must("camera[].name", Kind::Text),
    Key::must("camera[].width_px", Kind::Count),
    Key::must("camera[].height_px", Kind::Count),
    Key::must("latent", Kind::Table),
    Key::must("latent.dim", Kind::Count),
    Key::must("latent.model", Kind::Text),
    Key::must("latent.age_ms_min", Kind::Number),
    Key::must("latent.age_ms_max", Kind::Number),
    Key::may("latent.norm_min", Kind::Number),
    Key::may("latent.norm_max", Kind::Number),
    Key::may("normalisation", Kind::Table),
    Key::must("normalisation.q", Kind::Table),
    Key::must("normalisation.q.mean", Kind::Numbers),
    Key::must("normalisation.q.std", Kind::Numbers),
    Key::must("normalisation.dq", Kind::Table),
    Key::must("normalisation.dq.mean", Kind::Numbers),
    Key::must("normalisation.dq.std", Kind::Numbers),
    Key::must("normalisation.lead", Kind::Table),
    Key::must("normalisation.lead.mean", Kind::Numbers),
    Key::must("normalisation.lead.std", Kind::Numbers),
    Key::may("flow", Kind::Table),
    Key::must("flow.steps", Kind::Count),
    Key::must("flow.noise", Kind::Text),
    Key::may("diffusion", Kind::Table),
    Key::must("diffusion.steps", Kind::Count),
    Key::must("diffusion.training_steps", Kind::Count),
    Key::must("diffusion.noise", Kind::Text),
    Key::may("bins", Kind::Table),
    Key::must("bins.bins", Kind::Count),
    Key::must("bins.order", Kind::Text),
    Key::must("bins.choice", Kind::Text),
    Key::may("fast", Kind::Table),
    Key::must("fast.files", Kind::Texts),
    Key::must("fast.scale", Kind::Number),
    Key::must("fast.below_zero", Kind::Count),
    Key::must("fast.tokens_max", Kind::Count),
    Key::may("vq", Kind::Table),
    Key::must("vq.files", Kind::Texts),
    Key::may("oat", Kind::Table),
    Key::must("oat.files", Kind::Texts),
    Key::must("oat.tokens", Kind::Count),
    Key::may("discrete_diffusion", Kind::Table),
    Key::must("discrete_diffusion.rounds", Kind::Count),
    Key::must("discrete_diffusion.bins", Kind::Count),
    Key::must("discrete_diffusion.remask_first", Kind::Number),
    Key::must("discrete_diffusion.remask_last", Kind::Number),
    Key::must("discrete_diffusion.choice", Kind::Text),
    Key::may("e0", Kind::Table),
    Key::must("e0.steps", Kind::Count),
    Key::must("e0.bins", Kind::Count),
    Key::must("e0.noise", Kind::Text),
    Key::must("e0.choice", Kind::Text),
    Key::may("hybrid", Kind::Table),
    Key::must("hybrid.steps", Kind::Count),
    Key::must("hybrid.training_steps", Kind::Count),
    Key::must("hybrid.noise", Kind::Text),
    Key::must("hybrid.bins", Kind::Count),
    Key::must("hybrid.confidence_min", Kind::Number),
    Key::must("hybrid.choice", Kind::Text),
    Key::may("text", Kind::Table),
    Key::must("text.words", Kind::Texts),
    Key::must("text.tokens_max", Kind::Count),
    Key::must("network", Kind::Tables),
    Key::must("network[].name", Kind::Text),
    Key::must("network[].architecture", Kind::Foreign),
    Key::may("network[].onnx", Kind::Text),
    Key::must("network[].inputs", Kind::Tables),
    Key::must("network[].inputs[].name", Kind::Text),
    Key::must("network[].inputs[].shape", Kind::Counts),
    Key::must("network[].inputs[].unit", Kind::Text),
    Key::must("network[].outputs", Kind::Tables),
    Key::must("network[].outputs[].name", Kind::Text),
    Key::must("network[].outputs[].shape", Kind::Counts),
    Key::must("network[].outputs[].unit", Kind::Text),
    Key::must("training", Kind::Table),
    Key::must("training.command", Kind::Text),
    Key::must("training.seed", Kind::Text),
    Key::must("training.data_sha256", Kind::Text),
    Key::must("training.steps", Kind::Text),
    Key::may("training.*", Kind::Text),
    Key::must("files", Kind::Table),
    Key::may("files.*", Kind::Text),
];

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawManifest {
    pub(super) name: String,
    pub(super) kind: RawKind,
    pub(super) licence: String,
    pub(super) rate_hz: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) representation: Option<String>,
    pub(super) joints: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) action: Option<RawAction>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) camera: Vec<RawCamera>,
    pub(super) latent: RawLatent,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) normalisation: Option<RawNormalisation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) flow: Option<RawFlow>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) diffusion: Option<RawDiffusion>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) bins: Option<RawBins>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) fast: Option<RawFast>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) vq: Option<RawVq>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) oat: Option<RawOat>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) discrete_diffusion: Option<RawDiscreteDiffusion>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) e0: Option<RawE0>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) hybrid: Option<RawHybrid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) text: Option<RawText>,
    pub(super) network: Vec<RawNetwork>,
    pub(super) training: BTreeMap<String, String>,
    pub(super) files: BTreeMap<String, String>,
}

#[derive(Clone, Copy, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum RawKind {
    System1,
    System2,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawAction {
    pub(super) horizon: usize,
    pub(super) step_period_ms: f64,
    pub(super) scale_rad: Vec<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) range: Option<RawRange>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawRange {
    pub(super) low_rad: Vec<f64>,
    pub(super) high_rad: Vec<f64>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawCamera {
    pub(super) name: String,
    pub(super) width_px: usize,
    pub(super) height_px: usize,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawLatent {
    pub(super) dim: usize,
    pub(super) model: String,
    pub(super) age_ms_min: f64,
    pub(super) age_ms_max: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) norm_min: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) norm_max: Option<f64>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawNormalisation {
    pub(super) q: RawMoments,
    pub(super) dq: RawMoments,
    pub(super) lead: RawMoments,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawMoments {
    pub(super) mean: Vec<f64>,
    pub(super) std: Vec<f64>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawText {
    pub(super) words: Vec<String>,
    pub(super) tokens_max: usize,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawNetwork {
    pub(super) name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) onnx: Option<String>,
    pub(super) architecture: toml::Table,
    pub(super) inputs: Vec<RawTensor>,
    pub(super) outputs: Vec<RawTensor>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawTensor {
    pub(super) name: String,
    pub(super) shape: Vec<usize>,
    pub(super) unit: String,
}

impl From<&Manifest> for RawManifest {
    fn from(manifest: &Manifest) -> Self {
        let system1 = manifest.system1();
        let heads = system1.map(|spec| RawHeads::from(&spec.representation)).unwrap_or_default();
        let milliseconds = |duration: core::time::Duration| duration.as_secs_f64() * 1e3;
        Self {
            name: manifest.name.clone(),
            kind: match manifest.role {
                Role::System1(_) => RawKind::System1,
                Role::System2(_) => RawKind::System2,
            },
            licence: manifest.licence.clone(),
            rate_hz: manifest.rate_hz,
            representation: system1.map(|spec| spec.representation.to_string()),
            joints: manifest.joints.clone(),
            action: system1.map(|spec| RawAction {
                horizon: spec.action.horizon,
                step_period_ms: milliseconds(spec.action.step_period),
                scale_rad: spec.action.scale_rad.clone(),
                range: spec.action.range.as_ref().map(|range| RawRange {
                    low_rad: range.low_rad.clone(),
                    high_rad: range.high_rad.clone(),
                }),
            }),
            camera: manifest.cameras.iter().map(RawCamera::from).collect(),
            latent: RawLatent {
                dim: manifest.latent.dim,
                model: format!("{:016x}", manifest.latent.model.0),
                age_ms_min: milliseconds(manifest.latent.age_min),
                age_ms_max: milliseconds(manifest.latent.age_max),
                norm_min: manifest.latent.norm.map(|norm| norm.min),
                norm_max: manifest.latent.norm.map(|norm| norm.max),
            },
            normalisation: system1.map(|spec| RawNormalisation {
                q: RawMoments::from(&spec.normalisation.q),
                dq: RawMoments::from(&spec.normalisation.dq),
                lead: RawMoments::from(&spec.normalisation.lead),
            }),
            flow: heads.flow,
            diffusion: heads.diffusion,
            bins: heads.bins,
            fast: heads.fast,
            vq: heads.vq,
            oat: heads.oat,
            discrete_diffusion: heads.discrete_diffusion,
            e0: heads.e0,
            hybrid: heads.hybrid,
            text: manifest.system2().map(|spec| RawText {
                words: spec.text.words.clone(),
                tokens_max: spec.text.tokens_max,
            }),
            network: manifest.networks.iter().map(RawNetwork::from).collect(),
            training: manifest.training.clone(),
            files: manifest
                .files
                .iter()
                .map(|(name, hash)| (name.clone(), hash.to_string()))
                .collect(),
        }
    }
}

impl From<&super::CameraInput> for RawCamera {
    fn from(camera: &super::CameraInput) -> Self {
        let super::CameraInput { name, width_px, height_px } = camera.clone();
        Self { name, width_px, height_px }
    }
}

impl From<&Moments> for RawMoments {
    fn from(moments: &Moments) -> Self {
        Self { mean: moments.mean.clone(), std: moments.std.clone() }
    }
}

impl From<&NetworkSpec> for RawNetwork {
    fn from(network: &NetworkSpec) -> Self {
        Self {
            name: network.name.clone(),
            onnx: network.onnx.clone(),
            // An architecture is an enum of plain structs, which TOML can spell. An empty table
            // fails the writer's own reading.
            architecture: toml::Table::try_from(&network.architecture).unwrap_or_default(),
            inputs: network.inputs.iter().map(RawTensor::from).collect(),
            outputs: network.outputs.iter().map(RawTensor::from).collect(),
        }
    }
}

impl From<&TensorSpec> for RawTensor {
    fn from(tensor: &TensorSpec) -> Self {
        let TensorSpec { name, shape, unit } = tensor.clone();
        Self { name, shape, unit }
    }
}
