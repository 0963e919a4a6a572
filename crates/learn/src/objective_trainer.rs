//! Training an objective on conditions of any origin, in memory and without a bundle.

use rand_pcg::Pcg64Mcg;
use tandem_actions::{ChunkShape, Representation};
use tandem_inference::Weights;
use tandem_system1::Head;

use crate::TrainError;
use crate::head::{Trained, parameters};
use crate::memory::Memory;
use crate::objective::{HeadSizes, Objective, objective};
use crate::optimiser::{AdamW, AdamWConfig};
use crate::parameters::Parameters;
use crate::schedule::Schedule;

/// One of System 1's heads under training, by its representation's name: what
/// [`train_head`](crate::train_head) does with a dataset, for a study that has conditions of its own.
pub struct ObjectiveTrainer {
    objective: Box<dyn Objective>,
    parameters: Parameters,
    optimiser: AdamW,
    schedule: Schedule,
    steps: u64,
    shape: ChunkShape,
}

impl ObjectiveTrainer {
    /// A head with fresh weights. `chunks` are those that a tokenizer is fitted on, about
    /// `[-1, 1]`, one after the other; `steps` is what the schedule is laid out for.
    ///
    /// # Errors
    /// If there is no representation of that name, or its sizes do not fit together.
    pub fn new(
        name: &str,
        sizes: &HeadSizes,
        chunks: &[f32],
        schedule: Schedule,
        steps: u64,
        seed: u64,
    ) -> Result<Self, TrainError> {
        let objective = objective(name, sizes, chunks)?;
        let parameters = parameters(objective.as_ref(), seed)?;
        let optimiser = AdamW::new(&parameters, AdamWConfig::USUAL)?;
        Ok(Self { objective, parameters, optimiser, schedule, steps, shape: sizes.shape })
    }

    /// One step on all samples of `batch`; returns the loss before it.
    ///
    /// # Errors
    /// If the batch does not fit the head.
    pub fn step(&mut self, batch: &Memory, rng: &mut Pcg64Mcg) -> Result<f32, TrainError> {
        let rows: Vec<usize> = (0..batch.samples).collect();
        let (condition, chunk) = batch.batch(&rows)?;
        let vars = self.parameters.vars().iter();
        let weights: Weights =
            vars.map(|(name, var)| (name.clone(), var.as_tensor().clone())).collect();
        let loss = self.objective.loss(&weights, &condition, &chunk, rng)?;
        let rate = self.schedule.rate(self.optimiser.steps(), self.steps);
        self.optimiser.step(&loss.backward()?, rate)?;
        Ok(loss.to_scalar()?)
    }

    /// The tokenizer that the head speaks through; none of a head that speaks in plain numbers.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn codec(&self) -> Result<Option<Box<dyn Representation + Send>>, TrainError> {
        let trained = Trained::new(self.objective.as_ref(), &self.optimiser.averages())?;
        Ok(tandem_system1::codec(&self.objective.representation(), self.shape, &trained)?)
    }

    /// The head of the weights' running average, as System 1 runs it.
    ///
    /// # Errors
    /// If its networks cannot be made.
    pub fn head(&self) -> Result<Box<dyn Head>, TrainError> {
        let trained = Trained::new(self.objective.as_ref(), &self.optimiser.averages())?;
        Ok(tandem_system1::head(&self.objective.representation(), self.shape, &trained)?)
    }
}

#[cfg(test)]
mod tests {
    use rand::{RngExt as _, SeedableRng as _};
    use tandem_networks::ConditionSizes;
    use tandem_system1::{Budget, Condition, no_deadline};

    use super::*;

    /// A chunk that is twice its condition, from conditions that no camera made.
    #[test]
    fn a_head_learns_from_conditions_of_any_origin() {
        let sizes = HeadSizes {
            condition: ConditionSizes { features: 1, posture: 1, latent: 1 },
            shape: ChunkShape::new(2, 1).unwrap(),
            width: 32,
        };
        let schedule = Schedule { peak: 5e-3, warm_up_steps: 10, last_fraction: 0.01 };
        let mut trainer = ObjectiveTrainer::new("flow", &sizes, &[], schedule, 400, 1).unwrap();
        let mut rng = Pcg64Mcg::seed_from_u64(3);
        for _ in 0..400 {
            let x: Vec<f32> = (0..64).map(|_| rng.random_range(-0.5..0.5)).collect();
            let memory = Memory {
                posture: vec![0.0; 64],
                latent: vec![0.0; 64],
                chunk: x.iter().flat_map(|x| [2.0 * x; 2]).collect(),
                features: x,
                samples: 64,
            };
            trainer.step(&memory, &mut rng).unwrap();
        }
        let mut head = trainer.head().unwrap();
        let mut chunk = [0.0; 2];
        for x in [-0.4, 0.0, 0.3] {
            let condition =
                Condition { features: &[x], posture: &[0.0], latent: &[0.0], motion: 1 };
            let mut never = no_deadline();
            head.decode(&condition, &mut Budget::new(None, &mut never), &mut chunk).unwrap();
            assert!(chunk.iter().all(|value| (value - 2.0 * x).abs() < 0.15), "{x}: {chunk:?}");
        }
    }
}
