//! The tip goes where it should, the unwilling joints do not help, and what is left is preferred.

use nalgebra::{Unit, Vector3};
use proptest::prelude::{prop, proptest};
use tandem_types::JointVec;

use super::*;

/// A planar arm of four equal rods in the plane z = 0: two joints more than a point needs.
fn four_rods() -> Robot {
    let joint = |number: usize| {
        format!(
            r#"<joint name="j{number}" type="revolute"><parent link="l{number}"/>
               <child link="l{next}"/><origin xyz="{x} 0 0"/><axis xyz="0 0 1"/>
               <limit lower="-3" upper="3" effort="1" velocity="1"/></joint>"#,
            next = number + 1,
            x = if number == 0 { 0.0 } else { 0.25 },
        )
    };
    let links: String = (0..=4).map(|link| format!(r#"<link name="l{link}"/>"#)).collect();
    let joints: String = (0..4).map(joint).collect();
    let tip = r#"<link name="tip"/><joint name="end" type="fixed"><parent link="l4"/>
                 <child link="tip"/><origin xyz="0.25 0 0"/></joint>"#;
    let names: Vec<String> = (0..4).map(|joint| format!("j{joint}")).collect();
    let urdf = format!(r#"<robot name="rods">{links}{joints}{tip}</robot>"#);
    Robot::from_urdf(&urdf, &names, "tip").unwrap()
}

fn preference(dq: JointVec, willing: &[f64]) -> RatePreference {
    let willing = JointVec::from_slice(willing).unwrap();
    RatePreference { dq, willing, angular_weight_m: 0.0, damping_m: 1e-4 }
}

fn moving(x: f64, y: f64) -> TipRate {
    let linear_m_s = Vector3::new(x, y, 0.0);
    TipRate { linear_m_s, angular_rad_s: Vector3::zeros(), free_axis: None }
}

/// A bent posture, far from singular.
fn bent() -> JointVec {
    JointVec::from_slice(&[0.2, 0.9, -0.7, 0.8]).unwrap()
}

proptest! {
    #[test]
    fn the_tip_moves_as_wanted_whatever_is_preferred(
        v in prop::array::uniform2(-0.3_f64..0.3),
        preferred in prop::array::uniform4(-1.0_f64..1.0),
    ) {
        let robot = four_rods();
        let preferred = JointVec::from_slice(&preferred).unwrap();
        let dq = robot.joint_rates(&bent(), &moving(v[0], v[1]), &preference(preferred, &[1.0; 4]));
        let twist = robot.tip_jacobian(&bent()).twist(&dq);
        assert!((twist.x - v[0]).abs() < 1e-5 && (twist.y - v[1]).abs() < 1e-5, "{twist}");
    }

    #[test]
    fn near_a_singular_posture_the_rates_stay_bounded(stretch in -1e-3_f64..1e-3) {
        let robot = four_rods();
        let q = JointVec::from_slice(&[0.4, stretch, stretch, stretch]).unwrap();
        let damped = RatePreference { damping_m: 0.02, ..preference(JointVec::zeros(4), &[1.0; 4]) };
        // Straight out, where a stretched arm cannot go: at most v / (2 damping) by construction.
        let dq = robot.joint_rates(&q, &moving(0.4_f64.cos(), 0.4_f64.sin()), &damped);
        assert!(dq.max_abs() <= 25.0 + 1e-9, "{dq:?}");
    }
}

#[test]
fn unwilling_joints_do_what_is_preferred_and_no_more() {
    let preferred = JointVec::from_slice(&[0.1, 0.0, -0.2, 0.3]).unwrap();
    let wish = preference(preferred, &[1.0, 1.0, 0.0, 0.0]);
    let robot = four_rods();
    let dq = robot.joint_rates(&bent(), &moving(0.1, -0.05), &wish);
    assert_eq!((dq[2], dq[3]), (-0.2, 0.3));
    // And the willing ones make up for them.
    let twist = robot.tip_jacobian(&bent()).twist(&dq);
    assert!((twist.x - 0.1).abs() < 1e-5 && (twist.y + 0.05).abs() < 1e-5, "{twist}");
}

#[test]
fn a_turn_counts_unless_it_is_about_the_free_axis() {
    let robot = four_rods();
    let wish =
        RatePreference { angular_weight_m: 0.2, ..preference(JointVec::splat(4, 0.5), &[1.0; 4]) };
    let still = moving(0.0, 0.0);
    let spin = |wanted: &TipRate| {
        let dq = robot.joint_rates(&bent(), wanted, &wish);
        robot.tip_jacobian(&bent()).twist(&dq)[5]
    };
    assert!(spin(&still).abs() < 1e-4, "{}", spin(&still));
    // The plane's normal is free: the arm turns there as it prefers.
    let free = TipRate { free_axis: Some(Unit::new_normalize(Vector3::z())), ..still };
    assert!(spin(&free).abs() > 0.05, "{}", spin(&free));
}

#[test]
fn numbers_that_are_none_move_nothing_more_than_preferred() {
    let wish = preference(JointVec::splat(4, 0.1), &[1.0; 4]);
    let mut q = bent();
    q[1] = f64::NAN;
    let dq = four_rods().joint_rates(&q, &moving(0.1, 0.0), &wish);
    assert_eq!(dq, JointVec::splat(4, 0.1));
}
