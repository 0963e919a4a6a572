//! Acting: features, posture and latent goal to an action chunk.

use core::time::Duration;
use std::path::Path;

use tandem_actions::{ChunkShape, E0Error, MaskedError, ScheduleError, ShapeError, StepsError};
use tandem_bundle::Bundle;
use tandem_inference::{Engine, EngineError, EngineKind};
use tandem_types::{ActionChunk, ChunkError, LatentGoal, ModelId, Posture};

use crate::budget::Budget;
use crate::eye::Features;
use crate::head::{Condition, Head, Parts, TokenCost, head};
use crate::scale::PostureScale;
use crate::through::Through;
use crate::tokenizer::TokenizerError;
use crate::unit::ChunkUnit;

/// The head of a System 1 bundle, loaded and warm.
pub struct Policy {
    head: Box<dyn Head>,
    scale: PostureScale,
    unit: ChunkUnit,
    step_period: Duration,
    model: ModelId,
    latent_model: ModelId,
    latent_dim: usize,
    posture: Vec<f32>,
    departures: Vec<f32>,
}

/// How often an engine runs before its first run in earnest.
const WARM_UP_RUNS: usize = 50;

/// Why a bundle cannot serve as System 1.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// It is a bundle of another kind.
    #[error("bundle `{bundle}` is no System 1: name a bundle of kind `system1`")]
    Kind {
        /// Its name.
        bundle: String,
    },
    /// The engine could not take its network.
    #[error(transparent)]
    Network(#[from] tandem_inference::LoadError),
    /// The engine failed at the first try.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// Chunks of the bundle's size cannot be.
    #[error(transparent)]
    Shape(#[from] ShapeError),
    /// There is no schedule of as many training steps.
    #[error(transparent)]
    Schedule(#[from] ScheduleError),
    /// The schedule has fewer steps than the head takes.
    #[error(transparent)]
    Steps(#[from] StepsError),
    /// A file that its representation needs is not there.
    #[error("there is no file `{name}`, which the representation needs; ship the bundle again")]
    NoFile {
        /// Its name.
        name: String,
    },
    /// A tokenizer's file does not serve.
    #[error(transparent)]
    Tokenizer(#[from] TokenizerError),
    /// FAST's file does not serve.
    #[error(transparent)]
    Bpe(#[from] tandem_actions::TokenizerError),
    /// FAST's scale is none.
    #[error(transparent)]
    Scale(#[from] tandem_actions::ScaleError),
    /// A bundle whose tokenizer is asked for has none.
    #[error("bundle `{bundle}` says its chunks in plain numbers: name one that says tokens")]
    NoTokenizer {
        /// Its name.
        bundle: String,
    },
    /// A tokenizer is one for other chunks than the policy's.
    #[error("a tokenizer for chunks of {found} steps and joints, where the policy says {expected}")]
    OtherChunks {
        /// The policy's.
        expected: ChunkShape,
        /// The tokenizer's.
        found: ChunkShape,
    },
    /// The network says other tokens than the tokenizer has.
    #[error("a network of {found} codes for a tokenizer of {expected}, the end among them")]
    Vocabulary {
        /// What the tokenizer has.
        expected: usize,
        /// What the network has.
        found: usize,
    },
    /// Masked codes of this size cannot be decoded.
    #[error(transparent)]
    Masked(#[from] MaskedError),
    /// Codes of this size cannot be denoised.
    #[error(transparent)]
    E0(#[from] E0Error),
}

/// Why a step came to nothing. The chunk must then not be used.
#[derive(Debug, thiserror::Error)]
pub enum StepError {
    /// Another number of joints than the policy was trained with.
    #[error("{found} joints for a policy trained with {expected}")]
    Joints {
        /// Joints of the posture.
        found: usize,
        /// Joints of the policy.
        expected: usize,
    },
    /// The latent goal is of another System 2, or of another length.
    #[error(
        "a latent goal of {found_dim} numbers from model {found:016x} for a policy trained with \
         {expected_dim} from {expected:016x}: use the System 2 bundle the policy was trained with"
    )]
    Latent {
        /// The model it came from.
        found: u64,
        /// Its length.
        found_dim: usize,
        /// The model the policy was trained with.
        expected: u64,
        /// The length the policy takes.
        expected_dim: usize,
    },
    /// Time was up before there was any answer: the chunk before this one goes on.
    #[error(
        "time was up before there was a chunk: give System 1 more (system1.deadline_us), a lower \
         rate, or a faster head"
    )]
    OutOfTime,
    /// The network said no likelihoods.
    #[error("a logit of token {place} is not a number")]
    Logits {
        /// Tokens said before.
        place: usize,
    },
    /// The tokens said are no chunk: the one before goes on.
    #[error("the tokens said are no chunk: {0}")]
    Tokens(#[from] tandem_actions::DecodeError),
    /// The chunk cannot be said in the tokens that it is to be said in: the one before goes on.
    #[error("the chunk cannot be said in tokens: {0}")]
    Unspeakable(#[from] tandem_actions::EncodeError),
    /// The tokens did not end: the chunk before goes on.
    #[error("{tokens} tokens were said and no end")]
    NoEnd {
        /// How many.
        tokens: usize,
    },
    /// The head cannot make do with as few steps.
    #[error(transparent)]
    Steps(#[from] StepsError),
    /// Masked codes could not be decoded.
    #[error(transparent)]
    Masked(#[from] MaskedError),
    /// Codes could not be denoised.
    #[error(transparent)]
    E0(#[from] E0Error),
    /// The engine failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The output is no path.
    #[error(transparent)]
    Chunk(#[from] ChunkError),
}

impl StepError {
    /// Whether the policy is sound and has no chunk this time only: the one before goes on.
    #[must_use]
    pub const fn is_no_chunk(&self) -> bool {
        matches!(
            self,
            Self::OutOfTime | Self::Tokens(_) | Self::Unspeakable(_) | Self::NoEnd { .. }
        )
    }
}

impl Policy {
    /// Loads the bundle's head on an engine and warms it up. `library` is where ONNX Runtime lies,
    /// if the config says so.
    ///
    /// # Errors
    /// If the bundle is of another kind or the engine refuses it.
    pub fn load(
        bundle: &Bundle,
        kind: EngineKind,
        library: Option<&Path>,
    ) -> Result<Self, LoadError> {
        let manifest = bundle.manifest();
        let Some(spec) = manifest.system1() else {
            return Err(LoadError::Kind { bundle: manifest.name.clone() });
        };
        let dof = manifest.joints.len();
        let shape = ChunkShape::new(spec.action.horizon, dof)?;
        let parts = BundleParts { bundle, kind, library };
        Ok(Self {
            head: head(&spec.representation, shape, &parts)?,
            scale: PostureScale::new(&spec.normalisation),
            unit: ChunkUnit::new(&spec.action),
            step_period: spec.action.step_period,
            model: bundle.model_id(),
            latent_model: manifest.latent.model,
            latent_dim: manifest.latent.dim,
            posture: vec![0.0; 3 * dof],
            departures: vec![0.0; spec.action.horizon * dof],
        })
    }

    /// The same policy, whose chunks are said in the tokens of another bundle before they become
    /// motion: what those tokens lose by themselves, before any network says one wrong.
    ///
    /// # Errors
    /// If that bundle has no tokenizer, or one for other chunks.
    pub fn through(self, tokenizer: &Bundle) -> Result<Self, LoadError> {
        let dof = self.scale.dof();
        let shape = ChunkShape::new(self.departures.len() / dof.max(1), dof)?;
        let head = Through::new(self.head, self.unit.clone(), shape, tokenizer)?;
        Ok(Self { head: Box::new(head), ..self })
    }

    /// One step: overwrites `chunk` with the path to take from the posture's command.
    ///
    /// # Errors
    /// If the inputs do not fit the policy, the engine fails, or the budget is spent before there is
    /// a path. A path that is not finite is no error here: the guard sees, counts and refuses it.
    pub fn step(
        &mut self,
        posture: &Posture,
        features: &Features,
        goal: &LatentGoal,
        budget: &mut Budget<'_>,
        chunk: &mut ActionChunk,
    ) -> Result<(), StepError> {
        self.check(posture, goal)?;
        self.scale.pack(posture, &mut self.posture);
        let condition = Condition {
            features: &features.values,
            posture: &self.posture,
            latent: goal.values(),
            motion: goal.instruction.0,
        };
        self.head.decode(&condition, budget, &mut self.departures)?;

        self.unit.to_rad(&mut self.departures);
        let dof = posture.command.q.len().max(1);
        for step in self.departures.chunks_exact_mut(dof) {
            for (value, &from) in step.iter_mut().zip(posture.command.q.iter()) {
                *value += from as f32;
            }
        }
        chunk.origin = posture.command.q;
        chunk.set_path(self.step_period, &self.departures)?;
        chunk.observed = posture.stamp;
        chunk.frame_observed = features.observed;
        chunk.latent_observed = goal.observed;
        chunk.model = self.model;
        chunk.instruction = goal.instruction;
        chunk.progress = goal.progress;
        Ok(())
    }

    /// What its chunks cost as tokens; none if it speaks in plain numbers.
    #[must_use]
    pub fn cost(&self) -> Option<TokenCost> {
        self.head.cost()
    }

    /// Forgets the motion under way, as if it had just been loaded: what it says after this depends
    /// on nothing before it.
    pub fn reset(&mut self) {
        self.head.reset();
    }

    fn check(&self, posture: &Posture, goal: &LatentGoal) -> Result<(), StepError> {
        let (found, expected) = (posture.command.q.len(), self.scale.dof());
        if found != expected || posture.state.q.len() != expected {
            return Err(StepError::Joints { found, expected });
        }
        if goal.model != self.latent_model || goal.values().len() != self.latent_dim {
            return Err(StepError::Latent {
                found: goal.model.0,
                found_dim: goal.values().len(),
                expected: self.latent_model.0,
                expected_dim: self.latent_dim,
            });
        }
        Ok(())
    }
}

/// The parts of a head, from a bundle.
#[derive(Clone, Copy, Debug)]
pub struct BundleParts<'a> {
    /// The bundle.
    pub bundle: &'a Bundle,
    /// What runs its networks.
    pub kind: EngineKind,
    /// Where ONNX Runtime lies, if the config says so.
    pub library: Option<&'a Path>,
}

impl Parts for BundleParts<'_> {
    fn engine(&self, name: &str) -> Result<Box<dyn Engine>, LoadError> {
        let mut engine = tandem_inference::load(self.bundle, name, self.kind, self.library)?;
        tandem_inference::warm_up(engine.as_mut(), WARM_UP_RUNS)?;
        Ok(engine)
    }

    fn file(&self, name: &str) -> Option<&[u8]> {
        self.bundle.extras().get(name).map(Vec::as_slice)
    }
}
