//! How a head's output becomes actions, and with what parameters.

use core::fmt;

/// How a head's output becomes actions.
///
/// A representation's name is the word after `representation =`; its parameters, if it has any,
/// stand in a table of that name. What a number of a chunk means is the same for all of them: see
/// [`Action`](crate::Action).
#[derive(Clone, Debug, PartialEq)]
pub enum Representation {
    /// The network `head` gives the chunk.
    Regression,
    /// The network `head` gives the chunk for a style of zeros (ACT).
    Act,
    /// The networks `context` and `denoiser` turn noise into a chunk by flow matching.
    Flow(Flow),
    /// The networks `context` and `denoiser` turn noise into a chunk by DDIM.
    Diffusion(Diffusion),
}

/// Parameters of flow matching.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flow {
    /// Steps of Euler's method, at most.
    pub steps: usize,
    /// Where each chunk starts from.
    pub noise: Noise,
}

/// Parameters of diffusion under the cosine schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Diffusion {
    /// DDIM steps, at most.
    pub steps: usize,
    /// Steps of the schedule it was trained with.
    pub training_steps: usize,
    /// Where each chunk starts from.
    pub noise: Noise,
}

/// How often a head that draws noise draws it anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noise {
    /// Once for each instruction: chunks of one motion start from the same noise, and so do not
    /// jump between the ways to do it.
    Held,
    /// For each chunk.
    Fresh,
}

impl Representation {
    /// Every name, in the order of the documentation.
    pub const NAMES: [&str; 4] = ["regression", "act", "flow", "diffusion"];

    /// Its name in `bundle.toml`, in configs and on the command line.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Regression => "regression",
            Self::Act => "act",
            Self::Flow(_) => "flow",
            Self::Diffusion(_) => "diffusion",
        }
    }

    /// Files of the bundle beside weights and networks that it cannot do without.
    #[must_use]
    pub const fn files(&self) -> &[String] {
        match self {
            Self::Regression | Self::Act | Self::Flow(_) | Self::Diffusion(_) => &[],
        }
    }
}

impl fmt::Display for Representation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Noise {
    /// Its name in `bundle.toml`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Fresh => "fresh",
        }
    }
}
