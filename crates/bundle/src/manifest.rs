//! `bundle.toml`: what a policy takes, gives and was made from.

mod check;
mod raw;
mod representation;

use core::time::Duration;
use std::collections::BTreeMap;
use std::path::Path;

use tandem_networks::Architecture;
use tandem_types::ModelId;

use crate::document::Document;
use crate::{Digest, Finding};

pub use representation::{
    Bins, Choice, Diffusion, DiscreteDiffusion, E0, Fast, Flow, Hybrid, Noise, Oat, Order,
    Representation, Vq,
};

/// The checked content of a `bundle.toml`.
///
/// The fields are public, to be filled in by whoever makes a bundle; a manifest that came from a
/// [`Bundle`](crate::Bundle) has passed every check, and [`BundleWriter`](crate::BundleWriter)
/// writes none that does not.
#[derive(Clone, Debug, PartialEq)]
pub struct Manifest {
    /// The policy's name, for people.
    pub name: String,
    /// The licence of the weights, as an SPDX expression.
    pub licence: String,
    /// How often the policy is meant to run.
    pub rate_hz: u32,
    /// The joints it reads, in its order; a System 1 moves the same ones.
    pub joints: Vec<String>,
    /// The camera pictures it takes, in input order.
    pub cameras: Vec<CameraInput>,
    /// The latent goal it gives (System 2) or takes (System 1).
    pub latent: Latent,
    /// Which of the two systems it is, with what only that one has.
    pub role: Role,
    /// Its networks.
    pub networks: Vec<NetworkSpec>,
    /// How it was made, in free words: command, seed, SHA-256 of the data, steps.
    pub training: BTreeMap<String, String>,
    /// The SHA-256 of every other file of the bundle. The writer fills it in.
    pub files: BTreeMap<String, Digest>,
}

/// Which of the two systems a bundle is.
#[expect(clippy::large_enum_variant, reason = "a manifest is made once, and moved seldom")]
#[derive(Clone, Debug, PartialEq)]
pub enum Role {
    /// A visuomotor policy.
    System1(System1Spec),
    /// A vision-language model.
    System2(System2Spec),
}

/// What only a System 1 bundle has.
#[derive(Clone, Debug, PartialEq)]
pub struct System1Spec {
    /// How the head's output becomes actions.
    pub representation: Representation,
    /// The shape of what it says.
    pub action: Action,
    /// The scale of what it reads.
    pub normalisation: Normalisation,
}

/// What only a System 2 bundle has.
#[derive(Clone, Debug, PartialEq)]
pub struct System2Spec {
    /// How an instruction becomes tokens.
    pub text: Text,
}

/// What a chunk is: for each step one row of numbers, each the offset of a joint from the command
/// at the observation, in the unit of [`range`](Self::range), or else of `scale_rad`.
#[derive(Clone, Debug, PartialEq)]
pub struct Action {
    /// Steps in a chunk.
    pub horizon: usize,
    /// The time between two steps.
    pub step_period: Duration,
    /// The usual size of an offset for each joint, rad.
    pub scale_rad: Vec<f64>,
    /// Where -1 and 1 lie for each number of a chunk. Without it, one is `scale_rad`.
    pub range: Option<ChunkRange>,
}

/// A range for each number of a chunk, row by row, rad from the command.
///
/// Each step has its own, for a path fans out: what is large for the first step is nothing for the
/// last.
#[derive(Clone, Debug, PartialEq)]
pub struct ChunkRange {
    /// What -1 means.
    pub low_rad: Vec<f64>,
    /// What 1 means; above `low_rad`.
    pub high_rad: Vec<f64>,
}

/// One camera picture a policy takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CameraInput {
    /// The camera's name.
    pub name: String,
    /// The picture's width, pixels.
    pub width_px: usize,
    /// The picture's height, pixels.
    pub height_px: usize,
}

/// The latent goal between the two systems.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Latent {
    /// How many numbers it has.
    pub dim: usize,
    /// The System 2 that says it. For a System 2 bundle this is its own id, which the writer
    /// fills in.
    pub model: ModelId,
    /// The youngest latent goal seen in training.
    pub age_min: Duration,
    /// The oldest latent goal seen in training.
    pub age_max: Duration,
    /// How long the latent goals of training were; `None` if nobody measured.
    pub norm: Option<NormRange>,
}

/// The shortest and the longest Euclidean length of a latent goal in training.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NormRange {
    /// The shortest.
    pub min: f64,
    /// The longest.
    pub max: f64,
}

