//! From the spelled manifest to the checked one.

mod heads;
mod interfaces;
mod networks;
mod system1;

use core::time::Duration;
use std::collections::{BTreeMap, BTreeSet};

use tandem_types::{JOINTS_MAX, LATENT_MAX, ModelId};

use super::raw::{RawCamera, RawKind, RawLatent, RawManifest, RawText};
use super::{CameraInput, Latent, Manifest, NetworkSpec, Role, System2Spec, Text};
use crate::document::Document;
use crate::{Digest, Finding, files};

/// Beyond these a manifest is nonsense rather than ambitious.
const RATE_HZ_MAX: u32 = 10_000;
const CAMERAS_MAX: usize = 8;
const CAMERA_SIDE_PX_MAX: usize = 4096;
const WORDS_MAX: usize = 65_536;
const TOKENS_MAX: usize = 4096;
const MILLISECONDS_MAX: f64 = 60_000.0;

pub(super) fn manifest(document: &Document, raw: RawManifest) -> Result<Manifest, Vec<Finding>> {
    let mut check = Check { document, findings: Vec::new() };
    let role = check.role(&raw);
    check.joints(&raw.joints);
    let cameras = check.cameras(&raw.camera);
    let latent = check.latent(&raw.latent);
    let networks = check.networks(raw.network);
    let files = check.files(&raw.files, &networks, role.as_ref());
    if raw.name.trim().is_empty() {
        check.wrong("name", "is empty", "give the policy a name");
    }
    if raw.licence.trim().is_empty() {
        check.wrong("licence", "is empty", "write an SPDX expression, such as `MIT`");
    }
    if !(1..=RATE_HZ_MAX).contains(&raw.rate_hz) {
        let problem = format!("is {}", raw.rate_hz);
        check.wrong("rate_hz", problem, "write the rate it was trained for, 1 to 10000 Hz");
    }
    let (Some(role), Some(latent), true) = (role, latent, check.findings.is_empty()) else {
        return Err(check.findings);
    };
    let manifest = Manifest {
        name: raw.name,
        licence: raw.licence,
        rate_hz: raw.rate_hz,
        joints: raw.joints,
        cameras,
        latent,
        role,
        networks,
        training: raw.training,
        files,
    };
    check.interfaces(&manifest);
    if check.findings.is_empty() { Ok(manifest) } else { Err(check.findings) }
}

struct Check<'a> {
    document: &'a Document,
    findings: Vec<Finding>,
}

