//! AdamW in one pass over each weight.

use core::cell::RefCell;
use std::collections::BTreeMap;

use candle_core::backprop::GradStore;
use candle_core::{CpuStorage, InplaceOp1, Layout, Var};
use serde::{Deserialize, Serialize};

use crate::parameters::{Parameters, with_values};

/// The settings of [`AdamW`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdamWConfig {
    /// Decay of the mean gradient.
    pub beta1: f64,
    /// Decay of the mean squared gradient.
    pub beta2: f64,
    /// Added to the root of the mean squared gradient.
    pub epsilon: f64,
    /// Decoupled weight decay, for weights of two or more axes (not for biases and norms).
    pub weight_decay: f64,
    /// The gradient's norm over all weights is cut to this.
    pub gradient_norm_max: f64,
    /// Decay of the running average of the weights, which is what a bundle ships.
    pub average_decay: f64,
}

impl AdamWConfig {
    /// The usual settings (Loshchilov and Hutter 2019), with a norm limit of one.
    pub const USUAL: Self = Self {
        beta1: 0.9,
        beta2: 0.999,
        epsilon: 1e-8,
        weight_decay: 1e-4,
        gradient_norm_max: 1.0,
        average_decay: 0.998,
    };
}

/// AdamW (Loshchilov and Hutter 2019) with clipping by the global norm and an exponential moving
/// average of the weights.
///
/// Candle's own optimiser builds a dozen tensors for each weight and step; this one updates
/// weight, both moments and the average in one pass, in place.
#[derive(Debug)]
pub struct AdamW {
    config: AdamWConfig,
    steps: u64,
    slots: BTreeMap<String, Slot>,
}

/// One weight and what the optimiser remembers of it.
#[derive(Debug)]
struct Slot {
    var: Var,
    decays: bool,
    memory: Memory,
}

/// What the optimiser remembers of one weight.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Memory {
    pub(crate) mean: Vec<f32>,
    pub(crate) square: Vec<f32>,
    pub(crate) average: Vec<f32>,
}

impl AdamW {
    /// An optimiser of all of `parameters`.
    ///
    /// # Errors
    /// If a weight is no `f32` tensor on the CPU.
    pub fn new(parameters: &Parameters, config: AdamWConfig) -> Result<Self, candle_core::Error> {
        let mut slots = BTreeMap::new();
        for (name, var) in parameters.vars() {
            let average = with_values(var, <[f32]>::to_vec)?;
            let zeros = vec![0.0; average.len()];
            let memory = Memory { mean: zeros.clone(), square: zeros, average };
            slots.insert(name.clone(), Slot { var: var.clone(), decays: var.rank() > 1, memory });
        }
        Ok(Self { config, steps: 0, slots })
    }

    /// How many steps it has made.
    #[must_use]
    pub const fn steps(&self) -> u64 {
        self.steps
    }

    /// Moves every weight that has a gradient, and returns the gradient's norm before clipping.
    ///
    /// A norm that is not finite moves nothing, so that one bad batch cannot end a run.
    ///
    /// # Errors
    /// If a gradient is no `f32` tensor on the CPU.
    pub fn step(&mut self, gradients: &GradStore, rate: f64) -> Result<f64, candle_core::Error> {
        let mut squares = 0.0;
        for slot in self.slots.values() {
            if let Some(gradient) = gradients.get(&slot.var) {
                squares += with_values(gradient, sum_of_squares)?;
            }
        }
        let norm = squares.sqrt();
        self.steps += 1;
        if !norm.is_finite() {
            return Ok(norm);
        }
        let clip = (self.config.gradient_norm_max / norm.max(f64::MIN_POSITIVE)).min(1.0);
        let update = Update::new(self.config, self.steps, rate, clip);
        for slot in self.slots.values_mut() {
            let Some(gradient) = gradients.get(&slot.var) else { continue };
            let Slot { var, decays, memory } = slot;
            with_values(gradient, |gradient| {
                let update = if *decays { update } else { Update { decay: 0.0, ..update } };
                var.inplace_op1(&InPlace { update, gradient, memory: RefCell::new(memory) })
            })??;
        }
        Ok(norm)
    }

