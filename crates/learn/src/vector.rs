//! Small policies on vectors: what a study trains by the hundred.
//!
//! One trunk, whatever the representation: hidden layers on a row of numbers. Behind it stands a
//! head that says numbers, or one that says symbols, each knowing the ones before it (a neural
//! autoregressive estimator, Larochelle and Murray 2011) or all of them at once.

mod forward;

use std::collections::BTreeMap;

use candle_core::{Device, Tensor};
use serde::{Deserialize, Serialize};
use tandem_inference::Weights;
use tandem_networks::{Init, Parameter};

use crate::optimiser::{AdamW, AdamWConfig};
use crate::parameters::Parameters;
use crate::schedule::Schedule;
use crate::{TrainError, parameters::with_values};
use forward::{continuous, symbol_logits, trunk};

/// What a vector policy is made of, and how it is trained.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VectorConfig {
    /// Numbers in a row of input.
    pub inputs: usize,
    /// Widths of the trunk's hidden layers, one at least; the last is the head's width, too.
    pub hidden: Vec<usize>,
    /// What it says.
    pub head: VectorHead,
    /// Steps the schedule is laid out for.
    pub steps: u64,
    /// Learning rate.
    pub schedule: Schedule,
    /// Optimiser.
    pub optimiser: AdamWConfig,
    /// Seed of the first weights.
    pub seed: u64,
}

/// What a vector policy says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum VectorHead {
    /// Numbers, learned by their mean absolute error.
    Numbers {
        /// How many.
        outputs: usize,
    },
    /// Symbols, learned by cross-entropy.
    Symbols {
        /// How many.
        places: usize,
        /// Every symbol is below this.
        alphabet: usize,
        /// Whether each knows the ones before it; otherwise they are independent, given the input.
        ordered: bool,
    },
}

