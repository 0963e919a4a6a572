use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg64Mcg;
use tandem_inference::{CandleEngine, Engine, OnnxEngine, OnnxRuntime, setup_onnxruntime};
use tandem_networks::{
    ActHead, ConditionSizes, Context, Denoiser, System1Encoder, System1Head, System2, Tokens,
    TokensSeen, Tower, TowerLayer,
};

use super::*;
use crate::parameters::{Parameters, with_values};

/// How far the two engines may be apart on outputs of about one.
const DIFFERENCE_MAX: f32 = 1e-4;

fn tower(keypoints: usize) -> Tower {
    let layer = |channels, kernel, stride| TowerLayer { channels, kernel, stride };
    Tower { layers: vec![layer(8, 5, 2), layer(12, 3, 2), layer(12, 3, 1)], keypoints }
}

fn architectures() -> [(&'static str, Architecture); 8] {
    let cameras = || vec!["front".to_owned(), "wrist".to_owned()];
    let encoder =
        System1Encoder { cameras: cameras(), height_px: 21, width_px: 32, tower: tower(5) };
    let head = System1Head { features: 20, dof: 6, latent: 8, hidden: vec![24, 24], horizon: 4 };
    let model = System2 {
        cameras: cameras(),
        height_px: 24,
        width_px: 31,
        towers: vec![tower(6), tower(3)],
        words: 19,
        tokens_max: 7,
        dof: 6,
        width: 24,
        heads: 3,
        blocks: 2,
        latent: 8,
    };
    let condition = ConditionSizes { features: 20, posture: 18, latent: 8 };
    let act = ActHead { condition, style: 3, hidden: vec![24], values: 24 };
    let denoiser = Denoiser { context: 5, values: 24, time: 4, hidden: vec![16] };
    let saying = |seen| Tokens {
        context: 5,
        rows: 4,
        columns: 3,
        vocabulary: 19,
        seen,
        embedding: 4,
        hidden: vec![16],
        row_width: 6,
    };
    [
        ("encoder", Architecture::System1Encoder(encoder)),
        ("head", Architecture::System1Head(head)),
        ("model", Architecture::System2(model)),
        ("act", Architecture::ActHead(act)),
        ("context", Architecture::Context(Context { condition, hidden: vec![9, 16] })),
        ("denoiser", Architecture::Denoiser(denoiser)),
        ("masked", Architecture::Tokens(saying(TokensSeen::Masked))),
        ("noisy", Architecture::Tokens(saying(TokensSeen::Noisy(4)))),
    ]
}

fn weights(architecture: &Architecture, round: impl Fn(f32) -> f32) -> BTreeMap<String, Vec<f32>> {
    let mut parameters = Parameters::default();
    parameters.add("n", &architecture.parameters().unwrap(), 7).unwrap();
    let values = |(name, tensor)| {
        let values: Vec<f32> = with_values(&tensor, <[f32]>::to_vec).unwrap();
        (name, values.into_iter().map(&round).collect())
    };
    parameters.network("n").into_iter().map(values).collect()
}

fn random_input(name: &str, elements: usize, rng: &mut Pcg64Mcg) -> Vec<f32> {
    let mut value = || match name {
        "tokens" => rng.random_range(0..19_u8).into(),
        _ => rng.random_range(-1.0..1.0),
    };
    (0..elements).map(|_| value()).collect()
}

/// Runs both engines on 100 random inputs.
fn check(
    name: &str,
    architecture: &Architecture,
    weights: &BTreeMap<String, Vec<f32>>,
    runtime: &OnnxRuntime,
) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("network.onnx");
    std::fs::write(&file, onnx_bytes(name, architecture, weights).unwrap()).unwrap();
    let signature = architecture.signature();
    let mut onnx = OnnxEngine::load(&file, &signature, runtime).unwrap();
    let shapes: BTreeMap<_, _> =
        architecture.parameters().unwrap().into_iter().map(|p| (p.name, p.shape)).collect();
    let find = |name: &str| Some((shapes.get(name)?.as_slice(), weights.get(name)?.as_slice()));
    let mut candle = CandleEngine::load(architecture, find).unwrap();
    let mut rng = Pcg64Mcg::seed_from_u64(11);
    for round in 0..100 {
        let inputs: Vec<_> = signature
            .inputs
            .iter()
            .map(|spec| random_input(&spec.name, spec.elements(), &mut rng))
            .collect();
        let inputs: Vec<_> = inputs.iter().map(Vec::as_slice).collect();
        let run = |engine: &mut dyn Engine| {
            let mut outputs: Vec<_> =
                signature.outputs.iter().map(|spec| vec![0.0; spec.elements()]).collect();
            let mut slices: Vec<_> = outputs.iter_mut().map(Vec::as_mut_slice).collect();
            engine.run(&inputs, &mut slices).unwrap();
            outputs.concat()
        };
        let (ours, theirs) = (run(&mut candle), run(&mut onnx));
        for (ours, theirs) in ours.iter().zip(&theirs) {
            assert!((ours - theirs).abs() < DIFFERENCE_MAX, "{name} {round}: {ours} {theirs}");
        }
        assert!(ours.iter().any(|value| value.abs() > 0.01), "{name} says nothing");
    }
}

#[test]
fn onnx_runtime_and_candle_agree_on_every_network() {
    let library = setup_onnxruntime(|_| ()).unwrap();
    let runtime = OnnxRuntime::find(Some(&library)).unwrap();
    for (name, architecture) in architectures() {
        check(name, &architecture, &weights(&architecture, |x| x), &runtime);
        let rounded = weights(&architecture, |x| half::f16::from_f32(x).to_f32());
        check(name, &architecture, &rounded, &runtime);
    }
}

#[test]
fn weights_that_16_bits_hold_take_16_bits() {
    for (name, architecture) in architectures() {
        let bytes = |weights| onnx_bytes(name, &architecture, &weights).unwrap().len();
        let whole = bytes(weights(&architecture, |x| x));
        let rounded = bytes(weights(&architecture, |x| half::f16::from_f32(x).to_f32()));
        assert!(rounded * 4 < whole * 3, "{name}: {rounded} of {whole} bytes");
    }
}

#[test]
fn a_missing_or_misshapen_weight_is_named() {
    let [_, (name, head), ..] = architectures();
    let mut weights = weights(&head, |x| x);
    weights.get_mut("out.bias").unwrap().pop();
    let size = onnx_bytes(name, &head, &weights);
    assert!(matches!(size, Err(RecordError::Size { ref name, .. }) if name == "out.bias"));
    weights.remove("out.bias");
    assert_eq!(onnx_bytes(name, &head, &weights), Err(RecordError::Missing("out.bias".into())));
}
