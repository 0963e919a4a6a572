//! From the spelled config to the checked one, section by section.

mod agreement;
mod bridge;
mod executor;
mod guard;
mod motors;
mod robot;
mod scalars;
mod sim;
mod space;
mod supervision;
mod systems;
mod task;

use std::path::{Path, PathBuf};

use tandem_bundle::{Document, Finding};

use crate::config::{BusSection, FaultsSection};
use crate::config::{Config, OnnxRuntimeSection};
use crate::endpoint;
use crate::keys::KEYS;
use crate::raw::{RawBus, RawConfig};

/// A config file with known keys of the right kinds.
pub(crate) struct Source {
    pub(crate) document: Document,
    pub(crate) raw: RawConfig,
}

impl Source {
    pub(crate) fn read(file: &Path, text: &str) -> Result<Self, Vec<Finding>> {
        let document = Document::parse(file, text, &KEYS)?;
        let raw = document.deserialize().map_err(|finding| vec![finding])?;
        Ok(Self { document, raw })
    }

    /// A path in the file, seen from where the program runs.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.document.file().parent().unwrap_or(Path::new("")).join(path)
    }
}

/// Checks everything in `source`, the robot's URDF included.
pub(crate) fn config(source: &Source) -> Result<Config, Vec<Finding>> {
    let raw = &source.raw;
    let mut check = Check { source, findings: Vec::new() };
    let model = check.model(&raw.robot);
    let robot = check.robot(&raw.robot, model.as_ref(), raw.guard.position_margin_rad);
    let guard = check.guard(raw, raw.robot.joints.len(), model.as_ref());
    let space = raw.space.as_ref().and_then(|space| check.space(space, robot.as_ref()));
    let cameras = check.cameras(&raw.camera, model.as_ref());
    let bus = check.bus(&raw.bus);
    let control = check.control(&raw.control);
    let system1 = check.system1(&raw.system1);
    let system2 = check.system2(&raw.system2);
    let policies = raw.policies.as_ref().map(|policies| check.policies(policies));
    let task = check.task(&raw.task);
    let sim = raw.sim.as_ref().map(|sim| check.sim(sim, &raw.camera, &raw.robot.joints));
    let bridge = raw.bridge.as_ref().map(|bridge| check.bridge(bridge, raw));
    check.agreement(raw);
    match (robot, system1, system2) {
        (Some(robot), Some(system1), Some(system2)) if check.findings.is_empty() => Ok(Config {
            file: source.document.file().to_path_buf(),
            robot,
            cameras,
            bus,
            control,
            guard,
            space,
            system1,
            system2,
            policies,
            task,
            onnxruntime: OnnxRuntimeSection {
                library: raw
                    .onnxruntime
                    .as_ref()
                    .and_then(|section| section.library.as_deref())
                    .map(|library| source.path(library)),
            },
            bridge,
            faults: FaultsSection {
                injection: raw.faults.as_ref().is_some_and(|section| section.injection),
            },
            sim,
        }),
        _ => {
            let mut findings = check.findings;
            findings.sort_by_key(|finding| finding.position);
            Err(findings)
        }
    }
}

/// The checks, and what they have found so far.
struct Check<'a> {
    source: &'a Source,
    findings: Vec<Finding>,
}

impl Check<'_> {
    fn wrong(&mut self, key: &str, problem: impl core::fmt::Display, mend: &str) {
        self.findings.push(self.source.document.finding(key, problem, mend));
    }

    fn bus(&mut self, raw: &RawBus) -> BusSection {
        for (key, value) in [("bus.robot", &raw.robot), ("bus.daemon", &raw.daemon)] {
            if let Err(fault) = endpoint::check(value) {
                self.wrong(key, format!("= `{value}` {fault}"), endpoint::MEND);
            }
        }
        if raw.robot == raw.daemon {
            let mend = "give each its own port";
            self.wrong("bus.daemon", "is the same endpoint as `bus.robot`", mend);
        }
        BusSection { robot: raw.robot.clone(), daemon: raw.daemon.clone() }
    }
}
