//! [`Ops`] that computes nothing and lists the steps.

use tandem_networks::{Activation, Conv, Ops, ShapeOps};

use super::step::Step;
use crate::kernels::linear::LinearShape;
use crate::load::LoadError;

/// A value of the plan.
#[derive(Clone, Debug)]
pub(super) struct Slot {
    pub(super) at: usize,
    shape: Vec<usize>,
}

/// Where weights come from: shape and numbers by name.
type Find<'a, 'w> = &'a dyn Fn(&str) -> Option<(&'w [usize], &'w [f32])>;

/// Lists what a network asks for; shapes are followed by [`ShapeOps`].
pub(super) struct PlanOps<'a, 'w> {
    pub(super) steps: Vec<Step>,
    pub(super) values: Vec<Vec<f32>>,
    shapes: ShapeOps,
    find: Find<'a, 'w>,
}

impl<'a, 'w> PlanOps<'a, 'w> {
    pub(super) fn new(find: Find<'a, 'w>) -> Self {
        Self { steps: Vec::new(), values: Vec::new(), shapes: ShapeOps::default(), find }
    }

    /// Room for an input of a sample; all of them before the first step.
    pub(super) fn input(&mut self, shape: &[usize]) -> Slot {
        self.slot([&[1], shape].concat())
    }

    fn slot(&mut self, shape: Vec<usize>) -> Slot {
        self.values.push(vec![0.0; shape.iter().product()]);
        Slot { at: self.values.len() - 1, shape }
    }

    fn step(&mut self, step: Step, shape: Vec<usize>) -> Result<Slot, LoadError> {
        self.steps.push(step);
        Ok(self.slot(shape))
    }

    fn weight(&self, name: String, shape: &[usize]) -> Result<Vec<f32>, LoadError> {
        match (self.find)(&name) {
            None => Err(LoadError::MissingWeight { name, shape: shape.to_vec() }),
            Some((found, values)) if found == shape => Ok(values.to_vec()),
            Some((found, _)) => {
                let (expected, found) = (shape.to_vec(), found.to_vec());
                Err(LoadError::WeightShape { name, expected, found })
            }
        }
    }

    fn join(&mut self, parts: &[Slot], shape: Vec<usize>) -> Result<Slot, LoadError> {
        let parts = parts.iter().map(|part| part.at).collect();
        self.step(Step::Join { parts }, shape)
    }
}

fn shapes(parts: &[Slot]) -> Vec<Vec<usize>> {
    parts.iter().map(|part| part.shape.clone()).collect()
}

const fn unsupported(operation: &'static str) -> LoadError {
    LoadError::Unsupported { operation }
}

impl Ops for PlanOps<'_, '_> {
    type Tensor = Slot;
    type Error = LoadError;

    fn conv2d(&mut self, _x: &Slot, _name: &str, _conv: Conv) -> Result<Slot, LoadError> {
        Err(unsupported("convolution"))
    }

    fn linear(
        &mut self,
        x: &Slot,
        name: &str,
        outputs: usize,
        activation: Activation,
    ) -> Result<Slot, LoadError> {
        let shape = self.shapes.linear(&x.shape, name, outputs, activation)?;
        // Following the shape has made sure that there is a last axis.
        let inputs = x.shape.last().copied().unwrap_or(1);
        let rows = shape.iter().product::<usize>() / outputs;
        let weight = self.weight(format!("{name}.weight"), &[outputs, inputs])?;
        let bias = self.weight(format!("{name}.bias"), &[outputs])?;
        let sizes = LinearShape { batch: 1, rows, inputs, outputs };
        self.step(Step::Linear { x: x.at, shape: sizes, activation, weight, bias }, shape)
    }

    fn film_relu(&mut self, _x: &Slot, _scale_shift: &Slot) -> Result<Slot, LoadError> {
        Err(unsupported("modulation"))
    }

    fn spatial_softmax(&mut self, _x: &Slot) -> Result<Slot, LoadError> {
        Err(unsupported("spatial softmax"))
    }

    fn mean_picture(&mut self, _x: &Slot) -> Result<Slot, LoadError> {
        Err(unsupported("mean over a picture"))
    }

    fn embedding(
        &mut self,
        ids: &Slot,
        name: &str,
        words: usize,
        width: usize,
    ) -> Result<Slot, LoadError> {
        let shape = self.shapes.embedding(&ids.shape, name, words, width)?;
        let weight = self.weight(format!("{name}.weight"), &[words, width])?;
        self.step(Step::Embedding { ids: ids.at, words, width, weight }, shape)
    }

    fn add_learned(&mut self, x: &Slot, name: &str) -> Result<Slot, LoadError> {
        let shape = self.shapes.add_learned(&x.shape, name)?;
        let weight = self.weight(format!("{name}.weight"), shape.get(1..).unwrap_or_default())?;
        self.step(Step::AddLearned { x: x.at, weight }, shape)
    }

    fn layer_norm(&mut self, _x: &Slot, _name: &str) -> Result<Slot, LoadError> {
        Err(unsupported("layer normalisation"))
    }

    fn attention(
        &mut self,
        _q: &Slot,
        _k: &Slot,
        _v: &Slot,
        _heads: usize,
    ) -> Result<Slot, LoadError> {
        Err(unsupported("attention"))
    }

    fn add(&mut self, a: &Slot, b: &Slot) -> Result<Slot, LoadError> {
        let shape = self.shapes.add(&a.shape, &b.shape)?;
        self.step(Step::Add { a: a.at, b: b.at }, shape)
    }

    fn concat(&mut self, parts: &[Slot]) -> Result<Slot, LoadError> {
        let shape = self.shapes.concat(&shapes(parts))?;
        self.join(parts, shape)
    }

    fn concat_tokens(&mut self, parts: &[Slot]) -> Result<Slot, LoadError> {
        let shape = self.shapes.concat_tokens(&shapes(parts))?;
        self.join(parts, shape)
    }

    fn token(&mut self, x: &Slot, index: usize) -> Result<Slot, LoadError> {
        let shape = self.shapes.token(&x.shape, index)?;
        self.step(Step::Token { x: x.at, index }, shape)
    }

    fn mean_tokens(&mut self, x: &Slot) -> Result<Slot, LoadError> {
        let shape = self.shapes.mean_tokens(&x.shape)?;
        self.step(Step::MeanTokens { x: x.at }, shape)
    }
}
