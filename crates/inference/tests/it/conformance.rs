//! What every engine must do.

use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg64Mcg;
use tandem_inference::{
    CandleEngine, Engine, EngineError, GraphError, LoadError, OnnxEngine, warm_up,
};
use tandem_networks::Signature;

use crate::engines::{WORDS, architecture, candle, data, find, onnx, runtime, weights};

type Arrays = Vec<Vec<f32>>;

fn run(engine: &mut dyn Engine, inputs: &Arrays) -> Result<Arrays, EngineError> {
    let inputs: Vec<&[f32]> = inputs.iter().map(Vec::as_slice).collect();
    // Filled with nonsense, so that an output left unwritten shows.
    let mut outputs: Arrays =
        engine.signature().outputs.iter().map(|spec| vec![f32::MAX; spec.elements()]).collect();
    let mut slices: Vec<&mut [f32]> = outputs.iter_mut().map(Vec::as_mut_slice).collect();
    engine.run(&inputs, &mut slices)?;
    Ok(outputs)
}

fn random_inputs(signature: &Signature, random: &mut Pcg64Mcg) -> Arrays {
    let input = |spec: &tandem_networks::TensorSpec| {
        let mut number = || match spec.name.as_str() {
            "tokens" => random.random_range(0..WORDS as u32) as f32,
            _ => random.random_range(-1.0..1.0),
        };
        (0..spec.elements()).map(|_| number()).collect()
    };
    signature.inputs.iter().map(input).collect()
}

/// The suite; `reference` is an engine to agree with.
fn conformance(engine: &mut dyn Engine, reference: &mut dyn Engine) {
    let signature = engine.signature().clone();
    assert_eq!(&signature, reference.signature());
    warm_up(engine, 2).unwrap();

    let mut random = Pcg64Mcg::seed_from_u64(11);
    for round in 0..100 {
        let inputs = random_inputs(&signature, &mut random);
        let outputs = run(engine, &inputs).unwrap();
        let expected = run(reference, &inputs).unwrap();
        for (output, expected) in outputs.iter().flatten().zip(expected.iter().flatten()) {
            assert!((output - expected).abs() < 1e-4, "round {round}: {output}, {expected}");
        }
        let again = run(engine, &inputs).unwrap();
        let bits = |all: &Arrays| all.iter().flatten().map(|x| x.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&outputs), bits(&again), "round {round}: not the same bytes twice");
    }
    refuses_wrong_sizes(engine, &random_inputs(&signature, &mut random));
    passes_nan_on(engine, random_inputs(&signature, &mut random));
}

fn refuses_wrong_sizes(engine: &mut dyn Engine, inputs: &Arrays) {
    let error = run(engine, &inputs[1..].to_vec()).unwrap_err();
    assert!(matches!(error, EngineError::InputCount { expected: 3, given: 2 }), "{error}");

    let mut short = inputs.clone();
    short[2].pop();
    let error = run(engine, &short).unwrap_err();
    assert_eq!(error.to_string(), "input `joints` holds 2 numbers, shape [2]; 1 were given");

    let slices: Vec<&[f32]> = inputs.iter().map(Vec::as_slice).collect();
    let error = engine.run(&slices, &mut [&mut [0.0; 3]]).unwrap_err();
    assert!(matches!(error, EngineError::OutputCount { expected: 2, given: 1 }), "{error}");
    let error = engine.run(&slices, &mut [&mut [0.0; 4], &mut [0.0]]).unwrap_err();
    assert!(
        matches!(error, EngineError::OutputLength { ref tensor, expected: 3, given: 4, .. } if tensor == "latent"),
        "{error}"
    );
    run(engine, inputs).expect("a refused run leaves the engine as it was");
}

fn passes_nan_on(engine: &mut dyn Engine, mut inputs: Arrays) {
    inputs[0][5] = f32::NAN;
    let outputs = run(engine, &inputs).unwrap();
    assert!(outputs.iter().flatten().any(|x| x.is_nan()), "a NaN was hidden: {outputs:?}");
}

#[test]
fn candle_conforms() {
    conformance(&mut candle(), &mut onnx());
}

#[test]
fn onnx_conforms() {
    conformance(&mut onnx(), &mut candle());
}

#[test]
fn two_inputs_give_two_answers() {
    for engine in [&mut candle() as &mut dyn Engine, &mut onnx()] {
        let mut random = Pcg64Mcg::seed_from_u64(5);
        let signature = engine.signature().clone();
        let first = run(engine, &random_inputs(&signature, &mut random)).unwrap();
        let second = run(engine, &random_inputs(&signature, &mut random)).unwrap();
        assert_ne!(first, second);
    }
}

#[test]
fn a_word_outside_the_vocabulary_is_an_error_on_both() {
    for engine in [&mut candle() as &mut dyn Engine, &mut onnx()] {
        let signature = engine.signature().clone();
        let mut inputs = random_inputs(&signature, &mut Pcg64Mcg::seed_from_u64(5));
        inputs[1][0] = WORDS as f32;
        assert!(run(engine, &inputs).is_err());
    }
}

#[test]
fn no_thread_pool_wakes() {
    // Every engine in this program runs at batch one, whichever test it belongs to; had any of
    // them woken rayon's global pool, the pool could not be built here.
    let mut engine = candle();
    warm_up(&mut engine, 2).unwrap();
    rayon::ThreadPoolBuilder::new().num_threads(1).build_global().unwrap();

    // Candle has a pool of its own, `candle-bp-N`, whose threads spin; it starts with the first
    // element-wise operation on 65 536 numbers, far above anything at batch one.
    for thread in std::fs::read_dir("/proc/self/task").unwrap() {
        let name = std::fs::read_to_string(thread.unwrap().path().join("comm")).unwrap_or_default();
        assert!(!name.starts_with("candle-bp"), "{name}");
    }
}

#[test]
fn weights_that_do_not_fit_are_named() {
    let mut weights = weights();
    weights.get_mut("latent.bias").unwrap().0 = vec![1, 3];
    let error = CandleEngine::load(&architecture(), |name| find(&weights, name)).err().unwrap();
    assert!(matches!(error, LoadError::WeightShape { ref name, .. } if name == "latent.bias"));
    weights.remove("latent.bias");
    let error = CandleEngine::load(&architecture(), |name| find(&weights, name)).err().unwrap();
    assert_eq!(error.to_string(), "weight `latent.bias` of shape [3] is missing");
}

#[test]
fn graphs_that_do_not_fit_are_refused() {
    let load = |file, signature: &Signature| {
        OnnxEngine::load(&data(file), signature, &runtime()).err().unwrap()
    };
    let right = architecture().signature();

    let mut wrong = right.clone();
    wrong.inputs[2].name = "elbows".into();
    let error = load("system2.onnx", &wrong);
    assert!(matches!(error, GraphError::Names { side: "inputs", .. }), "{error}");

    let mut wrong = right.clone();
    wrong.outputs[0].shape = vec![4];
    let error = load("system2.onnx", &wrong);
    assert!(matches!(error, GraphError::Shape { ref tensor, .. } if tensor == "latent"), "{error}");

    assert!(matches!(load("system2.safetensors", &right), GraphError::File { .. }));
    assert!(matches!(load("none.onnx", &right), GraphError::File { .. }));
}
