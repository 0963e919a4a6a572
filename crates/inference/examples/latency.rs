//! Times networks of the size tandem ships at batch one on the Candle engine, random weights:
//!
//! ```sh
//! cargo run --release -p tandem-inference --example latency -- [runs]
//! ```
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a program that measures reads a clock and prints"
)]

use std::collections::BTreeMap;
use std::time::Instant;

use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg64Mcg;
use tandem_inference::{CandleEngine, Engine as _, warm_up};
use tandem_networks::{Architecture, System1Encoder, System1Head, System2, Tower, TowerLayer};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let runs = std::env::args().nth(1).map_or(Ok(500), |word| word.parse::<usize>())?;
    let layer = |channels, kernel, stride| TowerLayer { channels, kernel, stride };
    let tower =
        Tower { layers: vec![layer(32, 5, 2), layer(64, 3, 2), layer(64, 3, 1)], keypoints: 32 };
    let cameras = vec!["front".to_owned(), "wrist".to_owned()];
    let system2 = Architecture::System2(System2 {
        cameras: cameras.clone(),
        height_px: 96,
        width_px: 96,
        towers: vec![tower.clone(), tower.clone()],
        words: 64,
        tokens_max: 12,
        dof: 6,
        width: 128,
        heads: 4,
        blocks: 2,
        latent: 32,
    });
    let encoder = Architecture::System1Encoder(System1Encoder {
        cameras,
        height_px: 96,
        width_px: 96,
        tower,
    });
    let hidden = vec![256, 256];
    let head = Architecture::System1Head(System1Head {
        features: 64,
        dof: 6,
        latent: 32,
        hidden,
        horizon: 16,
    });
    for (name, network) in [("system2", system2), ("encoder", encoder), ("head", head)] {
        measure(name, &network, runs)?;
    }
    Ok(())
}

fn measure(
    name: &str,
    network: &Architecture,
    runs: usize,
) -> Result<(), Box<dyn std::error::Error>> {
    let mut random = Pcg64Mcg::seed_from_u64(7);
    let mut weights = BTreeMap::new();
    for parameter in network.parameters()? {
        let count = parameter.shape.iter().product();
        let data: Vec<f32> = (0..count).map(|_| random.random_range(-0.1..0.1)).collect();
        weights.insert(parameter.name, (parameter.shape, data));
    }
    let mut engine = CandleEngine::load(network, |name| {
        weights.get(name).map(|(shape, data)| (shape.as_slice(), data.as_slice()))
    })?;
    let mut times_us = Vec::with_capacity(runs);
    for _ in 0..runs {
        let start = Instant::now();
        warm_up(&mut engine, 1)?;
        times_us.push(start.elapsed().as_secs_f64() * 1e6);
    }
    times_us.sort_by(f64::total_cmp);
    let at = |share: usize| times_us.get(runs * share / 100).copied().unwrap_or(f64::NAN);
    let numbers: usize = engine.signature().inputs.iter().map(|spec| spec.elements()).sum();
    println!("{name:<10} {numbers:>6} numbers in: median {:8.1} us, p99 {:8.1} us", at(50), at(99));
    Ok(())
}
