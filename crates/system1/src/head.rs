//! Heads: what turns a condition into the numbers of a chunk, one file for each kind.

mod bins;
mod denoising;
mod diffusion;
mod direct;
mod discrete_diffusion;
mod e0;
mod fast;
mod flow;
mod hybrid;
mod oat;
mod parallel;
mod speaker;
mod spoken;
mod stepped;
mod vq;

use tandem_actions::{Choice, ChunkShape};
use tandem_bundle::Representation;
use tandem_inference::{Engine, EngineError};

use crate::budget::Budget;
use crate::policy::{LoadError, StepError};
pub(crate) use spoken::Spoken;

/// What a head starts from.
#[derive(Clone, Copy, Debug)]
pub struct Condition<'a> {
    /// What the eye saw.
    pub features: &'a [f32],
    /// The scaled posture.
    pub posture: &'a [f32],
    /// The latent goal.
    pub latent: &'a [f32],
    /// Names the motion under way: the instruction. A head that holds on to something within a
    /// motion lets go of it when this changes.
    pub motion: u64,
}

impl<'a> Condition<'a> {
    /// The inputs of a network, in its order.
    const fn inputs(&self) -> [&'a [f32]; 3] {
        [self.features, self.posture, self.latent]
    }
}

/// What a chunk costs as tokens.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TokenCost {
    /// Tokens in a chunk; the mean of those decoded so far, where that varies.
    pub tokens: f64,
    /// Bits that so many tokens could tell apart.
    pub bits_nominal: f64,
}

/// Turns a condition into a chunk.
///
/// A head of several steps is *anytime*: when time is up it gives the best answer it has, and a
/// typed error if it has none. The same conditions in the same order give the same bytes.
pub trait Head: Send {
    /// Overwrites `chunk`, in the unit of the bundle's [`Action`](tandem_bundle::Action), row by
    /// row, and says how many steps of its network that took.
    ///
    /// Real-time: allocates nothing of its own after the first call; what the engine does is the
    /// engine's business.
    ///
    /// # Errors
    /// If the engine fails or the condition does not fit it, or if time is up before there is an
    /// answer. The chunk is then not to be used.
    fn decode(
        &mut self,
        condition: &Condition<'_>,
        budget: &mut Budget<'_>,
        chunk: &mut [f32],
    ) -> Result<usize, StepError>;

    /// What its chunks cost as tokens; none for a head that speaks in plain numbers.
    fn cost(&self) -> Option<TokenCost> {
        None
    }

    /// Forgets the motion under way and everything drawn so far, as if it had just been loaded.
    fn reset(&mut self) {}
}

/// Where a head gets its networks and files: from a bundle, or from weights under training.
pub trait Parts {
    /// The network `name`, warm.
    ///
    /// # Errors
    /// If there is no such network or the engine refuses it.
    fn engine(&self, name: &str) -> Result<Box<dyn Engine>, LoadError>;

    /// The file `name` that a representation needs, if it is there.
    fn file(&self, name: &str) -> Option<&[u8]>;
}

/// The head of a representation, for chunks of `shape`.
///
/// # Errors
/// If a part is missing or does not fit.
pub fn head(
    representation: &Representation,
    shape: ChunkShape,
    parts: &dyn Parts,
) -> Result<Box<dyn Head>, LoadError> {
    Ok(match representation {
        Representation::Regression => Box::new(direct::Direct::regression(parts)?),
        Representation::Act => Box::new(direct::Direct::act(parts)?),
        Representation::Flow(flow) => Box::new(flow::FlowHead::new(*flow, shape, parts)?),
        Representation::Diffusion(diffusion) => {
            Box::new(diffusion::DiffusionHead::new(*diffusion, shape, parts)?)
        }
        Representation::Bins(bins) => Box::new(bins::BinsHead::new(*bins, shape, parts)?),
        Representation::Fast(fast) => Box::new(fast::FastHead::new(fast, shape, parts)?),
        Representation::Vq(vq) => Box::new(vq::VqHead::new(vq, shape, parts)?),
        Representation::Oat(oat) => Box::new(oat::OatHead::new(oat, shape, parts)?),
        Representation::DiscreteDiffusion(parameters) => {
            Box::new(discrete_diffusion::DiscreteDiffusionHead::new(*parameters, shape, parts)?)
        }
        Representation::Hybrid(parameters) => {
            Box::new(hybrid::HybridHead::new(*parameters, shape, parts)?)
        }
        Representation::E0(parameters) => Box::new(e0::E0Head::new(*parameters, shape, parts)?),
    })
}

/// How a bundle's head chooses among bins.
const fn choice(of: tandem_bundle::Choice) -> Choice {
    match of {
        tandem_bundle::Choice::Likeliest => Choice::Best,
        tandem_bundle::Choice::Median => Choice::Median,
        tandem_bundle::Choice::Drawn => Choice::Drawn,
    }
}

/// The numbers in the network's input `name`; zero if it has none of that name.
fn width(engine: &dyn Engine, name: &str) -> usize {
    let inputs = &engine.signature().inputs;
    inputs.iter().find(|input| input.name == name).map_or(0, |input| input.elements())
}

/// The numbers in the network's only output.
fn outputs(engine: &dyn Engine) -> usize {
    engine.signature().outputs.iter().map(|output| output.elements()).sum()
}

/// A step of a network within a sampler that can only be told to go on or to break off.
struct Attempt<'a, 'b> {
    budget: &'a mut Budget<'b>,
    failure: Option<EngineError>,
}

impl<'a, 'b> Attempt<'a, 'b> {
    const fn new(budget: &'a mut Budget<'b>) -> Self {
        Self { budget, failure: None }
    }

    /// Takes the step unless time is up; a failure breaks off, and is remembered.
    fn step(
        &mut self,
        step: impl FnOnce() -> Result<(), EngineError>,
    ) -> core::ops::ControlFlow<()> {
        if self.budget.is_over() {
            return core::ops::ControlFlow::Break(());
        }
        match step() {
            Ok(()) => core::ops::ControlFlow::Continue(()),
            Err(failure) => {
                self.failure = Some(failure);
                core::ops::ControlFlow::Break(())
            }
        }
    }

    /// What came of `steps` steps.
    fn finish(self, steps: usize) -> Result<usize, StepError> {
        match self.failure {
            Some(failure) => Err(failure.into()),
            None if steps == 0 => Err(StepError::OutOfTime),
            None => Ok(steps),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
