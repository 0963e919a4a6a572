//! Regression: the chunk, at once.

use candle_core::Tensor;
use rand_pcg::Pcg64Mcg;
use tandem_bundle::Representation;
use tandem_inference::{CandleOps, Weights};
use tandem_networks::{Architecture, System1Head};

use super::{ConditionBatch, HeadSizes, Objective, only};
use crate::error::TrainError;

/// The mean absolute error: where the expert may go two ways it follows one of them, where a
/// squared error would go between.
pub(super) struct Regression {
    head: Architecture,
}

impl Regression {
    pub(super) fn new(sizes: &HeadSizes) -> Self {
        let HeadSizes { condition, shape, width } = *sizes;
        let head = Architecture::System1Head(System1Head {
            features: condition.features,
            dof: shape.dims(),
            latent: condition.latent,
            hidden: vec![width, width],
            horizon: shape.steps(),
        });
        Self { head }
    }
}

impl Objective for Regression {
    fn representation(&self) -> Representation {
        Representation::Regression
    }

    fn networks(&self) -> Vec<(&'static str, Architecture)> {
        vec![("head", self.head.clone())]
    }

    fn loss(
        &self,
        weights: &Weights,
        condition: &ConditionBatch,
        chunk: &Tensor,
        _rng: &mut Pcg64Mcg,
    ) -> Result<Tensor, TrainError> {
        let mut ops = CandleOps::under(weights, "head.");
        let said = only(self.head.forward(&mut ops, &condition.inputs())?)?;
        Ok((said - chunk)?.abs()?.mean_all()?)
    }
}
