//! Acting: features, posture and latent goal to an action chunk.

use core::time::Duration;
use std::path::Path;

use tandem_actions::{ChunkShape, ScheduleError, ShapeError, StepsError};
use tandem_bundle::{Action, Bundle};
use tandem_inference::{Engine, EngineError, EngineKind};
use tandem_types::{ActionChunk, ChunkError, LatentGoal, ModelId, Posture};

use crate::budget::Budget;
use crate::eye::Features;
use crate::head::{Condition, Head, Parts, TokenCost, head};
use crate::scale::PostureScale;

/// The head of a System 1 bundle, loaded and warm.
pub struct Policy {
    head: Box<dyn Head>,
    scale: PostureScale,
    /// From a number of a chunk to an offset from the command, rad.
    unit: Vec<Affine>,
    step_period: Duration,
    model: ModelId,
    latent_model: ModelId,
    latent_dim: usize,
    posture: Vec<f32>,
    departures: Vec<f32>,
}

/// `offset + gain * number`.
#[derive(Clone, Copy, Debug)]
struct Affine {
    offset: f32,
    gain: f32,
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
    /// The head cannot make do with as few steps.
    #[error(transparent)]
    Steps(#[from] StepsError),
    /// The engine failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The output is no path.
    #[error(transparent)]
    Chunk(#[from] ChunkError),
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
        let parts = OfBundle { bundle, kind, library };
        Ok(Self {
            head: head(&spec.representation, shape, &parts)?,
            scale: PostureScale::new(&spec.normalisation),
            unit: unit(&spec.action),
            step_period: spec.action.step_period,
            model: bundle.model_id(),
            latent_model: manifest.latent.model,
            latent_dim: manifest.latent.dim,
            posture: vec![0.0; 3 * dof],
            departures: vec![0.0; spec.action.horizon * dof],
        })
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
            motion: goal.instruction.0.into(),
        };
        self.head.decode(&condition, budget, &mut self.departures)?;

        let dof = posture.command.q.len().max(1);
        let rows = self.departures.chunks_exact_mut(dof).zip(self.unit.chunks_exact(dof));
        for (step, unit) in rows {
            let from = posture.command.q.iter();
            for ((value, &from), unit) in step.iter_mut().zip(from).zip(unit) {
                *value = from as f32 + unit.offset + *value * unit.gain;
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

/// The unit of each number of a chunk, row by row.
fn unit(action: &Action) -> Vec<Affine> {
    match &action.range {
        Some(range) => {
            let ends = range.low_rad.iter().zip(&range.high_rad);
            let between = |(low, high): (&f64, &f64)| Affine {
                offset: (0.5 * (low + high)) as f32,
                gain: (0.5 * (high - low)) as f32,
            };
            ends.map(between).collect()
        }
        None => {
            let row =
                action.scale_rad.iter().map(|&gain| Affine { offset: 0.0, gain: gain as f32 });
            row.cycle().take(action.horizon * action.scale_rad.len()).collect()
        }
    }
}

/// The parts of a head, from a bundle.
struct OfBundle<'a> {
    bundle: &'a Bundle,
    kind: EngineKind,
    library: Option<&'a Path>,
}

impl Parts for OfBundle<'_> {
    fn engine(&self, name: &str) -> Result<Box<dyn Engine>, LoadError> {
        let mut engine = tandem_inference::load(self.bundle, name, self.kind, self.library)?;
        tandem_inference::warm_up(engine.as_mut(), WARM_UP_RUNS)?;
        Ok(engine)
    }

    fn file(&self, name: &str) -> Option<&[u8]> {
        self.bundle.extras().get(name).map(Vec::as_slice)
    }
}
