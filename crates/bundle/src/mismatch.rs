//! A sound bundle may still be the wrong one for this robot.

use core::fmt;

use tandem_types::ModelId;
use thiserror::Error;

use crate::bundle::{BUNDLE_FILE, Bundle};
use crate::manifest::{CameraInput, Manifest, Role};
use crate::{Finding, Position};

/// Which of the two systems a bundle is, without what it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoleName {
    /// A visuomotor policy.
    System1,
    /// A vision-language model.
    System2,
}

impl fmt::Display for RoleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::System1 => "system1",
            Self::System2 => "system2",
        })
    }
}

/// What the robot, the config and the other bundle ask of a bundle.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// The system it is to be.
    pub role: RoleName,
    /// The robot's joints, in order.
    pub joints: &'a [String],
    /// The robot's cameras, in any order; more than the bundle uses are welcome.
    pub cameras: &'a [CameraInput],
    /// The rate of the control tick, which a System 1 must divide.
    pub control_rate_hz: u32,
    /// How often System 1 is to step, if that is known: a bundle made for less steps in a whole
    /// number of those periods.
    pub system1_rate_hz: Option<u32>,
    /// The dimension and the model of the latent goals there will be, if that is known.
    pub latent: Option<(usize, ModelId)>,
}

/// One way in which a bundle does not fit.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Mismatch {
    /// It is the other system.
    #[error("is a {found} bundle where a {expected} bundle is needed; name the right folder")]
    Role {
        /// What is needed.
        expected: RoleName,
        /// What it is.
        found: RoleName,
    },
    /// The robot lacks a joint.
    #[error(
        "uses joint `{joint}`, which the robot does not have; \
         add it to [robot] joints, or train for this robot"
    )]
    JointMissing {
        /// The joint.
        joint: String,
    },
    /// The robot has a joint more.
    #[error(
        "does not use joint `{joint}`; \
         remove it from [robot] joints, or train for this robot"
    )]
    JointUnused {
        /// The joint.
        joint: String,
    },
    /// The joints are the same, but in another order.
    #[error("has the joints in the order {joints:?}; write [robot] joints in that order")]
    JointOrder {
        /// The bundle's order.
        joints: Vec<String>,
    },
    /// The robot lacks a camera.
    #[error("sees through camera `{camera}`, which the config does not have; add that [[camera]]")]
    CameraMissing {
        /// The camera's name.
        camera: String,
    },
    /// A camera has another size.
    #[error(
        "takes pictures of {width_px}x{height_px} from camera `{camera}`, but the config says \
         {found_width_px}x{found_height_px}; set width_px and height_px of that [[camera]]"
    )]
    CameraSize {
        /// The camera's name.
        camera: String,
        /// The bundle's width.
        width_px: usize,
        /// The bundle's height.
        height_px: usize,
        /// The config's width.
        found_width_px: usize,
        /// The config's height.
        found_height_px: usize,
    },
    /// The rates do not fit together.
    #[error(
        "runs at {rate_hz} Hz, which does not divide the control rate of {control_rate_hz} Hz; \
         set [control] rate_hz to a multiple of it"
    )]
    Rate {
        /// The bundle's rate.
        rate_hz: u32,
        /// The control rate.
        control_rate_hz: u32,
    },
    /// The bundle is slower than System 1's thread, in no whole number of its periods.
    #[error(
        "is made for {rate_hz} Hz, which does not divide [system1] rate_hz = {system1_rate_hz}; \
         set [system1] rate_hz to a multiple of {rate_hz}, or to {rate_hz}"
    )]
    Pace {
        /// The bundle's rate.
        rate_hz: u32,
        /// The rate of System 1's thread.
        system1_rate_hz: u32,
    },
    /// The latent goals have another dimension.
    #[error(
        "takes latent goals of dimension {dim}, but the System 2 bundle says {found}; \
         use the System 2 it was trained with"
    )]
    LatentDim {
        /// The bundle's dimension.
        dim: usize,
        /// The other's.
        found: usize,
    },
    /// The latent goals come from another model.
    #[error(
        "was trained with System 2 {:016x}, but the System 2 bundle is {:016x}; \
         use the System 2 it was trained with", .model.0, .found.0
    )]
    LatentModel {
        /// The System 2 it was trained with.
        model: ModelId,
        /// The System 2 there is.
        found: ModelId,
    },
}

