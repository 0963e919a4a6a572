//! What a space remembers must not change what it says.

use proptest::prelude::{prop, proptest};

use super::*;

/// Three rods of 0.3 m that turn about the end of the one before, above a wall and around a ball.
const ARM: &str = r#"<robot name="planar">
    <link name="base"/> <link name="one"/> <link name="two"/> <link name="three"/>
    <joint name="a" type="revolute"> <parent link="base"/> <child link="one"/> <axis xyz="0 0 1"/>
        <limit lower="-3" upper="3" effort="2" velocity="5"/> </joint>
    <joint name="b" type="revolute"> <parent link="one"/> <child link="two"/> <axis xyz="0 1 0"/>
        <origin xyz="0.3 0 0"/> <limit lower="-3" upper="3" effort="2" velocity="5"/> </joint>
    <joint name="c" type="revolute"> <parent link="two"/> <child link="three"/> <axis xyz="0 0 1"/>
        <origin xyz="0.3 0 0"/> <limit lower="-3" upper="3" effort="2" velocity="5"/> </joint>
</robot>"#;

fn robot() -> Robot {
    Robot::from_urdf(ARM, &["a", "b", "c"].map(str::to_owned), "three").unwrap()
}

fn spec() -> SpaceSpec {
    let rod = |link| Capsule { link, from_m: [0.0; 3], to_m: [0.3, 0.0, 0.0], radius_m: 0.02 };
    let wall = Bounds { min_m: [-1.0, 0.4, -1.0], max_m: [1.0, 0.6, 1.0] };
    SpaceSpec {
        workspace: Some(Bounds { min_m: [-1.0; 3], max_m: [0.8, 1.0, 1.0] }),
        keep_outs: vec![
            KeepOut::Box(wall),
            KeepOut::Sphere { center_m: [0.3, -0.5, 0.1], radius_m: 0.1 },
        ],
        capsules: vec![rod(1), rod(2), rod(3)],
        distance_m_slow: 0.03,
        distance_m_min: 0.01,
        ..SpaceSpec::default()
    }
}

fn space() -> Space {
    Space::new(robot(), &spec()).unwrap()
}

fn joints(values: [f64; 3]) -> JointVec {
    JointVec::from_slice(&values).unwrap()
}

#[test]
fn the_tip_is_slowed_down_only_where_it_is_too_fast() {
    let limits = crate::Limits::new(&crate::LimitsSpec {
        position_rad_min: JointVec::splat(3, -3.0),
        position_rad_max: JointVec::splat(3, 3.0),
        margin_rad: 0.0,
        velocity_rad_s_max: JointVec::splat(3, 4.0),
        acceleration_rad_s2_max: JointVec::splat(3, 20.0),
        jerk_rad_s3_max: JointVec::splat(3, 2_000.0),
    })
    .unwrap();
    let space = Space { tip_speed_m_s_max: Some(0.6), ..space() };
    // Stretched out along x, the tip is 0.6 m from the first joint.
    let pace = |rad_s: f64| {
        let now = Command { q: joints([0.0; 3]), dq: joints([0.0; 3]) };
        let coasting = joints([rad_s, 0.0, 0.0]);
        let outlook = Outlook { lowest: now.q, highest: now.q, rest: now.q, coasting };
        space.pace(&now, &outlook, &limits).unwrap()
    };
    for (rad_s, scale) in [(0.0, 1.0), (0.2, 0.25), (0.9, 0.25)] {
        let found = pace(rad_s);
        assert_eq!(found.slowed, None, "at {rad_s} rad/s");
        assert!((found.scale - scale).abs() < 1e-6, "{} at {rad_s} rad/s", found.scale);
    }
    let found = pace(1.2);
    let Some(Finding { reaction: Reaction::Degrade, cause }) = found.slowed else {
        panic!("{found:?}");
    };
    assert_eq!(cause.code(), "tip_speed");
    assert!((found.scale - 0.25).abs() < 1e-6, "{}", found.scale);
}

