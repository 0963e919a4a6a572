//! Two small policies for the fixture's robot.

use core::time::Duration;
use std::collections::BTreeMap;

use tandem_bundle::{
    Action, CameraInput, Latent, Manifest, Moments, NetworkSpec, Normalisation, Representation,
    Role, System1Spec, System2Spec, Tensor, Text,
};
use tandem_networks::{Architecture, System1Encoder, System1Head, System2, Tower, TowerLayer};
use tandem_types::ModelId;

const LATENT_DIM: usize = 3;

fn cameras() -> Vec<String> {
    vec!["front".to_owned(), "wrist".to_owned()]
}

fn tower() -> Tower {
    Tower { layers: vec![TowerLayer { channels: 4, kernel: 3, stride: 2 }], keypoints: 2 }
}

/// A visuomotor policy, trained with the System 2 called `model`.
pub(crate) fn system1(model: ModelId) -> Manifest {
    let encoder = Architecture::System1Encoder(System1Encoder {
        cameras: cameras(),
        height_px: 16,
        width_px: 16,
        tower: tower(),
    });
    let head = Architecture::System1Head(System1Head {
        features: 8,
        dof: 2,
        latent: LATENT_DIM,
        hidden: vec![5],
        horizon: 2,
    });
    let moments = || Moments { mean: vec![0.0, 0.5], std: vec![1.0, 2.0] };
    let role = Role::System1(System1Spec {
        representation: Representation::Regression,
        action: Action {
            horizon: 2,
            step_period: Duration::from_millis(5),
            scale_rad: vec![0.1, 0.2],
            range: None,
        },
        normalisation: Normalisation { q: moments(), dq: moments(), lead: moments() },
    });
    let networks = vec![
        NetworkSpec::new("encoder", encoder, |_| "1"),
        NetworkSpec::new("head", head, |_| "1"),
    ];
    manifest("reach", 200, role, networks, model)
}

/// A vision-language model of three words.
pub(crate) fn system2() -> Manifest {
    let words: Vec<String> = ["touch", "the", "cube"].map(str::to_owned).into();
    let model = Architecture::System2(System2 {
        cameras: cameras(),
        height_px: 16,
        width_px: 16,
        towers: vec![tower(), tower()],
        words: words.len() + 2,
        tokens_max: 4,
        dof: 2,
        width: 4,
        heads: 2,
        blocks: 1,
        latent: LATENT_DIM,
    });
    let role = Role::System2(System2Spec { text: Text { words, tokens_max: 4 } });
    manifest("goal", 8, role, vec![NetworkSpec::new("model", model, |_| "1")], ModelId(0))
}

fn manifest(
    name: &str,
    rate_hz: u32,
    role: Role,
    networks: Vec<NetworkSpec>,
    model: ModelId,
) -> Manifest {
    let words = [("command", "by hand"), ("seed", "7"), ("data_sha256", "none"), ("steps", "0")];
    Manifest {
        name: name.to_owned(),
        licence: "MIT".to_owned(),
        rate_hz,
        joints: vec!["swing".to_owned(), "bend".to_owned()],
        cameras: cameras()
            .into_iter()
            .map(|name| CameraInput { name, width_px: 16, height_px: 16 })
            .collect(),
        latent: Latent {
            dim: LATENT_DIM,
            model,
            age_min: Duration::from_millis(20),
            age_max: Duration::from_millis(300),
        },
        role,
        networks,
        training: words.map(|(key, value)| (key.to_owned(), value.to_owned())).into(),
        files: BTreeMap::new(),
    }
}

/// Zeros of the shapes that the networks need.
pub(crate) fn weights(manifest: &Manifest) -> BTreeMap<String, Tensor> {
    let mut weights = BTreeMap::new();
    for network in &manifest.networks {
        for parameter in network.architecture.parameters().unwrap() {
            let data = vec![0.0; parameter.shape.iter().product()];
            let name = format!("{}.{}", network.name, parameter.name);
            weights.insert(name, Tensor { shape: parameter.shape, data });
        }
    }
    weights
}
