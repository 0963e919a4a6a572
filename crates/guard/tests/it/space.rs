//! Where the arm may be: it slows down in front of what it must not touch, and does not touch it.

use proptest::prelude::{Just, Strategy, prop, prop_oneof, proptest};
use tandem_guard::{
    Bounds, Capsule, GuardConfig, KeepOut, Limits, LimitsSpec, Mode, Obstacle, Provenance,
    Reaction, Request, Space, SpaceError, SpaceSpec, Verdict,
};
use tandem_robot::Robot;
use tandem_types::{JointVec, State};

use crate::fixture::{Scene, config, many_cases};

/// Three rods of 0.3 m in a plane, each turning about the end of the one before; straight along x.
const ARM: &str = r#"<robot name="planar">
    <link name="base"/> <link name="one"/> <link name="two"/> <link name="three"/> <link name="tip"/>
    <joint name="a" type="revolute"> <parent link="base"/> <child link="one"/> <axis xyz="0 0 1"/>
        <limit lower="-3" upper="3" effort="2" velocity="5"/> </joint>
    <joint name="b" type="revolute"> <parent link="one"/> <child link="two"/> <axis xyz="0 0 1"/>
        <origin xyz="0.3 0 0"/> <limit lower="-3" upper="3" effort="2" velocity="5"/> </joint>
    <joint name="c" type="revolute"> <parent link="two"/> <child link="three"/> <axis xyz="0 0 1"/>
        <origin xyz="0.3 0 0"/> <limit lower="-3" upper="3" effort="2" velocity="5"/> </joint>
    <joint name="end" type="fixed"> <parent link="three"/> <child link="tip"/>
        <origin xyz="0.3 0 0"/> </joint>
</robot>"#;

fn robot() -> Robot {
    Robot::from_urdf(ARM, &["a", "b", "c"].map(str::to_owned), "tip").unwrap()
}

fn rod(link: usize) -> Capsule {
    Capsule { link, from_m: [0.0; 3], to_m: [0.3, 0.0, 0.0], radius_m: 0.02 }
}

fn spec() -> SpaceSpec {
    SpaceSpec {
        capsules: vec![rod(1), rod(2), rod(3)],
        distance_m_slow: 0.03,
        distance_m_min: 0.01,
        ..SpaceSpec::default()
    }
}

fn scene(spec: SpaceSpec, start: [f64; 3]) -> Scene {
    let limits = Limits::new(&LimitsSpec {
        position_rad_min: JointVec::splat(3, -3.0),
        position_rad_max: JointVec::splat(3, 3.0),
        margin_rad: 0.0,
        velocity_rad_s_max: JointVec::splat(3, 2.0),
        acceleration_rad_s2_max: JointVec::splat(3, 20.0),
        jerk_rad_s3_max: JointVec::splat(3, 2_000.0),
    });
    let mut config = GuardConfig { limits: limits.unwrap(), ..config() };
    config.supervision.caution_speed_scale = 0.25;
    let mut scene = Scene::new(config);
    scene.guard = scene.guard.with_space(Space::new(robot(), &spec).unwrap());
    scene.state.as_mut().unwrap().q = JointVec::from_slice(&start).unwrap();
    scene.proposal = scene.state.unwrap().q;
    scene
}

/// Goes straight for a pose, as hard as the limits allow; every verdict of it.
fn go(scene: &mut Scene, goal: [f64; 3]) -> Vec<Verdict> {
    scene.proposal = JointVec::from_slice(&goal).unwrap();
    let request = (scene.guard.mode() == Mode::Disarmed).then_some(Request::Arm);
    (0..4_000).map(|tick| scene.tick_resting(request.filter(|_| tick == 0))).collect()
}

fn tip(verdict: &Verdict) -> [f64; 3] {
    robot().tip(&verdict.command.unwrap().command().q).translation.vector.into()
}

#[test]
fn the_tip_stays_in_its_box_and_may_turn_back() {
    let workspace = Some(Bounds { min_m: [-1.0, -1.0, -1.0], max_m: [1.0, 0.5, 1.0] });
    let mut scene = scene(SpaceSpec { workspace, ..spec() }, [0.0; 3]);
    let verdicts = go(&mut scene, [1.2, 0.0, 0.0]);
    assert!(verdicts.iter().all(|verdict| tip(verdict)[1] <= 0.49 + 1e-9));
    let last = verdicts.last().unwrap();
    assert!(tip(last)[1] > 0.47, "timid: {:?}", tip(last));
    let Reaction::Hold = last.reaction else { panic!("{last:?}") };
    assert_eq!(last.cause.unwrap().code(), "workspace");
    assert!(verdicts.iter().any(|verdict| verdict.reaction == Reaction::Degrade));
    let verdicts = go(&mut scene, [0.0; 3]);
    assert_eq!(verdicts.last().unwrap().mode, Mode::Armed);
    assert!(tip(verdicts.last().unwrap())[1].abs() < 1e-6);
}

