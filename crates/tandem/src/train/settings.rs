//! Settings of a training that differ from the usual ones.

use std::path::Path;

use anyhow::Context as _;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::failure::Failure;

/// The usual settings, with what a file says in their place: a key for each setting that differs.
pub(super) fn changed<T: Serialize + DeserializeOwned>(
    usual: &T,
    file: Option<&Path>,
) -> Result<T, Failure> {
    let text = file.map(|file| {
        std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))
    });
    let text = text.transpose().map_err(Failure::usage)?.unwrap_or_default();
    let name = file.unwrap_or_else(|| Path::new("the defaults"));
    merged(usual, &text)
        .with_context(|| format!("{} holds no training settings", name.display()))
        .map_err(Failure::usage)
}

fn merged<T: Serialize + DeserializeOwned>(usual: &T, text: &str) -> anyhow::Result<T> {
    let mut all = toml::Table::try_from(usual)?;
    merge(&mut all, toml::from_str(text)?);
    Ok(all.try_into()?)
}

/// Tables are merged key by key; everything else, lists too, is replaced.
fn merge(all: &mut toml::Table, changes: toml::Table) {
    for (key, change) in changes {
        let merged = match (all.remove(&key), change) {
            (Some(toml::Value::Table(mut old)), toml::Value::Table(new)) => {
                merge(&mut old, new);
                toml::Value::Table(old)
            }
            (_, change) => change,
        };
        all.insert(key, merged);
    }
}

#[cfg(test)]
mod tests {
    use tandem_learn::{HeadConfig, TrainConfig};

    use super::*;

    #[test]
    fn what_a_file_does_not_name_stays_as_usual() {
        let usual = TrainConfig::chunked();
        assert_eq!(merged(&usual, "").unwrap(), usual);
        let text = "batch = 3\n[system1]\nhidden = [8]\n[schedule]\npeak = 0.5\n";
        let mut expected = usual.clone();
        expected.batch = 3;
        expected.system1.hidden = vec![8];
        expected.schedule.peak = 0.5;
        assert_eq!(merged(&usual, text).unwrap(), expected);
        let head = HeadConfig::usual("flow");
        assert_eq!(merged(&head, "width = 64").unwrap(), HeadConfig { width: 64, ..head });
    }

    #[test]
    fn a_key_that_is_none_is_refused_by_name() {
        for text in ["bach = 3", "[schedule]\npeek = 0.5", "batch = \"many\""] {
            let refused = merged(&TrainConfig::chunked(), text).unwrap_err().to_string();
            let named = ["bach", "peek", "many"].iter().any(|word| refused.contains(word));
            assert!(named, "{text}: {refused}");
        }
    }
}
