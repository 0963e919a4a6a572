//! Every scene keeps the distances, and all kinds come up.

use std::collections::HashSet;

use rand::SeedableRng as _;
use rand_pcg::Pcg64Mcg;

use super::*;

fn scenes(count: u64) -> impl Iterator<Item = Scene> {
    let config = SimConfig::so101().unwrap();
    (0..count).map(move |seed| {
        Scene::generate(&config, config.objects, &mut Pcg64Mcg::seed_from_u64(seed))
    })
}

#[test]
fn objects_keep_their_distances() {
    let config = SimConfig::so101().unwrap();
    for scene in scenes(500) {
        assert!((2..=5).contains(&scene.objects.len()));
        for (index, a) in scene.objects.iter().enumerate() {
            assert!(config.workspace.x_m.contains(&a.position_m[0]));
            assert!(config.workspace.y_m.contains(&a.position_m[1]));
            for b in &scene.objects[index + 1..] {
                let distance =
                    (a.position_m[0] - b.position_m[0]).hypot(a.position_m[1] - b.position_m[1]);
                let radii = a.kind.footprint_radius_m() + b.kind.footprint_radius_m();
                assert!(distance >= CENTER_DISTANCE_M_MIN, "{a:?} {b:?}");
                assert!(distance - radii >= SURFACE_DISTANCE_M_MIN - 1e-9, "{a:?} {b:?}");
                assert_ne!(a.kind, b.kind);
            }
        }
    }
}

#[test]
fn everything_comes_up() {
    let kinds: HashSet<ObjectKind> =
        scenes(500).flat_map(|scene| scene.objects.into_iter().map(|object| object.kind)).collect();
    assert_eq!(kinds.len(), Color::ALL.len() * Form::ALL.len() * Size::ALL.len());
    let counts: HashSet<usize> = scenes(100).map(|scene| scene.objects.len()).collect();
    assert_eq!(counts, HashSet::from([2, 3, 4, 5]));
}

#[test]
fn a_seed_is_a_scene() {
    let describe = |scene: &Scene| format!("{scene:?}");
    let (a, b): (Vec<_>, Vec<_>) = (scenes(5).collect(), scenes(5).collect());
    assert_eq!(
        a.iter().map(describe).collect::<Vec<_>>(),
        b.iter().map(describe).collect::<Vec<_>>()
    );
    assert_ne!(describe(&a[0]), describe(&a[1]));
}
