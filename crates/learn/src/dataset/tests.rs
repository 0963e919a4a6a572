use std::collections::BTreeMap;
use std::path::Path;

use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg64Mcg;

use super::*;

/// Episodes of [`blobs`].
pub(crate) const BLOB_EPISODES: usize = 40;

/// A dataset that a small network learns in seconds: a red and a green square on grey, "red" or
/// "green" said, and a path that leads to the named one.
pub(crate) fn blobs(folder: &Path) {
    let sizes = Sizes {
        cameras: vec!["front".into()],
        width_px: 16,
        height_px: 16,
        joints: vec!["x".into(), "y".into()],
        objects_max: 2,
        path_steps: 4,
        path_step_ms: 5,
        moment_period_ms: 100,
    };
    let mut rng = Pcg64Mcg::seed_from_u64(5);
    let episodes: Vec<_> = (0..BLOB_EPISODES).map(|_| blob_episode(&sizes, &mut rng)).collect();
    let made = BTreeMap::from([("seed".to_owned(), "5".to_owned())]);
    let words = vec!["red".to_owned(), "green".to_owned()];
    let manifest =
        DatasetManifest { command: String::new(), made, sizes, words, shards: BTreeMap::new() };
    DatasetWriter::open(folder, manifest).unwrap().write(0, &episodes).unwrap();
}

fn blob_episode(sizes: &Sizes, rng: &mut Pcg64Mcg) -> Episode {
    let columns = [rng.random_range(0..6), rng.random_range(8..14)];
    let swap = usize::from(rng.random_bool(0.5));
    let corners = [0, 1].map(|blob| (columns[blob ^ swap], rng.random_range(0..14)));
    let picture = |x: usize, y: usize| {
        let lit = |(left, top): (usize, usize)| {
            (left..left + 3).contains(&x) && (top..top + 3).contains(&y)
        };
        match corners.map(lit) {
            [true, _] => [255, 20, 20],
            [_, true] => [20, 255, 20],
            _ => [128; 3],
        }
    };
    let frame: Vec<u8> = (0..16).flat_map(|y| (0..16).flat_map(move |x| picture(x, y))).collect();
    let moment = |time: u32, rng: &mut Pcg64Mcg| {
        let q: Vec<f32> = (0..2).map(|_| rng.random_range(0.0..1.0)).collect();
        let object = |(left, top): (usize, usize)| {
            let position = [left as f32 / 16.0, top as f32 / 16.0, 0.0];
            let step = |step: usize| {
                let share = 0.1 * (step + 1) as f32;
                [share * (position[0] - q[0]), share * (position[1] - q[1])]
            };
            let path = (0..sizes.path_steps).flat_map(step).collect();
            ObjectMoment { position, progress: 1.0 - (position[0] - q[0]).abs(), path }
        };
        Moment {
            time_ms: time,
            frames: vec![frame.clone()],
            dq: vec![0.0; 2],
            command: q.clone(),
            tip: [q[0], q[1], 0.0],
            objects: corners.map(object).to_vec(),
            q,
        }
    };
    let named = |name: &str| ObjectWords { name: name.into(), instructions: vec![name.into()] };
    Episode {
        seed: 0,
        target: swap,
        objects: vec![named("red"), named("green")],
        moments: (0..6).map(|time| moment(100 * time, rng)).collect(),
    }
}

pub(crate) fn sizes() -> Sizes {
    Sizes {
        cameras: vec!["front".into(), "wrist".into()],
        width_px: 4,
        height_px: 2,
        joints: vec!["a".into(), "b".into()],
        objects_max: 3,
        path_steps: 5,
        path_step_ms: 5,
        moment_period_ms: 100,
    }
}

fn episode(seed: u64, sizes: &Sizes, objects: usize, moments: u32) -> Episode {
    let base = seed as f32;
    let words = |index| ObjectWords {
        name: format!("object {index}"),
        instructions: vec![format!("touch {index}"), format!("go to {index}")],
    };
    let moment = |time: u32| {
        let at = base + time as f32;
        let object = |index: usize| ObjectMoment {
            position: [at, index as f32, 0.5],
            progress: 0.25 * index as f32,
            path: (0..sizes.path_values()).map(|value| at + (100 * index + value) as f32).collect(),
        };
        Moment {
            time_ms: time * sizes.moment_period_ms,
            frames: (0..2_u8).map(|c| vec![c + time as u8; sizes.frame_bytes()]).collect(),
            q: vec![at; sizes.dof()],
            dq: vec![at + 0.5; sizes.dof()],
            command: vec![at + 0.25; sizes.dof()],
            tip: [at, 0.0, 1.0],
            objects: (0..objects).map(object).collect(),
        }
    };
    Episode {
        seed,
        target: objects - 1,
        objects: (0..objects).map(words).collect(),
        moments: (0..moments).map(moment).collect(),
    }
}