#[test]
fn no_part_of_the_arm_enters_a_box_to_keep_out_of() {
    // In the way of the middle rod, not of the tip's path.
    let bounds = Bounds { min_m: [0.2, 0.25, -0.1], max_m: [0.4, 0.6, 0.1] };
    let keep_outs = vec![KeepOut::Box(bounds)];
    let mut scene = scene(SpaceSpec { keep_outs, ..spec() }, [0.0; 3]);
    let verdicts = go(&mut scene, [1.5, 0.0, 0.0]);
    let last = verdicts.last().unwrap();
    assert_eq!((last.mode, last.cause.unwrap().code()), (Mode::Holding, "keep_out"));
    assert!(last.command.unwrap().command().dq.max_abs() == 0.0);
    // 0.03 m of radius and distance below the nearer corner at (0.4, 0.25), on a ray from the base.
    let angle = last.command.unwrap().command().q[0];
    let reach = (0.25_f64 / 0.4).atan() - (0.03 / 0.4_f64.hypot(0.25)).asin();
    assert!(angle <= reach + 1e-6 && angle > reach - 0.02, "{angle} of {reach}");
}

#[test]
fn the_arm_does_not_fold_into_itself() {
    let mut scene = scene(spec(), [0.0; 3]);
    let verdicts = go(&mut scene, [0.0, 2.4, 2.4]);
    let last = verdicts.last().unwrap();
    assert_eq!((last.mode, last.cause.unwrap().code()), (Mode::Holding, "self_collision"));
    let sentence = last.cause.unwrap().to_string();
    assert!(sentence.contains("capsules 0 and 2"), "{sentence}");
    assert_eq!(go(&mut scene, [0.0; 3]).last().unwrap().mode, Mode::Armed);
}

/// Neighbours touch where they are joined, and that is no collision.
#[test]
fn neighbours_do_not_collide() {
    let mut scene = scene(spec(), [0.0; 3]);
    let verdicts = go(&mut scene, [0.0, 2.9, 0.0]);
    assert_eq!(
        (verdicts.last().unwrap().mode, verdicts.last().unwrap().cause),
        (Mode::Armed, None)
    );
}

/// Whoever was armed outside may come in, and only in.
#[test]
fn an_arm_outside_may_come_in() {
    let workspace = Some(Bounds { min_m: [-1.0, -1.0, -1.0], max_m: [1.0, 0.5, 1.0] });
    let mut scene = scene(SpaceSpec { workspace, ..spec() }, [0.8, 0.0, 0.0]);
    let verdicts = go(&mut scene, [1.2, 0.0, 0.0]);
    assert!(verdicts.iter().all(|verdict| verdict.command.unwrap().command().q[0] <= 0.8));
    assert_eq!(go(&mut scene, [0.2, 0.0, 0.0]).last().unwrap().mode, Mode::Armed);
}

#[test]
fn the_tip_keeps_its_speed_limit_by_slowing_the_joints_down() {
    let speeds = |limit: Option<f64>| {
        let mut scene = scene(SpaceSpec { tip_speed_m_s_max: limit, ..spec() }, [-0.9, 0.0, 0.0]);
        let verdicts = go(&mut scene, [0.9, 0.0, 0.0]);
        let pairs = verdicts.iter().zip(verdicts.iter().skip(1));
        let speeds: Vec<f64> = pairs
            .map(|(one, two)| {
                let (one, two) = (tip(one), tip(two));
                let square: f64 = one.iter().zip(two).map(|(a, b)| (a - b) * (a - b)).sum();
                square.sqrt() * 1e3
            })
            .collect();
        let fastest = speeds.iter().copied().fold(0.0, f64::max);
        (fastest, verdicts)
    };
    assert!(speeds(None).0 > 1.7, "2 rad/s at 0.9 m");
    let (fastest, verdicts) = speeds(Some(0.5));
    assert!(fastest < 0.5 * 1.25, "{fastest} m/s");
    let slowed = verdicts.iter().filter_map(|verdict| verdict.cause);
    assert!(slowed.map(|cause| cause.code()).any(|code| code == "tip_speed"));
    assert_eq!(verdicts.last().unwrap().mode, Mode::Armed);
    assert!((verdicts.last().unwrap().command.unwrap().command().q[0] - 0.9).abs() < 1e-6);
}

