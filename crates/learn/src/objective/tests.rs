use candle_core::Device;
use rand::SeedableRng as _;

use super::*;
use crate::head::parameters;
use crate::optimiser::{AdamW, AdamWConfig};
use crate::parameters::normal;

const SAMPLES: usize = 64;
const SIZES: ConditionSizes = ConditionSizes { features: 5, posture: 6, latent: 3 };

fn sizes() -> HeadSizes {
    HeadSizes { condition: SIZES, shape: ChunkShape::new(4, 2).unwrap(), width: 32 }
}

/// Conditions, and chunks that follow from them: the state itself, for no picture is needed here.
fn data(rng: &mut Pcg64Mcg) -> (ConditionBatch, Tensor, Vec<f32>) {
    let mut tensor = |width: usize| {
        let values: Vec<f32> = (0..SAMPLES * width).map(|_| normal(rng)).collect();
        Tensor::from_vec(values, (SAMPLES, width), &Device::Cpu).unwrap()
    };
    let condition = ConditionBatch {
        features: tensor(SIZES.features),
        posture: tensor(SIZES.posture),
        latent: tensor(SIZES.latent),
    };
    let seen = condition.features.narrow(1, 0, 1).unwrap();
    let chunk = Tensor::cat(&[&seen; 8], 1).unwrap().tanh().unwrap();
    let values = chunk.flatten_all().unwrap().to_vec1().unwrap();
    (condition, chunk, values)
}

/// The mean loss over the first and the last tenth of `steps` steps.
fn learned(name: &str, steps: usize) -> (f32, f32) {
    let mut rng = Pcg64Mcg::seed_from_u64(3);
    let (condition, chunk, values) = data(&mut rng);
    let objective = objective(name, &sizes(), &values).unwrap();
    let parameters = parameters(objective.as_ref(), 1).unwrap();
    let mut optimiser = AdamW::new(&parameters, AdamWConfig::USUAL).unwrap();
    let mut losses = Vec::new();
    for _ in 0..steps {
        let vars = parameters.vars().iter();
        let weights: Weights =
            vars.map(|(name, var)| (name.clone(), var.as_tensor().clone())).collect();
        let loss = objective.loss(&weights, &condition, &chunk, &mut rng).unwrap();
        losses.push(loss.to_scalar::<f32>().unwrap());
        optimiser.step(&loss.backward().unwrap(), 3e-3).unwrap();
    }
    let mean = |part: &[f32]| part.iter().sum::<f32>() / part.len() as f32;
    (mean(&losses[..steps / 10]), mean(&losses[steps - steps / 10..]))
}

#[test]
fn every_objective_learns() {
    for name in Representation::NAMES {
        let (first, last) = learned(name, 150);
        assert!(last < 0.6 * first, "{name}: the loss went from {first} to {last}");
    }
}

#[test]
fn an_objective_is_known_by_the_name_of_its_representation() {
    for name in Representation::NAMES {
        let chunks = vec![0.1; 8 * 100];
        let objective = objective(name, &sizes(), &chunks).unwrap();
        assert_eq!(objective.representation().name(), name);
    }
    let unknown = objective("telepathy", &sizes(), &[]);
    assert!(matches!(unknown, Err(TrainError::UnknownRepresentation { .. })));
}
