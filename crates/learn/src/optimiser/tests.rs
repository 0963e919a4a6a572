use candle_core::{Device, Tensor};
use tandem_networks::{Init, Parameter};

use super::*;

fn parameters() -> Parameters {
    let mut parameters = Parameters::default();
    let parameter = Parameter { name: "w".into(), shape: vec![3, 5], init: Init::Normal(1.0) };
    let bias = Parameter { name: "b".into(), shape: vec![5], init: Init::Normal(1.0) };
    parameters.add("n", &[parameter, bias], 1).unwrap();
    parameters
}

/// A loss whose gradient changes as the weights do.
fn loss(parameters: &Parameters) -> Tensor {
    let goal = Tensor::arange(0.0_f32, 15.0, &Device::Cpu).unwrap().reshape((3, 5)).unwrap();
    let vars = parameters.vars();
    let sum = vars["n.w"].broadcast_add(&vars["n.b"]).unwrap();
    (sum - goal).unwrap().sqr().unwrap().sum_all().unwrap()
}

#[test]
fn agrees_with_the_textbook() {
    let config = AdamWConfig { weight_decay: 0.1, gradient_norm_max: 10.0, ..AdamWConfig::USUAL };
    let parameters = parameters();
    let mut optimiser = AdamW::new(&parameters, config).unwrap();
    let mut expected = with_values(&parameters.vars()["n.w"], <[f32]>::to_vec).unwrap();
    let (mut mean, mut square) = ([0.0_f64; 15], [0.0_f64; 15]);
    for step in 1..=20 {
        let gradients = loss(&parameters).backward().unwrap();
        let gradient = gradients.get(&parameters.vars()["n.w"]).unwrap();
        let gradient = gradient.flatten_all().unwrap().to_vec1::<f32>().unwrap();
        let norm = optimiser.step(&gradients, 0.01).unwrap();
        let clip = (10.0 / norm).min(1.0);
        for (index, weight) in expected.iter_mut().enumerate() {
            let gradient = f64::from(gradient[index]) * clip;
            mean[index] = 0.9 * mean[index] + 0.1 * gradient;
            square[index] = 0.999 * square[index] + 0.001 * gradient * gradient;
            let mean = mean[index] / (1.0 - 0.9_f64.powi(step));
            let square = square[index] / (1.0 - 0.999_f64.powi(step));
            let old = f64::from(*weight);
            let move_by = 0.01 * (mean / (square.sqrt() + 1e-8) + 0.1 * old);
            *weight = (old - move_by) as f32;
        }
    }
    let found = with_values(&parameters.vars()["n.w"], <[f32]>::to_vec).unwrap();
    for (found, expected) in found.iter().zip(&expected) {
        assert!((found - expected).abs() < 1e-4, "{found} is not {expected}");
    }
}

#[test]
fn finds_the_minimum_and_so_does_the_average() {
    let parameters = parameters();
    let config = AdamWConfig { weight_decay: 0.0, average_decay: 0.9, ..AdamWConfig::USUAL };
    let mut optimiser = AdamW::new(&parameters, config).unwrap();
    for step in 0..2000 {
        let gradients = loss(&parameters).backward().unwrap();
        let rate = 0.1 * (1.0 - f64::from(step) / 2000.0);
        optimiser.step(&gradients, rate).unwrap();
    }
    let end = loss(&parameters).to_scalar::<f32>().unwrap();
    assert!(end < 1e-3, "{end}");
    let raw = with_values(&parameters.vars()["n.w"], <[f32]>::to_vec).unwrap();
    let average = &optimiser.averages()["n.w"];
    assert!(raw.iter().zip(average).all(|(raw, average)| (raw - average).abs() < 1e-2));
}

#[test]
fn a_gradient_that_is_not_finite_moves_nothing() {
    let parameters = parameters();
    let mut optimiser = AdamW::new(&parameters, AdamWConfig::USUAL).unwrap();
    let before = with_values(&parameters.vars()["n.w"], <[f32]>::to_vec).unwrap();
    let infinite = (loss(&parameters) * f64::INFINITY).unwrap();
    let norm = optimiser.step(&infinite.backward().unwrap(), 0.1).unwrap();
    assert!(!norm.is_finite());
    assert_eq!(with_values(&parameters.vars()["n.w"], <[f32]>::to_vec).unwrap(), before);
}
