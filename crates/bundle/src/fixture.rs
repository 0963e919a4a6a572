//! Two small, sound bundles for tests.

use std::collections::BTreeMap;

use core::time::Duration;

use tandem_networks::{
    ActHead, Architecture, ConditionSizes, Context, Denoiser, Next, System1Encoder, System1Head,
    System2, Tokens, TokensSeen, Tower, TowerLayer,
};
use tandem_types::ModelId;

use crate::{
    Action, Bins, CameraInput, Choice, ChunkRange, Diffusion, DiscreteDiffusion, E0, Fast, Flow,
    Hybrid, Latent, Manifest, Moments, NetworkSpec, Noise, Normalisation, Oat, Order,
    Representation, Role, System1Spec, System2Spec, Tensor, Text, Vq,
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
            range: None,
        },
        normalisation: Normalisation { q: moments(), dq: moments(), lead: moments() },
    });
    let unit = |_: &str| "1";
    manifest(
        role,
        vec![NetworkSpec::new("encoder", encoder, unit), NetworkSpec::new("head", head, unit)],
    )
}

/// The same with other heads, one for each representation.
pub(crate) fn heads() -> Vec<Manifest> {
    let values = 2 * HORIZON;
    let condition = ConditionSizes { features: 4, posture: 6, latent: LATENT_DIM };
    let act = ActHead { condition, style: 2, hidden: vec![5], values };
    let context = Architecture::Context(Context { condition, hidden: vec![5] });
    let denoiser = Denoiser { context: 5, values, time: 4, hidden: vec![6] };
    let steps = || {
        vec![("context", context.clone()), ("denoiser", Architecture::Denoiser(denoiser.clone()))]
    };
    let tokens = |vocabulary| {
        let hidden = vec![6];
        let next = Next { context: 5, window: 2, vocabulary, places: 7, embedding: 3, hidden };
        vec![("context", context.clone()), ("next", Architecture::Next(next))]
    };
    let files = |name: &str| vec![name.to_owned()];
    let fast = Fast { files: files("tokenizer.json"), scale: 10.0, below_zero: 30, tokens_max: 7 };
    let diffusion = Diffusion { steps: 10, training_steps: 100, noise: Noise::Fresh };
    let choice = Choice::Median;
    let masked =
        DiscreteDiffusion { rounds: 3, bins: 7, remask_first: 0.0, remask_last: 0.25, choice };
    let e0 = E0 { steps: 3, bins: 7, noise: Noise::Held, choice: Choice::Likeliest };
    let saying = |seen| {
        let tokens = Tokens {
            context: 5,
            rows: HORIZON,
            columns: 2,
            vocabulary: 7,
            seen,
            embedding: 2,
            hidden: vec![6],
            row_width: 3,
        };
        vec![("context", context.clone()), ("tokens", Architecture::Tokens(tokens))]
    };
    let next = Next {
        context: 5,
        window: 2,
        vocabulary: 7,
        places: values,
        embedding: 2,
        hidden: vec![4],
    };
    let speaking = [steps(), vec![("next", Architecture::Next(next))]].concat();
    let noise = Noise::Held;
    let hybrid =
        Hybrid { steps: 4, training_steps: 100, noise, bins: 7, confidence_min: 0.75, choice };
    let heads = [
        (Representation::Act, vec![("head", Architecture::ActHead(act))]),
        (Representation::Flow(Flow { steps: 10, noise: Noise::Held }), steps()),
        (Representation::Diffusion(diffusion), steps()),
        (Representation::Bins(Bins { bins: 9, order: Order::Autoregressive, choice }), tokens(9)),
        (Representation::Fast(fast), tokens(12)),
        (Representation::Vq(Vq { files: files("codes.safetensors") }), tokens(4)),
        (Representation::Oat(Oat { files: files("codes.safetensors"), tokens: 2 }), tokens(6)),
        (Representation::DiscreteDiffusion(masked), saying(TokensSeen::Masked)),
        (Representation::E0(e0), saying(TokensSeen::Noisy(4))),
        (Representation::Hybrid(hybrid), speaking),
    ];
    let with = |(representation, networks): (Representation, Vec<(&str, Architecture)>)| {
        let mut manifest = system1();
        manifest.networks.truncate(1);
        let specs = networks.into_iter().map(|(name, it)| NetworkSpec::new(name, it, |_| "1"));
        manifest.networks.extend(specs);
        if let Role::System1(spec) = &mut manifest.role {
            spec.representation = representation;
            let (low_rad, high_rad) = (vec![-0.1; values], vec![0.2; values]);
            spec.action.range = Some(ChunkRange { low_rad, high_rad });
        }
        manifest
    };
    heads.into_iter().map(with).collect()
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
