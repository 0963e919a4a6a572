//! A sound scenario in a folder of its own, for a test to break.

use std::fs;
use std::path::{Path, PathBuf};

use tandem_bundle::{BUNDLE_FILE, Bundle, BundleWriter, Digest, Finding, Precision, WEIGHTS_FILE};

use crate::policies;

/// `robot.toml`, `arm.urdf`, and the bundles `one` (System 1) and `two` (System 2).
pub(crate) struct Scenario {
    dir: tempfile::TempDir,
}

impl Scenario {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
        for name in ["robot.toml", "arm.urdf"] {
            fs::copy(data.join(name), dir.path().join(name)).unwrap();
        }
        let save = |manifest, name: &str| -> Bundle {
            let weights = policies::weights(&manifest);
            let writer = BundleWriter::new(manifest, weights, Precision::F32);
            writer.save(dir.path().join(name)).unwrap()
        };
        let two = save(policies::system2(), "two");
        save(policies::system1(two.model_id()), "one");
        Self { dir }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Replaces the first `old` in a text file, which must have one.
    pub(crate) fn replace(&self, name: &str, old: &str, new: &str) {
        let text = fs::read_to_string(self.path(name)).unwrap();
        assert!(text.contains(old), "no `{old}` in {name}:\n{text}");
        fs::write(self.path(name), text.replacen(old, new, 1)).unwrap();
    }

    /// Changes the weights of the bundle `name`, and their hash in its manifest if `rehash`.
    pub(crate) fn change_weights(&self, name: &str, change: fn(&mut Vec<u8>), rehash: bool) {
        let file = self.path(name).join(WEIGHTS_FILE);
        let mut bytes = fs::read(&file).unwrap();
        let old = Digest::of(&bytes).to_string();
        change(&mut bytes);
        fs::write(&file, &bytes).unwrap();
        if rehash {
            let manifest = format!("{name}/{BUNDLE_FILE}");
            self.replace(&manifest, &old, &Digest::of(&bytes).to_string());
        }
    }

    pub(crate) fn check(&self) -> Vec<Finding> {
        tandem_config::check(self.path("robot.toml"))
    }

    /// The text of the line a finding points to.
    pub(crate) fn line(&self, finding: &Finding) -> String {
        let text = fs::read_to_string(&finding.file).unwrap_or_default();
        let line = finding.position.map_or(0, |position| position.line);
        text.lines().nth(line.wrapping_sub(1)).unwrap_or_default().to_owned()
    }
}
