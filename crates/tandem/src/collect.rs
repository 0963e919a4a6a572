//! `tandem collect`: demonstrations of the scripted expert.

use core::ops::ControlFlow;

use tandem_config::Config;
use tandem_learn::{CollectConfig, CollectJob, CollectProgress, collect};
use tandem_sim::{LockstepConfig, SimConfig};

use crate::arguments::Collect;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::progress;

pub(crate) fn run(arguments: &Collect) -> Result<(), Failure> {
    demonstrate(arguments, &Interrupt::install()?)
}

/// Collects, or goes on collecting.
pub(crate) fn demonstrate(arguments: &Collect, interrupt: &Interrupt) -> Result<(), Failure> {
    let config = Config::load(&arguments.config).map_err(Failure::usage)?;
    let settings = CollectConfig {
        episodes: arguments.episodes,
        seed: arguments.seed,
        workers: arguments.workers,
        ..CollectConfig::tabletop()
    };
    let job = CollectJob {
        config: &settings,
        sim: &SimConfig::from_config(&config)?,
        lockstep: &LockstepConfig::from_config(&config)?,
        out: &arguments.out,
        command: &progress::command(),
    };
    let bar = progress::bar(settings.episodes as u64);
    let collected = collect(&job, &mut |done: &CollectProgress| {
        bar.set_position(done.episodes as u64);
        bar.set_message("episodes");
        if interrupt.is_raised() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    bar.finish_and_clear();
    let out = arguments.out.display();
    println!("{out}: {} episodes, {} moments", collected.episodes, collected.moments);
    if collected.is_complete {
        Ok(())
    } else {
        Err(Failure::failed("interrupted; the same command goes on from there"))
    }
}
