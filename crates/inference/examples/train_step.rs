//! Times one training step of the network that `tandem bench train` uses, split into its parts,
//! and one forward pass at batch one:
//!
//! ```sh
//! cargo run --release -p tandem-inference --example train_step -- [steps]
//! ```
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a program that measures reads a clock and prints"
)]

use std::time::Instant;

use candle_core::{DType, Device, Tensor, Var};
use rand::RngExt as _;
use rand::SeedableRng as _;
use rand_pcg::Pcg64Mcg;
use tandem_inference::{
    BENCH_EXTRA, BENCH_OUTPUTS, BENCH_PICTURE_PX, CandleOps, Weights, bench_network,
    bench_parameters,
};

const BATCH: usize = 64;
const RATE: f64 = 1e-3;
const DECAY: f64 = 1e-2;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let steps = std::env::args().nth(1).map_or(Ok(30), |word| word.parse::<usize>())?;
    let mut random = Pcg64Mcg::seed_from_u64(7);
    let mut vars = Vec::new();
    for parameter in bench_parameters()? {
        let bound = 0.05;
        vars.push((
            parameter.name,
            Var::from_tensor(&uniform(&mut random, &parameter.shape, bound)?)?,
        ));
    }
    let weights: Weights =
        vars.iter().map(|(name, var)| (name.clone(), var.as_tensor().clone())).collect();
    let edge = BENCH_PICTURE_PX;
    let picture = uniform(&mut random, &[BATCH, 3, edge, edge], 0.5)?;
    let extra = uniform(&mut random, &[BATCH, BENCH_EXTRA], 0.5)?;
    let wanted = uniform(&mut random, &[BATCH, BENCH_OUTPUTS], 0.5)?;

    let mut moments = Vec::new();
    for (_, var) in &vars {
        moments.push((var.zeros_like()?, var.zeros_like()?));
    }
    let mut times = [Vec::new(), Vec::new(), Vec::new(), Vec::new()];
    for step in 1..=steps {
        let start = Instant::now();
        let out = bench_network(&mut CandleOps::new(&weights), &picture, &extra)?;
        let forward = start.elapsed();
        let loss = (out - &wanted)?.sqr()?.mean_all()?;
        let gradients = loss.backward()?;
        let backward = start.elapsed() - forward;
        for ((_, var), moments) in vars.iter().zip(&mut moments) {
            if let Some(gradient) = gradients.get(var) {
                adamw(var, gradient, moments, step)?;
            }
        }
        let all = start.elapsed();
        for (times, time) in
            times.iter_mut().zip([forward, backward, all - forward - backward, all])
        {
            times.push(time.as_secs_f64() * 1e3);
        }
    }
    println!("training step at batch {BATCH}, {} threads, ms:", rayon::current_num_threads());
    for (name, times) in ["forward", "backward", "optimiser", "all"].iter().zip(times) {
        report(name, times);
    }

    let fixed: Weights =
        vars.iter().map(|(n, var)| (n.clone(), var.as_detached_tensor())).collect();
    let (picture, extra) = (picture.narrow(0, 0, 1)?, extra.narrow(0, 0, 1)?);
    let mut single = Vec::new();
    for _ in 0..10 * steps {
        let start = Instant::now();
        bench_network(&mut CandleOps::new(&fixed), &picture, &extra)?;
        single.push(start.elapsed().as_secs_f64() * 1e3);
    }
    report("forward at batch 1", single);
    Ok(())
}

fn uniform(random: &mut Pcg64Mcg, shape: &[usize], bound: f32) -> candle_core::Result<Tensor> {
    let count = shape.iter().product();
    let values: Vec<f32> = (0..count).map(|_| random.random_range(-bound..bound)).collect();
    Tensor::from_vec(values, shape, &Device::Cpu)?.to_dtype(DType::F32)
}

/// AdamW as its definition reads, tensor by tensor; `learn` has the one that training uses.
fn adamw(
    var: &Var,
    gradient: &Tensor,
    (mean, square): &mut (Tensor, Tensor),
    step: usize,
) -> candle_core::Result<()> {
    *mean = ((&*mean * 0.9)? + (gradient * 0.1)?)?;
    *square = ((&*square * 0.999)? + (gradient.sqr()? * 0.001)?)?;
    let step = step as i32;
    let direction = (&*mean / (1.0 - 0.9_f64.powi(step)))?;
    let size = ((&*square / (1.0 - 0.999_f64.powi(step)))?.sqrt()? + 1e-8)?;
    let kept = (var.as_tensor() * (1.0 - RATE * DECAY))?;
    var.set(&(kept - ((direction / size)? * RATE)?)?)
}

fn report(name: &str, mut times_ms: Vec<f64>) {
    times_ms.sort_by(f64::total_cmp);
    let middle = times_ms.get(times_ms.len() / 2).copied().unwrap_or(f64::NAN);
    let least = times_ms.first().copied().unwrap_or(f64::NAN);
    println!("  {name:<20} median {middle:8.2}  least {least:8.2}");
}
