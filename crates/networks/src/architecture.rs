//! A network and its sizes, as a bundle's manifest names it.

use serde::{Deserialize, Serialize};

use crate::heads::{ActHead, Context, Denoiser, Next, Tokens};
use crate::ops::Ops;
use crate::shape_ops::{Parameter, ShapeError, ShapeOps};
use crate::signature::Signature;
use crate::system1::{System1Encoder, System1Head};
use crate::system2::System2;

/// Every network tandem can build, with its sizes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Architecture {
    /// System 1's visual encoder.
    System1Encoder(System1Encoder),
    /// System 1's head that regresses a whole chunk.
    System1Head(System1Head),
    /// System 1's head with a style, ACT's.
    ActHead(ActHead),
    /// What a step-by-step head of System 1 computes once.
    Context(Context),
    /// What takes noise out of a chunk.
    Denoiser(Denoiser),
    /// What says the next token of a chunk.
    Next(Next),
    /// What says all tokens of a chunk at once.
    Tokens(Tokens),
    /// System 2.
    System2(System2),
}

impl Architecture {
    /// What goes in and what comes out.
    #[must_use]
    pub fn signature(&self) -> Signature {
        match self {
            Self::System1Encoder(network) => network.signature(),
            Self::System1Head(network) => network.signature(),
            Self::ActHead(network) => network.signature(),
            Self::Context(network) => network.signature(),
            Self::Denoiser(network) => network.signature(),
            Self::Next(network) => network.signature(),
            Self::Tokens(network) => network.signature(),
            Self::System2(network) => network.signature(),
        }
    }

    /// Asks `ops` for the network, on `inputs` in the signature's order (each with a batch axis).
    ///
    /// # Errors
    /// What `ops` fails with.
    pub fn forward<O: Ops>(
        &self,
        ops: &mut O,
        inputs: &[O::Tensor],
    ) -> Result<Vec<O::Tensor>, O::Error> {
        match self {
            Self::System1Encoder(network) => network.forward(ops, inputs),
            Self::System1Head(network) => network.forward(ops, inputs),
            Self::ActHead(network) => network.forward(ops, inputs),
            Self::Context(network) => network.forward(ops, inputs),
            Self::Denoiser(network) => network.forward(ops, inputs),
            Self::Next(network) => network.forward(ops, inputs),
            Self::Tokens(network) => network.forward(ops, inputs),
            Self::System2(network) => network.forward(ops, inputs),
        }
    }

    /// Every weight of the network with its shape and how to initialise it, after checking that
    /// the sizes fit together and that the outputs have the shapes the signature promises.
    ///
    /// # Errors
    /// The first layer whose sizes do not fit.
    pub fn parameters(&self) -> Result<Vec<Parameter>, ShapeError> {
        let signature = self.signature();
        let mut ops = ShapeOps::default();
        let batched = |shape: &[usize]| [&[1], shape].concat();
        let inputs: Vec<_> = signature.inputs.iter().map(|spec| batched(&spec.shape)).collect();
        let outputs = self.forward(&mut ops, &inputs)?;
        let promised: Vec<_> = signature.outputs.iter().map(|spec| batched(&spec.shape)).collect();
        if outputs != promised {
            return Err(ShapeError::Outputs { promised, found: outputs });
        }
        Ok(ops.into_parameters())
    }
}