/// What a batch should have been answered with, row by row.
#[derive(Clone, Copy, Debug)]
pub enum Wanted<'a> {
    /// For [`VectorHead::Numbers`].
    Numbers(&'a [f32]),
    /// For [`VectorHead::Symbols`].
    Symbols(&'a [u32]),
}

/// A vector policy under training.
pub struct VectorTrainer {
    config: VectorConfig,
    parameters: Parameters,
    optimiser: AdamW,
}

/// A trained vector policy.
#[derive(Clone, Debug)]
pub struct VectorPolicy {
    config: VectorConfig,
    weights: Weights,
}

impl VectorTrainer {
    /// A policy with fresh weights.
    ///
    /// # Errors
    /// If Candle cannot make a tensor.
    pub fn new(config: VectorConfig) -> Result<Self, TrainError> {
        let mut parameters = Parameters::default();
        parameters.add("policy", &config.parameters(), config.seed)?;
        let optimiser = AdamW::new(&parameters, config.optimiser)?;
        Ok(Self { config, parameters, optimiser })
    }

    /// One step on a batch of `rows` rows; returns the loss before it.
    ///
    /// # Errors
    /// If the batch is of another size than the policy, or its answers are of the other kind.
    pub fn step(
        &mut self,
        rows: usize,
        inputs: &[f32],
        wanted: Wanted<'_>,
    ) -> Result<f32, TrainError> {
        let weights = self.parameters.network("policy").into_iter().collect();
        let x = Tensor::from_slice(inputs, (rows, self.config.inputs), &Device::Cpu)?;
        let hidden = trunk(&weights, &self.config.hidden, &x)?;
        let loss = match (self.config.head, wanted) {
            (VectorHead::Numbers { outputs }, Wanted::Numbers(values)) => {
                let wanted = Tensor::from_slice(values, (rows, outputs), &Device::Cpu)?;
                (continuous(&weights, &hidden, outputs)? - wanted)?.abs()?.mean_all()?
            }
            (VectorHead::Symbols { places, .. }, Wanted::Symbols(symbols)) => {
                let wanted = Tensor::from_slice(symbols, (rows, places), &Device::Cpu)?;
                let logits = symbol_logits(&weights, self.config.head, &hidden, &wanted)?;
                cross_entropy(&logits, &wanted)?
            }
            _ => return Err(other_kind().into()),
        };
        let value = loss.to_scalar()?;
        let rate = self.config.schedule.rate(self.optimiser.steps(), self.config.steps);
        self.optimiser.step(&loss.backward()?, rate)?;
        Ok(value)
    }

    /// The policy of the weights' running average.
    ///
    /// # Errors
    /// If Candle cannot make a tensor.
    pub fn policy(&self) -> Result<VectorPolicy, TrainError> {
        let averages: BTreeMap<String, Vec<f32>> = self.optimiser.averages();
        let mut tensors = Vec::with_capacity(averages.len());
        for (name, var) in self.parameters.network("policy") {
            let values = averages.get(&format!("policy.{name}")).cloned().unwrap_or_default();
            tensors.push((name, Tensor::from_vec(values, var.shape(), &Device::Cpu)?));
        }
        let weights = tensors.into_iter().collect();
        Ok(VectorPolicy { config: self.config.clone(), weights })
    }
}

impl VectorPolicy {
    /// What it says to rows of input, row by row.
    ///
    /// # Errors
    /// If the inputs are of another size, or it says symbols.
    pub fn numbers(&self, rows: usize, inputs: &[f32]) -> Result<Vec<f32>, TrainError> {
        let VectorHead::Numbers { outputs } = self.config.head else {
            return Err(other_kind().into());
        };
        let x = Tensor::from_slice(inputs, (rows, self.config.inputs), &Device::Cpu)?;
        let hidden = trunk(&self.weights, &self.config.hidden, &x)?;
        let said = continuous(&self.weights, &hidden, outputs)?;
        Ok(with_values(&said, <[f32]>::to_vec)?)
    }

    /// What it says to rows of input, row by row: at each place the likeliest symbol below the
    /// place's limit.
    ///
    /// # Errors
    /// If the inputs are of another size, or it says numbers.
    pub fn symbols(
        &self,
        rows: usize,
        inputs: &[f32],
        limits: &[u32],
    ) -> Result<Vec<u32>, TrainError> {
        let VectorHead::Symbols { places, ordered, .. } = self.config.head else {
            return Err(other_kind().into());
        };
        let x = Tensor::from_slice(inputs, (rows, self.config.inputs), &Device::Cpu)?;
        let hidden = trunk(&self.weights, &self.config.hidden, &x)?;
        let mut said = vec![0_u32; rows * places];
        if ordered {
            let mut walk = forward::Walk::new(&self.weights, self.config.head, hidden)?;
            for (place, limit) in limits.iter().enumerate().take(places) {
                let chosen = with_values(&walk.logits(place)?, |l| likeliest(l, rows, *limit))?;
                walk.told(place, &chosen)?;
                said.iter_mut().skip(place).step_by(places).zip(chosen).for_each(|(s, c)| *s = c);
            }
        } else {
            let none = Tensor::zeros((rows, places), candle_core::DType::U32, &Device::Cpu)?;
            let logits = symbol_logits(&self.weights, self.config.head, &hidden, &none)?;
            for (place, limit) in limits.iter().enumerate().take(places) {
                let logits = logits.narrow(1, place, 1)?.squeeze(1)?;
                let chosen = with_values(&logits, |l| likeliest(l, rows, *limit))?;
                said.iter_mut().skip(place).step_by(places).zip(chosen).for_each(|(s, c)| *s = c);
            }
        }
        Ok(said)
    }
}

impl VectorConfig {
    /// Every weight with its shape and start.
    fn parameters(&self) -> Vec<Parameter> {
        let mut parameters = Vec::new();
        let mut add = |name: &str, shape: Vec<usize>, init| {
            parameters.push(Parameter { name: name.to_owned(), shape, init });
        };
        let mut width = self.inputs;
        for (index, &next) in self.hidden.iter().enumerate() {
            let init = Init::Relu { inputs: width };
            add(&format!("hidden{index}.weight"), vec![next, width], init);
            add(&format!("hidden{index}.bias"), vec![next], Init::Constant(0.0));
            width = next;
        }
        let linear = Init::Linear { inputs: width };
        match self.head {
            VectorHead::Numbers { outputs } => {
                add("out.weight", vec![outputs, width], linear);
                add("out.bias", vec![outputs], Init::Constant(0.0));
            }
            VectorHead::Symbols { places, alphabet, ordered } => {
                add("places.weight", vec![places, width, alphabet], linear);
                add("places.bias", vec![places, 1, alphabet], Init::Constant(0.0));
                if ordered {
                    // Small, so that at first the input speaks louder than the symbols before.
                    add("before.weight", vec![places * alphabet, width], Init::Normal(0.05));
                }
            }
        }
        parameters
    }
}

/// The mean over rows and places, in nats.
fn cross_entropy(logits: &Tensor, wanted: &Tensor) -> Result<Tensor, candle_core::Error> {
    let logits = logits.broadcast_sub(&logits.max_keepdim(2)?.detach())?;
    let log_sum = logits.exp()?.sum_keepdim(2)?.log()?;
    let chosen = logits.gather(&wanted.unsqueeze(2)?.contiguous()?, 2)?;
    (log_sum - chosen)?.mean_all()
}

/// In each row of `logits` the place of the greatest among the first `limit`.
fn likeliest(logits: &[f32], rows: usize, limit: u32) -> Vec<u32> {
    let alphabet = logits.len() / rows.max(1);
    let best = |row: &[f32]| {
        let ids = (0..limit).zip(row);
        ids.fold((0, f32::NEG_INFINITY), |best, (id, &l)| if l > best.1 { (id, l) } else { best }).0
    };
    logits.chunks_exact(alphabet.max(1)).map(best).collect()
}

fn other_kind() -> candle_core::Error {
    candle_core::Error::Msg("a vector policy was asked for what the other kind says".to_owned())
}

#[cfg(test)]
mod tests;