#[test]
fn says_what_is_wrong_with_a_space() {
    let check = |edit: fn(&mut SpaceSpec), expected: &str| {
        let mut spec = spec();
        edit(&mut spec);
        let error: SpaceError = Space::new(robot(), &spec).unwrap_err();
        assert_eq!(error.to_string(), expected);
    };
    check(
        |spec| spec.workspace = Some(Bounds { min_m: [0.0; 3], max_m: [1.0, 0.0, 1.0] }),
        "a box from [0.0, 0.0, 0.0] to [1.0, 0.0, 1.0] m is none; its lowest corner comes first",
    );
    check(
        |spec| spec.capsules[1].link = 9,
        "capsule 1 must be on one of 5 links, with finite ends and a radius above 0",
    );
    check(
        |spec| spec.distance_m_min = 0.03,
        "distance_m_slow (0.03) must be above distance_m_min (0.03), which must not be negative",
    );
    check(
        |spec| spec.tip_speed_m_s_max = Some(f64::NAN),
        "tip_speed_m_s_max is NaN; it must be a number above 0",
    );
}

#[test]
fn says_what_is_wrong_with_a_sphere() {
    let keep_outs = vec![KeepOut::Sphere { center_m: [0.0; 3], radius_m: 0.0 }];
    let error = Space::new(robot(), &SpaceSpec { keep_outs, ..spec() }).unwrap_err();
    let expected = "a sphere of 0 m at [0.0, 0.0, 0.0] m is none; its radius must be above 0";
    assert_eq!(error.to_string(), expected);
}

#[test]
fn no_part_of_the_arm_enters_a_sphere_to_keep_out_of() {
    let keep_outs = vec![KeepOut::Sphere { center_m: [0.25, 0.35, 0.0], radius_m: 0.1 }];
    let mut scene = scene(SpaceSpec { keep_outs, ..spec() }, [0.0; 3]);
    let verdicts = go(&mut scene, [1.5, 0.0, 0.0]);
    let last = verdicts.last().unwrap();
    assert_eq!((last.mode, last.cause.unwrap().code()), (Mode::Holding, "keep_out"));
    // 0.13 m of radii and distance beside the centre, on a ray from the base.
    let angle = last.command.unwrap().command().q[0];
    let reach = (0.35_f64 / 0.25).atan() - (0.13 / 0.35_f64.hypot(0.25)).asin();
    assert!(angle <= reach + 1e-6 && angle > reach - 0.02, "{angle} of {reach}");
}

/// Two links may be told to touch, and what stands still is near to nothing.
#[test]
fn what_may_touch_does_not_collide() {
    let base =
        Capsule { link: 0, from_m: [-0.2, 0.0, 0.0], to_m: [-0.1, 0.0, 0.0], radius_m: 0.02 };
    let around_the_base = KeepOut::Sphere { center_m: [-0.3, 0.0, 0.0], radius_m: 0.15 };
    let spec = SpaceSpec {
        capsules: vec![rod(1), rod(2), rod(3), base],
        keep_outs: vec![around_the_base],
        may_touch: vec![[3, 1]],
        ..spec()
    };
    let mut scene = scene(spec, [0.0; 3]);
    let verdicts = go(&mut scene, [0.0, 2.0, 2.0]);
    assert_eq!(
        (verdicts.last().unwrap().mode, verdicts.last().unwrap().cause),
        (Mode::Armed, None)
    );
}

#[test]
fn distances_are_those_of_the_pose() {
    let workspace = Some(Bounds { min_m: [-1.0; 3], max_m: [1.0; 3] });
    let keep_outs = vec![KeepOut::Sphere { center_m: [0.9, 0.5, 0.0], radius_m: 0.1 }];
    let mut space = Space::new(robot(), &SpaceSpec { workspace, keep_outs, ..spec() }).unwrap();
    let mut nearest = |obstacle: Obstacle| {
        let distances = space.distances(&JointVec::zeros(3));
        let of = distances.filter(|(it, _)| *it == obstacle).map(|(_, distance_m)| distance_m);
        of.fold(f64::INFINITY, f64::min)
    };
    // The tip is at x = 0.9; the last rod, which ends there, is 0.02 m thick.
    assert!((nearest(Obstacle::Workspace) - 0.1).abs() < 1e-12);
    assert!((nearest(Obstacle::KeepOut(0)) - 0.38).abs() < 1e-12);
    assert!((nearest(Obstacle::Itself(0, 2)) - 0.26).abs() < 1e-12);
}

/// What goes wrong half-way through an errand.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Trouble {
    None,
    Silence,
    NotANumber,
    NoState,
}

/// Where a random arm is sent, what goes wrong, and for how long.
fn errands() -> impl Strategy<Value = Vec<([f64; 3], Trouble, usize)>> {
    let goal = [-2.9..2.9_f64, -2.9..2.9, -2.9..2.9];
    let trouble = prop_oneof![
        6 => Just(Trouble::None),
        1 => Just(Trouble::Silence),
        1 => Just(Trouble::NotANumber),
        1 => Just(Trouble::NoState),
    ];
    prop::collection::vec((goal, trouble, 20..200_usize), 1..6)
}

