//! The parameters of representations as they are spelled.

use serde::{Deserialize, Serialize};

use crate::manifest::Representation;

/// A table for each representation that has parameters; at most one of them is there.
#[derive(Default)]
pub(crate) struct RawHeads {
    pub(crate) flow: Option<RawFlow>,
    pub(crate) diffusion: Option<RawDiffusion>,
}

#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawFlow {
    pub(crate) steps: usize,
    pub(crate) noise: String,
}

#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawDiffusion {
    pub(crate) steps: usize,
    pub(crate) training_steps: usize,
    pub(crate) noise: String,
}

impl From<&Representation> for RawHeads {
    fn from(representation: &Representation) -> Self {
        let none = Self::default();
        match representation {
            Representation::Regression | Representation::Act => none,
            Representation::Flow(flow) => {
                let noise = flow.noise.name().to_owned();
                Self { flow: Some(RawFlow { steps: flow.steps, noise }), ..none }
            }
            Representation::Diffusion(diffusion) => {
                let noise = diffusion.noise.name().to_owned();
                let (steps, training_steps) = (diffusion.steps, diffusion.training_steps);
                Self { diffusion: Some(RawDiffusion { steps, training_steps, noise }), ..none }
            }
        }
    }
}
