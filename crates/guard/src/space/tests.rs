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

fn space() -> Space {
    let robot = Robot::from_urdf(ARM, &["a", "b", "c"].map(str::to_owned), "three").unwrap();
    let rod = |link| Capsule { link, from_m: [0.0; 3], to_m: [0.3, 0.0, 0.0], radius_m: 0.02 };
    let wall = Bounds { min_m: [-1.0, 0.4, -1.0], max_m: [1.0, 0.6, 1.0] };
    let spec = SpaceSpec {
        workspace: Some(Bounds { min_m: [-1.0; 3], max_m: [0.8, 1.0, 1.0] }),
        keep_outs: vec![
            KeepOut::Box(wall),
            KeepOut::Sphere { center_m: [0.3, -0.5, 0.1], radius_m: 0.1 },
        ],
        capsules: vec![rod(1), rod(2), rod(3)],
        distance_m_slow: 0.03,
        distance_m_min: 0.01,
        ..SpaceSpec::default()
    };
    Space::new(robot, &spec).unwrap()
}

fn joints(values: [f64; 3]) -> JointVec {
    JointVec::from_slice(&values).unwrap()
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
            let brake = joints(speed).map(|_, step| step * braking);
            let rest = joints(q).zip_with(&brake, |q, brake| q + brake);
            (joints(q), Outlook { rest, travel: brake.map(|_, on| on.abs()), coasting: brake })
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
