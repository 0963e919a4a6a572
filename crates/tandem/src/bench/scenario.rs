//! The scenario at hand with a few keys changed, as a file of its own.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use tandem_config::Config;
use toml::Value;

/// Writes `config`'s file into `dir`, after `edit`; whatever paths it names lead where they did.
/// Works on the text and not on the checked config, so that keys nobody here knows come along.
pub(super) fn edited(
    config: &Config,
    dir: &Path,
    edit: impl FnOnce(&mut toml::Table),
) -> anyhow::Result<PathBuf> {
    let text = std::fs::read_to_string(&config.file)
        .with_context(|| format!("cannot read {}", config.file.display()))?;
    let mut table: toml::Table = text.parse()?;
    let paths = [
        ("robot", "urdf", Some(&config.robot.urdf)),
        ("system1", "bundle", Some(&config.system1.bundle)),
        ("system2", "bundle", Some(&config.system2.bundle)),
        ("policies", "folder", config.policies.as_ref().map(|policies| &policies.folder)),
        ("onnxruntime", "library", config.onnxruntime.library.as_ref()),
        ("bridge", "calibration", config.bridge.as_ref().map(|bridge| &bridge.calibration)),
    ];
    for (name, key, path) in paths {
        let Some(path) = path else { continue };
        let path = std::path::absolute(path)?;
        let path = path.to_str().context("a path that is no text")?;
        set(&mut table, name, key, path);
    }
    edit(&mut table);
    let file = dir.join("scenario.toml");
    std::fs::write(&file, table.to_string())?;
    Ok(file)
}

/// Sets a key of a section, which is made if it is not there.
pub(super) fn set(table: &mut toml::Table, section: &str, key: &str, value: impl Into<Value>) {
    let entry = table.entry(section.to_owned());
    // `Config` has read this file: its sections are tables.
    if let Value::Table(section) = entry.or_insert_with(|| Value::Table(toml::Table::new())) {
        section.insert(key.to_owned(), value.into());
    }
}
