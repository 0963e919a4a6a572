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
    /// Each number of the chunk is one of a few (OpenVLA's bins). The network `context` and then
    /// `next`, token by token, or `tokens`, all at once, say which.
    Bins(Bins),
    /// The networks `context` and `next` say FAST tokens until they say the end.
    Fast(Fast),
    /// The networks `context` and `next` say codes of a residual quantiser (VQ-VLA).
    Vq(Vq),
    /// The networks `context` and `next` say ordered tokens, of which any first ones are a chunk.
    Oat(Oat),
    /// The networks `context` and `tokens` unmask the codes of a chunk, round by round.
    DiscreteDiffusion(DiscreteDiffusion),
    /// The networks `context` and `tokens` take the noise out of the codes of a chunk (E0).
    E0(E0),
    /// The networks `context` and `denoiser` make a chunk by DDIM, which `context` and `next`, that
    /// say it token by token, change where they are sure (HybridVLA).
    Hybrid(Hybrid),
}

/// Parameters of bins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bins {
    /// Edges over `[-1, 1]`, and so ids.
    pub bins: u16,
    /// In which order tokens are said.
    pub order: Order,
    /// Which bin is said.
    pub choice: Choice,
}

/// In which order tokens are said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// One after the other, each knowing those before.
    Autoregressive,
    /// All at once, none knowing another.
    Parallel,
}

/// Parameters of FAST that its `tokenizer.json` does not hold.
#[derive(Clone, Debug, PartialEq)]
pub struct Fast {
    /// The file of the byte-pair encoding: a list of one.
    pub files: Vec<String>,
    /// What coefficients are multiplied by before they are rounded.
    pub scale: f64,
    /// How far the least coefficient lies below zero: what is added to make characters of them.
    pub below_zero: usize,
    /// Tokens of a chunk, at most, the end among them.
    pub tokens_max: usize,
}

/// Parameters of residual codes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vq {
    /// The file of autoencoder and codebooks: a list of one.
    pub files: Vec<String>,
}

/// Parameters of ordered tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Oat {
    /// The file of the autoencoder: a list of one.
    pub files: Vec<String>,
    /// Tokens to say, at most: fewer are faster and coarser.
    pub tokens: usize,
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

/// Parameters of masked discrete diffusion.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DiscreteDiffusion {
    /// Rounds of unmasking, at most.
    pub rounds: usize,
    /// Bins that each number of a chunk is cut into, over its range.
    pub bins: u16,
    /// A code that was kept is masked again once it is less likely than this, after the first round.
    pub remask_first: f64,
    /// The same in the last round; in between, the limit rises evenly.
    pub remask_last: f64,
    /// Which code is guessed.
    pub choice: Choice,
}

/// Parameters of E0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct E0 {
    /// Steps, at most.
    pub steps: usize,
    /// Bins that each number of a chunk is cut into, over its range.
    pub bins: u16,
    /// Where each chunk starts from.
    pub noise: Noise,
    /// Which code is taken in each step.
    pub choice: Choice,
}

/// Parameters of HybridVLA.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hybrid {
    /// DDIM steps, at most.
    pub steps: usize,
    /// Steps of the schedule it was trained with.
    pub training_steps: usize,
    /// Where each chunk starts from.
    pub noise: Noise,
    /// Edges of OpenVLA's bins for a token, one more than there are bins.
    pub bins: u16,
    /// The mean probability of the spoken tokens above which both chunks are averaged.
    pub confidence_min: f64,
    /// Which bin is spoken.
    pub choice: Choice,
}

/// How often a head that draws noise draws it anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noise {
    /// Once for each instruction: chunks of one motion start from the same noise, and so do not
    /// jump between the ways to do it.
    Held,
    /// For each chunk: what the noise leaves in a chunk averages out over a motion.
    Fresh,
}

/// Which of a number's bins is said, given how likely each is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// The likeliest, as published.
    Likeliest,
    /// The first up to which half of the probability lies: where one bin that the expert hits exactly
    /// stands beside many that share what is between, this is near the middle of all.
    Median,
    /// Drawn by its probability.
    Drawn,
}

impl Representation {
    /// Every name, in the order of the documentation.
    pub const NAMES: [&str; 11] = [
        "regression",
        "act",
        "flow",
        "diffusion",
        "bins",
        "fast",
        "vq",
        "oat",
        "discrete_diffusion",
        "e0",
        "hybrid",
    ];

    /// Its name in `bundle.toml`, in configs and on the command line.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Regression => "regression",
            Self::Act => "act",
            Self::Flow(_) => "flow",
            Self::Diffusion(_) => "diffusion",
            Self::Bins(_) => "bins",
            Self::Fast(_) => "fast",
            Self::Vq(_) => "vq",
            Self::Oat(_) => "oat",
            Self::DiscreteDiffusion(_) => "discrete_diffusion",
            Self::E0(_) => "e0",
            Self::Hybrid(_) => "hybrid",
        }
    }

    /// Files of the bundle beside weights and networks that it cannot do without.
    #[must_use]
    pub fn files(&self) -> &[String] {
        match self {
            Self::Fast(Fast { files, .. })
            | Self::Vq(Vq { files })
            | Self::Oat(Oat { files, .. }) => files,
            Self::Regression
            | Self::Act
            | Self::Bins(_)
            | Self::Flow(_)
            | Self::Diffusion(_)
            | Self::DiscreteDiffusion(_)
            | Self::E0(_)
            | Self::Hybrid(_) => &[],
        }
    }
}

impl fmt::Display for Representation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Order {
    /// Its name in `bundle.toml`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Autoregressive => "autoregressive",
            Self::Parallel => "parallel",
        }
    }
}

impl Choice {
    /// Every choice.
    pub const ALL: [Self; 3] = [Self::Likeliest, Self::Median, Self::Drawn];

    /// Its name in `bundle.toml`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Likeliest => "likeliest",
            Self::Median => "median",
            Self::Drawn => "drawn",
        }
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
