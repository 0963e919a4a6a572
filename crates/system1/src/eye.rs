//! Seeing: frames to features, once per frame.

use std::path::Path;

use tandem_bundle::Bundle;
use tandem_inference::{Engine, EngineError, EngineKind};
use tandem_networks::{PictureError, picture_into};
use tandem_types::{Frame, Stamp};

use crate::policy::LoadError;

/// What System 1 saw.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Features {
    /// The stamp of the oldest picture behind it.
    pub observed: Stamp,
    /// The encoder's output.
    pub values: Vec<f32>,
}

/// The visual encoder of a System 1 bundle, loaded and warm.
pub struct Eye {
    engine: Box<dyn Engine>,
    pictures: Vec<Vec<f32>>,
    features: usize,
}

/// Why a look came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum LookError {
    /// Another number of pictures than the encoder has cameras.
    #[error("{found} pictures for an encoder with {expected} cameras")]
    Cameras {
        /// Pictures given.
        found: usize,
        /// Cameras of the encoder.
        expected: usize,
    },
    /// A picture has another size than the encoder was trained on.
    #[error(transparent)]
    Picture(#[from] PictureError),
    /// The engine failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl Eye {
    /// Loads the bundle's `encoder` on an engine and warms it up. `library` is where ONNX Runtime
    /// lies, if the config says so.
    ///
    /// # Errors
    /// If the engine refuses it.
    pub fn load(
        bundle: &Bundle,
        kind: EngineKind,
        library: Option<&Path>,
    ) -> Result<Self, LoadError> {
        let mut engine = tandem_inference::load(bundle, "encoder", kind, library)?;
        tandem_inference::warm_up(engine.as_mut(), 3)?;
        let signature = engine.signature();
        let pictures = signature.inputs.iter().map(|input| vec![0.0; input.elements()]).collect();
        let features = signature.outputs.iter().map(|output| output.elements()).sum();
        Ok(Self { engine, pictures, features })
    }

    /// Features with room for what [`look`](Self::look) writes.
    #[must_use]
    pub fn blank(&self) -> Features {
        Features { observed: Stamp::ORIGIN, values: vec![0.0; self.features] }
    }

    /// Encodes one picture per camera, in the bundle's order.
    ///
    /// # Errors
    /// If the pictures do not fit or the engine fails; the features' stamp is then unchanged.
    pub fn look(&mut self, frames: &[&Frame], features: &mut Features) -> Result<(), LookError> {
        if frames.len() != self.pictures.len() {
            return Err(LookError::Cameras { found: frames.len(), expected: self.pictures.len() });
        }
        for (frame, picture) in frames.iter().zip(&mut self.pictures) {
            picture_into(frame.rgb(), picture)?;
        }
        let inputs: Vec<&[f32]> = self.pictures.iter().map(Vec::as_slice).collect();
        self.engine.run(&inputs, &mut [&mut features.values])?;
        features.observed = frames.iter().map(|frame| frame.stamp).min().unwrap_or(Stamp::ORIGIN);
        Ok(())
    }
}
