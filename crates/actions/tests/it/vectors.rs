//! The reference vectors agree, and the program that says so can also say otherwise.

use std::path::{Path, PathBuf};

use crate::json::Value;
use crate::run::{Verdict, check_folder};

fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data")
}

#[test]
fn every_reference_vector_agrees() {
    let outcomes = check_folder(&data()).unwrap();
    for outcome in &outcomes {
        assert!(matches!(outcome.verdict, Verdict::Same), "{outcome:?}");
    }
    // Were a list's name misread, its cases would be missing, not wrong.
    let count = |file: &str| outcomes.iter().filter(|outcome| outcome.file == file).count();
    let expected = [
        ("dct.json", 10),
        ("diffusion.json", 13),
        ("flow.json", 12),
        ("fsq.json", 8),
        ("hybridvla_gate.json", 14),
        ("openvla_bins.json", 9),
        ("reveal.json", 16),
        ("rt1_bins.json", 17),
        ("rvq.json", 4),
        ("smoothness.json", 7),
    ];
    for (file, cases) in expected {
        assert_eq!(count(file), cases, "{file}");
    }
    let fast = Value::parse(&std::fs::read_to_string(data().join("fast.json")).unwrap()).unwrap();
    let tokenizer = &fast.member("tokenizers").unwrap().items()[0];
    let lists = ["encode_cases", "decode_cases", "pre_tokenize_cases"];
    let cases: usize = lists.iter().map(|list| tokenizer.member(list).unwrap().items().len()).sum();
    assert_eq!(count("fast.json"), cases + 1, "all lists, and the training");
}

/// A file in which one number is another: its case differs, with the place and both values.
#[test]
fn a_wrong_number_is_found() {
    let check = |file: &str, right: &str, wrong: &str, message: &str| {
        let folder = tempfile::tempdir().unwrap();
        let text = std::fs::read_to_string(data().join(file)).unwrap();
        assert!(text.contains(right), "{file} holds no `{right}`");
        std::fs::write(folder.path().join(file), text.replacen(right, wrong, 1)).unwrap();
        let outcomes = check_folder(folder.path()).unwrap();
        let found: Vec<String> = outcomes
            .iter()
            .filter_map(|outcome| match &outcome.verdict {
                Verdict::Differs(why) => Some(format!("{}: {why}", outcome.case)),
                Verdict::Same | Verdict::Skipped(_) => None,
            })
            .collect();
        assert_eq!(found.len(), 1, "{file}: {found:?}");
        assert!(found[0].contains(message), "{file}: {}", found[0]);
    };
    check("reveal.json", "[55,54,51", "[55,54,50", "masked_after");
    check("fsq.json", "[881,65,", "[880,65,", "cases/random_8_5_5_5: index is [881");
    check("hybridvla_gate.json", "\"average\":true", "\"average\":false", "average is true");
    check("flow.json", "-0.09000000000000008", "-0.09000000100000008", "trace[3]");
}

#[test]
fn strangers_are_skipped_and_broken_files_are_not() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    assert!(check_folder(folder.path()).is_err(), "an empty folder proves nothing");
    let head = r#"{"format": "tandem-vectors-1", "kind": "wilson", "#;
    write("wilson.json", &format!(r#"{head}"cases": [{{"name": "one"}}]}}"#));
    write("broken.json", &head[..30]);
    let outcomes = check_folder(folder.path()).unwrap();
    assert!(matches!(outcomes[0].verdict, Verdict::Differs(_)), "{:?}", outcomes[0]);
    let Verdict::Skipped(why) = outcomes[1].verdict else { panic!("{:?}", outcomes[1]) };
    assert!(why.contains("tandem-evaluate"), "{why}");
}

#[test]
fn numbers_are_read_exactly() {
    let value = Value::parse(r#" {"a": [1e-3, -0.1, 2.4999999999999996], "b\n\u0041": "NaN"} "#);
    let value = value.unwrap();
    assert_eq!(value.numbers("a").unwrap(), [1e-3, -0.1, 2.4999999999999996]);
    assert!(value.number("b\nA").unwrap().is_nan());
    for broken in ["", "{", "[1,]", "[1 2]", "nan", "\"", "1e", "{\"a\":}", "[] []"] {
        assert!(Value::parse(broken).is_err(), "{broken:?}");
    }
    assert!(Value::parse(&"[".repeat(100)).is_err());
}
