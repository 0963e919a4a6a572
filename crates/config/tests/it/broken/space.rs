//! `[space]`: where the arm may be.

use super::{Break, CONFIG, Line, Scenario, Text, check};

/// A space around the arm of the scenario: `edit` is put in the place of a text of it.
fn in_space(old: &str, new: &'static str) -> Break {
    const SPACE: &str = "[space]\n\
        distance_m_slow = 0.02\n\
        distance_m_min = 0.005\n\
        tip_speed_m_s_max = 0.5\n\
        workspace = { min_m = [-1.0, -1.0, -1.0], max_m = [1.0, 1.0, 1.0] }\n\
        [[space.keep_out]]\n\
        center_m = [0.9, 0.9, 0.9]\n\
        radius_m = 0.05\n\
        [[space.keep_out]]\n\
        min_m = [0.7, 0.7, 0.7]\n\
        max_m = [0.8, 0.8, 0.8]\n\
        [[space.capsule]]\n\
        link = \"base\"\n\
        from_m = [-0.3, 0.0, 0.0]\n\
        to_m = [-0.2, 0.0, 0.0]\n\
        radius_m = 0.02\n\
        [[space.capsule]]\n\
        link = \"tip\"\n\
        from_m = [0.0, 0.0, 0.0]\n\
        to_m = [0.0, 0.0, 0.0]\n\
        radius_m = 0.01\n\
        [[space.may_touch]]\n\
        links = [\"base\", \"upper\"]\n\n[system1]";
    assert!(SPACE.contains(old), "no `{old}` in {SPACE}");
    Text(CONFIG, "[system1]", SPACE.replacen(old, new, 1).leak())
}

#[test]
fn the_space() {
    check(&[
        (
            "no distance to slow down in",
            in_space("slow = 0.02", "slow = 0.005"),
            Line(CONFIG, "distance_m_slow = 0.005"),
            "the arm slows down before it does not go on",
        ),
        (
            "a distance of nothing",
            in_space("min = 0.005", "min = 0.0"),
            Line(CONFIG, "distance_m_min = 0.0"),
            "write 0.001 to 0.5",
        ),
        (
            "a tip without a speed",
            in_space("tip_speed_m_s_max = 0.5", "tip_speed_m_s_max = 0.0"),
            Line(CONFIG, "tip_speed_m_s_max"),
            "write 0.01 to 10",
        ),
        (
            "an empty workspace",
            in_space("max_m = [1.0, 1.0, 1.0]", "max_m = [1.0, -1.0, 1.0]"),
            Line(CONFIG, "workspace ="),
            "the lowest corner as `min_m`",
        ),
        (
            "a corner that is none",
            in_space("min_m = [0.7, 0.7, 0.7]", "min_m = [0.7, 0.7]"),
            Line(CONFIG, "min_m = [0.7, 0.7]"),
            "write x, y and z",
        ),
        (
            "an empty box to keep out of",
            in_space("max_m = [0.8, 0.8, 0.8]", "max_m = [0.8, 0.8, 0.7]"),
            Line(CONFIG, "max_m = [0.8, 0.8, 0.7]"),
            "the lowest corner as `min_m`",
        ),
        (
            "a sphere without a size",
            in_space("radius_m = 0.05", "radius_m = 0.0"),
            Line(CONFIG, "radius_m = 0.0"),
            "write 0.001 to 10",
        ),
        (
            "neither a box nor a sphere",
            in_space("radius_m = 0.05\n", ""),
            Line(CONFIG, "[[space.keep_out]]"),
            "`center_m` and `radius_m` for a sphere",
        ),
        (
            "a capsule on no link",
            in_space("link = \"base\"", "link = \"bsae\""),
            Line(CONFIG, "bsae"),
            "write the name of a link",
        ),
        (
            "a capsule without thickness",
            in_space("radius_m = 0.02", "radius_m = 0.0"),
            Line(CONFIG, "radius_m = 0.0"),
            "write 0.001 to 10",
        ),
        (
            "a pair of one",
            in_space("[\"base\", \"upper\"]", "[\"base\"]"),
            Line(CONFIG, "links = [\"base\"]"),
            "write the names of two links",
        ),
        (
            "a pair with a stranger",
            in_space("\"upper\"]", "\"uper\"]"),
            Line(CONFIG, "uper"),
            "write the name of a link",
        ),
        (
            "at home outside of the workspace",
            in_space("max_m = [1.0, 1.0, 1.0]", "max_m = [0.05, 1.0, 1.0]"),
            Line(CONFIG, "workspace ="),
            "does not hold the arm at home; make it larger",
        ),
        (
            "at home at the border",
            in_space("min_m = [-1.0, -1.0, -1.0]", "min_m = [-1.0, -0.01, -1.0]"),
            Line(CONFIG, "workspace ="),
            "is 0.010 m from the border at home",
        ),
        (
            "at home in a place to keep out of",
            in_space("center_m = [0.9, 0.9, 0.9]", "center_m = [0.1, 0.0, 0.05]"),
            Line(CONFIG, "[[space.keep_out]]"),
            "move home_rad away from it",
        ),
        (
            "at home in its own way",
            in_space("to_m = [-0.2, 0.0, 0.0]", "to_m = [0.1, 0.0, 0.05]"),
            Line(CONFIG, "[[space.capsule]]"),
            "from capsule 0, on link `base`, at home",
        ),
    ]);
}

#[test]
fn a_sound_space_has_no_findings() {
    let scenario = Scenario::new();
    let Text(file, old, new) = in_space("[space]", "[space]") else { unreachable!() };
    scenario.replace(file, old, new);
    assert_eq!(scenario.check(), []);
}
