//! The world as a robot on the bus: deterministic, obedient to the right commands only.

use core::time::Duration;

use tandem_types::{Command, Epoch, JointVec, Sequence};
use tandem_wire::Message as _;

use super::*;

fn world(seed: u64) -> World {
    World::new(SimConfig::so101().unwrap(), seed).unwrap()
}

/// A fresh command that turns the pan joint.
fn turn(world: &World, sequence: u64, by_rad: f64) -> JointCommand {
    let mut q = world.scene().start;
    q[0] += by_rad;
    JointCommand {
        stamp: world.now(),
        epoch: Epoch(4),
        sequence: Sequence(sequence),
        valid_for: Duration::from_millis(20),
        command: Command { q, dq: JointVec::zeros(6) },
    }
}

/// The bytes of everything a run publishes.
fn transcript(world: &mut World, steps: u64) -> Vec<u8> {
    let (mut all, mut bytes) = (Vec::new(), Vec::new());
    for step in 0..steps {
        let command = turn(world, world.now().as_nanos(), 0.3 * (step as f64 / steps as f64));
        world.receive(&command).unwrap();
        world.step();
        world.joint_state().encode(&mut bytes);
        all.extend_from_slice(&bytes);
        world.truth().encode(&mut bytes);
        all.extend_from_slice(&bytes);
    }
    all
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let (mut a, mut b) = (world(11), world(11));
    assert_eq!(transcript(&mut a, 400), transcript(&mut b, 400));
    let (mut front_a, mut front_b) = (Frame::black(48, 48), Frame::black(48, 48));
    a.render(0, &mut front_a);
    b.render(0, &mut front_b);
    assert_eq!(front_a, front_b);
    assert_ne!(transcript(&mut world(12), 400), transcript(&mut world(11), 400));
}

#[test]
fn a_reset_gives_the_scene_of_a_new_world() {
    let mut old = world(1);
    transcript(&mut old, 100);
    old.reset(5).unwrap();
    let new = world(5);
    assert_eq!(old.task(), new.task());
    assert_eq!(old.state().q, new.state().q);
    assert_eq!(old.distances_m(), new.distances_m());
    assert_eq!(old.describe().episode, 2);
}

#[test]
fn holds_its_start_pose_until_told_otherwise() {
    let mut world = world(2);
    for _ in 0..1000 {
        world.step();
    }
    let moved = world.state().q.zip_with(&world.scene().start, |a, b| a - b);
    assert!(moved.max_abs() < 0.03, "{moved:?}");
    assert_eq!(world.receipt().applied, 0);
}

#[test]
fn obeys_fresh_commands_and_holds_when_they_stop() {
    let mut world = world(2);
    let start = world.state().q[0];
    for sequence in 1..=600 {
        let command = turn(&world, sequence, 0.25);
        world.receive(&command).unwrap();
        world.step();
    }
    assert!((world.state().q[0] - start - 0.25).abs() < 0.05, "{}", world.state().q[0] - start);
    let stale = turn(&world, 601, -0.2);
    for _ in 0..500 {
        world.step();
    }
    assert_eq!(world.receive(&stale), Err(Refusal::Stale));
    assert!((world.state().q[0] - start - 0.25).abs() < 0.05);
    let receipt = world.receipt();
    assert_eq!((receipt.applied, receipt.refused), (600, 1));
    assert_eq!((receipt.command_epoch, receipt.command_sequence), (Epoch(4), Sequence(600)));
}

#[test]
fn objects_stay_where_they_lie() {
    for seed in 0..20 {
        let mut world = world(seed);
        let before: Vec<_> =
            (0..world.scene().objects.len()).map(|object| world.object_target(object)).collect();
        for _ in 0..300 {
            world.step();
        }
        for (object, before) in before.iter().enumerate() {
            let after = world.object_target(object);
            for (a, b) in before.top_m.iter().zip(after.top_m) {
                assert!((a - b).abs() < 1e-3, "object {object} of seed {seed} moved");
            }
        }
    }
}

#[test]
fn a_request_lays_what_it_says() {
    let mut world = world(1);
    let request = EpisodeRequest {
        seed: 77,
        objects_min: 5,
        objects_max: 5,
        instruct_other: true,
        settle: true,
    };
    let reply = world.serve(&request);
    assert!(reply.ok && reply.objects.len() == 5 && reply.episode == 2);
    assert_eq!(usize::from(world.truth().target), world.task().alternative);
    assert_eq!(reply.instruction, world.task().instruction);
    // Absurd counts are cut to what fits the table.
    let reply = world.serve(&EpisodeRequest { objects_min: 200, objects_max: 1, ..request });
    assert!(reply.ok && reply.objects.len() == 5);
}

#[test]
fn without_settling_the_arm_stays_where_it_is() {
    let mut world = world(1);
    for sequence in 1..=500 {
        let command = turn(&world, sequence, 0.4);
        world.receive(&command).unwrap();
        world.step();
    }
    let before = world.arm.q(&world.physics);
    world.lay(&Episode { settle: false, ..Episode::new(6) }).unwrap();
    let moved = world.arm.q(&world.physics).zip_with(&before, |a, b| a - b);
    assert!(moved.max_abs() < 1e-6, "{moved:?}");
}

#[test]
fn both_cameras_see_the_target() {
    let mut world = world(4);
    for camera in 0..2 {
        let mut frame = Frame::black(96, 96);
        world.render(camera, &mut frame);
        assert_eq!(frame.stamp, world.now());
        let colorful = frame.rgb().chunks_exact(3).filter(|pixel| {
            let (most, least) = (pixel.iter().max().unwrap(), pixel.iter().min().unwrap());
            most - least > 90
        });
        assert!(colorful.count() > 20, "camera {camera} sees no object");
    }
}

#[test]
fn bad_settings_are_named() {
    let mut config = SimConfig::so101().unwrap();
    config.servo.stiffness_nm_rad[2] = -1.0;
    let error = World::new(config, 1).err().unwrap().to_string();
    assert!(error.contains("stiffness_nm_rad is -1"), "{error}");
    let mut config = SimConfig::so101().unwrap();
    config.cameras[1].mount = crate::Mount::Link { link: "nose".to_owned() };
    let error = World::new(config, 1).err().unwrap().to_string();
    assert!(error.contains("`nose`"), "{error}");
}