    /// The running average of each weight.
    #[must_use]
    pub fn averages(&self) -> BTreeMap<String, Vec<f32>> {
        let average = |(name, slot): (&String, &Slot)| (name.clone(), slot.memory.average.clone());
        self.slots.iter().map(average).collect()
    }

    /// Each weight's variable and memory, for a checkpoint.
    pub(crate) fn slots(&self) -> impl Iterator<Item = (&str, &Var, &Memory)> {
        self.slots.iter().map(|(name, slot)| (name.as_str(), &slot.var, &slot.memory))
    }

    /// Takes up a checkpoint: the memory of `name`, of the right size.
    pub(crate) fn restore(&mut self, name: &str, memory: Memory) {
        if let Some(slot) = self.slots.get_mut(name) {
            slot.memory = memory;
        }
    }

    pub(crate) const fn restore_steps(&mut self, steps: u64) {
        self.steps = steps;
    }
}

/// The numbers one step uses for every weight.
#[derive(Clone, Copy)]
struct Update {
    beta1: f32,
    beta2: f32,
    /// Learning rate over the bias correction of the mean.
    rate: f32,
    /// One over the root of the bias correction of the square.
    square_scale: f32,
    epsilon: f32,
    /// Weight decay times learning rate.
    decay: f32,
    clip: f32,
    average_decay: f32,
}

impl Update {
    fn new(config: AdamWConfig, steps: u64, rate: f64, clip: f64) -> Self {
        let t = steps as f64;
        Self {
            beta1: config.beta1 as f32,
            beta2: config.beta2 as f32,
            rate: (rate / (1.0 - config.beta1.powf(t))) as f32,
            square_scale: (1.0 / (1.0 - config.beta2.powf(t)).sqrt()) as f32,
            epsilon: config.epsilon as f32,
            decay: (config.weight_decay * rate) as f32,
            clip: clip as f32,
            // A young average must forget the random start quickly.
            average_decay: config.average_decay.min((1.0 + t) / (10.0 + t)) as f32,
        }
    }

    fn apply(&self, weights: &mut [f32], gradient: &[f32], memory: &mut Memory) {
        let Memory { mean, square, average } = memory;
        let state = mean.iter_mut().zip(square).zip(average);
        for ((weight, &gradient), ((mean, square), average)) in
            weights.iter_mut().zip(gradient).zip(state)
        {
            let gradient = gradient * self.clip;
            *mean += (1.0 - self.beta1) * (gradient - *mean);
            *square += (1.0 - self.beta2) * (gradient * gradient - *square);
            let spread = square.sqrt() * self.square_scale + self.epsilon;
            *weight -= self.decay * *weight + self.rate * *mean / spread;
            *average += (1.0 - self.average_decay) * (*weight - *average);
        }
    }
}

/// One weight's update as Candle's in-place operation.
struct InPlace<'a> {
    update: Update,
    gradient: &'a [f32],
    memory: RefCell<&'a mut Memory>,
}

impl InplaceOp1 for InPlace<'_> {
    fn name(&self) -> &'static str {
        "adamw"
    }

    fn cpu_fwd(&self, storage: &mut CpuStorage, layout: &Layout) -> candle_core::Result<()> {
        let CpuStorage::F32(values) = storage else {
            return Err(candle_core::Error::Msg("weights under training are f32".to_owned()));
        };
        let (start, end) = layout.contiguous_offsets().unwrap_or((0, 0));
        let weights = values.get_mut(start..end).unwrap_or(&mut []);
        self.update.apply(weights, self.gradient, &mut self.memory.borrow_mut());
        Ok(())
    }
}

fn sum_of_squares(values: &[f32]) -> f64 {
    // Eight sums at once, so that the compiler can keep them in one register.
    let mut sums = [0.0_f32; 8];
    let (chunks, rest) = values.as_chunks::<8>();
    for chunk in chunks {
        for (sum, value) in sums.iter_mut().zip(chunk) {
            *sum += value * value;
        }
    }
    let rest: f32 = rest.iter().map(|value| value * value).sum();
    f64::from(sums.iter().sum::<f32>() + rest)
}

#[cfg(test)]
mod tests;
