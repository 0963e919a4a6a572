//! The planar arm against the robot's kinematics, and the law on its own.

use core::time::Duration;

use proptest::prelude::{prop, prop_assume, proptest};
use tandem_robot::Robot;
use tandem_types::{Command, JointVec, Posture, Stamp, State};

use super::planar::pitch_at;
use super::*;
use crate::SimConfig;

fn so101() -> SimConfig {
    SimConfig::so101().unwrap()
}

/// The SO-101 with the kinematics for any arm.
fn any_arm() -> SimConfig {
    let mut config = so101();
    config.expert.kinematics = Kinematics::Jacobian { willing: JointVec::splat(6, 1.0) };
    config
}

fn expert_for(x: f64, y: f64, top: f64) -> Expert {
    expert_of(&so101(), x, y, top)
}

fn expert_of(config: &SimConfig, x: f64, y: f64, top: f64) -> Expert {
    let mut expert = Expert::new(config).unwrap();
    expert.aim(Target { top_m: [x, y, top] });
    expert
}

/// Follows the law from the rest pose and reports every fingertip on the way.
fn follow(expert: &Expert, start: &JointVec, seconds: f64) -> Vec<[f64; 3]> {
    let mut q = *start;
    (0..(seconds * 200.0) as usize)
        .map(|_| {
            q = q.zip_with(&expert.velocity(&q), |q, v| q + v * 0.005);
            expert.tip_m(&q)
        })
        .collect()
}

proptest! {
    #[test]
    fn the_planar_arm_is_the_robot(values in prop::array::uniform4(-1.5_f64..1.5)) {
        let robot = so101().robot;
        let q = JointVec::from_slice(&[values[0], values[1], values[2], values[3], 0.0, 0.3]).unwrap();
        let tip = robot.tip(&q).translation.vector;
        let planar = PlanarArm::new(&robot).unwrap().tip(&q);
        assert!((tip - nalgebra::Vector3::from(planar)).norm() < 1e-9);
    }

    #[test]
    fn reach_is_the_inverse(x in 0.16_f64..0.32, y in -0.16_f64..0.16, z in 0.03_f64..0.12) {
        let arm = PlanarArm::new(&so101().robot).unwrap();
        let tip = arm.tip(&arm.reach([x, y, z], pitch_at(x.hypot(y))));
        assert!((nalgebra::Vector3::from(tip) - nalgebra::Vector3::new(x, y, z)).norm() < 1e-9);
    }

    #[test]
    fn every_target_is_reached_from_above(
        x in 0.16_f64..0.32,
        y in -0.16_f64..0.16,
        large in prop::bool::ANY,
        start in prop::array::uniform6(-0.08_f64..0.08),
    ) {
        let top = if large { 0.048 } else { 0.030 };
        let expert = expert_for(x, y, top);
        let start = so101().rest_pose.zip_with(&JointVec::from_slice(&start).unwrap(), |a, b| a + b);
        let path = follow(&expert, &start, 3.0);
        let [tx, ty, tz] = *path.last().unwrap();
        let left = (tx - x).hypot(ty - y).hypot(tz - top - 0.009);
        assert!(left < 0.002, "{left} m left at ({x}, {y})");
        for [px, py, pz] in path {
            // Outside the target's own footprint the fingertip is above every other object.
            let away = (px - x).hypot(py - y);
            assert!(away < 0.03 || pz > 0.052, "{pz} m high, {away} m away from ({x}, {y})");
        }
    }

    #[test]
    fn the_law_is_bounded_and_smooth(
        q in prop::array::uniform6(-1.5_f64..1.5),
        step in prop::array::uniform6(-1e-4_f64..1e-4),
    ) {
        let q = JointVec::from_slice(&q).unwrap();
        let there = q.zip_with(&JointVec::from_slice(&step).unwrap(), |a, b| a + b);
        for config in [so101(), any_arm()] {
            let expert = expert_of(&config, 0.25, 0.05, 0.048);
            let (here, there) = (expert.velocity(&q), expert.velocity(&there));
            assert!(here.max_abs() <= expert.settings.speed_rad_s_max + 1e-9);
            let change = here.zip_with(&there, |a, b| a - b).max_abs();
            assert!(change < 0.02, "{change} rad/s for a tenth of a milliradian");
        }
    }

    #[test]
    fn the_path_departs_from_the_command(offset in prop::array::uniform6(-0.6_f64..0.6)) {
        let expert = expert_for(0.25, 0.05, 0.048);
        let q = SimConfig::so101().unwrap().rest_pose;
        let offset = JointVec::from_slice(&offset).unwrap();
        let posture = Posture {
            stamp: Stamp::from_nanos(7),
            state: State { q, ..State::default() },
            command: Command { q: q.zip_with(&offset, |a, b| a + b), dq: JointVec::zeros(6) },
        };
        let chunk = expert.path(&posture, Duration::from_millis(5), 4).unwrap();
        let velocity = expert.velocity(&q);
        for (joint, &value) in chunk.step(0).unwrap().iter().enumerate() {
            let leashed = offset[joint].clamp(-0.3, 0.3);
            let expected = q[joint] + leashed + velocity[joint] * 0.005;
            assert!((f64::from(value) - expected).abs() < 1e-6);
        }
        prop_assume!(chunk.steps() == 4);
    }
}

#[test]
fn progress_rises_to_one() {
    let expert = expert_for(0.28, 0.1, 0.03);
    let rest = SimConfig::so101().unwrap().rest_pose;
    let hovering = PlanarArm::new(&so101().robot).unwrap().reach([0.28, 0.1, 0.039], 1.0);
    assert!(expert.progress(&rest) < 0.4, "{}", expert.progress(&rest));
    assert!(expert.progress(&hovering) > 0.99, "{}", expert.progress(&hovering));
}

#[test]
fn other_robots_are_refused_by_name_of_the_fault() {
    let urdf = r#"<robot name="one"><link name="a"/><link name="b"/>
        <joint name="j" type="revolute"><parent link="a"/><child link="b"/>
        <limit lower="-1" upper="1" effort="1" velocity="1"/></joint></robot>"#;
    let robot = Robot::from_urdf(urdf, &["j".to_owned()], "b").unwrap();
    assert_eq!(PlanarArm::new(&robot).unwrap_err(), ExpertError::TooFewJoints { dof: 1 });
}

#[test]
fn an_expert_without_a_joint_for_the_tip_is_refused() {
    // The gripper opens a jaw; the fingertip is on the other one.
    for willing in [[0.0; 6], [0.0, 0.0, 0.0, 0.0, 0.0, 1.0]] {
        let willing = JointVec::from_slice(&willing).unwrap();
        let mut config = so101();
        config.expert.kinematics = Kinematics::Jacobian { willing };
        assert_eq!(Expert::new(&config).unwrap_err(), ExpertError::NoJoint);
    }
}
