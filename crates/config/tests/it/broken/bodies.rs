//! The arm, its URDF, and the simulated body.

use super::{CONFIG, Line, Remove, Text, URDF, check};

#[test]
fn robots() {
    check(&[
        (
            "URDF file missing",
            Remove(URDF),
            Line(CONFIG, "urdf = "),
            "write the URDF's path relative to this file's folder",
        ),
        (
            "joint missing in the URDF",
            Text(CONFIG, "\"bend\"]", "\"bent\"]"),
            Line(CONFIG, "joints = "),
            "write a joint of the URDF",
        ),
        (
            "joint listed twice",
            Text(CONFIG, "\"swing\", \"bend\"", "\"swing\", \"swing\""),
            Line(CONFIG, "joints = "),
            "list every joint once",
        ),
        (
            "tip link missing",
            Text(CONFIG, "tip_link = \"tip\"", "tip_link = \"finger\""),
            Line(CONFIG, "tip_link"),
            "write a link of the URDF",
        ),
        (
            "URDF with a loop",
            Text(URDF, "<parent link=\"base\"/>", "<parent link=\"lower\"/>"),
            Line(URDF, "<link name="),
            "correct the URDF there",
        ),
        (
            "URDF without limits",
            Text(
                URDF,
                "<limit lower=\"-1.5\" upper=\"1.5\" effort=\"3\" velocity=\"4\"/>",
                "<limit effort=\"3\" velocity=\"4\"/>",
            ),
            Line(URDF, "name=\"bend\""),
            "add <limit> to the urdf",
        ),
        (
            "no URDF at all",
            Text(URDF, "<robot", "<rabbit"),
            Line(URDF, "<?xml"),
            "correct the URDF there",
        ),
    ]);
}

#[test]
fn simulated_bodies() {
    check(&[
        (
            "a servo for another number of joints",
            Text(CONFIG, "stiffness_nm_rad = 40.0", "stiffness_nm_rad = [40.0, 40.0, 5.0]"),
            Line(CONFIG, "stiffness_nm_rad"),
            "write one for each name in [robot] joints",
        ),
        (
            "objects beside the table",
            Text(CONFIG, "x_m = [0.16, 0.32]", "x_m = [0.16, 1.32]"),
            Line(CONFIG, "x_m = "),
            "write -0.3 to 0.8",
        ),
        (
            "a workspace turned inside out",
            Text(CONFIG, "y_m = [-0.16, 0.16]", "y_m = [0.16, -0.16]"),
            Line(CONFIG, "y_m = "),
            "write a range of 0.16 m or more",
        ),
        (
            "a side with a third end",
            Text(CONFIG, "y_m = [-0.16, 0.16]", "y_m = [-0.16, 0.0, 0.16]"),
            Line(CONFIG, "y_m = "),
            "where it begins and where it ends",
        ),
        (
            "unknown kinematics",
            Text(CONFIG, "kinematics = \"planar\"", "kinematics = \"closed_form\""),
            Line(CONFIG, "kinematics"),
            "write `jacobian`, which any arm can have, or `planar`",
        ),
        (
            "joints that the planar expert does not choose",
            Text(CONFIG, "kinematics = \"planar\"", "kinematics = \"planar\"\njoints = [\"bend\"]"),
            Line(CONFIG, "joints = [\"bend\"]"),
            "remove it, or write kinematics = \"jacobian\"",
        ),
        (
            "an expert's joint that there is not",
            Text(
                CONFIG,
                "kinematics = \"planar\"",
                "kinematics = \"jacobian\"\njoints = [\"bent\"]",
            ),
            Line(CONFIG, "joints = [\"bent\"]"),
            "write the name of one of them",
        ),
        (
            "an expert that never gets there",
            Text(CONFIG, "speed_rad_s_max = 1.4", "speed_rad_s_max = 0.0"),
            Line(CONFIG, "speed_rad_s_max"),
            "write 0.05 to 20.0",
        ),
        (
            "a spectator that looks at its own feet",
            Text(CONFIG, "target_m = [0.15, 0.0, 0.08]", "target_m = [0.75, -0.55, 0.5]"),
            Line(CONFIG, "[sim.spectator_view]"),
            "move `eye_m` or `target_m`",
        ),
    ]);
}