#[test]
fn links_that_may_touch_are_not_kept_apart_whichever_is_named_first() {
    let itself = |may_touch: &[[usize; 2]]| {
        let spec = SpaceSpec { may_touch: may_touch.to_vec(), ..spec() };
        let space = Space::new(robot(), &spec).unwrap();
        let obstacles = space.clearances.iter().map(|clearance| clearance.obstacle);
        obstacles.filter(|it| matches!(it, Obstacle::Itself(..))).collect::<Vec<_>>()
    };
    // Neighbours may touch anyway: of three links only the outer two are left.
    let outer = [Obstacle::Itself(0, 2)];
    assert_eq!(itself(&[]), outer);
    assert_eq!(itself(&[[1, 2], [2, 3]]), outer);
    assert_eq!(itself(&[[1, 3]]), []);
    assert_eq!(itself(&[[3, 1]]), []);
}

/// A pair at `from` m, on a way that ends at `rest` m and may bring it `nearer` m; after one that
/// began and ended `before` m apart.
fn finding(before: [f64; 2], [from, rest, nearer]: [f64; 3]) -> Option<Reaction> {
    let keeps = Keeps { slow: 0.03, min: 0.01 };
    let clearance = Clearance {
        obstacle: Obstacle::Workspace,
        pair: Pair::Apart(0, 1),
        reach: joints([1.0, 0.0, 0.0]),
        now: Gap { from: before[0], rest: before[1] },
        next: Gap { from, rest },
    };
    clearance.finding(&joints([nearer, 0.0, 0.0]), &keeps).map(|finding| finding.reaction)
}

#[test]
fn what_is_near_is_slowed_down_for_and_left_only_by_who_leaves() {
    let (slow, hold) = (Some(Reaction::Degrade), Some(Reaction::Hold));
    assert_eq!(finding([0.1; 2], [0.1, 0.1, 0.0]), None);
    assert_eq!(finding([0.05; 2], [0.03, 0.03, 0.0]), None, "the distance to slow down itself");
    assert_eq!(finding([0.05; 2], [0.02, 0.02, 0.0]), slow);
    assert_eq!(finding([0.02; 2], [0.012, 0.004, 0.0]), hold, "it goes there");
    // Leaving at a speed that asks for more room than there is: allowed only to the millimetre...
    assert_eq!(finding([0.0105, 0.0105], [0.0105, 0.0106, 0.0025]), slow);
    assert_eq!(finding([0.0105, 0.0105], [0.0105, 0.0106, 0.0050]), hold);
    // ... unless it is where it should not be already.
    assert_eq!(finding([0.0085, 0.0085], [0.0085, 0.0086, 0.0050]), slow);
    assert_eq!(finding([0.0085, 0.0087], [0.0085, 0.0086, 0.0050]), hold, "that is not leaving");
}

proptest! {
    /// Along a path of small steps, some of them far, with braking ways of any length.
    #[test]
    fn a_space_that_remembers_says_what_one_without_memory_says(
        start in prop::array::uniform3(-1.5..1.5_f64),
        steps in prop::collection::vec(
            (prop::array::uniform3(-0.02..0.02_f64), 0.0..4.0_f64, prop::bool::weighted(0.02)),
            1..200,
        ),
    ) {
        let mut remembers = space();
        let fresh = space();
        let way = |q: [f64; 3], speed: [f64; 3], braking: f64| {
            let (from, brake) = (joints(q), joints(speed).map(|_, step| step * braking));
            let rest = from.zip_with(&brake, |q, brake| q + brake);
            let (lowest, highest) = (from.zip_with(&rest, f64::min), from.zip_with(&rest, f64::max));
            (from, Outlook { lowest, highest, rest, coasting: brake })
        };
        let mut q = start;
        let mut last = way(q, [0.0; 3], 0.0);
        for (step, braking, jumps) in steps {
            let scale = if jumps { 40.0 } else { 1.0 };
            q = core::array::from_fn(|joint| q[joint] + scale * step[joint]);
            let next = way(q, step, braking);
            let ways = [&last, &next].map(|(from, outlook)| Way { from, outlook });
            let said = remembers.judge(&ways[0], &ways[1]);
            assert_eq!(said, fresh.clone().judge(&ways[0], &ways[1]));
            last = next;
        }
    }
}
