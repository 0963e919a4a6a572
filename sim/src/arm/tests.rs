//! The servo model: it holds, it follows, and it is as weak as it should be.

use nalgebra::Vector3;
use tandem_types::{Command, JointVec};

use super::Arm;
use crate::{SimConfig, World};

/// Steps the physics of a bare arm with a target that depends on the time in seconds.
fn run(
    config: &SimConfig,
    start: &JointVec,
    seconds: f64,
    target: impl Fn(f64) -> Command,
) -> (Arm, rapier3d::prelude::PhysicsWorld) {
    let mut physics = crate::world::empty_world();
    let mut arm = Arm::install(&mut physics, &config.robot, config.servo, start).unwrap();
    for step in 0..(seconds * 1000.0) as usize {
        arm.drive(&mut physics, &target(step as f64 * 0.001));
        physics.step();
    }
    (arm, physics)
}

fn still(q: &JointVec) -> Command {
    Command { q: *q, dq: JointVec::zeros(q.len()) }
}

#[test]
fn starts_where_it_is_told_and_agrees_with_the_kinematics() {
    let config = SimConfig::so101().unwrap();
    let q = JointVec::from_slice(&[0.4, -0.5, 0.6, 0.9, -0.3, 0.5]).unwrap();
    let (arm, physics) = run(&config, &q, 0.0, |_| still(&q));
    let mut poses = Vec::new();
    config.robot.link_poses(&q, &mut poses);
    for (link, pose) in poses.iter().enumerate() {
        let simulated = arm.link_pose(&physics, link).translation.vector.map(f64::from);
        let name = &config.robot.links()[link].name;
        assert!((simulated - pose.translation.vector).norm() < 1e-5, "{name}: {simulated}");
    }
    for (a, b) in arm.q(&physics).iter().zip(q.iter()) {
        assert!((a - b).abs() < 1e-6);
    }
}

#[test]
fn droops_less_than_a_degree_and_a_half_when_stretched() {
    let config = SimConfig::so101().unwrap();
    // Upper arm and forearm both horizontal: the worst case for the shoulder.
    let q = JointVec::from_slice(&[0.0, 1.4, -1.4, 0.0, 0.0, 0.0]).unwrap();
    let (arm, physics) = run(&config, &q, 3.0, |_| still(&q));
    let droop = arm.q(&physics).zip_with(&q, |measured, q| measured - q);
    assert!(droop[1] > 0.002, "gravity is missing: {droop:?}");
    assert!(droop.max_abs() < 1.5_f64.to_radians(), "{droop:?}");
    assert!(arm.dq(&physics).max_abs() < 1e-3, "still moving: {:?}", arm.dq(&physics));
    // The servo holds what the links weigh: about 0.8 N m at the shoulder.
    assert!((-1.2..-0.4).contains(&arm.tau()[1]), "{:?}", arm.tau());
}

#[test]
fn follows_a_ramp_with_little_lag() {
    let config = SimConfig::so101().unwrap();
    let start = JointVec::from_slice(&[-0.5, -0.7, 0.3, 1.2, 0.0, 0.0]).unwrap();
    const SPEED_RAD_S: f64 = 1.0;
    let target = |time_s: f64| {
        let mut command = still(&start);
        command.q[0] += SPEED_RAD_S * time_s;
        command.dq[0] = SPEED_RAD_S;
        command
    };
    let (arm, physics) = run(&config, &start, 1.0, target);
    let lag = target(1.0).q[0] - arm.q(&physics)[0];
    assert!((0.0..0.02).contains(&lag), "lag {lag} rad");
    assert!((arm.dq(&physics)[0] - SPEED_RAD_S).abs() < 0.05);
}

#[test]
fn a_step_settles_without_ringing() {
    let config = SimConfig::so101().unwrap();
    let start = config.rest_pose;
    let mut goal = start;
    goal[0] += 0.3;
    let (arm, physics) = run(&config, &start, 1.0, |_| still(&goal));
    assert!((arm.q(&physics)[0] - goal[0]).abs() < 0.01, "{:?}", arm.q(&physics));
}

#[test]
fn the_torque_limit_holds() {
    let mut config = SimConfig::so101().unwrap();
    config.servo.stiffness_nm_rad = JointVec::splat(6, 4000.0);
    let start = config.rest_pose;
    let mut goal = start;
    goal[0] += 1.0;
    let mut physics = crate::world::empty_world();
    let mut arm = Arm::install(&mut physics, &config.robot, config.servo, &start).unwrap();
    let limit = config.robot.joints()[0].limits.effort_nm_max;
    let inertia = 0.03;
    for step in 1..=50 {
        arm.drive(&mut physics, &still(&goal));
        physics.step();
        assert!(arm.tau()[0] <= limit);
        // It cannot be faster than the limit accelerates its own rotor.
        let fastest = limit / inertia * f64::from(step) * 0.001;
        assert!(arm.dq(&physics)[0] <= 1.2 * fastest, "step {step}: {:?}", arm.dq(&physics));
    }
}

#[test]
fn the_table_stops_the_fingertip() {
    let mut world = World::new(SimConfig::so101().unwrap(), 3).unwrap();
    let config = world.config().clone();
    let mut physics = crate::world::empty_world();
    let mut arm =
        Arm::install(&mut physics, &config.robot, config.servo, &config.rest_pose).unwrap();
    crate::world::lay_table(&mut physics);
    // A posture whose fingertip would be 4 cm under the table.
    let planar = crate::PlanarArm::new(&config.robot).unwrap();
    let goal = planar.reach([0.2, 0.0, -0.04], 1.3);
    for _ in 0..1500 {
        arm.drive(&mut physics, &still(&goal));
        physics.step();
    }
    let tip = arm.link_pose(&physics, config.robot.tip_link()) * Vector3::zeros();
    let height = arm.link_pose(&physics, config.robot.tip_link()).translation.z;
    assert!((-0.004..0.01).contains(&height), "{height} m, {tip}");
    world.step();
}
