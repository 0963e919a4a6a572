//! Every operation against the same thing spelt in Candle's own operations (values and gradients)
//! and against finite differences.

use candle_core::{D, Device, Tensor, Var};
use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg64Mcg;
use tandem_networks::{Activation, Conv, Ops as _};

use super::{CandleOps, OpsError};
use crate::kernels::keypoints::keypoint_axis;
use crate::weights::Weights;

type Function<'a> = &'a dyn Fn(&[Tensor]) -> Result<Tensor, OpsError>;

fn random_tensor(random: &mut Pcg64Mcg, shape: &[usize]) -> Tensor {
    let count = shape.iter().product();
    let values: Vec<f32> = (0..count).map(|_| random.random_range(-1.0..1.0)).collect();
    Tensor::from_vec(values, shape, &Device::Cpu).unwrap()
}

fn values(tensor: &Tensor) -> Vec<f32> {
    tensor.flatten_all().unwrap().to_vec1().unwrap()
}

fn close(found: &Tensor, expected: &Tensor, tolerance: f32, what: &str) {
    assert_eq!(found.dims(), expected.dims(), "{what}");
    for (index, (found, expected)) in values(found).iter().zip(values(expected)).enumerate() {
        let error = (found - expected).abs();
        assert!(
            error <= tolerance * (1.0 + expected.abs()),
            "{what}[{index}]: {found}, {expected}"
        );
    }
}

/// `sum(output * probe)`, a single number that every output takes part in.
fn probed(output: &Tensor, probe: &Tensor) -> Tensor {
    (output * probe).unwrap().sum_all().unwrap()
}

/// Compares `fused` with `reference` on random inputs of these shapes.
fn check(shapes: &[&[usize]], fused: Function<'_>, reference: Function<'_>) {
    let mut random = Pcg64Mcg::seed_from_u64(1);
    let vars: Vec<Var> = shapes
        .iter()
        .map(|shape| Var::from_tensor(&random_tensor(&mut random, shape)).unwrap())
        .collect();
    let inputs: Vec<Tensor> = vars.iter().map(|var| var.as_tensor().clone()).collect();
    let (output, expected) = (fused(&inputs).unwrap(), reference(&inputs).unwrap());
    close(&output, &expected, 1e-5, "value");

    let probe = random_tensor(&mut random, output.dims());
    let gradients = probed(&output, &probe).backward().unwrap();
    let references = probed(&expected, &probe).backward().unwrap();
    for (index, var) in vars.iter().enumerate() {
        let gradient = gradients.get(var).unwrap();
        close(gradient, references.get(var).unwrap(), 1e-4, &format!("gradient {index}"));
        finite_difference(&mut random, &inputs, index, gradient, &probe, fused);
    }
}

/// The slope along a random direction, by the gradient and by two evaluations.
fn finite_difference(
    random: &mut Pcg64Mcg,
    inputs: &[Tensor],
    index: usize,
    gradient: &Tensor,
    probe: &Tensor,
    function: Function<'_>,
) {
    // Small, so that few ReLUs change sides; large enough for the rounding of f32 to drown in it.
    const STEP: f64 = 3e-4;
    let direction = random_tensor(random, inputs[index].dims());
    let evaluate = |step: f64| -> f64 {
        let mut moved = inputs.to_vec();
        moved[index] = (&moved[index] + (&direction * step).unwrap()).unwrap();
        let output = function(&moved).unwrap();
        let terms = values(&output).into_iter().zip(values(probe));
        terms.map(|(a, b)| f64::from(a) * f64::from(b)).sum()
    };
    let measured = (evaluate(STEP) - evaluate(-STEP)) / (2.0 * STEP);
    let along = values(gradient).into_iter().zip(values(&direction));
    let derived: f64 = along.map(|(a, b)| f64::from(a) * f64::from(b)).sum();
    let error = (measured - derived).abs();
    assert!(error < 0.02 * (1.0 + derived.abs()), "slope {index}: {measured}, {derived}");
}

fn weights(parts: &[(&str, &Tensor)]) -> Weights {
    parts.iter().map(|(name, tensor)| ((*name).to_owned(), (*tensor).clone())).collect()
}

fn activate(x: Tensor, activation: Activation) -> candle_core::Result<Tensor> {
    match activation {
        Activation::None => Ok(x),
        Activation::Relu => x.relu(),
        Activation::Tanh => x.tanh(),
        Activation::Sigmoid => (x.neg()?.exp()? + 1.0)?.recip(),
    }
}