fn manifest(seed: &str) -> DatasetManifest {
    DatasetManifest {
        command: "any".to_owned(),
        made: BTreeMap::from([("seed".to_owned(), seed.to_owned())]),
        sizes: sizes(),
        words: vec!["touch".into()],
        shards: BTreeMap::new(),
    }
}

#[test]
fn what_is_written_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let sizes = sizes();
    let mut writer = DatasetWriter::open(folder.path(), manifest("1")).unwrap();
    let episodes = [episode(10, &sizes, 2, 3), episode(20, &sizes, 3, 4)];
    writer.write(1, &episodes[1..]).unwrap();
    writer.write(0, &episodes[..1]).unwrap();

    let dataset = Dataset::open(folder.path()).unwrap();
    assert_eq!(dataset.episodes().len(), 2);
    for (index, wanted) in dataset.episodes().iter().zip(&episodes) {
        assert_eq!((index.moments, index.target), (wanted.moments.len(), wanted.target));
        assert_eq!(index.objects, wanted.objects);
        for (offset, moment) in wanted.moments.iter().enumerate() {
            let at = index.first + offset;
            let row = &dataset.rows()[at];
            assert_eq!((&row.q, &row.dq, &row.command), (&moment.q, &moment.dq, &moment.command));
            assert_eq!(row.tip, moment.tip);
            let mut frame = vec![0; sizes.frame_bytes()];
            for (camera, expected) in sizes.cameras.iter().zip(&moment.frames) {
                dataset.frame(at, camera, &mut frame).unwrap();
                assert_eq!(&frame, expected);
            }
            for (object, expected) in moment.objects.iter().enumerate() {
                assert_eq!(row.objects[object], expected.position);
                let mut path = vec![0.0; 4];
                dataset.path(at, object, &mut path).unwrap();
                assert_eq!(path, expected.path[..4]);
            }
        }
    }
    assert!(dataset.path(7, 0, &mut [0.0; 4]).is_err());
    assert!(dataset.path(0, 3, &mut [0.0; 4]).is_err());
}

#[test]
fn a_changed_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = DatasetWriter::open(folder.path(), manifest("1")).unwrap();
    writer.write(0, &[episode(1, &sizes(), 2, 3)]).unwrap();
    let path = folder.path().join("shard-0000.safetensors");
    let mut bytes = std::fs::read(&path).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&path, bytes).unwrap();
    assert!(
        matches!(Dataset::open(folder.path()), Err(DatasetError::Hash { path: p }) if p == path)
    );
}

#[test]
fn truncated_and_foreign_shards_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = DatasetWriter::open(folder.path(), manifest("1")).unwrap();
    writer.write(0, &[episode(1, &sizes(), 2, 3)]).unwrap();
    let bytes = std::fs::read(folder.path().join("shard-0000.safetensors")).unwrap();
    let path = folder.path().join("broken");
    for cut in [0, 7, 8, 100, bytes.len() - 1] {
        std::fs::write(&path, &bytes[..cut]).unwrap();
        assert!(Shard::open(&path, &sizes()).is_err(), "cut to {cut} bytes");
    }
    std::fs::write(&path, &bytes).unwrap();
    assert!(Shard::open(&path, &sizes()).is_ok());
    let other = Sizes { path_steps: 6, ..sizes() };
    assert!(Shard::open(&path, &other).is_err());
}

#[test]
fn a_folder_is_continued_only_by_the_same_collection() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = DatasetWriter::open(folder.path(), manifest("1")).unwrap();
    writer.write(0, &[episode(1, &sizes(), 2, 3)]).unwrap();
    let again = DatasetWriter::open(folder.path(), manifest("1")).unwrap();
    assert_eq!(again.manifest().shards.len(), 1);
    let other = DatasetWriter::open(folder.path(), manifest("2"));
    assert!(matches!(other, Err(DatasetError::Other { .. })));
}

#[test]
fn an_episode_of_other_sizes_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = DatasetWriter::open(folder.path(), manifest("1")).unwrap();
    let other = Sizes { path_steps: 6, ..sizes() };
    for bad in [episode(1, &sizes(), 4, 1), episode(1, &other, 2, 1)] {
        assert!(matches!(writer.write(0, &[bad]), Err(DatasetError::Misfit { seed: 1, .. })));
    }
}
