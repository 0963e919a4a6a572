//! A System 2 bundle on an engine.

use std::path::Path;

use tandem_bundle::Bundle;
use tandem_inference::{Engine, EngineError, EngineKind};
use tandem_networks::{PictureError, picture_into};
use tandem_types::{Frame, InstructionId, JointVec, LatentError, LatentGoal, ModelId, Stamp};

use crate::tokenizer::{Tokenizer, Tokens};

/// What the arm is asked to do, ready for the model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instruction {
    /// Tells it from every other instruction.
    pub id: InstructionId,
    /// What was said.
    pub text: String,
    /// Its words as ids.
    pub tokens: Tokens,
}

/// What System 2 looks at: one picture per camera, in the bundle's order, and the joints.
#[derive(Clone, Copy, Debug)]
pub struct Scene<'a> {
    /// The pictures.
    pub frames: &'a [&'a Frame],
    /// Measured positions, rad.
    pub q: &'a JointVec,
}

/// A vision-language model, loaded and warm.
pub struct Model {
    engine: Box<dyn Engine>,
    tokenizer: Tokenizer,
    id: ModelId,
    // One buffer per input, in the signature's order: pictures, tokens, joints.
    inputs: Vec<Vec<f32>>,
    latent: Vec<f32>,
}

/// Why a bundle cannot serve as System 2.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// It is a bundle of another kind.
    #[error("bundle `{bundle}` is no System 2: name a bundle of kind `system2`")]
    Kind {
        /// Its name.
        bundle: String,
    },
    /// Its network takes other inputs than pictures, tokens and joints.
    #[error("bundle `{bundle}` has a network with {inputs} inputs for {cameras} cameras")]
    Inputs {
        /// Its name.
        bundle: String,
        /// Inputs found.
        inputs: usize,
        /// Cameras in the manifest; there must be two inputs more.
        cameras: usize,
    },
    /// The engine could not take its network.
    #[error(transparent)]
    Network(#[from] tandem_inference::LoadError),
    /// The engine failed at the first try.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// Why a thought came to nothing. The latent goal is then as it was.
#[derive(Debug, thiserror::Error)]
pub enum ThinkError {
    /// Another number of pictures than the model has cameras.
    #[error("{found} pictures for a model with {expected} cameras")]
    Cameras {
        /// Pictures given.
        found: usize,
        /// Cameras of the model.
        expected: usize,
    },
    /// Another number of joints than the model was trained with.
    #[error("{found} joints for a model trained with {expected}")]
    Joints {
        /// Joints given.
        found: usize,
        /// Joints of the model.
        expected: usize,
    },
    /// A picture has another size than the model was trained on.
    #[error(transparent)]
    Picture(#[from] PictureError),
    /// The engine failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// What came out is no latent goal.
    #[error("the model gave an unusable answer")]
    Answer(#[from] LatentError),
}

impl Instruction {
    /// An instruction from its text.
    #[must_use]
    pub fn new(id: InstructionId, text: &str, tokenizer: &Tokenizer) -> Self {
        Self { id, text: text.to_owned(), tokens: tokenizer.encode(text) }
    }
}

impl Model {
    /// Loads the bundle's network on an engine and runs it a few times, so that the first real
    /// thought takes no longer than the others. `library` is where ONNX Runtime lies, if the config
    /// says so.
    ///
    /// # Errors
    /// If the bundle is of another kind or the engine refuses it.
    pub fn load(
        bundle: &Bundle,
        kind: EngineKind,
        library: Option<&Path>,
    ) -> Result<Self, LoadError> {
        let manifest = bundle.manifest();
        let Some(spec) = manifest.system2() else {
            return Err(LoadError::Kind { bundle: manifest.name.clone() });
        };
        let mut engine = tandem_inference::load(bundle, "model", kind, library)?;
        tandem_inference::warm_up(engine.as_mut(), 3)?;
        let signature = engine.signature();
        let inputs: Vec<_> =
            signature.inputs.iter().map(|input| vec![0.0; input.elements()]).collect();
        let cameras = manifest.cameras.len();
        if inputs.len() != cameras + 2 {
            let bundle = manifest.name.clone();
            return Err(LoadError::Inputs { bundle, inputs: inputs.len(), cameras });
        }
        Ok(Self {
            tokenizer: Tokenizer::new(&spec.text.words, spec.text.tokens_max),
            id: bundle.model_id(),
            latent: vec![0.0; manifest.latent.dim],
            engine,
            inputs,
        })
    }

    /// What turns a text into the ids this model was trained on.
    #[must_use]
    pub const fn tokenizer(&self) -> &Tokenizer {
        &self.tokenizer
    }

    /// The model's identity, which every latent goal of it carries.
    #[must_use]
    pub const fn id(&self) -> ModelId {
        self.id
    }

    /// Looks at the scene and overwrites `goal` with what to do about the instruction.
    ///
    /// # Errors
    /// If the scene does not fit the model, the engine fails, or the answer is not finite; `goal`
    /// is then unchanged.
    pub fn think(
        &mut self,
        scene: Scene<'_>,
        instruction: &Instruction,
        goal: &mut LatentGoal,
    ) -> Result<(), ThinkError> {
        self.fill(scene, instruction)?;
        let inputs: Vec<&[f32]> = self.inputs.iter().map(Vec::as_slice).collect();
        let mut progress = [0.0];
        self.engine.run(&inputs, &mut [&mut self.latent, &mut progress])?;
        goal.set(&self.latent, progress[0])?;
        goal.observed = oldest(scene.frames);
        goal.model = self.id;
        goal.instruction = instruction.id;
        Ok(())
    }

    fn fill(&mut self, scene: Scene<'_>, instruction: &Instruction) -> Result<(), ThinkError> {
        let cameras = self.inputs.len().saturating_sub(2);
        let (pictures, rest) = self.inputs.split_at_mut(cameras);
        let [tokens, joints] = rest else { return Ok(()) };
        if scene.frames.len() != cameras {
            return Err(ThinkError::Cameras { found: scene.frames.len(), expected: cameras });
        }
        if scene.q.len() != joints.len() {
            return Err(ThinkError::Joints { found: scene.q.len(), expected: joints.len() });
        }
        for (frame, picture) in scene.frames.iter().zip(pictures) {
            picture_into(frame.rgb(), picture)?;
        }
        for (token, &id) in tokens.iter_mut().zip(&instruction.tokens.ids) {
            *token = f32::from(id);
        }
        for (joint, &q) in joints.iter_mut().zip(scene.q.iter()) {
            *joint = q as f32;
        }
        Ok(())
    }
}

/// The stamp of the oldest picture: what the answer's age is counted from.
fn oldest(frames: &[&Frame]) -> Stamp {
    frames.iter().map(|frame| frame.stamp).min().unwrap_or(Stamp::ORIGIN)
}
