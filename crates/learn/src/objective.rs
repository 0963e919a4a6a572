//! Objectives: what a head learns, one file for each representation.
//!
//! An objective knows the head's networks and its loss. Where conditions and chunks come from is
//! none of its business: [`train_head`](crate::train_head) gives it features of pictures, a study may
//! give it the true state.

mod act;
mod autoregressive;
mod bins;
mod cross_entropy;
mod denoising;
mod diffusion;
mod discrete_diffusion;
mod e0;
mod fast;
mod flow;
mod hybrid;
mod latent_codes;
mod parallel;
mod regression;

use std::collections::BTreeMap;

use candle_core::Tensor;
use rand_pcg::Pcg64Mcg;
use tandem_actions::ChunkShape;
use tandem_bundle::{Order, Representation};
use tandem_inference::Weights;
use tandem_networks::{Architecture, ConditionSizes, Parameter, ShapeError};

use crate::error::TrainError;

/// What a head starts from, for a batch: `[B, width]` each.
#[derive(Clone, Debug)]
pub struct ConditionBatch {
    /// What the eye saw.
    pub features: Tensor,
    /// The scaled posture.
    pub posture: Tensor,
    /// The latent goal.
    pub latent: Tensor,
}

impl ConditionBatch {
    /// The inputs of a network, in its order.
    pub(crate) fn inputs(&self) -> Vec<Tensor> {
        vec![self.features.clone(), self.posture.clone(), self.latent.clone()]
    }
}

/// Sizes that an objective builds its networks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeadSizes {
    /// Widths of the condition. Regression takes three numbers of posture for each joint.
    pub condition: ConditionSizes,
    /// Steps and joints of a chunk.
    pub shape: ChunkShape,
    /// Width of the hidden layers: what a head's capacity is set by.
    pub width: usize,
}

/// What a head learns.
///
/// Chunks are `[B, steps * joints]`, row by row, in the unit of the bundle's
/// [`ChunkRange`](tandem_bundle::ChunkRange): about `[-1, 1]`.
pub trait Objective: Send + Sync {
    /// How its answer becomes actions, with the parameters that the bundle names.
    fn representation(&self) -> Representation;

    /// The networks that a bundle ships.
    fn networks(&self) -> Vec<(&'static str, Architecture)>;

    /// Weights that exist in training only, each network's under its name.
    ///
    /// # Errors
    /// If their sizes do not fit together.
    fn auxiliaries(&self) -> Result<Vec<(&'static str, Vec<Parameter>)>, ShapeError> {
        Ok(Vec::new())
    }

    /// Files that the bundle needs beside its networks: tokenizers, codebooks.
    fn files(&self) -> BTreeMap<String, Vec<u8>> {
        BTreeMap::new()
    }

    /// How often the head is to run, given how often its backbone can.
    fn rate_hz(&self, backbone_hz: u32) -> u32 {
        backbone_hz
    }

    /// The mean loss of a batch, a scalar. `weights` are under `<network>.<parameter>`; whatever is
    /// random comes from `rng`.
    ///
    /// # Errors
    /// If a tensor operation fails.
    fn loss(
        &self,
        weights: &Weights,
        condition: &ConditionBatch,
        chunk: &Tensor,
        rng: &mut Pcg64Mcg,
    ) -> Result<Tensor, TrainError>;
}

/// The name of `bins` whose tokens are said all at once; a bundle's representation is `bins`.
const PARALLEL_BINS: &str = "parallel-bins";

/// Every name that [`objective`] knows: the representations, and `parallel-bins`.
pub fn objective_names() -> impl Iterator<Item = &'static str> {
    Representation::NAMES.into_iter().chain([PARALLEL_BINS])
}

/// The objective of the representation called `name`. `chunks` are training chunks, one after the
/// other, for those that fit a tokenizer before they train.
///
/// # Errors
/// If there is no such representation.
pub fn objective(
    name: &str,
    sizes: &HeadSizes,
    chunks: &[f32],
) -> Result<Box<dyn Objective>, TrainError> {
    match name {
        "regression" => Ok(Box::new(regression::Regression::new(sizes))),
        "act" => Ok(Box::new(act::Act::new(sizes))),
        "flow" => Ok(Box::new(flow::FlowMatching::new(sizes))),
        "diffusion" => Ok(Box::new(diffusion::Denoise::new(sizes)?)),
        "bins" => Ok(Box::new(bins::BinsObjective::new(sizes, Order::Autoregressive))),
        PARALLEL_BINS => Ok(Box::new(bins::BinsObjective::new(sizes, Order::Parallel))),
        "fast" => Ok(Box::new(fast::FastObjective::new(sizes, chunks)?)),
        "vq" => Ok(Box::new(latent_codes::LatentCodes::vq(sizes, chunks)?)),
        "oat" => Ok(Box::new(latent_codes::LatentCodes::oat(sizes, chunks)?)),
        "discrete_diffusion" => Ok(Box::new(discrete_diffusion::Unmask::new(sizes))),
        "hybrid" => Ok(Box::new(hybrid::HybridObjective::new(sizes)?)),
        "e0" => Ok(Box::new(e0::Denoise::new(sizes))),
        _ => Err(TrainError::UnknownRepresentation { name: name.to_owned() }),
    }
}

/// The only output of a network.
fn only(outputs: Vec<Tensor>) -> Result<Tensor, TrainError> {
    let [output] = <[Tensor; 1]>::try_from(outputs).map_err(|_other_count| {
        candle_core::Error::Msg("a head's network gives one tensor".to_owned())
    })?;
    Ok(output)
}

#[cfg(test)]
mod tests;
