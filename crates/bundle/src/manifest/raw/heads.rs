//! The parameters of representations as they are spelled.

use serde::{Deserialize, Serialize};

use crate::manifest::{Bins, DiscreteDiffusion, E0, Fast, Hybrid, Oat, Representation, Vq};

/// A table for each representation that has parameters; at most one of them is there.
#[derive(Default)]
pub(crate) struct RawHeads {
    pub(crate) flow: Option<RawFlow>,
    pub(crate) diffusion: Option<RawDiffusion>,
    pub(crate) bins: Option<RawBins>,
    pub(crate) fast: Option<RawFast>,
    pub(crate) vq: Option<RawVq>,
    pub(crate) oat: Option<RawOat>,
    pub(crate) discrete_diffusion: Option<RawDiscreteDiffusion>,
    pub(crate) e0: Option<RawE0>,
    pub(crate) hybrid: Option<RawHybrid>,
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

#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawDiscreteDiffusion {
    pub(crate) rounds: usize,
    pub(crate) bins: u16,
    pub(crate) remask_first: f64,
    pub(crate) remask_last: f64,
    pub(crate) choice: String,
}

#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawE0 {
    pub(crate) steps: usize,
    pub(crate) bins: u16,
    pub(crate) noise: String,
    pub(crate) choice: String,
}

#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawBins {
    pub(crate) bins: u16,
    pub(crate) order: String,
    pub(crate) choice: String,
}

#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawFast {
    pub(crate) files: Vec<String>,
    pub(crate) scale: f64,
    pub(crate) below_zero: usize,
    pub(crate) tokens_max: usize,
}

#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawVq {
    pub(crate) files: Vec<String>,
}

#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawOat {
    pub(crate) files: Vec<String>,
    pub(crate) tokens: usize,
}

#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawHybrid {
    pub(crate) steps: usize,
    pub(crate) training_steps: usize,
    pub(crate) noise: String,
    pub(crate) bins: u16,
    pub(crate) confidence_min: f64,
    pub(crate) choice: String,
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
            Representation::Bins(Bins { bins, order, choice }) => {
                let (order, choice) = (order.name().to_owned(), choice.name().to_owned());
                let raw = RawBins { bins: *bins, order, choice };
                Self { bins: Some(raw), ..none }
            }
            Representation::Fast(Fast { files, scale, below_zero, tokens_max }) => {
                let (scale, below_zero, tokens_max) = (*scale, *below_zero, *tokens_max);
                let raw = RawFast { files: files.clone(), scale, below_zero, tokens_max };
                Self { fast: Some(raw), ..none }
            }
            Representation::Vq(Vq { files }) => {
                Self { vq: Some(RawVq { files: files.clone() }), ..none }
            }
            Representation::Oat(Oat { files, tokens }) => {
                let raw = RawOat { files: files.clone(), tokens: *tokens };
                Self { oat: Some(raw), ..none }
            }
            Representation::DiscreteDiffusion(parameters) => {
                let DiscreteDiffusion { rounds, bins, remask_first, remask_last, choice } =
                    *parameters;
                let choice = choice.name().to_owned();
                let raw = RawDiscreteDiffusion { rounds, bins, remask_first, remask_last, choice };
                Self { discrete_diffusion: Some(raw), ..none }
            }
            Representation::E0(E0 { steps, bins, noise, choice }) => {
                let (steps, bins) = (*steps, *bins);
                let (noise, choice) = (noise.name().to_owned(), choice.name().to_owned());
                Self { e0: Some(RawE0 { steps, bins, noise, choice }), ..none }
            }
            Representation::Hybrid(parameters) => {
                let Hybrid { steps, training_steps, noise, bins, confidence_min, choice } =
                    *parameters;
                let (noise, choice) = (noise.name().to_owned(), choice.name().to_owned());
                let raw = RawHybrid { steps, training_steps, noise, bins, confidence_min, choice };
                Self { hybrid: Some(raw), ..none }
            }
        }
    }
}