impl Check<'_> {
    fn wrong(&mut self, key: &str, problem: impl core::fmt::Display, mend: &str) {
        self.findings.push(self.document.finding(key, problem, mend));
    }

    fn role(&mut self, raw: &RawManifest) -> Option<Role> {
        let system1 = [
            ("representation", raw.representation.is_some()),
            ("action", raw.action.is_some()),
            ("normalisation", raw.normalisation.is_some()),
        ];
        let system2 = [("text", raw.text.is_some())];
        let (needed, foreign): (&[_], &[_]) = match raw.kind {
            RawKind::System1 => (&system1, &system2),
            RawKind::System2 => (&system2, &system1),
        };
        for (key, _) in needed.iter().filter(|(_, present)| !present) {
            self.wrong(key, "is missing", "a bundle of this `kind` needs it: add it");
        }
        for (key, _) in foreign.iter().filter(|(_, present)| *present) {
            self.wrong(key, "is out of place", "a bundle of this `kind` has none: remove it");
        }
        match raw.kind {
            RawKind::System1 => self.system1(raw).map(Role::System1),
            RawKind::System2 => {
                raw.text.as_ref().map(|text| Role::System2(System2Spec { text: self.text(text) }))
            }
        }
    }

    fn joints(&mut self, joints: &[String]) {
        self.unique("joints", joints.iter(), "");
        if !(1..=JOINTS_MAX).contains(&joints.len()) {
            let problem = format!("lists {} joints", joints.len());
            self.wrong("joints", problem, &format!("list 1 to {JOINTS_MAX}"));
        }
    }

    fn text(&mut self, raw: &RawText) -> Text {
        self.unique("text.words", raw.words.iter(), "");
        if !(1..=WORDS_MAX).contains(&raw.words.len()) {
            let problem = format!("lists {} words", raw.words.len());
            self.wrong("text.words", problem, &format!("list 1 to {WORDS_MAX}"));
        }
        if !(1..=TOKENS_MAX).contains(&raw.tokens_max) {
            let problem = format!("is {}", raw.tokens_max);
            self.wrong("text.tokens_max", problem, &format!("write 1 to {TOKENS_MAX}"));
        }
        Text { words: raw.words.clone(), tokens_max: raw.tokens_max }
    }

    fn cameras(&mut self, raw: &[RawCamera]) -> Vec<CameraInput> {
        if raw.len() > CAMERAS_MAX {
            let problem = format!("lists {} cameras", raw.len());
            self.wrong("camera", problem, &format!("list at most {CAMERAS_MAX}"));
        }
        self.unique("camera", raw.iter().map(|camera| &camera.name), ".name");
        for (index, camera) in raw.iter().enumerate() {
            for (key, side) in [("width_px", camera.width_px), ("height_px", camera.height_px)] {
                if !(1..=CAMERA_SIDE_PX_MAX).contains(&side) {
                    let mend = format!("write 1 to {CAMERA_SIDE_PX_MAX}");
                    self.wrong(&format!("camera[{index}].{key}"), format!("is {side}"), &mend);
                }
            }
        }
        raw.iter()
            .map(|RawCamera { name, width_px, height_px }| CameraInput {
                name: name.clone(),
                width_px: *width_px,
                height_px: *height_px,
            })
            .collect()
    }

    fn latent(&mut self, raw: &RawLatent) -> Option<Latent> {
        if !(1..=LATENT_MAX).contains(&raw.dim) {
            let problem = format!("is {}", raw.dim);
            self.wrong("latent.dim", problem, &format!("write 1 to {LATENT_MAX}"));
        }
        let model = u64::from_str_radix(&raw.model, 16).ok().filter(|_| raw.model.len() == 16);
        if model.is_none() {
            let mend = "write the id of the System 2 bundle it was trained with, 16 hexadecimal \
                        digits: the first 16 of the SHA-256 of that model.safetensors";
            self.wrong("latent.model", format!("is `{}`", raw.model), mend);
        }
        let age_min = self.milliseconds("latent.age_ms_min", raw.age_ms_min);
        let age_max = self.milliseconds("latent.age_ms_max", raw.age_ms_max);
        if age_min > age_max {
            let problem = format!("is {}, above `age_ms_max`", raw.age_ms_min);
            self.wrong("latent.age_ms_min", problem, "swap the two, or correct one");
        }
        Some(Latent { dim: raw.dim, model: ModelId(model?), age_min, age_max })
    }

    fn files(
        &mut self,
        raw: &BTreeMap<String, String>,
        networks: &[NetworkSpec],
        role: Option<&Role>,
    ) -> BTreeMap<String, Digest> {
        let plain = "write the name of a file in the bundle's own folder, without a path";
        for name in raw.keys().filter(|name| !files::is_plain(name)) {
            let problem = format!("names `{name}`, which leaves the folder");
            self.wrong(&format!("files.{name}"), problem, plain);
        }
        let onnx = networks.iter().enumerate().filter_map(|(index, network)| {
            Some((format!("network[{index}].onnx"), network.onnx.as_deref()?))
        });
        let weights = ("files".to_owned(), crate::WEIGHTS_FILE);
        let own = match role {
            Some(Role::System1(spec)) => spec.representation.files(),
            _ => &[],
        };
        let own = own.iter().map(|name| ("representation".to_owned(), name.as_str()));
        for (key, name) in onnx.chain(own).chain([weights]) {
            if !files::is_plain(name) {
                self.wrong(&key, format!("is `{name}`, which leaves the folder"), plain);
            } else if !raw.contains_key(name) {
                let mend = format!("add `\"{name}\" = \"<its SHA-256>\"` to [files]");
                self.wrong(&key, format!("needs `{name}`, which [files] does not list"), &mend);
            }
        }
        let mut digests = BTreeMap::new();
        for (name, text) in raw {
            match text.parse() {
                Ok(digest) => drop(digests.insert(name.clone(), digest)),
                Err(error) => {
                    let mend = "write the 64 hexadecimal digits that `sha256sum` prints";
                    self.wrong(&format!("files.{name}"), error, mend);
                }
            }
        }
        digests
    }

    fn per_joint(&mut self, key: &str, values: &[f64], dof: usize) {
        if values.len() != dof {
            let problem = format!("has {} values for {dof} joints", values.len());
            self.wrong(key, problem, "write one value for each name in `joints`");
        }
    }

    fn positive(&mut self, key: &str, values: &[f64]) {
        for (index, value) in values.iter().enumerate().filter(|(_, value)| **value <= 0.0) {
            self.wrong(&format!("{key}[{index}]"), format!("is {value}"), "it must be above zero");
        }
    }

    fn milliseconds(&mut self, key: &str, value: f64) -> Duration {
        if (0.0..=MILLISECONDS_MAX).contains(&value) {
            // Whole nanoseconds, so that writing and reading a manifest changes nothing.
            Duration::from_secs_f64((value * 1e6).round() / 1e9)
        } else {
            let mend = format!("write 0 to {MILLISECONDS_MAX} ms");
            self.wrong(key, format!("is {value}"), &mend);
            Duration::ZERO
        }
    }

    /// `names` are the items of the list `key`; `suffix` leads from an item to its name.
    fn unique<'n>(&mut self, key: &str, names: impl Iterator<Item = &'n String>, suffix: &str) {
        let mut seen = BTreeSet::new();
        for (index, name) in names.enumerate() {
            if !seen.insert(name) {
                let problem = format!("repeats `{name}`");
                self.wrong(
                    &format!("{key}[{index}]{suffix}"),
                    problem,
                    "every name may stand once",
                );
            }
        }
    }
}
