//! Bundles: their manifests, their weights, and whether they fit each other and the arm.

use super::{CONFIG, File, Line, ONE, Remove, Scenario, TWO, Tensor, Text, Weights, check};

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
