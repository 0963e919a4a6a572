//! One table of URDFs that must be refused, and what must be said about them.

use crate::{Geometry, Motion, Robot, RobotError};

fn joints(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn joint(name: &str, parent: &str, child: &str, inner: &str) -> String {
    format!(
        r#"<joint name="{name}" type="revolute"><parent link="{parent}"/><child link="{child}"/>
           <axis xyz="0 0 1"/>{inner}</joint>"#
    )
}

const LIMIT: &str = r#"<limit lower="-1" upper="1" effort="1" velocity="1"/>"#;

fn robot(body: &str) -> String {
    format!(r#"<robot name="r">{body}</robot>"#)
}

fn refused(text: &str, names: &[&str], tip: &str) -> String {
    Robot::from_urdf(text, &joints(names), tip).unwrap_err().to_string()
}

#[test]
fn reads_a_tree_with_a_branch_in_config_order() {
    let text = robot(
        &[
            r#"<link name="base"><visual><geometry><mesh filename="base.stl"/></geometry></visual></link>
               <link name="tip"/><link name="arm"><collision><geometry><sphere radius="0.1"/></geometry>
               </collision></link><link name="side"/>"#,
            &joint("second", "arm", "tip", LIMIT),
            &joint("first", "base", "arm", LIMIT),
            r#"<joint name="bolt" type="fixed"><parent link="base"/><child link="side"/></joint>"#,
        ]
        .concat(),
    );
    let robot = Robot::from_urdf(&text, &joints(&["first", "second"]), "tip").unwrap();
    assert_eq!(robot.dof(), 2);
    assert_eq!(robot.links()[0].name, "base");
    assert_eq!(robot.links()[0].meshes_skipped, 1);
    assert_eq!(robot.links()[robot.tip_link()].name, "tip");
    let arm = robot.link_index("arm").unwrap();
    assert_eq!(robot.joints()[0].child_link, arm);
    assert_eq!(robot.links()[arm].collisions[0].geometry, Geometry::Sphere { radius_m: 0.1 });
    let side = robot.link_index("side").unwrap();
    assert_eq!(robot.links()[side].attachment.unwrap().motion, Motion::Fixed);
}

#[test]
fn says_what_is_wrong_with_a_robot() {
    let two = r#"<link name="a"/><link name="b"/>"#;
    let three = r#"<link name="a"/><link name="b"/><link name="c"/>"#;
    let ab = joint("ab", "a", "b", LIMIT);
    let table: [(String, &[&str], &str, &str); 14] = [
        ("<robot".to_owned(), &["ab"], "b", "the urdf cannot be read"),
        (robot(&format!("{two}{ab}")), &[], "b", "0 joints are listed"),
        (
            robot(&format!("{two}{ab}")),
            &["xy"],
            "b",
            "joint `xy` is not in the urdf, whose moving joints are: ab",
        ),
        (robot(&format!("{two}{ab}")), &["ab", "ab"], "b", "joint `ab` appears twice"),
        (robot(&format!("{two}{ab}")), &["ab"], "z", "link `z`, named by the config, is not"),
        (
            robot(&format!("{two}{}", joint("ab", "a", "z", LIMIT))),
            &["ab"],
            "b",
            "named by joint `ab`",
        ),
        (
            robot(&format!("{two}{}", joint("ab", "a", "b", ""))),
            &["ab"],
            "b",
            "no usable limit: upper - lower is 0",
        ),
        (
            robot(&format!(
                "{three}{ab}{}{}",
                joint("bc", "b", "c", LIMIT),
                joint("ca", "c", "a", LIMIT)
            )),
            &["ab", "bc", "ca"],
            "b",
            "is part of a loop",
        ),
        (
            robot(&format!(
                "{three}{ab}{}{}",
                joint("ac", "a", "c", LIMIT),
                joint("cb", "c", "b", LIMIT)
            )),
            &["ab", "ac", "cb"],
            "b",
            "hangs on two joints",
        ),
        (robot(&format!("{three}{ab}")), &["ab"], "b", "`a` and `c` both hang on nothing"),
        (
            robot(&format!("{three}{ab}{}", joint("bc", "b", "c", LIMIT))),
            &["ab"],
            "b",
            "joint `bc` moves but is not listed",
        ),
        (
            robot(&format!("{two}{}", joint("ab", "a", "b", LIMIT).replace("revolute", "planar"))),
            &["ab"],
            "b",
            "joint `ab` is planar",
        ),
        (
            robot(&format!("{two}{}", ab.replace("0 0 1", "0 0 0"))),
            &["ab"],
            "b",
            "axis of length zero",
        ),
        (
            robot(&format!(
                r#"{two}{}"#,
                joint("ab", "a", "b", &format!(r#"<origin xyz="NaN 0 0"/>{LIMIT}"#))
            )),
            &["ab"],
            "b",
            "joint `ab` has an impossible origin",
        ),
    ];
    for (text, names, tip, expected) in table {
        let said = refused(&text, names, tip);
        assert!(said.contains(expected), "expected `{expected}`, but was told `{said}`");
    }
}

#[test]
fn refuses_oversized_text() {
    let text = " ".repeat(super::URDF_BYTES_MAX + 1);
    let error = Robot::from_urdf(&text, &joints(&["j"]), "tip").unwrap_err();
    assert!(matches!(error, RobotError::TooLong { .. }));
}

#[test]
fn the_shipped_arm_is_read() {
    let text = include_str!("../../../../configs/robots/so101.urdf");
    let names = joints(&[
        "shoulder_pan",
        "shoulder_lift",
        "elbow_flex",
        "wrist_flex",
        "wrist_roll",
        "gripper",
    ]);
    let robot = Robot::from_urdf(text, &names, "fingertip").unwrap();
    assert_eq!(robot.dof(), 6);
    let mass_kg: f64 = robot.links().iter().map(|link| link.mass_kg).sum();
    assert!((0.5..0.9).contains(&mass_kg), "{mass_kg} kg");
    assert!(robot.link_index("wrist_camera").is_some());
    // Colours are named once, at the top of the file.
    assert_eq!(robot.links()[0].shapes[0].color_rgba, [0.90, 0.90, 0.88, 1.0]);
}
