use core::cell::Cell;

use tandem_networks::{Tower, TowerLayer};

use super::*;
use crate::config::{System1Config, System2Config};
use crate::dataset::tests::{BLOB_EPISODES, blobs};
use crate::schedule::Schedule;
use crate::{Dataset, DatasetError};

fn tower(keypoints: usize) -> Tower {
    let layer = |stride| TowerLayer { channels: 8, kernel: 3, stride };
    Tower { layers: vec![layer(2), layer(1)], keypoints }
}

fn config(steps: u64) -> TrainConfig {
    let base = TrainConfig::chunked();
    TrainConfig {
        steps,
        batch: 16,
        horizon: 2,
        step_period_ms: 10,
        latent_age_ms_max: 100,
        schedule: Schedule { peak: 5e-3, warm_up_steps: 5, last_fraction: 0.1 },
        validation: crate::Validation { share: 0.2, every: 1000, batches: 4 },
        checkpoint_every: 1000,
        system1: System1Config { rate_hz: 200, tower: tower(4), hidden: vec![32] },
        system2: System2Config {
            rate_hz: 8,
            towers: vec![tower(8)],
            tokens_max: 3,
            width: 16,
            heads: 2,
            blocks: 1,
            latent: 8,
        },
        ..base
    }
}

fn job<'a>(config: &'a TrainConfig, dataset: &'a Path, out: &'a Path) -> TrainJob<'a> {
    TrainJob { config, dataset, out, system2: None, command: "test" }
}

fn finish(job: &TrainJob<'_>) -> (PathBuf, Option<PathBuf>, Metrics) {
    match train(job, &mut |_| ControlFlow::Continue(())).unwrap() {
        TrainOutcome::Finished { system1, system2, metrics } => (system1, system2, metrics),
        TrainOutcome::Stopped { step } => panic!("stopped at {step} without being asked"),
    }
}

#[test]
fn learns_where_the_named_thing_is_and_then_a_second_system1_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    blobs(&data);
    let config = config(150);
    let losses = Cell::new((0.0, 0.0));
    let outcome = train(&job(&config, &data, folder.path()), &mut |progress| {
        let loss = progress.action_loss + progress.grounding_loss;
        losses.set(if progress.step == 1 { (loss, loss) } else { (losses.get().0, loss) });
        ControlFlow::Continue(())
    });
    let (first, last) = losses.get();
    assert!(last < 0.6 * first, "the loss went from {first} to {last}");
    let TrainOutcome::Finished { system1, system2, metrics } = outcome.unwrap() else {
        panic!("stopped without being asked");
    };
    assert!(metrics.wrong_object_share.unwrap() < 0.35, "{metrics:?}");

    let (system1, system2) =
        (Bundle::load(system1).unwrap(), Bundle::load(system2.unwrap()).unwrap());
    assert_eq!(system1.manifest().latent.model, system2.model_id());
    let data_hash = Dataset::open(&data).unwrap().manifest().sha256();
    assert_eq!(system1.manifest().training["data_sha256"], data_hash);

    let single = TrainConfig { system1_name: "single".into(), horizon: 1, ..config };
    let second = TrainJob { system2: Some(&system2), ..job(&single, &data, folder.path()) };
    let (path, none, metrics) = finish(&second);
    let bundle = Bundle::load(path).unwrap();
    assert_eq!(none, None);
    assert_eq!(bundle.manifest().latent.model, system2.model_id());
    assert_eq!(bundle.manifest().system1().unwrap().action.horizon, 1);
    assert!(metrics.action_error_mrad < 0.8 * metrics.action_at_rest_mrad, "{metrics:?}");
}

#[test]
fn an_interrupted_run_ends_with_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    blobs(&data);
    let config = config(6);
    let (whole, parts) = (folder.path().join("whole"), folder.path().join("parts"));
    let (system1, system2, _) = finish(&job(&config, &data, &whole));
    let stopped = train(&job(&config, &data, &parts), &mut |progress| match progress.step {
        3 => ControlFlow::Break(()),
        _ => ControlFlow::Continue(()),
    });
    assert_eq!(stopped.unwrap(), TrainOutcome::Stopped { step: 3 });
    let (again1, again2, _) = finish(&job(&config, &data, &parts));
    for (a, b) in [(system1, again1), (system2.unwrap(), again2.unwrap())] {
        for file in ["model.safetensors", "bundle.toml"] {
            assert_eq!(std::fs::read(a.join(file)).unwrap(), std::fs::read(b.join(file)).unwrap());
        }
    }
}

#[test]
fn a_checkpoint_of_another_run_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    blobs(&data);
    let stop = &mut |_: &TrainProgress| ControlFlow::Break(());
    train(&job(&config(6), &data, folder.path()), stop).unwrap();
    let other = TrainConfig { seed: 2, ..config(6) };
    let refused = train(&job(&other, &data, folder.path()), stop);
    assert!(matches!(refused, Err(TrainError::OtherRun { .. })));
}

#[test]
fn settings_that_do_not_fit_the_data_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    blobs(&data);
    let stop = &mut |_: &TrainProgress| ControlFlow::Break(());
    for (horizon, step_period_ms) in [(0, 10), (100, 10), (1, 7)] {
        let config = TrainConfig { horizon, step_period_ms, ..config(6) };
        let refused = train(&job(&config, &data, folder.path()), stop);
        assert!(matches!(refused, Err(TrainError::Horizon { .. })), "{horizon} {step_period_ms}");
    }
}

#[test]
fn the_split_is_clean() {
    let (training, held_out) = split(BLOB_EPISODES, 0.2).unwrap();
    assert_eq!(training.len() + held_out.len(), BLOB_EPISODES);
    assert!(training.iter().all(|episode| !held_out.contains(episode)));
    let too_small = split(1, 0.5);
    assert!(matches!(too_small, Err(TrainError::Dataset(DatasetError::TooSmall { .. }))));
}
