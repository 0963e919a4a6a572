//! The factorial: its weak backbone, its heads, its flights.

use core::ops::ControlFlow;
use std::path::Path;
use std::time::Duration;

use tandem_bundle::{BUNDLE_FILE, Bundle};
use tandem_config::Config;
use tandem_evaluate::Pacing;
use tandem_learn::{DATASET_FILE, HeadProgress, TrainJob, TrainOutcome, train};
use tandem_sim::{LockstepConfig, SimConfig};
use tandem_study::{
    Backbone, PictureJob, PicturePlan, PictureProgress, PictureResults, Store, run_pictures,
    weak_backbone,
};

use crate::arguments::{Collect, Study};
use crate::eval::THOUGHT_LATENCY;
use crate::interrupt::Interrupt;
use crate::{collect, progress};

/// Steps between two lines where there is no terminal to draw a bar on.
const LINE_EVERY: u64 = 1000;

/// Measures what is missing; whether all is there.
pub(super) fn run(
    arguments: &Study,
    config: &Config,
    store: &Store,
    interrupt: &Interrupt,
) -> anyhow::Result<bool> {
    if !arguments.data.join(DATASET_FILE).is_file() {
        let missing = Collect::usual(&arguments.config, &arguments.data);
        eprintln!("no demonstrations in {} yet: collecting them", arguments.data.display());
        collect::demonstrate(&missing, interrupt)
            .map_err(|failure| anyhow::anyhow!("{failure}"))?;
    }
    if !is_trained(&arguments.work) && !train_weak(arguments, interrupt)? {
        return Ok(false);
    }
    let bar = progress::bar(0);
    let mut done = 0;
    let is_complete = with_job(arguments, config, store, |job| {
        run_pictures(job, &mut |report| {
            match report {
                PictureProgress::Training(recipe, HeadProgress::Encoding { done, total }) => {
                    bar.set_length(*total as u64);
                    bar.set_position(*done as u64);
                    bar.set_message(format!("samples through the {} encoder", recipe.encoder));
                }
                PictureProgress::Training(recipe, HeadProgress::Training { step, steps, loss }) => {
                    bar.set_length(*steps);
                    bar.set_position(*step);
                    bar.set_message(format!(
                        "{} on {}, width {}, seed {}: loss {loss:.5}",
                        recipe.representation, recipe.encoder, recipe.width, recipe.seed
                    ));
                }
                PictureProgress::Cell(cell, wanted) => {
                    done += 1;
                    let (recipe, reached) = (&cell.recipe, cell.reached.iter());
                    let text = format!(
                        "{} on {}, width {}, seed {}: {}/{} reached, {:.2} mrad (cell {done} of \
                         at most {wanted})",
                        recipe.representation,
                        recipe.encoder,
                        recipe.width,
                        recipe.seed,
                        reached.clone().filter(|reached| **reached).count(),
                        reached.len(),
                        cell.action_mrad
                    );
                    progress::line(&bar, &text);
                }
            }
            if interrupt.is_raised() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })
    })?;
    bar.finish_and_clear();
    Ok(is_complete)
}

/// What was measured so far; none before the first cell, nor where the demonstrations or the weak
/// backbone are not at hand.
pub(super) fn found(
    arguments: &Study,
    config: &Config,
    store: &Store,
    conditions: serde_json::Value,
) -> anyhow::Result<Option<PictureResults>> {
    if !arguments.data.join(DATASET_FILE).is_file() || !is_trained(&arguments.work) {
        return Ok(None);
    }
    let results = with_job(arguments, config, store, |job| job.gather(conditions))?;
    Ok((results.cells > 0).then_some(results))
}

fn with_job<T>(
    arguments: &Study,
    config: &Config,
    store: &Store,
    then: impl FnOnce(&PictureJob<'_>) -> Result<T, tandem_study::StudyError>,
) -> anyhow::Result<T> {
    let settings = weak_backbone();
    let backbone = |name: &str, system1: &Path, system2: &Path| -> anyhow::Result<Backbone> {
        let (system1, system2) = (Bundle::load(system1)?, Bundle::load(system2)?);
        let pacing = Pacing {
            thought_period: config.system2.period,
            thought_latency: THOUGHT_LATENCY,
            latent_age_min: config.system1.latent_age_min(&system1.manifest().latent),
            // Each head says its own.
            step_period: Duration::from_secs_f64(1.0 / f64::from(system1.manifest().rate_hz)),
            steps_max: None,
        };
        Ok(Backbone { name: name.to_owned(), system1, system2, pacing })
    };
    let of_work = |name: &str| arguments.work.join(name);
    let weak =
        backbone("weak", &of_work(&settings.system1_name), &of_work(&settings.system2_name))?;
    let strong = backbone("strong", &config.system1.bundle, &config.system2.bundle)?;
    let representations = tandem_bundle::Representation::NAMES;
    let seeds = u64::from(arguments.seeds);
    let job = PictureJob {
        sim: &SimConfig::from_config(config)?,
        lockstep: &LockstepConfig::from_config(config)?,
        dataset: &arguments.data,
        backbones: [&weak, &strong],
        plan: &PicturePlan::new(arguments.quick, &representations, seeds),
        store,
        work: &arguments.work,
        workers: super::workers(),
        command: &progress::command(),
    };
    Ok(then(&job)?)
}

fn is_trained(work: &Path) -> bool {
    let settings = weak_backbone();
    [settings.system1_name, settings.system2_name]
        .iter()
        .all(|name| work.join(name).join(BUNDLE_FILE).is_file())
}

/// Trains the weak backbone, or goes on training it; whether it is done.
fn train_weak(arguments: &Study, interrupt: &Interrupt) -> anyhow::Result<bool> {
    let config = weak_backbone();
    let bar = progress::bar(config.steps);
    let job = TrainJob {
        config: &config,
        dataset: &arguments.data,
        out: &arguments.work,
        system2: None,
        command: &progress::command(),
    };
    let outcome = train(&job, &mut |report| {
        bar.set_position(report.step);
        bar.set_message(format!("the weak backbone, action {:.4}", report.action_loss));
        if report.step % LINE_EVERY == 0 {
            progress::line(&bar, &format!("weak backbone: {} steps", report.step));
        }
        if interrupt.is_raised() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    bar.finish_and_clear();
    Ok(matches!(outcome, TrainOutcome::Finished { .. }))
}
