//! Which cells a study has.

use serde::{Deserialize, Serialize};
use tandem_bundle::Representation;

use crate::cell::{Effort, Recipe};
use crate::channel::Channel;
use crate::code::{Code, OatAutoencoder};
use crate::data::Looks;

/// The two channels whose difference is the encoder's gain: with 16 cells on the table an object
/// is known to a hand's breadth, with 4096 to a few millimetres.
pub const WEAK: Channel = Channel::Quantised { bits: 2 };
/// See [`WEAK`].
pub const STRONG: Channel = Channel::Quantised { bits: 6 };

/// The parts of the controlled study.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Bits in against bits out.
    Channel,
    /// Codebooks of many sizes behind a weak and a strong channel.
    Codebooks,
    /// System 1's own heads behind the same two channels.
    Heads,
}

impl Part {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Channel, Self::Codebooks, Self::Heads];
}

/// The cells of a study, and what each may cost.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// What a policy that looks once is given.
    pub once: Effort,
    /// What a policy that looks at every step is given.
    pub always: Effort,
    /// The cells of [`Part::Channel`].
    pub channel: Vec<Recipe>,
    /// The cells of [`Part::Codebooks`]; some are the same as those of another part.
    pub codebooks: Vec<Recipe>,
    /// The cells of [`Part::Heads`].
    pub heads: Vec<Recipe>,
}

impl Plan {
    /// A part of it is what two cores do in a quarter of an hour: the heads, or all else.
    #[must_use]
    pub fn quick(seeds: u64) -> Self {
        let once = Effort {
            demonstrations: 8192,
            fitted_on: 8192,
            tokenizer_steps: 800,
            held_out: 2048,
            steps: 900,
            batch: 128,
            checkpoints: 2,
            episodes: 40,
            first_scene: 1,
        };
        let always = Effort { steps: 1500, episodes: 20, checkpoints: 1, ..once.clone() };
        let grid = [
            Code::Regression,
            vq(1, 4),
            vq(1, 16),
            vq(1, 64),
            vq(2, 64),
            oat(&[8, 5, 5, 5], 8),
            Code::Bins { levels: 16 },
            head("flow"),
        ];
        let channels = [1, 2, 3, 4, 6].map(|bits| Channel::Quantised { bits });
        let mut channel = cross(Looks::Once, &channels, &grid, 128, seeds);
        let noisy = [2.0, 4.0].map(|bits| Channel::Gaussian { bits });
        channel.extend(cross(Looks::Once, &noisy, &[Code::Regression, vq(1, 16)], 128, seeds));
        let closed = [Code::Regression, vq(1, 16), oat(&[8, 5, 5, 5], 8)];
        channel.extend(cross(Looks::Always, &[WEAK, STRONG], &closed, 128, seeds));
        // 128 tokens a chunk take longest, and two kinds of them show what is to be seen.
        let mut few = codebooks();
        few.retain(|code| !matches!(code, Code::Bins { levels: 2 | 256 }));
        let codebooks = cross(Looks::Once, &[WEAK, STRONG], &few, 128, seeds);
        let heads = cross(Looks::Once, &[WEAK, STRONG], &heads(), 128, seeds);
        Self { once, always, channel, codebooks, heads }
    }

    /// The whole grid: about a day of two cores.
    #[must_use]
    pub fn full(seeds: u64) -> Self {
        let once = Effort {
            demonstrations: 16_384,
            fitted_on: 16_384,
            tokenizer_steps: 3000,
            held_out: 8192,
            steps: 3000,
            batch: 256,
            checkpoints: 4,
            episodes: 100,
            first_scene: 1,
        };
        let always = Effort { steps: 5000, ..once.clone() };
        let channels = [1, 2, 3, 4, 5, 6, 8].map(|bits| Channel::Quantised { bits });
        let noisy = [1.0, 2.0, 3.0, 4.0, 6.0].map(|bits| Channel::Gaussian { bits });
        let all: Vec<_> = codebooks().into_iter().chain(heads()).collect();
        let mut channel = cross(Looks::Once, &channels, &all, 128, seeds);
        let few = [Code::Regression, vq(1, 16), vq(1, 256), oat(&[8, 5, 5, 5], 8)];
        channel.extend(cross(Looks::Once, &noisy, &few, 128, seeds));
        channel.extend(cross(Looks::Always, &channels, &few, 128, seeds));
        let at_widths = |codes: &[Code]| -> Vec<Recipe> {
            let of = |width| cross(Looks::Once, &[WEAK, STRONG], codes, width, seeds);
            [64, 256].into_iter().flat_map(of).collect()
        };
        let (codebooks, heads) = (at_widths(&codebooks()), at_widths(&heads()));
        Self { once, always, channel, codebooks, heads }
    }

