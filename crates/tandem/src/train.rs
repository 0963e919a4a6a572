//! `tandem train`: from demonstrations to bundles.

mod head;
mod settings;

use core::ops::ControlFlow;

use tandem_bundle::Bundle;
use tandem_learn::{
    DATASET_FILE, Metrics, TrainConfig, TrainJob, TrainOutcome, TrainProgress, prepare_process,
    train,
};

use crate::arguments::{Collect, Train};
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::{collect, progress};

pub(crate) fn run(arguments: &Train) -> Result<(), Failure> {
    // Before the first thread, which the handler of interrupts would be.
    if let Err(threaded) = prepare_process() {
        eprintln!("training will take longer: {threaded}");
    }
    let interrupt = Interrupt::install()?;
    if !arguments.data.join(DATASET_FILE).is_file() {
        let missing = Collect::usual(&arguments.config, &arguments.data);
        eprintln!("no demonstrations in {} yet: collecting them", arguments.data.display());
        collect::demonstrate(&missing, &interrupt)?;
    }
    if let Some(representation) = &arguments.representation {
        return head::run(arguments, representation, &interrupt);
    }
    let system2 = arguments.system2.as_ref().map(Bundle::load).transpose()?;
    let config = config(arguments)?;
    let bar = progress::bar(config.steps);
    let job = TrainJob {
        config: &config,
        dataset: &arguments.data,
        out: &arguments.out,
        system2: system2.as_ref(),
        command: &progress::command(),
    };
    let outcome = train(&job, &mut |step: &TrainProgress| {
        bar.set_position(step.step);
        bar.set_message(format!(
            "action {:.4}, place {:.4}, progress {:.4}",
            step.action_loss, step.grounding_loss, step.progress_loss
        ));
        if let Some(metrics) = &step.metrics {
            progress::line(&bar, &format!("step {}: {}", step.step, measured(metrics)));
        }
        if interrupt.is_raised() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    bar.finish_and_clear();
    match outcome {
        TrainOutcome::Finished { system1, system2, metrics } => {
            println!("{}", measured(&metrics));
            println!("{}", system1.display());
            system2.iter().for_each(|dir| println!("{}", dir.display()));
            Ok(())
        }
        TrainOutcome::Stopped { step } => Err(Failure::failed(format!(
            "stopped at step {step}; the same command goes on from there"
        ))),
    }
}

fn config(arguments: &Train) -> Result<TrainConfig, Failure> {
    let usual = match arguments.system2 {
        Some(_) => TrainConfig::per_step(),
        None => TrainConfig::chunked(),
    };
    let mut config = settings::changed(&usual, arguments.settings.as_deref())?;
    config.seed = arguments.seed;
    config.steps = arguments.steps.map_or(config.steps, u64::from);
    config.horizon = arguments.horizon.unwrap_or(config.horizon);
    Ok(config)
}

/// What was measured on held-out episodes, for people.
fn measured(metrics: &Metrics) -> String {
    let mut text = action(metrics.action_error_mrad, metrics.action_at_rest_mrad);
    text += &format!(", progress error {:.3}", metrics.progress_error);
    if let (Some(p50), Some(p95), Some(wrong)) =
        (metrics.place_error_mm_p50, metrics.place_error_mm_p95, metrics.wrong_object_share)
    {
        text += &format!(
            ", place error {p50:.1} mm p50 {p95:.1} mm p95, wrong object {:.1} %",
            100.0 * wrong
        );
    }
    text
}

fn action(error_mrad: f64, at_rest_mrad: f64) -> String {
    format!("action error {error_mrad:.2} mrad (of {at_rest_mrad:.2} to learn)")
}
