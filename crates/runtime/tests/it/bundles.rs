//! Policies so small that a thousand of them are soon loaded, and so simple that it is known what
//! they do.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use tandem_bundle::{
    Action, Bundle, BundleWriter, CameraInput, Latent, Manifest, Moments, NetworkSpec,
    Normalisation, Precision, Representation, Role, System1Spec, System2Spec, Tensor, Text,
};
use tandem_config::{CameraSection, Config};
use tandem_networks::{Architecture, System1Encoder, System1Head, System2, Tower, TowerLayer};
use tandem_types::ModelId;

const LATENT_DIM: usize = 3;
const HORIZON: usize = 4;
const STEP_PERIOD: Duration = Duration::from_millis(5);

/// What an output of one means, rad.
const SCALE_RAD: f64 = 0.02;

/// A System 1 goes to its target at this many times the distance a second.
pub(crate) const RATE_PER_S: f64 = 3.0;

/// A System 2 that knows one word and whose latent goals say nothing.
pub(crate) fn system2(config: &Config, dir: &Path) -> Bundle {
    let words = vec!["go".to_owned()];
    let model = Architecture::System2(System2 {
        cameras: names(&config.cameras),
        height_px: config.cameras[0].height_px,
        width_px: config.cameras[0].width_px,
        towers: config.cameras.iter().map(|_| tower()).collect(),
        words: words.len() + 2,
        tokens_max: 2,
        dof: config.dof(),
        width: 4,
        heads: 2,
        blocks: 1,
        latent: LATENT_DIM,
    });
    let role = Role::System2(System2Spec { text: Text { words, tokens_max: 2 } });
    let networks = vec![NetworkSpec::new("model", model, |_| "1")];
    let manifest = manifest(config, "words", &config.cameras, role, networks);
    let manifest = Manifest { rate_hz: 8, ..manifest };
    let weights = weights(&manifest, |_, _| 0.05);
    BundleWriter::new(manifest, weights, Precision::F32).save(dir).unwrap()
}

/// A System 1 for the goals of `model` that goes `offset_rad` from home, every joint alike, whatever
/// it sees through the first `eyes` cameras.
pub(crate) fn system1(config: &Config, model: ModelId, offset_rad: f64, eyes: usize, dir: &Path) {
    let cameras = &config.cameras[..eyes];
    let (dof, features) = (config.dof(), tower().keypoints * 2 * eyes);
    let encoder = Architecture::System1Encoder(System1Encoder {
        cameras: names(cameras),
        height_px: cameras[0].height_px,
        width_px: cameras[0].width_px,
        tower: tower(),
    });
    let head = Architecture::System1Head(System1Head {
        features,
        dof,
        latent: LATENT_DIM,
        hidden: vec![],
        horizon: HORIZON,
    });
    let moments = |mean: &[f64]| Moments { mean: mean.to_vec(), std: vec![1.0; dof] };
    let zeros = vec![0.0; dof];
    let role = Role::System1(System1Spec {
        representation: Representation::Regression,
        action: Action {
            horizon: HORIZON,
            step_period: STEP_PERIOD,
            scale_rad: vec![SCALE_RAD; dof],
            range: None,
        },
        normalisation: Normalisation {
            q: moments(&config.robot.home_rad),
            dq: moments(&zeros),
            lead: moments(&zeros),
        },
    });
    let networks = vec![
        NetworkSpec::new("encoder", encoder, |_| "1"),
        NetworkSpec::new("head", head, |_| "1"),
    ];
    let name = dir.file_name().unwrap().to_str().unwrap();
    let mut manifest = manifest(config, name, cameras, role, networks);
    manifest.latent.model = model;
    // Row `step * dof + joint`: so far from the command after that many steps. It goes by the command,
    // which is the measured position and the lead, so that a robot that is late to tell where it is
    // cannot make it overshoot. In the inputs the features come first, then all of q, dq and lead.
    let inputs = features + 3 * dof + LATENT_DIM;
    let gain = |row: usize| {
        let steps = f64::from(u8::try_from(row / dof + 1).unwrap());
        steps * RATE_PER_S * STEP_PERIOD.as_secs_f64() / SCALE_RAD
    };
    let weights = weights(&manifest, |name, index| match name {
        "head.out.weight" => {
            let (row, column) = (index / inputs, index % inputs);
            let joint = features + row % dof;
            if [joint, joint + 2 * dof].contains(&column) { -gain(row) as f32 } else { 0.0 }
        }
        "head.out.bias" => (gain(index) * offset_rad) as f32,
        _ => 0.01,
    });
    BundleWriter::new(manifest, weights, Precision::F32).save(dir).unwrap();
}

fn tower() -> Tower {
    Tower { layers: vec![TowerLayer { channels: 4, kernel: 3, stride: 4 }], keypoints: 2 }
}

fn names(cameras: &[CameraSection]) -> Vec<String> {
    cameras.iter().map(|camera| camera.name.clone()).collect()
}

fn manifest(
    config: &Config,
    name: &str,
    cameras: &[CameraSection],
    role: Role,
    networks: Vec<NetworkSpec>,
) -> Manifest {
    let words = [("command", "by hand"), ("seed", "0"), ("data_sha256", "none"), ("steps", "0")];
    Manifest {
        name: name.to_owned(),
        licence: "MIT".to_owned(),
        rate_hz: 200,
        joints: config.joint_names().to_vec(),
        cameras: cameras
            .iter()
            .map(|camera| CameraInput {
                name: camera.name.clone(),
                width_px: camera.width_px,
                height_px: camera.height_px,
            })
            .collect(),
        latent: Latent {
            dim: LATENT_DIM,
            model: ModelId(0),
            age_min: Duration::ZERO,
            age_max: Duration::from_millis(300),
        },
        role,
        networks,
        training: words.map(|(key, value)| (key.to_owned(), value.to_owned())).into(),
        files: BTreeMap::new(),
    }
}

/// Weights of the right shapes, whose numbers `value` says by name and place.
fn weights(manifest: &Manifest, value: impl Fn(&str, usize) -> f32) -> BTreeMap<String, Tensor> {
    let mut weights = BTreeMap::new();
    for network in &manifest.networks {
        for parameter in network.architecture.parameters().unwrap() {
            let name = format!("{}.{}", network.name, parameter.name);
            let elements = parameter.shape.iter().product();
            let data = (0..elements).map(|index| value(&name, index)).collect();
            weights.insert(name, Tensor { shape: parameter.shape, data });
        }
    }
    weights
}
