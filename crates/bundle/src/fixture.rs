//! Two small, sound bundles for tests.

use std::collections::BTreeMap;

use core::time::Duration;

use tandem_networks::{Architecture, System1Encoder, System1Head, System2, Tower, TowerLayer};
use tandem_types::ModelId;

use crate::{
    Action, CameraInput, Latent, Manifest, Moments, NetworkSpec, Normalisation, Representation,
    Role, System1Spec, System2Spec, Tensor, Text,
};

pub(crate) const LATENT_DIM: usize = 3;
pub(crate) const HORIZON: usize = 2;

fn tower() -> Tower {
    Tower { layers: vec![TowerLayer { channels: 4, kernel: 3, stride: 2 }], keypoints: 2 }
}

fn manifest(role: Role, networks: Vec<NetworkSpec>) -> Manifest {
    let words = [("command", "by hand"), ("seed", "7"), ("data_sha256", "none"), ("steps", "0")];
    Manifest {
        name: "fixture".to_owned(),
        licence: "MIT".to_owned(),
        rate_hz: 200,
        joints: vec!["swing".to_owned(), "bend".to_owned()],
        cameras: vec![CameraInput { name: "front".to_owned(), width_px: 16, height_px: 16 }],
        latent: Latent {
            dim: LATENT_DIM,
            model: ModelId(0x0123_4567_89ab_cdef),
            age_min: Duration::from_millis(20),
            age_max: Duration::from_millis(300),
            norm: None,
        },
        role,
        networks,
        training: words.map(|(key, value)| (key.to_owned(), value.to_owned())).into(),
        files: BTreeMap::new(),
    }
}

pub(crate) fn system1() -> Manifest {
    let encoder = Architecture::System1Encoder(System1Encoder {
        cameras: vec!["front".to_owned()],
        height_px: 16,
        width_px: 16,
        tower: tower(),
    });
    let head = Architecture::System1Head(System1Head {
        features: 4,
        dof: 2,
        latent: LATENT_DIM,
        hidden: vec![5],
        horizon: HORIZON,
    });
    let moments = || Moments { mean: vec![0.0, 0.5], std: vec![1.0, 2.0] };
    let role = Role::System1(System1Spec {
        representation: Representation::Regression,
        action: Action {
            horizon: HORIZON,
            step_period: Duration::from_millis(5),
            scale_rad: vec![0.1, 0.2],
        },
        normalisation: Normalisation { q: moments(), dq: moments(), lead: moments() },
    });
    let unit = |_: &str| "1";
    manifest(
        role,
        vec![NetworkSpec::new("encoder", encoder, unit), NetworkSpec::new("head", head, unit)],
    )
}

pub(crate) fn system2() -> Manifest {
    let words: Vec<String> = ["touch", "the", "cube"].map(str::to_owned).into();
    let model = Architecture::System2(System2 {
        cameras: vec!["front".to_owned()],
        height_px: 16,
        width_px: 16,
        towers: vec![tower()],
        words: words.len() + 2,
        tokens_max: 4,
        dof: 2,
        width: 4,
        heads: 2,
        blocks: 1,
        latent: LATENT_DIM,
    });
    let role = Role::System2(System2Spec { text: Text { words, tokens_max: 4 } });
    Manifest { rate_hz: 8, ..manifest(role, vec![NetworkSpec::new("model", model, |_| "1")]) }
}

/// Weights of the right shapes, whose numbers half precision spells exactly.
pub(crate) fn weights(manifest: &Manifest) -> BTreeMap<String, Tensor> {
    let mut weights = BTreeMap::new();
    for network in &manifest.networks {
        for parameter in network.architecture.parameters().unwrap() {
            let elements = parameter.shape.iter().product();
            let data = (0_u8..17).cycle().map(|step| f32::from(step) / 16.0).take(elements);
            let tensor = Tensor { shape: parameter.shape.clone(), data: data.collect() };
            weights.insert(format!("{}.{}", network.name, parameter.name), tensor);
        }
    }
    weights
}
