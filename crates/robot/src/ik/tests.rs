//! The solver reaches what can be reached, and stays bounded where nothing can.

use nalgebra::{Point3, Unit, Vector3};
use proptest::prelude::{prop, proptest};
use tandem_types::JointVec;

use crate::{IkGoal, IkSettings, Pointing, Robot};

fn so101() -> Robot {
    let names =
        ["shoulder_pan", "shoulder_lift", "elbow_flex", "wrist_flex", "wrist_roll", "gripper"]
            .map(str::to_owned);
    let text = include_str!("../../../../configs/robots/so101.urdf");
    Robot::from_urdf(text, &names, "fingertip").unwrap()
}

proptest! {
    #[test]
    fn reaches_the_table(x in 0.16_f64..0.32, y in -0.16_f64..0.16, z in 0.03_f64..0.12) {
        let robot = so101();
        let goal = IkGoal { position: Point3::new(x, y, z), pointing: None };
        let solution = robot.solve_ik(&goal, &JointVec::splat(6, 0.1), &IkSettings::TABLETOP);
        assert!(solution.converged, "{solution:?}");
        let reached = robot.tip(&solution.q).translation.vector;
        assert!((reached - goal.position.coords).norm() < 2e-4);
    }

    #[test]
    fn points_where_it_is_told(x in 0.18_f64..0.24, pitch in 1.0_f64..1.4) {
        let robot = so101();
        let down = Unit::new_normalize(Vector3::new(pitch.cos(), 0.0, -pitch.sin()));
        let goal = IkGoal {
            position: Point3::new(x, 0.0, 0.06),
            pointing: Some(Pointing { axis: Vector3::x_axis(), direction: down }),
        };
        let solution = robot.solve_ik(&goal, &JointVec::splat(6, 0.1), &IkSettings::TABLETOP);
        assert!(solution.converged, "{solution:?}");
        let points = robot.tip(&solution.q).rotation * Vector3::x();
        assert!(points.dot(&down) > 0.999, "{points}");
    }

    #[test]
    fn never_leaves_the_limits(
        goal in prop::array::uniform3(-3.0_f64..3.0),
        start in prop::array::uniform6(prop::num::f64::ANY),
    ) {
        let robot = so101();
        let goal = IkGoal { position: Point3::from(goal), pointing: None };
        let start = JointVec::from_slice(&start).unwrap();
        let solution = robot.solve_ik(&goal, &start, &IkSettings::TABLETOP);
        assert!(solution.iterations <= IkSettings::TABLETOP.iterations_max);
        assert_eq!(solution.q, robot.clamped(&solution.q));
        assert!(solution.q.is_finite());
    }
}

#[test]
fn an_impossible_goal_ends() {
    let goal = IkGoal { position: Point3::new(f64::NAN, 0.0, 0.0), pointing: None };
    let solution = so101().solve_ik(&goal, &JointVec::zeros(6), &IkSettings::TABLETOP);
    assert!(!solution.converged && solution.q.is_finite());
}
