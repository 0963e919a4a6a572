//! Where the arm may be: it slows down in front of what it must not touch, and does not touch it.

use tandem_guard::{
    Bounds, Capsule, GuardConfig, KeepOut, Limits, LimitsSpec, Mode, Reaction, Request, Space,
    SpaceError, SpaceSpec, Verdict,
};
use tandem_robot::Robot;
use tandem_types::JointVec;

use crate::fixture::{Scene, config};

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
