use std::collections::BTreeMap;

use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg64Mcg;
use tandem_networks::{ChunkDecoder, System1Encoder, System1Head, Tower, TowerLayer};
use tandem_realtime::CountingAllocator;

use super::*;
use crate::CandleEngine;
use crate::ops::OpsError;

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

type Tensors = BTreeMap<String, (Vec<usize>, Vec<f32>)>;

fn weights(architecture: &Architecture, random: &mut Pcg64Mcg) -> Tensors {
    let parameters = architecture.parameters().unwrap().into_iter();
    let draw = |parameter: tandem_networks::Parameter| {
        let count: usize = parameter.shape.iter().product();
        let values = (0..count).map(|_| random.random_range(-0.3..0.3)).collect();
        (parameter.name, (parameter.shape, values))
    };
    parameters.map(draw).collect()
}

fn find<'w>(tensors: &'w Tensors) -> impl Fn(&str) -> Option<(&'w [usize], &'w [f32])> {
    move |name| tensors.get(name).map(|(shape, values)| (&shape[..], &values[..]))
}

fn head() -> Architecture {
    Architecture::System1Head(System1Head {
        features: 5,
        dof: 2,
        latent: 3,
        hidden: vec![17, 8],
        horizon: 3,
    })
}

fn decoder() -> Architecture {
    Architecture::ChunkDecoder(ChunkDecoder { codes: 40, hidden: vec![32, 32], values: 96 })
}

#[test]
fn it_says_what_the_engine_says_and_allocates_nothing() {
    assert!(CountingAllocator::is_installed());
    let mut random = Pcg64Mcg::seed_from_u64(3);
    for architecture in [head(), decoder()] {
        let tensors = weights(&architecture, &mut random);
        let mut plan = Plan::load(&architecture, find(&tensors)).unwrap();
        let mut engine = CandleEngine::load(&architecture, find(&tensors)).unwrap();
        let outputs = plan.signature().outputs[0].elements();
        for _ in 0..20 {
            let inputs: Vec<Vec<f32>> = plan
                .signature()
                .inputs
                .iter()
                .map(|spec| (0..spec.elements()).map(|_| random.random_range(-1.0..1.0)).collect())
                .collect();
            let inputs: Vec<&[f32]> = inputs.iter().map(Vec::as_slice).collect();
            let (mut planned, mut expected) = (vec![f32::NAN; outputs], vec![0.0; outputs]);
            engine.run(&inputs, &mut [&mut expected]).unwrap();
            plan.run(&inputs, &mut [&mut planned]).unwrap();
            assert_eq!(planned, expected);
            let before = CountingAllocator::heap_calls();
            plan.run(&inputs, &mut [&mut planned]).unwrap();
            assert_eq!(CountingAllocator::heap_calls(), before);
        }
    }
}

#[test]
fn what_a_plan_does_not_have_is_named() {
    let layer = TowerLayer { channels: 2, kernel: 3, stride: 1 };
    let encoder = Architecture::System1Encoder(System1Encoder {
        cameras: vec!["front".into()],
        height_px: 4,
        width_px: 4,
        tower: Tower { layers: vec![layer], keypoints: 1 },
    });
    let tensors = weights(&encoder, &mut Pcg64Mcg::seed_from_u64(4));
    let error = Plan::load(&encoder, find(&tensors)).err().unwrap();
    assert!(matches!(error, LoadError::Unsupported { operation: "convolution" }), "{error}");
}

#[test]
fn weights_that_do_not_fit_are_named() {
    let mut tensors = weights(&head(), &mut Pcg64Mcg::seed_from_u64(5));
    tensors.get_mut("out.bias").unwrap().0 = vec![5];
    let error = Plan::load(&head(), find(&tensors)).err().unwrap();
    assert!(matches!(error, LoadError::WeightShape { ref name, .. } if name == "out.bias"));
    tensors.remove("hidden1.weight");
    let error = Plan::load(&head(), find(&tensors)).err().unwrap();
    assert!(matches!(error, LoadError::MissingWeight { ref name, .. } if name == "hidden1.weight"));
}

#[test]
fn word_ids_are_checked() {
    let step = Step::Embedding { ids: 0, words: 2, width: 1, weight: vec![7.0, 8.0] };
    let mut out = [0.0; 2];
    step.run(&[vec![1.0, 0.0]], &mut out).unwrap();
    assert_eq!(out, [8.0, 7.0]);
    for id in [2.0, -1.0, 0.5, f32::NAN] {
        let error = step.run(&[vec![0.0, id]], &mut out).unwrap_err();
        assert!(matches!(error, OpsError::Word { words: 2, .. }), "{error}");
    }
}