#[test]
fn convolution() {
    // Square pictures: Candle's own gradient fails on others (candle-core 0.11.1 pads the width by
    // what the height needs).
    for (kernel, stride, batch, edge, activation) in [
        (3, 2, 9, 7, Activation::Relu),
        (5, 2, 2, 8, Activation::None),
        (3, 1, 1, 6, Activation::Relu),
        (1, 1, 3, 5, Activation::None),
        (1, 2, 2, 5, Activation::Tanh),
    ] {
        let conv = Conv { channels: 4, kernel, stride, activation };
        check(
            &[&[batch, 3, edge, edge], &[4, 3, kernel, kernel], &[4]],
            &|x| {
                let weights = weights(&[("c.weight", &x[1]), ("c.bias", &x[2])]);
                CandleOps::new(&weights).conv2d(&x[0], "c", conv)
            },
            &|x| {
                let y = x[0].conv2d(&x[1], kernel / 2, stride, 1, 1)?;
                Ok(activate(y.broadcast_add(&x[2].reshape((1, 4, 1, 1))?)?, activation)?)
            },
        );
    }
}

#[test]
fn linear_layer() {
    let all = [Activation::None, Activation::Relu, Activation::Tanh, Activation::Sigmoid];
    for (shape, activation) in
        [vec![1, 5], vec![70, 5], vec![3, 4, 5], vec![40, 2, 5]].into_iter().zip(all)
    {
        check(
            &[&shape, &[67, 5], &[67]],
            &|x| {
                let weights = weights(&[("net.l.weight", &x[1]), ("net.l.bias", &x[2])]);
                CandleOps::under(&weights, "net.").linear(&x[0], "l", 67, activation)
            },
            &|x| {
                let rows = x[0].reshape(((), 5))?.matmul(&x[1].t()?)?.broadcast_add(&x[2])?;
                let mut shape = x[0].dims().to_vec();
                *shape.last_mut().unwrap() = 67;
                Ok(activate(rows.reshape(shape)?, activation)?)
            },
        );
    }
}

#[test]
fn modulation() {
    check(
        &[&[3, 4, 5, 6], &[3, 8]],
        &|x| CandleOps::new(&Weights::default()).film_relu(&x[0], &x[1]),
        &|x| {
            let both = x[1].reshape((3, 8, 1, 1))?;
            let (scale, shift) = (both.narrow(1, 0, 4)?, both.narrow(1, 4, 4)?);
            Ok(x[0].broadcast_mul(&(scale + 1.0)?)?.broadcast_add(&shift)?.relu()?)
        },
    );
}

fn softmax(x: &Tensor) -> candle_core::Result<Tensor> {
    let weights = x.exp()?;
    weights.broadcast_div(&weights.sum_keepdim(D::Minus1)?)
}

#[test]
fn keypoints() {
    check(
        &[&[2, 3, 4, 5]],
        &|x| CandleOps::new(&Weights::default()).spatial_softmax(&x[0]),
        &|x| {
            let weights = softmax(&x[0].flatten_from(2)?)?.reshape((2, 3, 4, 5))?;
            let columns = Tensor::from_vec(keypoint_axis(5), (1, 1, 5), &Device::Cpu)?;
            let rows = Tensor::from_vec(keypoint_axis(4), (1, 1, 4), &Device::Cpu)?;
            let column = weights.sum(2)?.broadcast_mul(&columns)?.sum(2)?;
            let row = weights.sum(3)?.broadcast_mul(&rows)?.sum(2)?;
            Ok(Tensor::stack(&[column, row], 2)?.reshape((2, 6))?)
        },
    );
}

#[test]
fn layer_normalisation() {
    check(
        &[&[3, 4, 19], &[19], &[19]],
        &|x| {
            let weights = weights(&[("n.weight", &x[1]), ("n.bias", &x[2])]);
            CandleOps::new(&weights).layer_norm(&x[0], "n")
        },
        &|x| {
            let centred = x[0].broadcast_sub(&x[0].mean_keepdim(2)?)?;
            let deviation = (centred.sqr()?.mean_keepdim(2)? + 1e-5)?.sqrt()?;
            let normed = centred.broadcast_div(&deviation)?;
            Ok(normed.broadcast_mul(&x[1])?.broadcast_add(&x[2])?)
        },
    );
}

