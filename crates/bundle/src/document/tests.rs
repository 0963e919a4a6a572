use proptest::prelude::{any, prop, prop_assert, proptest};

use super::*;

const KEYS: [Key; 8] = [
    Key::must("name", Kind::Text),
    Key::may("control", Kind::Table),
    Key::must("control.period_us", Kind::Count),
    Key::may("control.gains", Kind::PerJoint),
    Key::may("camera", Kind::Tables),
    Key::must("camera[].width_px", Kind::Count),
    Key::may("files", Kind::Table),
    Key::may("files.*", Kind::Text),
];

fn findings(text: &str) -> Vec<String> {
    match Document::parse("a.toml", text, &KEYS) {
        Ok(_) => Vec::new(),
        Err(findings) => findings.iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn says_what_is_wrong_where_and_how_to_mend_it() {
    let rows = [
        ("name = 'a'\n[control]\nperiod_us = 5\ngains = [1, 2.5]\n[files]\n'x y' = 'z'", ""),
        ("name = 3", "a.toml:1:1: `name` holds the number 3; it takes a string"),
        ("", "a.toml:1:1: `name` is missing; add `name` with a string"),
        ("name = 'a'\n[control]", "a.toml:2:2: `control.period_us` is missing"),
        ("name = 'a'\n[control]\nperiod_us = -1", "a.toml:3:1: `control.period_us` holds"),
        (
            "name = 'a'\n[control]\nperiod_us = 1\ngains = [1.0, nan]",
            "`control.gains` holds a list with the number nan in it",
        ),
        ("name = 'a'\n[control]\nperiod_us = 1\nperiod_ms = 1", "a.toml:4:1: unknown key"),
        ("name = 'a'\ncamera = 5", "a.toml:2:1: `camera` holds the number 5"),
        ("name = 'a'\ncamera = [5]", "a.toml:2:11: `camera[0]` holds the number 5"),
        ("name = 'a'\n[[camera]]\nwidth_px=1\n[[camera]]", "a.toml:4:1: `camera[1].width_px`"),
        ("name = 'a'\nname = 'b'", "a.toml:2:1: duplicate key"),
        ("name = ", "a.toml:1:8: "),
    ];
    for (text, expected) in rows {
        let findings = findings(text);
        match expected {
            "" => assert!(findings.is_empty(), "{text}: {findings:?}"),
            _ => assert!(findings.iter().any(|line| line.contains(expected)), "{findings:?}"),
        }
    }
}

#[test]
fn reports_everything_at_once_and_in_order() {
    let findings = findings("nmae = 'a'\n[control]\nperiod_ms = 1\nwhat = 2");
    assert_eq!(findings.len(), 5, "{findings:#?}");
    assert!(findings.is_sorted_by_key(|line| line.split(':').nth(1).unwrap().to_owned()));
}

#[test]
fn finds_the_place_of_a_key_or_of_its_table() {
    let text = "name = 'a'\n[[camera]]\nwidth_px = 1\n[[camera]]\n  width_px = 2\n[control]\n\
                gains = [1,\n 2]\nperiod_us = 1";
    let document = Document::parse("a.toml", text, &KEYS).unwrap();
    for (key, line, column) in [
        ("camera[1].width_px", 5, 3),
        ("camera[1].height_px", 4, 1),
        ("control.gains[1]", 8, 2),
        ("control.rate_hz", 6, 2),
        ("elsewhere.entirely", 1, 1),
    ] {
        assert_eq!(document.position(key), Position { line, column }, "{key}");
    }
}

proptest! {
    #[test]
    fn any_text_gives_a_document_or_findings(text in any::<String>()) {
        let document = Document::parse("a.toml", text, &KEYS);
        prop_assert!(document.is_ok() || document.is_err_and(|findings| !findings.is_empty()));
    }

    #[test]
    fn anything_near_toml_gives_a_document_or_findings(
        lines in prop::collection::vec("(name|camera|\\[control\\]|\\[\\[camera\\]\\]|[a-z\\[\\]{}.*\"]{0,8})( = [0-9nai\\[\\]{}'\"]{0,9})?", 0..8)
    ) {
        let document = Document::parse("a.toml", lines.join("\n"), &KEYS);
        prop_assert!(document.is_ok() || document.is_err_and(|findings| !findings.is_empty()));
    }
}
