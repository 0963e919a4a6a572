//! Acting: features, posture and latent goal to an action chunk.

use core::time::Duration;
use std::path::Path;

use tandem_bundle::Bundle;
use tandem_inference::{Engine, EngineError, EngineKind};
use tandem_types::{ActionChunk, ChunkError, LatentGoal, ModelId, Posture};

use crate::eye::Features;
use crate::scale::PostureScale;

/// The head of a System 1 bundle, loaded and warm.
pub struct Policy {
    engine: Box<dyn Engine>,
    scale: PostureScale,
    action_scale_rad: Vec<f32>,
    step_period: Duration,
    model: ModelId,
    latent_model: ModelId,
    latent_dim: usize,
    posture: Vec<f32>,
    departures: Vec<f32>,
}

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
    /// The engine failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The output is no path.
    #[error(transparent)]
    Chunk(#[from] ChunkError),
}

impl Policy {
    /// Loads the bundle's `head` on an engine and warms it up. `library` is where ONNX Runtime lies,
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
        let mut engine = tandem_inference::load(bundle, "head", kind, library)?;
        tandem_inference::warm_up(engine.as_mut(), 50)?;
        let dof = manifest.joints.len();
        Ok(Self {
            engine,
            scale: PostureScale::new(&spec.normalisation),
            action_scale_rad: spec.action.scale_rad.iter().map(|&scale| scale as f32).collect(),
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
    /// If the inputs do not fit the policy or the engine fails. A path that is not finite is no
    /// error here: the guard sees, counts and refuses it.
    pub fn step(
        &mut self,
        posture: &Posture,
        features: &Features,
        goal: &LatentGoal,
        chunk: &mut ActionChunk,
    ) -> Result<(), StepError> {
        self.check(posture, goal)?;
        self.scale.pack(posture, &mut self.posture);
        let inputs = [features.values.as_slice(), self.posture.as_slice(), goal.values()];
        self.engine.run(&inputs, &mut [&mut self.departures])?;

        let dof = posture.command.q.len();
        for step in self.departures.chunks_exact_mut(dof.max(1)) {
            let from = posture.command.q.iter();
            for ((value, &from), scale) in step.iter_mut().zip(from).zip(&self.action_scale_rad) {
                *value = from as f32 + *value * scale;
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
