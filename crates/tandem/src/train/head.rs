//! `tandem train --representation`: another head for the encoder and the System 2 that are there.

use core::ops::ControlFlow;

use tandem_bundle::Bundle;
use tandem_config::Config;
use tandem_learn::{Deviation, HeadConfig, HeadJob, HeadOutcome, HeadProgress, train_head};

use super::settings;
use crate::arguments::Train;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::progress;

/// Steps between two lines where there is no terminal to draw a bar on.
const LINE_EVERY: u64 = 1000;

pub(super) fn run(
    arguments: &Train,
    representation: &str,
    interrupt: &Interrupt,
) -> Result<(), Failure> {
    let scenario = Config::load(&arguments.config).map_err(Failure::usage)?;
    let backbone = arguments.backbone.as_ref().unwrap_or(&scenario.system1.bundle);
    let backbone = Bundle::load(backbone)?;
    let system2 = Bundle::load(arguments.system2.as_ref().unwrap_or(&scenario.system2.bundle))?;
    let config = config(arguments, representation)?;
    let bar = progress::bar(config.steps);
    let job = HeadJob {
        config: &config,
        dataset: &arguments.data,
        out: &arguments.out,
        backbone: &backbone,
        system2: &system2,
        command: &progress::command(),
    };
    let outcome = train_head(&job, &mut |report: &HeadProgress| {
        match *report {
            HeadProgress::Encoding { done, total } => {
                bar.set_length(total as u64);
                bar.set_position(done as u64);
                bar.set_message("samples encoded");
            }
            HeadProgress::Training { step, steps, loss } => {
                bar.set_length(steps);
                bar.set_position(step);
                bar.set_message(format!("{representation} loss {loss:.5}"));
                if step % LINE_EVERY == 0 {
                    progress::line(&bar, &format!("step {step}: {representation} loss {loss:.5}"));
                }
            }
        }
        if interrupt.is_raised() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    bar.finish_and_clear();
    match outcome {
        HeadOutcome::Finished { bundle, deviation } => {
            let Deviation { error_mrad, at_rest_mrad, .. } = deviation;
            println!("{}", super::action(error_mrad, at_rest_mrad));
            println!("{}", bundle.display());
            Ok(())
        }
        HeadOutcome::Stopped { step } => Err(Failure::failed(format!(
            "stopped at step {step}; the same command goes on from there"
        ))),
    }
}

fn config(arguments: &Train, representation: &str) -> Result<HeadConfig, Failure> {
    let usual = HeadConfig::usual(representation);
    let usual = settings::changed(&usual, arguments.settings.as_deref())?;
    Ok(HeadConfig {
        name: arguments.name.clone().unwrap_or(usual.name),
        seed: arguments.seed,
        steps: arguments.steps.map_or(usual.steps, u64::from),
        samples: arguments.samples.unwrap_or(usual.samples),
        ..usual
    })
}
