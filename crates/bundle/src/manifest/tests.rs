use std::collections::BTreeMap;

use proptest::prelude::{any, prop, prop_assert, proptest};

use super::*;
use crate::fixture;

const FILE: &str = "bundle.toml";

/// A manifest as the writer would leave it.
fn written(manifest: Manifest) -> Manifest {
    let own = manifest.system1().map_or(&[][..], |spec| spec.representation.files());
    let names = own.iter().map(String::as_str).chain([crate::WEIGHTS_FILE]);
    let files: BTreeMap<_, _> = names.map(|name| (name.to_owned(), Digest::of(b""))).collect();
    Manifest { files, ..manifest }
}

fn findings(text: &str) -> Vec<String> {
    match Manifest::parse(Path::new(FILE), text) {
        Ok(_) => Vec::new(),
        Err(findings) => findings.iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn what_is_written_is_read() {
    for manifest in [vec![fixture::system1(), fixture::system2()], fixture::heads()].concat() {
        let manifest = written(manifest);
        let text = manifest.to_toml();
        assert_eq!(Manifest::parse(Path::new(FILE), &text), Ok(manifest), "{text}");
    }
}

/// Each row: what is replaced in a sound System 1 manifest, by what, and the line that says so.
const SYSTEM1: [(&str, &str, &str); 27] = [
    ("dim = 3", "dim = 3\nnorm_min = 1.0", "`latent.norm_min` is a range of Some(1.0) to None"),
    ("dim = 3", "dim = 3\nnorm_min = 2.0\nnorm_max = 1.0", "the shorter one first, or neither"),
    ("name = \"fixture\"", "name = \"\"", "`name` is empty; give the policy a name"),
    ("licence = \"MIT\"", "license = \"MIT\"", "the nearest known key is `licence`"),
    ("licence = \"MIT\"", "licence = \" \"", "write an SPDX expression"),
    ("kind = \"system1\"", "kind = \"system3\"", "unknown variant `system3`"),
    ("kind = \"system1\"", "kind = \"system2\"", "`text` is missing"),
    ("rate_hz = 200", "rate_hz = 0", "`rate_hz` is 0; write the rate"),
    ("rate_hz = 200", "rate_hz = 9999999999", "invalid value"),
    ("\"regression\"", "\"tokens\"", "`representation` is `tokens`"),
    ("\"swing\", \"bend\"", "\"bend\", \"bend\"", "`joints[1]` repeats `bend`"),
    ("\"swing\", \"bend\"", "\"bend\"", "has 2 values for 1 joints; write one value for each"),
    ("horizon = 2", "horizon = 0", "`action.horizon` is 0, 0 values for 2 joints; a chunk holds"),
    ("horizon = 2", "horizon = 9999", "a chunk holds 1 to 560 steps"),
    ("step_period_ms = 5.0", "step_period_ms = 0.0", "write the time between two steps"),
    (
        "step_period_ms = 5.0",
        "step_period_us = 5.0",
        "this key's unit is ms: write `step_period_ms`",
    ),
    (
        "scale_rad = [0.1",
        "scale_rad = [-0.1",
        "`action.scale_rad[0]` is -0.1; it must be above zero",
    ),
    ("std = [1.0", "std = [0.0", "`normalisation.q.std[0]` is 0; it must be above zero"),
    ("mean = [0.0", "mean = [nan", "`normalisation.q.mean` holds a list with the number nan in it"),
    ("width_px = 16", "width_px = 17", "but cameras, joints, latent, action and text make them"),
    ("dim = 3", "dim = 513", "`latent.dim` is 513; write 1 to 512"),
    ("\"0123456789abcdef\"", "\"0123\"", "16 hexadecimal digits"),
    ("age_ms_min = 20.0", "age_ms_min = 900.0", "above `age_ms_max`; swap the two"),
    ("name = \"head\"", "name = \"tail\"", "`network` has no network `head`; a bundle of this"),
    ("stride = 2", "stride = 0", "`network[0].architecture` is impossible"),
    ("features = 4", "features = 99999999", "no size exceeds 65536"),
    ("\"model.safetensors\" = \"e3", "\"model.safetensors\" = \"zz", "is no SHA-256; write the 64"),
];

#[test]
fn a_wrong_manifest_is_refused_with_the_mend() {
    let text = written(fixture::system1()).to_toml();
    for (old, new, expected) in SYSTEM1 {
        assert!(text.contains(old), "no `{old}` in {text}");
        let findings = findings(&text.replacen(old, new, 1));
        assert!(findings.iter().any(|line| line.contains(expected)), "{expected}: {findings:#?}");
        assert!(findings.iter().all(|line| line.starts_with("bundle.toml:")), "{findings:#?}");
    }
}

/// The range of the fixtures' chunks.
const RANGE: &str =
    "[action.range]\nlow_rad = [-0.1, -0.1, -0.1, -0.1]\nhigh_rad = [0.2, 0.2, 0.2, 0.2]\n";

/// A representation, what is replaced in its manifest, by what, and the line that says so.
const HEADS: [(&str, &str, &str, &str); 30] = [
    ("flow", "steps = 10", "steps = 0", "`flow.steps` is 0; write 1 to 1000"),
    ("flow", "steps = 10", "stepps = 10", "unknown key `stepps`; the nearest known key is `steps`"),
    ("flow", "\"held\"", "\"loud\"", "`flow.noise` is `loud`; write `held` or `fresh`"),
    (
        "flow",
        "\"flow\"",
        "\"act\"",
        "`flow` is out of place in a `act` bundle; remove it, or write",
    ),
    ("flow", "[flow]\nsteps = 10\nnoise = \"held\"\n", "", "`flow` is missing; add the table"),
    ("flow", "name = \"time\"", "name = \"hour\"", "`network[2].inputs` are"),
    ("flow", "name = \"denoiser\"", "name = \"noiser\"", "has no network `denoiser`"),
    ("flow", "[0.2, 0.2", "[-0.1, 0.2", "`action.range.high_rad[0]` is -0.1, not above"),
    ("flow", "low_rad = [-0.1, ", "low_rad = [", "has 3 numbers for a chunk of 4"),
    ("act", RANGE, "", "has no range, which `act` needs"),
    ("act", "name = \"style\"", "name = \"mood\"", "`network[1].inputs` are"),
    ("diffusion", "steps = 10\n", "steps = 101\n", "`diffusion.steps` is 101; write 1 to 100"),
    ("discrete_diffusion", "bins = 7", "bins = 1", "`discrete_diffusion.bins` is 1; write 2 to"),
    ("discrete_diffusion", "bins = 7", "bins = 8", "`network[2].outputs` are"),
    ("discrete_diffusion", "remask_last = 0.25", "remask_last = 2.0", "write a probability"),
    ("e0", "name = \"noisy\"", "name = \"seen\"", "`network[2].inputs` are"),
    ("e0", "\"likeliest\"", "\"best\"", "write `likeliest`, `median` or `drawn`"),
    ("bins", "choice = \"median\"\n", "", "choice"),
    ("e0", "steps = 3", "steps = 5000", "`e0.steps` is 5000; write 1 to 1000"),
    ("bins", "bins = 9", "bins = 1", "`bins.bins` is 1; write 2 to 4096"),
    ("bins", "\"autoregressive\"", "\"any\"", "write `autoregressive` or `parallel`"),
    ("bins", "\"autoregressive\"", "\"parallel\"", "has no network `tokens`"),
    ("fast", "scale = 10.0", "scale = 0.0", "`fast.scale` is 0; write a number above zero"),
    ("fast", "below_zero = 30", "below_zero = 60000", "write at most 55295"),
    ("vq", "name = \"place\"", "name = \"spot\"", "`network[2].inputs` are"),
    ("oat", "tokens = 2", "tokens = 0", "`oat.tokens` is 0; write 1 to 10000"),
    ("oat", "files = [\"codes.safetensors\"]", "files = []", "`oat.files` has 0 names"),
    ("hybrid", "confidence_min = 0.75", "confidence_min = 96.0", "write a probability, 0 to 1"),
    ("hybrid", "name = \"place\"", "name = \"spot\"", "`network[3].inputs` are"),
    ("diffusion", "training_steps = 100", "training_steps = 99999", "write 1 to 10000"),
];

#[test]
fn wrong_parameters_of_a_head_are_refused_with_the_mend() {
    for (name, old, new, expected) in HEADS {
        let heads = fixture::heads().into_iter().map(written);
        let is_named =
            |it: &Manifest| it.system1().is_some_and(|spec| spec.representation.name() == name);
        let text = heads.filter(is_named).map(|it| it.to_toml()).collect::<String>();
        assert!(text.contains(old), "no `{old}` in {text}");
        let findings = findings(&text.replacen(old, new, 1));
        assert!(findings.iter().any(|line| line.contains(expected)), "{expected}: {findings:#?}");
    }
}

#[test]
fn every_representation_has_a_fixture_under_its_name() {
    let heads = fixture::heads();
    let names = heads.iter().filter_map(|it| Some(it.system1()?.representation.name()));
    let names: Vec<_> = core::iter::once("regression").chain(names).collect();
    assert_eq!(names, Representation::NAMES);
}

#[test]
fn a_system2_lists_the_words_it_embeds() {
    let text = written(fixture::system2()).to_toml();
    for (old, new, expected) in [
        ("\"touch\", ", "", "`text.words` lists 2 words, but the model embeds 5"),
        ("tokens_max = 4", "tokens_max = 5", "`network[0].inputs` are"),
        ("kind = \"system2\"", "kind = \"system1\"", "`text` is out of place"),
    ] {
        assert!(text.contains(old), "no `{old}` in {text}");
        let findings = findings(&text.replacen(old, new, 1));
        assert!(findings.iter().any(|line| line.contains(expected)), "{expected}: {findings:#?}");
    }
}

#[test]
fn no_file_name_leaves_the_folder() {
    let mut manifest = written(fixture::system1());
    manifest.networks[1].onnx = Some("../head.onnx".to_owned());
    manifest.files.insert("../head.onnx".to_owned(), Digest::of(b""));
    let findings = findings(&manifest.to_toml());
    assert_eq!(findings.len(), 2, "{findings:#?}");
    assert!(findings.iter().all(|line| line.contains("leaves the folder")), "{findings:#?}");
}

proptest! {
    #[test]
    fn any_bytes_give_a_manifest_or_findings(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let parsed = Manifest::parse(Path::new(FILE), &String::from_utf8_lossy(&bytes));
        prop_assert!(!parsed.is_err_and(|findings| findings.is_empty()));
    }

    #[test]
    fn any_damage_gives_a_manifest_or_findings(
        which in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        length in 0_usize..12,
        junk in "[-0-9a-z=\\[\\]{}\"\n. ]{0,6}",
    ) {
        let mut all = fixture::heads();
        all.extend([fixture::system1(), fixture::system2()]);
        let manifest = all.swap_remove(which.index(all.len()));
        let mut text: Vec<char> = written(manifest).to_toml().chars().collect();
        let start = at.index(text.len());
        let end = text.len().min(start + length);
        text.splice(start..end, junk.chars());
        let text: String = text.into_iter().collect();
        let parsed = Manifest::parse(Path::new(FILE), &text);
        prop_assert!(!parsed.is_err_and(|findings| findings.is_empty()));
    }
}

#[test]
fn the_lengths_of_latent_goals_are_read_back() {
    let mut manifest = written(fixture::system1());
    manifest.latent.norm = Some(NormRange { min: 1.5, max: 4.25 });
    assert_eq!(Manifest::parse(Path::new(FILE), &manifest.to_toml()), Ok(manifest));
}
