use std::fs;

use super::*;
use crate::dataset::{DATASET_FILE, Dataset};

fn config() -> CollectConfig {
    CollectConfig {
        episodes: 5,
        episodes_per_shard: 2,
        duration_ms: 900,
        instructions: 4,
        ..CollectConfig::tabletop()
    }
}

struct Setting {
    sim: SimConfig,
    lockstep: LockstepConfig,
}

fn setting() -> Setting {
    let sim = SimConfig::so101().unwrap();
    let lockstep = LockstepConfig::tabletop(&sim.robot).unwrap();
    Setting { sim, lockstep }
}

fn run(
    config: &CollectConfig,
    setting: &Setting,
    out: &Path,
    episodes_max: usize,
) -> Result<Collected, CollectError> {
    let Setting { sim, lockstep } = setting;
    let job = CollectJob { config, sim, lockstep, out, command: "test" };
    let mut seen = 0;
    collect(&job, &mut |_| {
        seen += 1;
        if seen < episodes_max { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })
}

#[test]
fn an_interrupted_collection_ends_with_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let (whole, parts) = (folder.path().join("whole"), folder.path().join("parts"));
    let (config, setting) = (config(), setting());
    assert!(run(&config, &setting, &whole, usize::MAX).unwrap().is_complete);
    let alone = CollectConfig { workers: 1, ..config.clone() };
    let partly = run(&alone, &setting, &parts, 3).unwrap();
    assert_eq!((partly.episodes, partly.is_complete), (2, false));
    assert!(run(&alone, &setting, &parts, usize::MAX).unwrap().is_complete);
    for file in [DATASET_FILE, "shard-0000.safetensors", "shard-0002.safetensors"] {
        let bytes = |dir: &Path| fs::read(dir.join(file)).unwrap();
        assert!(bytes(&whole) == bytes(&parts), "{file} differs");
    }
    let other = CollectConfig { seed: 9, ..config };
    let refused = run(&other, &setting, &whole, usize::MAX);
    assert!(matches!(refused, Err(CollectError::Dataset(DatasetError::Other { .. }))));
}

#[test]
fn every_object_has_words_a_path_to_it_and_pictures_that_change() {
    let folder = tempfile::tempdir().unwrap();
    let (config, setting) = (config(), setting());
    run(&config, &setting, folder.path(), usize::MAX).unwrap();
    let dataset = Dataset::open(folder.path()).unwrap();
    let sizes = dataset.sizes();
    assert_eq!(dataset.episodes().len(), 5);
    let mut shown = std::collections::BTreeSet::new();
    for episode in dataset.episodes() {
        assert!((6..=10).contains(&episode.moments), "{} moments", episode.moments);
        for (object, words) in episode.objects.iter().enumerate() {
            assert!(!words.instructions.is_empty(), "{}", words.name);
            let mut path = vec![0.0; sizes.path_values()];
            dataset.path(episode.first, object, &mut path).unwrap();
            // 24 steps of 5 ms at no more than 1.4 rad/s, and the leash.
            assert!(path.iter().all(|offset| offset.abs() < 0.5), "{path:?}");
            assert!(path.iter().any(|offset| offset.abs() > 1e-4), "the expert stays");
        }
        let mut frame = vec![0; sizes.frame_bytes()];
        for moment in episode.first..episode.first + episode.moments {
            dataset.frame(moment, "wrist", &mut frame).unwrap();
            shown.insert(frame.clone());
        }
    }
    assert_eq!(shown.len(), dataset.rows().len(), "two moments show the same picture");
}

#[test]
fn seeds_for_training_and_for_people_never_meet() {
    let config = CollectConfig { seed: 7, ..CollectConfig::tabletop() };
    let seeds: Vec<_> = (0..5).map(|index| config.episode_seed(index)).collect();
    assert!(seeds.iter().all(|&seed| seed > 1 << 40) && seeds.is_sorted_by(|a, b| a < b));
}
