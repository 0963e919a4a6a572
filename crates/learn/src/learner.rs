//! Both systems as one differentiable function: pictures and words in, losses out.

use std::collections::BTreeMap;

use candle_core::{Device, Tensor};
use tandem_bundle::Bundle;
use tandem_inference::{CandleOps, Weights};
use tandem_networks::{Activation, Init, Ops as _, Parameter};

use crate::batch::Batch;
use crate::config::{LossConfig, Networks};
use crate::dataset::Sizes;
use crate::error::TrainError;
use crate::parameters::Parameters;

/// Coordinates of a place.
const PLACE: usize = 3;

/// The networks of a run, and which of them learn.
pub(crate) struct Learner {
    networks: Networks,
    sizes: Sizes,
    /// System 2's weights when they do not learn.
    frozen: BTreeMap<String, Tensor>,
    losses: LossConfig,
}

/// What the networks say about a batch.
pub(crate) struct Answer {
    /// `[B, horizon * dof]`, scaled.
    pub(crate) chunk: Tensor,
    /// `[B, 1]`.
    pub(crate) progress: Tensor,
    /// `[B, 3]`, scaled: where the latent goal says the object is. None if System 2 is frozen.
    pub(crate) place: Option<Tensor>,
    /// `[B, dim]`: the latent goal itself.
    pub(crate) latent: Tensor,
}

/// The losses of a batch.
pub(crate) struct Losses {
    pub(crate) total: Tensor,
    pub(crate) action: f32,
    pub(crate) grounding: f32,
    pub(crate) progress: f32,
}

impl Learner {
    /// The run's networks, with fresh weights for those that learn: all of them, or only System 1
    /// when there is a System 2 already.
    pub(crate) fn new(
        networks: Networks,
        sizes: Sizes,
        losses: LossConfig,
        seed: u64,
        system2: Option<&Bundle>,
    ) -> Result<(Self, Parameters), TrainError> {
        let mut parameters = Parameters::default();
        let mut frozen = BTreeMap::new();
        parameters.add("encoder", &networks.encoder.parameters()?, seed ^ 1)?;
        parameters.add("head", &networks.head.parameters()?, seed ^ 2)?;
        if let Some(bundle) = system2 {
            for (name, tensor) in bundle.weights() {
                let values = Tensor::from_slice(&tensor.data, &tensor.shape[..], &Device::Cpu)?;
                frozen.insert(name.clone(), values);
            }
        } else {
            parameters.add("model", &networks.model.parameters()?, seed ^ 3)?;
            let latent = networks.model.signature().outputs.first().map_or(0, |out| out.elements());
            parameters.add("probe", &probe(latent), seed ^ 4)?;
        }
        Ok((Self { networks, sizes, frozen, losses }, parameters))
    }

    /// The weights to run with while learning.
    pub(crate) fn weights(&self, parameters: &Parameters) -> Weights {
        let learning = parameters.vars().iter();
        let learning = learning.map(|(name, var)| (name.clone(), var.as_tensor().clone()));
        learning.chain(self.frozen.clone()).collect()
    }

    /// The averaged weights to measure with, of the shapes that `parameters` have.
    pub(crate) fn averages(
        &self,
        parameters: &Parameters,
        averages: &BTreeMap<String, Vec<f32>>,
    ) -> Result<Weights, TrainError> {
        let mut tensors = self.frozen.clone();
        for (name, values) in averages {
            if let Some(var) = parameters.vars().get(name) {
                let tensor = Tensor::from_slice(values, var.shape(), &Device::Cpu)?;
                tensors.insert(name.clone(), tensor);
            }
        }
        Ok(tensors.into_iter().collect())
    }

    /// Runs all networks on a batch.
    pub(crate) fn answer(&self, weights: &Weights, batch: &Batch) -> Result<Answer, TrainError> {
        let then = self.pictures(batch.samples, &batch.pictures_then)?;
        let now = self.pictures(batch.samples, &batch.pictures_now)?;
        let mut inputs = then;
        inputs.push(rows(&batch.tokens, batch.samples)?);
        inputs.push(rows(&batch.joints, batch.samples)?);
        let Networks { model, encoder, head } = &self.networks;
        let thought = model.forward(&mut CandleOps::under(weights, "model."), &inputs)?;
        let [latent, progress] = two(thought)?;
        let features = encoder.forward(&mut CandleOps::under(weights, "encoder."), &now)?;
        let features = features.into_iter().next().ok_or_else(no_output)?;
        let place = if self.frozen.is_empty() {
            let mut ops = CandleOps::new(weights);
            Some(ops.linear(&latent, "probe", PLACE, Activation::None)?)
        } else {
            None
        };
        let posture = rows(&batch.posture, batch.samples)?;
        let acted = head.forward(
            &mut CandleOps::under(weights, "head."),
            &[features, posture, latent.clone()],
        )?;
        let chunk = acted.into_iter().next().ok_or_else(no_output)?;
        Ok(Answer { chunk, progress, place, latent })
    }

    /// How far an answer is from the expert's.
    pub(crate) fn losses(&self, answer: &Answer, batch: &Batch) -> Result<Losses, TrainError> {
        let wanted = rows(&batch.chunk, batch.samples)?;
        // The mean absolute error of actions: it does not average two ways around into none.
        let action = (&answer.chunk - wanted)?.abs()?.mean_all()?;
        let wanted = rows(&batch.progress, batch.samples)?;
        let progress = (&answer.progress - wanted)?.sqr()?.mean_all()?;
        let mut losses = Losses {
            action: action.to_scalar()?,
            progress: progress.to_scalar()?,
            grounding: 0.0,
            total: action,
        };
        if let Some(place) = &answer.place {
            let wanted = rows(&batch.place, batch.samples)?;
            let grounding = (place - wanted)?.abs()?.mean_all()?;
            losses.grounding = grounding.to_scalar()?;
            let extra =
                ((grounding * self.losses.grounding)? + (progress * self.losses.progress)?)?;
            losses.total = (losses.total + extra)?;
        }
        Ok(losses)
    }

    fn pictures(&self, samples: usize, planes: &[Vec<f32>]) -> Result<Vec<Tensor>, TrainError> {
        let shape = (samples, 3, self.sizes.height_px, self.sizes.width_px);
        let tensor = |values: &Vec<f32>| Tensor::from_slice(values, shape, &Device::Cpu);
        Ok(planes.iter().map(tensor).collect::<Result<_, _>>()?)
    }
}

/// The linear probe that reads a place from a latent goal; it exists in training only.
fn probe(latent: usize) -> [Parameter; 2] {
    [
        Parameter {
            name: "weight".to_owned(),
            shape: vec![PLACE, latent],
            init: Init::Linear { inputs: latent },
        },
        Parameter { name: "bias".to_owned(), shape: vec![PLACE], init: Init::Constant(0.0) },
    ]
}

fn rows(values: &[f32], samples: usize) -> Result<Tensor, candle_core::Error> {
    Tensor::from_slice(values, (samples, values.len() / samples.max(1)), &Device::Cpu)
}

fn two(outputs: Vec<Tensor>) -> Result<[Tensor; 2], TrainError> {
    <[Tensor; 2]>::try_from(outputs).map_err(|_other_count| no_output())
}

fn no_output() -> TrainError {
    candle_core::Error::Msg("a network gave another number of outputs than it has".to_owned())
        .into()
}
