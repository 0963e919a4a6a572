//! A trained head, run as System 1 runs it.

use std::collections::BTreeMap;

use tandem_actions::ChunkShape;
use tandem_bundle::{ChunkRange, Tensor};
use tandem_inference::{CandleEngine, Engine};
use tandem_networks::Architecture;
use tandem_system1::{Budget, Condition, LoadError, Parts, head, no_deadline};

use crate::error::TrainError;
use crate::memory::Memory;
use crate::objective::Objective;
use crate::validate::Metrics;

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
        let engine = CandleEngine::load(architecture, |parameter| {
            let tensor = self.weights.get(&format!("{name}.{parameter}"))?;
            Some((tensor.shape.as_slice(), tensor.data.as_slice()))
        })?;
        Ok(Box::new(engine))
    }

    fn file(&self, name: &str) -> Option<&[u8]> {
        self.files.get(name).map(Vec::as_slice)
    }
}

/// How far the head's chunks are from the expert's; both are in the range's unit.
pub(super) fn measure(
    trained: &Trained,
    objective: &dyn Objective,
    memory: &Memory,
    range: &ChunkRange,
    shape: ChunkShape,
) -> Result<Metrics, TrainError> {
    let mut head = head(&objective.representation(), shape, trained)?;
    let mut never = no_deadline();
    let mut said = vec![0.0; shape.values()];
    let (mut error, mut at_rest) = (0.0, 0.0);
    for row in 0..memory.samples {
        let condition = Condition {
            features: memory.row(&memory.features, row),
            posture: memory.row(&memory.posture, row),
            latent: memory.row(&memory.latent, row),
            motion: row as u64,
        };
        head.decode(&condition, &mut Budget::new(None, &mut never), &mut said)?;
        let ends = range.low_rad.iter().zip(&range.high_rad);
        let pairs = said.iter().zip(memory.row(&memory.chunk, row)).zip(ends);
        for ((said, wanted), (low, high)) in pairs {
            let half = 0.5 * (high - low);
            error += f64::from((said - wanted).abs()) * half;
            at_rest += (f64::from(*wanted) * half + 0.5 * (low + high)).abs();
        }
    }
    let count = (memory.samples * shape.values()).max(1) as f64;
    Ok(Metrics {
        action_error_mrad: 1e3 * error / count,
        action_at_rest_mrad: 1e3 * at_rest / count,
        ..Metrics::default()
    })
}
