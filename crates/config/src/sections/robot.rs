//! `[robot]` and `[[camera]]`.

use core::f64::consts::TAU;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use tandem_bundle::{Finding, Position};
use tandem_robot::{Robot, RobotError};

use super::Check;
use crate::config::{CameraSection, Mount, RobotSection};
use crate::raw::{RawCamera, RawMount, RawRobot};

/// The arm's world is a table; a point further away than this is a typing mistake.
const DISTANCE_M_MAX: f64 = 100.0;

impl Check<'_> {
    /// The robot of the URDF, or a finding in the config or in the URDF.
    pub(super) fn model(&mut self, raw: &RawRobot) -> Option<Robot> {
        let file = self.source.path(&raw.urdf);
        let text = match fs::read_to_string(&file) {
            Ok(text) => text,
            Err(error) => {
                let problem = format!("names {}, which cannot be read ({error})", file.display());
                let mend = "write the URDF's path relative to this file's folder";
                self.wrong("robot.urdf", problem, mend);
                return None;
            }
        };
        match Robot::from_urdf(&text, &raw.joints, &raw.tip_link) {
            Ok(robot) => Some(robot),
            Err(error) => {
                let finding = self.urdf_finding(&file, &text, raw, &error);
                self.findings.push(finding);
                None
            }
        }
    }

    /// Puts the error where it can be mended: in the config if a name there is at fault, else in
    /// the URDF, at the first mention of the link or joint.
    fn urdf_finding(&self, file: &Path, text: &str, raw: &RawRobot, error: &RobotError) -> Finding {
        let document = &self.source.document;
        let correct = "correct the URDF there, or name another one in [robot] urdf";
        let in_urdf = |name: &str| {
            let offset = text.find(&format!("name=\"{name}\"")).unwrap_or(0);
            Finding::at(file, Position::of(text, offset), &error.to_string(), correct)
        };
        match error {
            RobotError::JointCount { .. } | RobotError::JointNotListed { .. } => {
                document.finding("robot.joints", format!("is wrong: {error}"), "correct the list")
            }
            RobotError::JointMissing { joint, .. } => {
                let index = raw.joints.iter().position(|name| name == joint).unwrap_or(0);
                let mend = "write a joint of the URDF, or add this one there";
                document.finding(
                    &format!("robot.joints[{index}]"),
                    format!("is wrong: {error}"),
                    mend,
                )
            }
            RobotError::JointRepeated { joint } => {
                let index = raw.joints.iter().rposition(|name| name == joint).unwrap_or(0);
                let mend = "list every joint once";
                document.finding(
                    &format!("robot.joints[{index}]"),
                    format!("is wrong: {error}"),
                    mend,
                )
            }
            RobotError::LinkMissing { link, .. } if *link == raw.tip_link => document.finding(
                "robot.tip_link",
                format!("is wrong: {error}"),
                "write a link of the URDF",
            ),
            RobotError::JointUnsupported { joint, .. }
            | RobotError::LimitMissing { joint, .. }
            | RobotError::AxisZero { joint } => in_urdf(joint),
            RobotError::LinkMissing { link, .. }
            | RobotError::LinkRepeated { link }
            | RobotError::SeveralParents { link }
            | RobotError::Loop { link } => in_urdf(link),
            RobotError::SeveralRoots { second, .. } => in_urdf(second),
            RobotError::BadNumber { place, .. } => in_urdf(place),
            RobotError::Parse(_) | RobotError::TooLong { .. } | RobotError::TooManyLinks { .. } => {
                in_urdf("")
            }
        }
    }

    pub(super) fn robot(
        &mut self,
        raw: &RawRobot,
        model: Option<&Robot>,
        margin_rad: f64,
    ) -> Option<RobotSection> {
        let key_word = |letter: char| letter.is_ascii_alphanumeric() || "_-".contains(letter);
        if raw.name.is_empty() || !raw.name.chars().all(key_word) {
            let mend = "write letters, digits, `_` and `-`: it is part of every key on the bus";
            self.wrong("robot.name", format!("is `{}`", raw.name), mend);
        }
        let dof = raw.joints.len();
        let home_rad = self.per_joint("robot.home_rad", &raw.home_rad, dof, -TAU..=TAU);
        let model = model?;
        for (index, (joint, &home)) in model.joints().iter().zip(home_rad.iter()).enumerate() {
            let low = joint.limits.position_rad_min + margin_rad;
            let high = joint.limits.position_rad_max - margin_rad;
            if !(low..=high).contains(&home) {
                let problem = format!("puts joint `{}` at {home} rad", joint.name);
                let mend = format!(
                    "write {low:.3} to {high:.3}: its limits in the URDF less \
                     guard.position_margin_rad"
                );
                self.wrong(&format!("robot.home_rad[{index}]"), problem, &mend);
            }
        }
        Some(RobotSection {
            name: raw.name.clone(),
            urdf: self.source.path(&raw.urdf),
            joints: raw.joints.clone(),
            tip_link: raw.tip_link.clone(),
            home_rad,
            model: model.clone(),
        })
    }

    pub(super) fn cameras(
        &mut self,
        raw: &[RawCamera],
        model: Option<&Robot>,
    ) -> Vec<CameraSection> {
        let mut seen = BTreeSet::new();
        let mut cameras = Vec::new();
        for (index, camera) in raw.iter().enumerate() {
            let key = |name: &str| format!("camera[{index}].{name}");
            if !seen.insert(&camera.name) {
                let problem = format!("repeats `{}`", camera.name);
                self.wrong(&key("name"), problem, "every camera needs a name of its own");
            }
            self.within(&key("width_px"), camera.width_px, 8..=4096);
            self.within(&key("height_px"), camera.height_px, 8..=4096);
            self.within(&key("rate_hz"), camera.rate_hz, 1..=240);
            let mount = camera.mount.as_ref();
            cameras.push(CameraSection {
                name: camera.name.clone(),
                width_px: camera.width_px,
                height_px: camera.height_px,
                rate_hz: camera.rate_hz,
                mount: mount.and_then(|mount| self.mount(&key("mount"), mount, model)),
                vertical_fov_rad: mount.map(|mount| mount.vertical_fov_rad),
            });
        }
        cameras
    }

    fn mount(&mut self, key: &str, raw: &RawMount, model: Option<&Robot>) -> Option<Mount> {
        self.within(&format!("{key}.vertical_fov_rad"), raw.vertical_fov_rad, 0.05..=2.5);
        match (&raw.link, &raw.eye_m, &raw.target_m) {
            (Some(link), None, None) => {
                let known = model.is_none_or(|robot| {
                    robot.links().iter().any(|candidate| candidate.name == *link)
                });
                if !known {
                    let problem = format!("is `{link}`, which is no link of the URDF");
                    self.wrong(&format!("{key}.link"), problem, "write the name of a link");
                }
                Some(Mount::Link { link: link.clone() })
            }
            (None, Some(eye_m), Some(target_m)) => {
                let eye_m = self.point(&format!("{key}.eye_m"), eye_m);
                let target_m = self.point(&format!("{key}.target_m"), target_m);
                if eye_m == target_m {
                    self.wrong(key, "looks at where it stands", "move `eye_m` or `target_m`");
                }
                Some(Mount::World { eye_m, target_m })
            }
            _ => {
                let mend = "write `link` for a camera on the robot, or `eye_m` and `target_m` for \
                            one beside it";
                self.wrong(key, "does not say where the camera is", mend);
                None
            }
        }
    }

    pub(super) fn point(&mut self, key: &str, values: &[f64]) -> [f64; 3] {
        if let Ok(point) = <[f64; 3]>::try_from(values) {
            for value in point {
                self.within(key, value, -DISTANCE_M_MAX..=DISTANCE_M_MAX);
            }
            point
        } else {
            let problem = format!("has {} values", values.len());
            self.wrong(key, problem, "write x, y and z, in metres");
            [0.0; 3]
        }
    }
}
