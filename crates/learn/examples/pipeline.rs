//! From nothing to bundles on both engines: collect, train both systems, export.
//!
//! `cargo run --release -p tandem-learn --example pipeline -- OUT [EPISODES] [STEPS]`
//!
//! Interrupt it at any time: the same command goes on where it stopped.
#![expect(clippy::print_stdout, reason = "a program reports to its user")]

use core::ops::ControlFlow;
use std::error::Error;
use std::path::PathBuf;

use tandem_learn::{
    CollectConfig, CollectJob, TrainConfig, TrainJob, TrainOutcome, collect, export, train,
};
use tandem_realtime::{Clock as _, MonotonicClock};
use tandem_sim::{LockstepConfig, SimConfig};

fn main() -> Result<(), Box<dyn Error>> {
    let mut words = std::env::args().skip(1);
    let out = PathBuf::from(words.next().ok_or("name a folder for the data and the bundles")?);
    let mut settings = CollectConfig::tabletop();
    let mut training = TrainConfig::chunked();
    settings.episodes = words.next().map_or(Ok(settings.episodes), |word| word.parse())?;
    training.steps = words.next().map_or(Ok(training.steps), |word| word.parse())?;

    let clock = MonotonicClock;
    let sim = SimConfig::so101()?;
    let lockstep = LockstepConfig::tabletop(&sim.robot)?;
    let data = out.join("data");
    let job = CollectJob {
        config: &settings,
        sim: &sim,
        lockstep: &lockstep,
        out: &data,
        command: "example pipeline",
    };
    let start = clock.now();
    let collected = collect(&job, &mut |_| ControlFlow::Continue(()))?;
    println!("{collected:?} in {:.1?}", start.age_at(clock.now()));

    let job = TrainJob {
        config: &training,
        dataset: &data,
        out: &out,
        system2: None,
        command: "example pipeline",
    };
    let start = clock.now();
    let mut first = None;
    let outcome = train(&job, &mut |progress| {
        let (from, at) = *first.get_or_insert((progress.step, clock.now()));
        if progress.step % 50 == 0 || progress.metrics.is_some() {
            let steps = (progress.step - from).max(1);
            let each = at.age_at(clock.now()) / u32::try_from(steps).unwrap_or(u32::MAX);
            println!("{each:.0?} a step, {progress:?}");
        }
        ControlFlow::Continue(())
    })?;
    println!("trained in {:.1?}", start.age_at(clock.now()));
    if let TrainOutcome::Finished { system1, system2, metrics } = outcome {
        println!("{metrics:#?}");
        for bundle in [Some(system1), system2].into_iter().flatten() {
            println!("{:?}", export(&bundle)?);
        }
    }
    Ok(())
}