/// Positions of four ticks in a row, newest first, keep the limits of [`scene`].
fn keeps_limits(q: [&JointVec; 4]) -> bool {
    let [q, one, two, three] = q;
    let within = |joint: usize| {
        let (q, one, two, three) = (q[joint], one[joint], two[joint], three[joint]);
        let rates = [
            (q - one, 2.0e-3),
            (q - 2.0 * one + two, 20.0e-6),
            (q - 3.0 * one + 3.0 * two - three, 2_000.0e-9),
        ];
        q.abs() <= 3.0 && rates.iter().all(|(rate, most)| rate.abs() <= most * (1.0 + 1e-9) + 1e-13)
    };
    (0..3).all(within)
}

/// How near the three rods of the arm are to an obstacle and to each other, from the pose alone.
fn nearest_m(q: &JointVec, center_m: [f64; 2], radius_m: f64) -> f64 {
    let mut joints = vec![[0.0_f64; 2]];
    let mut angle = 0.0;
    for turn in q.iter() {
        angle += turn;
        let [x, y] = joints[joints.len() - 1];
        joints.push([x + 0.3 * angle.cos(), y + 0.3 * angle.sin()]);
    }
    let along = |rod: usize| {
        let (from, to) = (joints[rod], joints[rod + 1]);
        (0..=30).map(move |step| {
            let share = f64::from(step) / 30.0;
            [from[0] + (to[0] - from[0]) * share, from[1] + (to[1] - from[1]) * share]
        })
    };
    let apart = |one: [f64; 2], two: [f64; 2]| (one[0] - two[0]).hypot(one[1] - two[1]);
    let ball = (0..3).flat_map(along).map(|point| apart(point, center_m) - radius_m - 0.02);
    let itself = along(0).flat_map(|one| along(2).map(move |two| (one, two)));
    let itself = itself.map(|(one, two)| apart(one, two) - 0.04);
    ball.chain(itself).fold(f64::INFINITY, f64::min)
}

proptest! {
    #![proptest_config(many_cases())]

    /// Whatever is asked for and whenever it breaks off, no command comes nearer to anything than it
    /// may, less the millimetre that is left for leaving: neither where the arm goes nor where it
    /// only brakes. And geometry breaks no limit of position, velocity, acceleration and jerk.
    #[test]
    fn no_errand_and_no_braking_comes_too_near(
        errands in errands(),
        bearing in 0.0..6.2_f64,
        distance_m in 0.45..0.95_f64,
        radius_m in 0.02..0.15_f64,
    ) {
        let center_m = [distance_m * bearing.cos(), distance_m * bearing.sin()];
        let center = [center_m[0], center_m[1], 0.0];
        let keep_outs = vec![KeepOut::Sphere { center_m: center, radius_m }];
        let keeps_m = 0.01 - 1e-3;
        let start = [0.0; 3];
        let at_start = JointVec::from_slice(&start).unwrap();
        if nearest_m(&at_start, center_m, radius_m) < keeps_m {
            return Ok(());
        }
        let mut scene = scene(SpaceSpec { keep_outs, ..spec() }, start);
        scene.tick_resting(Some(Request::Arm));
        let mut past = [at_start; 3];
        for (goal, trouble, ticks) in errands {
            for tick in 0..ticks {
                // Half-way something goes wrong: the arm brakes, and goes on with the next errand.
                let trouble = if tick < ticks / 2 { Trouble::None } else { trouble };
                let (now, is) = (scene.now, |it| trouble == it);
                scene.proposal = JointVec::from_slice(&goal).unwrap();
                if is(Trouble::NotANumber) {
                    scene.proposal[1] = f64::NAN;
                }
                let fresh =
                    Provenance { observed: now, frame_observed: now, latent_observed: now };
                scene.action = (!is(Trouble::Silence)).then_some(fresh);
                let rest = JointVec::zeros(3);
                let state = State { stamp: now, q: past[0], dq: rest, tau: rest };
                scene.state = (!is(Trouble::NoState)).then_some(state);
                let q = scene.tick_resting(None).command.unwrap().command().q;
                assert!(keeps_limits([&q, &past[0], &past[1], &past[2]]), "{q:?} after {past:?}");
                past = [q, past[0], past[1]];
                if tick % 5 == 0 {
                    let found = nearest_m(&q, center_m, radius_m);
                    assert!(found >= keeps_m - 1e-9, "{found} m at {q:?}, tick {tick} of {goal:?}");
                }
            }
        }
    }
}