#[test]
fn attention() {
    let shape: &[usize] = &[2, 5, 12];
    check(
        &[shape, shape, shape],
        &|x| CandleOps::new(&Weights::default()).attention(&x[0], &x[1], &x[2], 3),
        &|x| {
            let head = |x: &Tensor| x.reshape((2, 5, 3, 4))?.transpose(1, 2)?.contiguous();
            let (q, k, v) = (head(&x[0])?, head(&x[1])?, head(&x[2])?);
            let weights = softmax(&(q.matmul(&k.t()?.contiguous()?)? * 0.5)?)?;
            Ok(weights.matmul(&v)?.transpose(1, 2)?.reshape((2, 5, 12))?)
        },
    );
}

#[test]
fn self_attention_adds_up_the_three_gradients() {
    check(
        &[&[2, 3, 4]],
        &|x| CandleOps::new(&Weights::default()).attention(&x[0], &x[0], &x[0], 1),
        &|x| Ok(softmax(&(x[0].matmul(&x[0].t()?.contiguous()?)? * 0.5)?)?.matmul(&x[0])?),
    );
}

#[test]
fn word_ids_outside_the_vocabulary_are_refused() {
    let table = Tensor::new(&[[0.0_f32, 1.0], [2.0, 3.0]], &Device::Cpu).unwrap();
    let weights = weights(&[("e.weight", &table)]);
    let look_up = |ids: &[f32]| {
        let ids = Tensor::from_slice(ids, (1, ids.len()), &Device::Cpu).unwrap();
        CandleOps::new(&weights).embedding(&ids, "e", 2, 2)
    };
    assert_eq!(values(&look_up(&[1.0, 0.0]).unwrap()), [2.0, 3.0, 0.0, 1.0]);
    for bad in [2.0, -1.0, 0.5, f32::NAN, f32::INFINITY] {
        assert!(matches!(look_up(&[bad]), Err(OpsError::Word { words: 2, .. })), "{bad}");
    }
}

#[test]
fn a_missing_or_misshapen_weight_is_named() {
    let table = Tensor::new(&[[0.0_f32, 1.0]], &Device::Cpu).unwrap();
    let weights = weights(&[("l.weight", &table)]);
    let mut ops = CandleOps::new(&weights);
    let error = ops.linear(&table, "l", 1, Activation::None).unwrap_err();
    assert!(error.to_string().contains("`l.bias`"), "{error}");
    let error = ops.linear(&table, "l", 3, Activation::None).unwrap_err();
    assert!(
        matches!(error, OpsError::Shape { ref expected, .. } if expected == &[3, 2]),
        "{error}"
    );
}

#[test]
fn nonsense_shapes_are_errors() {
    let none = Weights::default();
    let mut ops = CandleOps::new(&none);
    let x = Tensor::zeros((1, 2, 3), candle_core::DType::F32, &Device::Cpu).unwrap();
    assert!(ops.film_relu(&x, &x).is_err());
    assert!(ops.spatial_softmax(&x).is_err());
    assert!(ops.attention(&x, &x, &x, 2).is_err());
    assert!(ops.attention(&x, &x, &x, 0).is_err());
    let half = x.to_dtype(candle_core::DType::F16).unwrap();
    assert!(ops.attention(&half, &half, &half, 1).is_err());
    assert!(ops.token(&x, 2).is_err());
}

#[test]
fn any_number_of_threads_gives_the_same_bytes() {
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let mut random = Pcg64Mcg::seed_from_u64(3);
            let mut var =
                |shape: &[usize]| Var::from_tensor(&random_tensor(&mut random, shape)).unwrap();
            let vars =
                [var(&[6, 3, 3, 3]), var(&[6]), var(&[90, 6]), var(&[90]), var(&[40, 3, 9, 9])];
            let names = ["c.weight", "c.bias", "l.weight", "l.bias"];
            let weights: Weights = names
                .iter()
                .zip(&vars)
                .map(|(name, var)| ((*name).to_owned(), var.as_tensor().clone()))
                .collect();
            let mut ops = CandleOps::new(&weights);
            let conv = Conv { channels: 6, kernel: 3, stride: 2, activation: Activation::Relu };
            let x = ops.conv2d(vars[4].as_tensor(), "c", conv).unwrap();
            let x = ops.mean_picture(&x).unwrap();
            let y = ops.linear(&x, "l", 90, Activation::Tanh).unwrap();
            let gradients = y.sqr().unwrap().sum_all().unwrap().backward().unwrap();
            let mut bits: Vec<u32> = values(&y).iter().map(|x| x.to_bits()).collect();
            for var in &vars {
                bits.extend(values(gradients.get(var).unwrap()).iter().map(|x| x.to_bits()));
            }
            bits
        })
    };
    let alone = run(1);
    assert_eq!(alone, run(2));
    assert_eq!(alone, run(5));
}
