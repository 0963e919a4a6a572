//! A trained head, run as System 1 runs it.

use std::collections::BTreeMap;

use tandem_bundle::Tensor;
use tandem_inference::{Engine, built_in};
use tandem_networks::Architecture;
use tandem_system1::{
    Budget, ChunkUnit, Condition, Head, LoadError, Parts, StepError, no_deadline,
};

use crate::error::TrainError;
use crate::memory::Memory;
use crate::objective::Objective;

/// How far chunks are from the expert's, over all their numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Deviation {
    /// Mean absolute error, mrad.
    pub error_mrad: f64,
    /// The same of chunks that say "stay": what there is to learn, mrad.
    pub at_rest_mrad: f64,
    /// Mean squared error, mrad^2.
    pub mse_mrad2: f64,
}

/// The networks, weights and files of a trained objective: what a bundle is made of, and what
/// [`head`](tandem_system1::head) can run without one.
pub struct Trained {
    networks: Vec<(&'static str, Architecture)>,
    /// Under `<network>.<parameter>`.
    weights: BTreeMap<String, Tensor>,
    files: BTreeMap<String, Vec<u8>>,
}

impl Trained {
    /// Of `weights`, under `<network>.<parameter>`, takes those that the objective ships.
    ///
    /// # Errors
    /// If the objective's sizes do not fit together.
    pub fn new(
        objective: &dyn Objective,
        weights: &BTreeMap<String, Vec<f32>>,
    ) -> Result<Self, TrainError> {
        let mut tensors = BTreeMap::new();
        for (network, architecture) in objective.networks() {
            for parameter in architecture.parameters()? {
                let name = format!("{network}.{}", parameter.name);
                let data = weights.get(&name).cloned().unwrap_or_default();
                tensors.insert(name, Tensor { shape: parameter.shape, data });
            }
        }
        Ok(Self { networks: objective.networks(), weights: tensors, files: objective.files() })
    }

    pub(super) fn networks(&self) -> &[(&'static str, Architecture)] {
        &self.networks
    }

    pub(super) const fn weights(&self) -> &BTreeMap<String, Tensor> {
        &self.weights
    }

    pub(super) const fn files(&self) -> &BTreeMap<String, Vec<u8>> {
        &self.files
    }
}

impl Parts for Trained {
    fn engine(&self, name: &str) -> Result<Box<dyn Engine>, LoadError> {
        let Some((_, architecture)) = self.networks.iter().find(|(own, _)| *own == name) else {
            let present = self.networks.iter().map(|(name, _)| (*name).to_owned()).collect();
            let name = name.to_owned();
            return Err(tandem_inference::LoadError::NoNetwork { name, present }.into());
        };
        let engine = built_in(architecture, |parameter| {
            let tensor = self.weights.get(&format!("{name}.{parameter}"))?;
            Some((tensor.shape.as_slice(), tensor.data.as_slice()))
        })?;
        Ok(engine)
    }

    fn file(&self, name: &str) -> Option<&[u8]> {
        self.files.get(name).map(Vec::as_slice)
    }
}

/// How far the chunks of a head are from the expert's, whose chunks in `memory` are in the unit
/// `expert`.
pub(super) fn measure(
    head: &mut dyn Head,
    own: &ChunkUnit,
    memory: &Memory,
    expert: &ChunkUnit,
) -> Result<Deviation, TrainError> {
    let mut never = no_deadline();
    let (mut said, mut wanted) = (vec![0.0; memory.values()], vec![0.0; memory.values()]);
    let mut sums = Deviation::default();
    for row in 0..memory.samples {
        let condition = Condition {
            features: memory.row(&memory.features, row),
            posture: memory.row(&memory.posture, row),
            latent: memory.row(&memory.latent, row),
            motion: row as u64,
        };
        let mut budget = Budget::new(None, &mut never);
        match head.decode(&condition, &mut budget, &mut said) {
            Ok(_) => own.to_rad(&mut said),
            // What was said is no chunk: on a robot the one before goes on, here nothing moves.
            Err(StepError::Tokens(_) | StepError::NoEnd { .. }) => said.fill(0.0),
            Err(other) => return Err(other.into()),
        }
        wanted.copy_from_slice(memory.row(&memory.chunk, row));
        expert.to_rad(&mut wanted);
        for (&said, &wanted) in said.iter().zip(&wanted) {
            let (error, rest) = (1e3 * f64::from(said - wanted), 1e3 * f64::from(wanted));
            sums.error_mrad += error.abs();
            sums.at_rest_mrad += rest.abs();
            sums.mse_mrad2 += error * error;
        }
    }
    let count = (memory.samples * memory.values()).max(1) as f64;
    Ok(Deviation {
        error_mrad: sums.error_mrad / count,
        at_rest_mrad: sums.at_rest_mrad / count,
        mse_mrad2: sums.mse_mrad2 / count,
    })
}