impl Mismatch {
    /// The line for `bundle`, with the place in its manifest.
    #[must_use]
    pub fn finding(&self, bundle: &Bundle) -> Finding {
        let position = bundle.position(&self.key(bundle.manifest()));
        let file = bundle.dir().join(BUNDLE_FILE);
        let Position { line, column } = position;
        let name = &bundle.manifest().name;
        let text = format!("{}:{line}:{column}: `{name}` {self}", file.display());
        Finding { file, position: Some(position), tensor: None, text }
    }

    /// The key of `bundle.toml` that does not fit.
    fn key(&self, manifest: &Manifest) -> String {
        let key = match self {
            Self::Role { .. } => "kind",
            Self::JointMissing { .. } | Self::JointUnused { .. } | Self::JointOrder { .. } => {
                "joints"
            }
            Self::CameraMissing { camera } | Self::CameraSize { camera, .. } => {
                let index = manifest.cameras.iter().position(|input| input.name == *camera);
                return format!("camera[{}].name", index.unwrap_or(0));
            }
            Self::Rate { .. } | Self::Pace { .. } => "rate_hz",
            Self::LatentDim { .. } => "latent.dim",
            Self::LatentModel { .. } => "latent.model",
        };
        key.to_owned()
    }
}

impl Bundle {
    /// Every way in which this bundle does not fit what is expected; empty if it fits.
    #[must_use]
    pub fn mismatches(&self, expected: &Expected<'_>) -> Vec<Mismatch> {
        let manifest = self.manifest();
        let found = match &manifest.role {
            Role::System1(_) => RoleName::System1,
            Role::System2(_) => RoleName::System2,
        };
        if found != expected.role {
            return vec![Mismatch::Role { expected: expected.role, found }];
        }
        let mut list = joints(&manifest.joints, expected.joints);
        list.extend(manifest.cameras.iter().filter_map(|wanted| camera(wanted, expected.cameras)));
        let (rate_hz, control_rate_hz) = (manifest.rate_hz, expected.control_rate_hz);
        if found == RoleName::System1 && !control_rate_hz.is_multiple_of(rate_hz) {
            list.push(Mismatch::Rate { rate_hz, control_rate_hz });
        }
        let pace = expected.system1_rate_hz.filter(|_| found == RoleName::System1);
        if let Some(system1_rate_hz) = pace.filter(|pace| *pace > rate_hz)
            && !system1_rate_hz.is_multiple_of(rate_hz)
        {
            list.push(Mismatch::Pace { rate_hz, system1_rate_hz });
        }
        if let Some((dim, model)) = expected.latent {
            if manifest.latent.dim != dim {
                list.push(Mismatch::LatentDim { dim: manifest.latent.dim, found: dim });
            }
            if manifest.latent.model != model {
                list.push(Mismatch::LatentModel { model: manifest.latent.model, found: model });
            }
        }
        list
    }
}

fn joints(wanted: &[String], there: &[String]) -> Vec<Mismatch> {
    let missing = wanted.iter().filter(|joint| !there.contains(joint));
    let unused = there.iter().filter(|joint| !wanted.contains(joint));
    let mut list: Vec<Mismatch> =
        missing.map(|joint| Mismatch::JointMissing { joint: joint.clone() }).collect();
    list.extend(unused.map(|joint| Mismatch::JointUnused { joint: joint.clone() }));
    if list.is_empty() && wanted != there {
        list.push(Mismatch::JointOrder { joints: wanted.to_vec() });
    }
    list
}

fn camera(wanted: &CameraInput, there: &[CameraInput]) -> Option<Mismatch> {
    let CameraInput { name, width_px, height_px } = wanted.clone();
    match there.iter().find(|camera| camera.name == name) {
        None => Some(Mismatch::CameraMissing { camera: name }),
        Some(found) if found == wanted => None,
        Some(found) => Some(Mismatch::CameraSize {
            camera: name,
            width_px,
            height_px,
            found_width_px: found.width_px,
            found_height_px: found.height_px,
        }),
    }
}

#[cfg(test)]
mod tests;
