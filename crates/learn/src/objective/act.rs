//! ACT: a conditional variational autoencoder over chunks (Zhao et al. 2023, arXiv 2304.13705).

use candle_core::Tensor;
use rand_pcg::Pcg64Mcg;
use tandem_bundle::Representation;
use tandem_inference::{CandleOps, Weights};
use tandem_networks::{ActHead, ActPosterior, Architecture, Parameter, ShapeError};

use super::denoising::normal_like;
use super::{ConditionBatch, HeadSizes, Objective, only};
use crate::error::TrainError;

/// Width of the style, ACT's own.
const STYLE: usize = 32;
/// Weight of the divergence beside the mean absolute error, ACT's own.
const DIVERGENCE_WEIGHT: f64 = 10.0;

/// A style read off the expert's chunk explains in training what the condition does not; held close
/// to a standard normal, it can be left at its mean when there is no expert to read it off.
pub(super) struct Act {
    head: Architecture,
    posterior: ActPosterior,
}

impl Act {
    pub(super) fn new(sizes: &HeadSizes) -> Self {
        let HeadSizes { condition, shape, width } = *sizes;
        let (values, style, hidden) = (shape.values(), STYLE, vec![width, width]);
        let posterior = ActPosterior { condition, values, style, hidden: hidden.clone() };
        let head = Architecture::ActHead(ActHead { condition, style, hidden, values });
        Self { head, posterior }
    }
}

impl Objective for Act {
    fn representation(&self) -> Representation {
        Representation::Act
    }

    fn networks(&self) -> Vec<(&'static str, Architecture)> {
        vec![("head", self.head.clone())]
    }

    fn auxiliaries(&self) -> Result<Vec<(&'static str, Vec<Parameter>)>, ShapeError> {
        Ok(vec![("posterior", self.posterior.parameters()?)])
    }

    fn loss(
        &self,
        weights: &Weights,
        condition: &ConditionBatch,
        chunk: &Tensor,
        rng: &mut Pcg64Mcg,
    ) -> Result<Tensor, TrainError> {
        let seen = [condition.inputs(), vec![chunk.clone()]].concat();
        let mut ops = CandleOps::under(weights, "posterior.");
        let [mean, log_variance] = self.posterior.forward(&mut ops, &seen)?;
        let spread = (&log_variance * 0.5)?.exp()?;
        let style = (&mean + (spread * normal_like(&mean, rng)?)?)?;
        let inputs = [condition.inputs(), vec![style]].concat();
        let said = only(self.head.forward(&mut CandleOps::under(weights, "head."), &inputs)?)?;
        let error = (said - chunk)?.abs()?.mean_all()?;
        // Kullback and Leibler's divergence from a standard normal, summed over the style.
        let terms = ((log_variance.exp()? + mean.sqr()?)? - &log_variance)?.affine(0.5, -0.5)?;
        let divergence = terms.sum(1)?.mean_all()?;
        Ok((error + (divergence * DIVERGENCE_WEIGHT)?)?)
    }
}
