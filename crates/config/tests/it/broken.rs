//! Every way to break a scenario has a line that names the place and the mend.

mod motors;

use crate::fixture::Scenario;

/// How a row breaks the scenario.
enum Break {
    /// Replaces the first text by the second in a file.
    Text(&'static str, &'static str, &'static str),
    /// Changes the weights of a bundle, and their hash with them if the flag says so.
    Weights(&'static str, fn(&mut Vec<u8>), bool),
    /// Removes a file.
    Remove(&'static str),
}
use Break::{Remove, Text, Weights};

/// Where the finding must point.
enum At {
    /// To this line of a text file.
    Line(&'static str, &'static str),
    /// To this tensor of a bundle.
    Tensor(&'static str, &'static str),
    /// To this file as a whole.
    File(&'static str),
}
use At::{File, Line, Tensor};

const CONFIG: &str = "robot.toml";
const URDF: &str = "arm.urdf";
const ONE: &str = "one/bundle.toml";
const TWO: &str = "two/bundle.toml";

/// What is broken, how, where the finding points, and what of the mend it says.
type Row = (&'static str, Break, At, &'static str);

fn check(rows: &[Row]) {
    for (name, breakage, at, mend) in rows {
        let scenario = Scenario::new();
        match breakage {
            Text(file, old, new) => scenario.replace(file, old, new),
            Weights(bundle, change, rehash) => scenario.change_weights(bundle, *change, *rehash),
            Remove(file) => std::fs::remove_file(scenario.path(file)).unwrap(),
        }
        let findings = scenario.check();
        let named = findings.iter().any(|finding| {
            finding.text.contains(mend)
                && match at {
                    Line(file, line) => {
                        finding.file == scenario.path(file) && scenario.line(finding).contains(line)
                    }
                    Tensor(file, tensor) => {
                        finding.file == scenario.path(file)
                            && finding.tensor.as_deref() == Some(*tensor)
                            && finding.text.contains(*tensor)
                    }
                    File(file) => finding.text.contains(&*scenario.path(file).to_string_lossy()),
                }
        });
        assert!(named, "{name}: no finding with `{mend}` at its place in {findings:#?}");
    }
}

#[test]
fn keys_and_their_kinds() {
    check(&[
        (
            "unknown key",
            Text(CONFIG, "tip_link =", "tip_lnik ="),
            Line(CONFIG, "tip_lnik"),
            "the nearest known key is `tip_link`",
        ),
        (
            "unknown section",
            Text(CONFIG, "[guard]", "[gaurd]"),
            Line(CONFIG, "[gaurd]"),
            "the nearest known key is `guard`",
        ),
        (
            "wrong unit suffix",
            Text(CONFIG, "ramp_ms = 500", "ramp_us = 500000"),
            Line(CONFIG, "ramp_us"),
            "this key's unit is ms: write `ramp_ms`",
        ),
        (
            "degrees for radians",
            Text(CONFIG, "velocity_rad_s_max", "velocity_deg_s_max"),
            Line(CONFIG, "velocity_deg_s_max"),
            "this key's unit is rad_s: write `velocity_rad_s_max`",
        ),
        (
            "wrong type",
            Text(CONFIG, "priority = 80", "priority = \"high\""),
            Line(CONFIG, "priority = \"high\""),
            "it takes a whole number",
        ),
        ("missing key", Text(CONFIG, "nice = 5\n", ""), Line(CONFIG, "[system2]"), "add `nice`"),
        (
            "number too large for its type",
            Text(CONFIG, "rate_hz = 1000", "rate_hz = 99999999999"),
            Line(CONFIG, "rate_hz = 99999999999"),
            "correct this value",
        ),
        ("broken TOML", Text(CONFIG, "[bus]", "[bus"), Line(CONFIG, "[bus"), "its TOML syntax"),
    ]);
}

#[test]
fn values() {
    check(&[
        (
            "NaN",
            Text(CONFIG, "margin_rad = 0.05", "margin_rad = nan"),
            Line(CONFIG, "position_margin_rad"),
            "it takes a finite number",
        ),
        (
            "negative limit",
            Text(CONFIG, "[20.0, 30.0]", "[20.0, -30.0]"),
            Line(CONFIG, "acceleration_rad_s2_max"),
            "write 0.001 to 1000.0",
        ),
        (
            "no jerk",
            Text(CONFIG, "[2000.0, 3000.0]", "[2000.0, 0.0]"),
            Line(CONFIG, "jerk_rad_s3_max"),
            "write 0.001 to 1000000.0",
        ),
        (
            "half a pair of keys",
            Text(CONFIG, "[guard]", "[guard]\nclamped_ms_max = 200"),
            Line(CONFIG, "clamped_ms_max"),
            "add `clamped_fraction_max`, or remove it",
        ),
        (
            "torque without tracking",
            Text(CONFIG, "[guard]", "[guard]\ntorque_nm_max = 2.0"),
            Line(CONFIG, "torque_nm_max"),
            "add `tracking_error_rad_max` and `tracking_ms_max`, or remove it",
        ),
        (
            "a lease that does not lapse in time",
            Text(CONFIG, "[guard]", "[guard]\nlease_age_ms_max = 500"),
            Line(CONFIG, "lease_age_ms_max"),
            "write 1.0 to 100.0",
        ),
        (
            "list of the wrong length",
            Text(CONFIG, "[20.0, 30.0]", "[20.0]"),
            Line(CONFIG, "acceleration_rad_s2_max"),
            "write one for each name in [robot] joints, or one for all",
        ),
        (
            "speed above the URDF's",
            Text(CONFIG, "velocity_rad_s_max = 2.0", "velocity_rad_s_max = 9.0"),
            Line(CONFIG, "velocity_rad_s_max"),
            "write at most 4, its limit in the URDF",
        ),
        (
            "unknown clock",
            Text(CONFIG, "rate_hz = 1000", "rate_hz = 1000\nclock = \"sundial\""),
            Line(CONFIG, "sundial"),
            "write `timer` or `state`",
        ),
        (
            "spin longer than any",
            Text(CONFIG, "rate_hz = 1000", "rate_hz = 500\nspin_us = 501"),
            Line(CONFIG, "spin_us"),
            "write 0.0 to 500.0",
        ),
        (
            "sleep deeper than any",
            Text(CONFIG, "rate_hz = 1000", "rate_hz = 1000\nwake_latency_us_max = -1"),
            Line(CONFIG, "wake_latency_us_max"),
            "write 0.0 to 10000.0",
        ),
        (
            "two speed limits",
            Text(CONFIG, "[guard]", "[guard]\nvelocity_fraction_max = 0.5"),
            Line(CONFIG, "velocity_fraction_max"),
            "remove one of the two",
        ),
        (
            "home beyond the limits",
            Text(CONFIG, "[0.0, 0.5]", "[0.0, 1.5]"),
            Line(CONFIG, "home_rad"),
            "write -1.450 to 1.450",
        ),
        (
            "engine unknown",
            Text(CONFIG, "engine = \"candle\"", "engine = \"tensorflow\""),
            Line(CONFIG, "tensorflow"),
            "write `candle` or `onnx`",
        ),
        (
            "no folder of policies",
            Text(CONFIG, "folder = \".\"", "folder = \"nowhere\""),
            Line(CONFIG, "folder = \"nowhere\""),
            "write the folder that holds the bundles' folders",
        ),
        (
            "a fade for ever",
            Text(CONFIG, "fade_ms = 100", "fade_ms = 5000"),
            Line(CONFIG, "fade_ms = 5000"),
            "write 0.0 to 1000.0",
        ),
        (
            "endpoint on the network",
            Text(CONFIG, "tcp/127.0.0.1:7447", "tcp/0.0.0.0:7447"),
            Line(CONFIG, "tcp/0.0.0.0:7447"),
            "write `tcp/127.0.0.1:PORT`",
        ),
        (
            "camera name twice",
            Text(CONFIG, "\"wrist\"", "\"front\""),
            Line(CONFIG, "name = \"front\""),
            "every camera needs a name of its own",
        ),
        (
            "camera on no link",
            Text(CONFIG, "{ link = \"tip\"", "{ link = \"thumb\""),
            Line(CONFIG, "thumb"),
            "write the name of a link",
        ),
    ]);
}

#[test]
fn values_that_contradict_each_other() {
    check(&[
        (
            "System 1 rate not dividing the control rate",
            Text(CONFIG, "rate_hz = 200", "rate_hz = 160"),
            Line(CONFIG, "rate_hz = 160"),
            "write a divisor of the control rate",
        ),
        (
            "period no whole number of microseconds",
            Text(CONFIG, "rate_hz = 1000", "rate_hz = 999"),
            Line(CONFIG, "rate_hz = 999"),
            "write 800",
        ),
        (
            "a probation more patient than the guard",
            Text(CONFIG, "refused_chunks_max = 5", "refused_chunks_max = 10"),
            Line(CONFIG, "refused_chunks_max = 10"),
            "a new policy must be gone before the guard holds for it",
        ),
        (
            "ages out of order",
            Text(CONFIG, "latent_age_ms_hold = 1000", "latent_age_ms_hold = 6000"),
            Line(CONFIG, "latent_age_ms_stop"),
            "order the ages",
        ),
        (
            "age within one period",
            Text(CONFIG, "latent_age_ms_warn = 400", "latent_age_ms_warn = 100"),
            Line(CONFIG, "latent_age_ms_warn"),
            "write more than 125.0 ms, or raise that rate",
        ),
        (
            "state rate not dividing the simulation's",
            Text(CONFIG, "state_rate_hz = 1000", "state_rate_hz = 300"),
            Line(CONFIG, "state_rate_hz"),
            "write a divisor",
        ),
        (
            "spin above half a period",
            Text(CONFIG, "rate_hz = 1000", "rate_hz = 2000\nspin_us = 251"),
            Line(CONFIG, "spin_us = 251"),
            "write at most 250",
        ),
        (
            "spin for a message",
            Text(CONFIG, "rate_hz = 1000", "rate_hz = 1000\nclock = \"state\"\nspin_us = 10"),
            Line(CONFIG, "spin_us = 10"),
            "leave it out",
        ),
        (
            "a robot that clocks another rate",
            Text(CONFIG, "rate_hz = 1000", "rate_hz = 500\nclock = \"state\""),
            Line(CONFIG, "state_rate_hz"),
            "write control.rate_hz",
        ),
    ]);
}

const EXECUTOR: &str = "executor = \"immediate\"";

#[test]
fn executors() {
    check(&[
        (
            "unknown executor",
            Text(CONFIG, EXECUTOR, "executor = \"newest\""),
            Line(CONFIG, "executor"),
            "write `immediate`, `receding`, `temporal_ensemble` or `real_time_chunking`",
        ),
        (
            "an executor without its table",
            Text(CONFIG, EXECUTOR, "executor = \"receding\""),
            Line(CONFIG, "executor"),
            "there is no [control.receding]; add that table",
        ),
        (
            "a table of an executor that is not chosen is checked, too",
            Text(CONFIG, EXECUTOR, "executor = \"immediate\"\nreceding = { steps = 0 }"),
            Line(CONFIG, "receding"),
            "write 1 to 1000",
        ),
        (
            "weights that leave one chunk",
            Text(
                CONFIG,
                EXECUTOR,
                "executor = \"temporal_ensemble\"\ntemporal_ensemble = { decay = 1.5 }",
            ),
            Line(CONFIG, "temporal_ensemble ="),
            "write -1.0 to 1.0",
        ),
        (
            "a blend longer than its turn",
            Text(
                CONFIG,
                EXECUTOR,
                "executor = \"immediate\"\nreal_time_chunking = { steps = 2, blend_steps = 3 }",
            ),
            Line(CONFIG, "real_time_chunking"),
            "write 1 to 2",
        ),
        (
            "more steps than the policy's chunks have",
            Text(CONFIG, EXECUTOR, "executor = \"receding\"\nreceding = { steps = 3 }"),
            Line(CONFIG, "receding ="),
            "write at most 2",
        ),
        (
            "a reaction that is none",
            Text(CONFIG, "latent_untrained = \"warn\"", "latent_untrained = \"panic\""),
            Line(CONFIG, "latent_untrained"),
            "write `warn`, `degrade` or `hold`",
        ),
        (
            "progress beyond its range",
            Text(CONFIG, "done_progress = 0.9", "done_progress = 90"),
            Line(CONFIG, "done_progress"),
            "write 0.01 to 1.0",
        ),
    ]);
}

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
fn manifests() {
    check(&[
        (
            "no bundle there",
            Remove(ONE),
            Line(CONFIG, "bundle = \"one\""),
            "or make one with `tandem train`",
        ),
        (
            "unknown key",
            Text(TWO, "licence =", "lisence ="),
            Line(TWO, "lisence"),
            "the nearest known key is `licence`",
        ),
        (
            "horizon zero",
            Text(ONE, "horizon = 2\nstep", "horizon = 0\nstep"),
            Line(ONE, "horizon = 0"),
            "a chunk holds 1 to 560 steps",
        ),
        (
            "NaN in normalisation",
            Text(ONE, "mean = [0.0", "mean = [nan"),
            Line(ONE, "mean = [nan"),
            "it takes a list of finite numbers",
        ),
        (
            "file outside its folder",
            Text(ONE, "\"model.safetensors\" =", "\"../model.safetensors\" ="),
            Line(ONE, "../model.safetensors"),
            "write the name of a file in the bundle's own folder",
        ),
        (
            "shapes that contradict the architecture",
            Text(ONE, "hidden = [5]", "hidden = [6]"),
            Tensor("one/model.safetensors", "head.hidden0.weight"),
            "train or export the bundle anew",
        ),
        (
            "System 2 with another's id",
            Weights("two", |bytes| *bytes.last_mut().unwrap() = 1, true),
            Line(TWO, "model = "),
            "write its own id there",
        ),
    ]);
}

#[test]
fn weights() {
    const FILE: &str = "one/model.safetensors";
    check(&[
        ("file missing", Remove(FILE), File(FILE), "check the path"),
        (
            "wrong hash",
            Weights("one", |bytes| *bytes.last_mut().unwrap() = 1, false),
            File(FILE),
            "fetch the bundle again",
        ),
        (
            "truncated",
            Weights("one", |bytes| bytes.truncate(bytes.len() - 40), true),
            Tensor(FILE, "head.out.weight"),
            "is truncated",
        ),
        (
            "header garbage",
            Weights("one", |bytes| bytes[8..40].fill(b'?'), true),
            File(FILE),
            "header cannot be read",
        ),
        (
            "header longer than the file",
            Weights("one", |bytes| bytes[..8].fill(0xff), true),
            File(FILE),
            "is cut off within its header",
        ),
        (
            "NaN",
            Weights(
                "one",
                |bytes| {
                    let end = bytes.len();
                    bytes[end - 4..].copy_from_slice(&f32::NAN.to_le_bytes());
                },
                true,
            ),
            Tensor(FILE, "head.out.weight"),
            "is not finite at element 19",
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

#[test]
fn bundles_for_another_robot() {
    check(&[
        (
            "joints in another order",
            Text(CONFIG, "\"swing\", \"bend\"", "\"bend\", \"swing\""),
            Line(ONE, "joints = "),
            "write [robot] joints in that order",
        ),
        (
            "camera missing",
            Text(CONFIG, "name = \"wrist\"", "name = \"palm\""),
            Line(ONE, "name = \"wrist\""),
            "add that [[camera]]",
        ),
        (
            "camera of another size",
            Text(CONFIG, "width_px = 16", "width_px = 32"),
            Line(TWO, "name = \"front\""),
            "set width_px and height_px of that [[camera]]",
        ),
        (
            "rate not dividing the control rate",
            Text(ONE, "rate_hz = 200", "rate_hz = 300"),
            Line(ONE, "rate_hz = 300"),
            "set [control] rate_hz to a multiple",
        ),
        (
            "the two bundles swapped",
            Text(CONFIG, "bundle = \"one\"", "bundle = \"two\""),
            Line(TWO, "kind = "),
            "name the right folder",
        ),
        (
            "latent goal of another model",
            Text(ONE, "\nmodel = \"", "\nmodel = \"0000000000000001\" # "),
            Line(ONE, "0000000000000001"),
            "use the System 2 it was trained with",
        ),
        (
            "onnx without an ONNX file",
            Text(CONFIG, "engine = \"candle\"", "engine = \"onnx\""),
            Line(CONFIG, "engine = \"onnx\""),
            "run `tandem export` on the bundle, or write `candle`",
        ),
    ]);
}

#[test]
fn a_latent_goal_of_another_dimension() {
    let scenario = Scenario::new();
    // The dimension of one bundle alone: its manifest, its architecture and its weights agree.
    let file = scenario.path("two");
    let mut manifest = crate::policies::system2();
    manifest.latent.dim = 4;
    for network in &mut manifest.networks {
        if let tandem_networks::Architecture::System2(model) = &mut network.architecture {
            model.latent = 4;
        }
        *network = tandem_bundle::NetworkSpec::new(
            network.name.clone(),
            network.architecture.clone(),
            |_| "1",
        );
    }
    let weights = crate::policies::weights(&manifest);
    tandem_bundle::BundleWriter::new(manifest, weights, tandem_bundle::Precision::F16)
        .save(file)
        .unwrap();
    let findings = scenario.check();
    let finding = findings.iter().find(|finding| finding.text.contains("of dimension 3")).unwrap();
    assert!(finding.text.ends_with("use the System 2 it was trained with"), "{finding}");
    assert_eq!(scenario.line(finding), "dim = 3");
}

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

#[test]
fn the_servo_bus() {
    check(&[
        (
            "an endpoint off this machine",
            Text(CONFIG, "tcp/127.0.0.1:7549", "tcp/192.168.1.5:7549"),
            Line(CONFIG, "192.168.1.5"),
            "127.0.0.1",
        ),
        (
            "a baud rate of another century",
            Text(CONFIG, "baud = 1000000", "baud = 300"),
            Line(CONFIG, "baud"),
            "write 38400 to 3000000",
        ),
        (
            "a stop that comes too late for anybody",
            Text(CONFIG, "stop_within_ms = 20", "stop_within_ms = 500"),
            Line(CONFIG, "stop_within_ms"),
            "write 5.0 to 100.0",
        ),
        (
            "no time between two exchanges",
            Text(CONFIG, "stop_within_ms = 20", "stop_within_ms = 10"),
            Line(CONFIG, "stop_within_ms"),
            "write more than 11.0, or raise that rate",
        ),
        (
            "an arm that starts harder than it stops",
            Text(CONFIG, "deceleration_rad_s2 = 41.0", "deceleration_rad_s2 = 20.0"),
            Line(CONFIG, "deceleration_rad_s2"),
            "the arm must stop as hard as it may start",
        ),
        (
            "a simulated robot before a real arm",
            Text(CONFIG, "emulated = true", "emulated = false"),
            Line(CONFIG, "emulated = false"),
            "remove [sim] for a real arm",
        ),
        (
            "a missing key",
            Text(CONFIG, "jump_rad_max = 0.3\n", ""),
            Line(CONFIG, "[bridge]"),
            "add `jump_rad_max`",
        ),
    ]);
}
