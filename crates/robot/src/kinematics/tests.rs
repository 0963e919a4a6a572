//! Golden poses of a planar arm, and the Jacobian against finite differences.

use core::f64::consts::FRAC_PI_2;

use nalgebra::Vector3;
use proptest::prelude::{prop, proptest};
use tandem_types::JointVec;

use crate::Robot;

/// Two rods of 1 m and 0.5 m that turn about z and lie along x, and a slide along the second.
const PLANAR: &str = r#"<robot name="planar">
    <link name="base"/><link name="upper"/><link name="lower"/><link name="slide"/><link name="tip"/>
    <joint name="a" type="revolute"><parent link="base"/><child link="upper"/><axis xyz="0 0 1"/>
        <limit lower="-3" upper="3" effort="1" velocity="1"/></joint>
    <joint name="b" type="revolute"><parent link="upper"/><child link="lower"/>
        <origin xyz="1 0 0"/><axis xyz="0 0 2"/>
        <limit lower="-3" upper="3" effort="1" velocity="1"/></joint>
    <joint name="c" type="prismatic"><parent link="lower"/><child link="slide"/>
        <origin xyz="0.25 0 0" rpy="0.3 0 0"/><axis xyz="1 0 0"/>
        <limit lower="-0.1" upper="0.2" effort="1" velocity="1"/></joint>
    <joint name="end" type="fixed"><parent link="slide"/><child link="tip"/>
        <origin xyz="0.25 0 0"/></joint>
</robot>"#;

fn planar() -> Robot {
    let names = ["a", "b", "c"].map(str::to_owned);
    Robot::from_urdf(PLANAR, &names, "tip").unwrap()
}

fn so101() -> Robot {
    let names =
        ["shoulder_pan", "shoulder_lift", "elbow_flex", "wrist_flex", "wrist_roll", "gripper"]
            .map(str::to_owned);
    let text = include_str!("../../../../configs/robots/so101.urdf");
    Robot::from_urdf(text, &names, "fingertip").unwrap()
}

#[test]
fn planar_poses_by_hand() {
    // (a, b, c) -> (x, y): the second rod points along a + b.
    let table = [
        ([0.0, 0.0, 0.0], [1.5, 0.0]),
        ([FRAC_PI_2, 0.0, 0.0], [0.0, 1.5]),
        ([0.0, FRAC_PI_2, 0.0], [1.0, 0.5]),
        ([FRAC_PI_2, FRAC_PI_2, 0.1], [-0.6, 1.0]),
        ([FRAC_PI_2, -FRAC_PI_2, 0.2], [0.7, 1.0]),
    ];
    for (q, [x, y]) in table {
        let tip = planar().tip(&JointVec::from_slice(&q).unwrap()).translation.vector;
        assert!((tip - Vector3::new(x, y, 0.0)).norm() < 1e-12, "{q:?}: {tip}");
    }
}

#[test]
fn all_links_agree_with_the_tip() {
    let (robot, mut poses) = (so101(), Vec::new());
    let q = JointVec::from_slice(&[0.3, -0.4, 0.5, 0.6, -0.7, 0.8]).unwrap();
    robot.link_poses(&q, &mut poses);
    assert_eq!(poses.len(), robot.links().len());
    let difference = poses[robot.tip_link()].inverse() * robot.tip(&q);
    assert!(difference.translation.vector.norm() < 1e-12 && difference.rotation.angle() < 1e-9);
}

#[test]
fn missing_joints_are_at_zero() {
    let robot = planar();
    assert_eq!(robot.tip(&JointVec::EMPTY), robot.tip(&JointVec::zeros(3)));
}

proptest! {
    #[test]
    fn jacobian_is_the_derivative(values in prop::array::uniform6(-1.5_f64..1.5)) {
        const STEP_RAD: f64 = 1e-6;
        for robot in [planar(), so101()] {
            let q = JointVec::from_slice(&values[..robot.dof()]).unwrap();
            let jacobian = robot.tip_jacobian(&q);
            for (joint, column) in jacobian.columns().iter().enumerate() {
                let moved = |by: f64| robot.tip(&q.map(|j, at| if j == joint { at + by } else { at }));
                let (back, ahead) = (moved(-STEP_RAD), moved(STEP_RAD));
                let linear = (ahead.translation.vector - back.translation.vector) / (2.0 * STEP_RAD);
                let angular = (ahead.rotation * back.rotation.inverse()).scaled_axis() / (2.0 * STEP_RAD);
                assert!((column.fixed_rows::<3>(0) - linear).norm() < 1e-6);
                assert!((column.fixed_rows::<3>(3) - angular).norm() < 1e-6);
            }
        }
    }

    #[test]
    fn twist_adds_the_columns(speeds in prop::array::uniform3(-2.0_f64..2.0)) {
        let jacobian = planar().tip_jacobian(&JointVec::zeros(3));
        let twist = jacobian.twist(&JointVec::from_slice(&speeds).unwrap());
        // Stretched along x: y moves by 1.5 m and 0.5 m per radian, x with the slide.
        assert!((twist.x - speeds[2]).abs() < 1e-12);
        assert!((twist.y - (1.5 * speeds[0] + 0.5 * speeds[1])).abs() < 1e-12);
    }
}