/// Mean and standard deviation of what System 1 reads from the joints, one for each joint.
#[derive(Clone, Debug, PartialEq)]
pub struct Normalisation {
    /// Measured positions, rad.
    pub q: Moments,
    /// Measured velocities, rad/s.
    pub dq: Moments,
    /// How far the command leads the measured position, rad.
    pub lead: Moments,
}

/// Mean and standard deviation, one for each joint.
#[derive(Clone, Debug, PartialEq)]
pub struct Moments {
    /// The means.
    pub mean: Vec<f64>,
    /// The standard deviations, above zero.
    pub std: Vec<f64>,
}

/// How an instruction becomes tokens: token zero is padding, one is a word that is not known, and
/// `i + 2` is `words[i]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// The vocabulary.
    pub words: Vec<String>,
    /// The longest instruction, in tokens.
    pub tokens_max: usize,
}

/// One network of a bundle.
#[derive(Clone, Debug, PartialEq)]
pub struct NetworkSpec {
    /// Its name; its tensors are named `<name>.<parameter>`.
    pub name: String,
    /// Its kind and sizes.
    pub architecture: Architecture,
    /// What it takes, in order.
    pub inputs: Vec<TensorSpec>,
    /// What it gives, in order.
    pub outputs: Vec<TensorSpec>,
    /// The file with the same network as ONNX, if there is one.
    pub onnx: Option<String>,
}

/// One input or output of a network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TensorSpec {
    /// Its name.
    pub name: String,
    /// Its shape.
    pub shape: Vec<usize>,
    /// The unit of its numbers, for people.
    pub unit: String,
}

impl Manifest {
    /// Reads the text of a `bundle.toml`; `file` is the name to use in findings.
    ///
    /// # Errors
    /// One finding for everything that is wrong, in the order of the file.
    pub fn parse(file: &Path, text: &str) -> Result<Self, Vec<Finding>> {
        read(file, text).map(|(manifest, _)| manifest)
    }

    /// The text of its `bundle.toml`.
    #[must_use]
    pub fn to_toml(&self) -> String {
        // The raw form holds strings, numbers, lists and tables with string keys, all of which
        // TOML can spell. Should that change, the empty text fails the writer's own reading.
        toml::to_string(&raw::RawManifest::from(self)).unwrap_or_default()
    }

    /// What it has as a System 1, if it is one.
    #[must_use]
    pub fn system1(&self) -> Option<&System1Spec> {
        match &self.role {
            Role::System1(spec) => Some(spec),
            Role::System2(_) => None,
        }
    }

    /// What it has as a System 2, if it is one.
    #[must_use]
    pub fn system2(&self) -> Option<&System2Spec> {
        match &self.role {
            Role::System2(spec) => Some(spec),
            Role::System1(_) => None,
        }
    }

    /// The network called `name`.
    #[must_use]
    pub fn network(&self, name: &str) -> Option<&NetworkSpec> {
        self.networks.iter().find(|network| network.name == name)
    }
}

impl NetworkSpec {
    /// The network `architecture` under the name `name`, without an ONNX file; `unit` says the
    /// unit of each input and output.
    #[must_use]
    pub fn new(
        name: impl Into<String>,
        architecture: Architecture,
        unit: impl Fn(&str) -> &'static str,
    ) -> Self {
        let signature = architecture.signature();
        let specs = |tensors: Vec<tandem_networks::TensorSpec>| {
            tensors
                .into_iter()
                .map(|tandem_networks::TensorSpec { name, shape }| {
                    let unit = unit(&name).to_owned();
                    TensorSpec { name, shape, unit }
                })
                .collect()
        };
        let (inputs, outputs) = (specs(signature.inputs), specs(signature.outputs));
        Self { name: name.into(), architecture, inputs, outputs, onnx: None }
    }
}

impl TensorSpec {
    /// How many numbers it holds.
    #[must_use]
    pub fn elements(&self) -> usize {
        self.shape.iter().product()
    }
}

/// The manifest, with the places of its keys.
pub(crate) fn read(file: &Path, text: &str) -> Result<(Manifest, Document), Vec<Finding>> {
    let document = Document::parse(file, text, &raw::KEYS)?;
    let raw = document.deserialize().map_err(|finding| vec![finding])?;
    let manifest = check::manifest(&document, raw)?;
    Ok((manifest, document))
}

#[cfg(test)]
pub(crate) mod tests;