    /// What a cell is given.
    #[must_use]
    pub const fn effort(&self, looks: Looks) -> &Effort {
        match looks {
            Looks::Once => &self.once,
            Looks::Always => &self.always,
        }
    }

    /// The cells of some parts, each once.
    #[must_use]
    pub fn recipes(&self, parts: &[Part]) -> Vec<Recipe> {
        let mut recipes: Vec<Recipe> = Vec::new();
        let of = |part: &Part| match part {
            Part::Channel => &self.channel,
            Part::Codebooks => &self.codebooks,
            Part::Heads => &self.heads,
        };
        for recipe in parts.iter().flat_map(of) {
            if !recipes.contains(recipe) {
                recipes.push(recipe.clone());
            }
        }
        // Seeds last: whatever is there when somebody stops it is a whole grid of fewer seeds.
        recipes.sort_by_key(|recipe| recipe.seed);
        recipes
    }
}

/// Tokenizers from two bits a chunk to a thousand, the three codebooks of OAT with 79.7, 87.3 and
/// 96.8 bits among them, and regression, which has none.
fn codebooks() -> Vec<Code> {
    let vqs = [(1, 4), (1, 16), (1, 64), (1, 256), (2, 64), (3, 64)];
    let oats: [(&[u32], usize); 6] = [
        (&[4, 4], 1),
        (&[8, 5], 1),
        (&[8, 5, 5, 5], 1),
        (&[8, 5, 5, 5], 8),
        (&[8, 8, 6, 5], 8),
        (&[7, 5, 5, 5, 5], 8),
    ];
    let bins = [2, 4, 16, 256].map(|levels| Code::Bins { levels });
    let linear = [linear_oat(&[8, 5, 5, 5], 1), linear_oat(&[8, 5, 5, 5], 8)];
    let vqs = vqs.into_iter().map(|(books, codes)| vq(books, codes));
    let oats = oats.into_iter().map(|(levels, registers)| oat(levels, registers));
    core::iter::once(Code::Regression).chain(vqs).chain(oats).chain(linear).chain(bins).collect()
}

/// System 1's own, each with the tokenizer that is shipped with it. The trunk's own regression
/// stands for System 1's.
fn heads() -> Vec<Code> {
    Representation::NAMES.into_iter().filter(|name| *name != "regression").map(head).collect()
}

const fn vq(books: usize, codes: u32) -> Code {
    Code::Vq { books, codes }
}

fn head(name: &str) -> Code {
    Code::Head { name: name.to_owned() }
}

fn oat(levels: &[u32], registers: usize) -> Code {
    Code::Oat { levels: levels.to_vec(), registers, autoencoder: OatAutoencoder::Learned }
}

fn linear_oat(levels: &[u32], registers: usize) -> Code {
    Code::Oat { levels: levels.to_vec(), registers, autoencoder: OatAutoencoder::Linear }
}

fn cross(
    looks: Looks,
    channels: &[Channel],
    codes: &[Code],
    width: usize,
    seeds: u64,
) -> Vec<Recipe> {
    let mut recipes = Vec::new();
    for &channel in channels {
        for code in codes {
            let of = |seed| Recipe { looks, channel, code: code.clone(), width, seed };
            recipes.extend((1..=seeds).map(of));
        }
    }
    recipes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cell_comes_once_and_seeds_come_last() {
        for plan in [Plan::quick(3), Plan::full(3)] {
            let recipes = plan.recipes(&Part::ALL);
            for (at, recipe) in recipes.iter().enumerate() {
                assert!(!recipes[..at].contains(recipe), "{recipe:?}");
            }
            assert!(recipes.is_sorted_by_key(|recipe| recipe.seed));
        }
        let quick = Plan::quick(3);
        let sum = quick.channel.len() + quick.codebooks.len() + quick.heads.len();
        assert!(
            quick.recipes(&Part::ALL).len() < sum,
            "the parts share their weak and strong cells"
        );
    }
}
