//! The configs that ship load, and the reference explains every key.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use tandem_bundle::Kind;
use tandem_config::{Config, KEYS};
use tandem_control::Controller;
use tandem_types::Epoch;

fn configs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../configs")
}

#[test]
fn every_shipped_config_loads_and_makes_a_controller() {
    let mut loaded = 0;
    for entry in fs::read_dir(configs()).unwrap() {
        let file = entry.unwrap().path();
        if file.extension().is_some_and(|extension| extension == "toml") {
            let config = Config::load(&file).unwrap_or_else(|error| panic!("{error}"));
            Controller::new(config.to_control().unwrap(), Epoch(1)).unwrap();
            loaded += 1;
        }
    }
    assert!(loaded >= 2, "so101.toml and reference.toml are there");
}

/// The keys that `text` spells out, commented out or not, each with whether a comment stands
/// above it.
fn documented(text: &str) -> Vec<(String, bool)> {
    let mut keys = Vec::new();
    let mut section = String::new();
    let mut explained = false;
    for line in text.lines() {
        let code = line.trim_start_matches("# ");
        let word = |name: &str| {
            name.chars().all(|c| c.is_ascii_lowercase() || c == '_' || c.is_ascii_digit())
        };
        if let Some(header) = code.strip_prefix('[') {
            section = header.trim_matches(['[', ']']).to_owned();
        } else if let Some((name, _)) = code.split_once(" = ").filter(|(name, _)| word(name)) {
            keys.push((format!("{section}.{name}"), explained));
            explained = false;
        } else {
            explained = line.starts_with('#');
        }
    }
    keys
}

#[test]
fn the_reference_explains_every_key_and_no_other() {
    let text = fs::read_to_string(configs().join("reference.toml")).unwrap();
    let documented = documented(&text);
    let known: BTreeSet<String> = KEYS
        .iter()
        .filter(|key| !matches!(key.kind, Kind::Table | Kind::Tables))
        .map(|key| key.path.replace("[]", ""))
        .collect();
    let named: BTreeSet<String> = documented.iter().map(|(key, _)| key.clone()).collect();
    assert_eq!(named, known);
    let bare: Vec<_> = documented.iter().filter(|(_, explained)| !explained).collect();
    assert!(bare.is_empty(), "keys without a comment above them: {bare:?}");
}
