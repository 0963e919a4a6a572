use super::*;

pub(crate) fn reach() -> Reach {
    let sim = SimConfig::so101().unwrap();
    let lockstep = LockstepConfig::tabletop(&sim.robot).unwrap();
    Reach::new(sim, lockstep).unwrap()
}

#[test]
fn the_expert_moves_four_joints_and_ends_at_the_goal() {
    let mut reach = reach();
    assert_eq!(reach.joints(), [0, 1, 2, 3]);
    let rest = reach.sim().rest_pose;
    for place in [[-1.0, -1.0], [0.2, -0.6], [1.0, 1.0]] {
        let plan = reach.answer(place, &rest, Timing::WHOLE);
        assert_eq!(plan.len(), reach.shape(Timing::WHOLE).unwrap().values());
        let squares = reach.end_m(&plan).into_iter().zip(reach.goal_m(place));
        let away_m = squares.map(|(end, goal)| (end - goal).powi(2)).sum::<f64>().sqrt();
        assert!(away_m < 2e-3, "{place:?}: {away_m}");
    }
}

#[test]
fn scenes_hold_one_small_object_where_its_place_says() {
    let reach = reach();
    let starts = reach.starts(1, 20);
    assert_eq!(starts, reach.starts(1, 20));
    assert!(starts.iter().all(|start| start.place.iter().all(|unit| unit.abs() <= 1.0)));
    let mut world = tandem_sim::World::new(reach.sim().clone(), 0).unwrap();
    for start in starts {
        world.lay(&start.episode).unwrap();
        let Target { top_m: [x, y, top] } = world.target();
        let [goal_x, goal_y, goal_z] = reach.goal_m(start.place);
        assert!((x - goal_x).hypot(y - goal_y) < 1e-6);
        assert!((goal_z - top - reach.sim().expert.hover_m).abs() < 1e-6);
        assert_eq!(world.scene().objects.len(), 1);
    }
}
