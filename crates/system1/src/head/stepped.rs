//! A sampler of as many steps as a budget allows.

use crate::budget::Budget;

/// A sampler that is made for a number of steps, and made anew where a budget allows another number
/// than the one before: that happens once, for a config fixes the budget.
pub(super) struct Stepped<S, E> {
    /// The bundle's number of steps, which no budget raises.
    most: usize,
    /// How many steps the sampler takes.
    steps: usize,
    sampler: S,
    make: Box<dyn Fn(usize) -> Result<S, E> + Send>,
}

impl<S, E> Stepped<S, E> {
    /// `make` makes a sampler of so many steps; the first one is made for `most`.
    pub(super) fn new(
        most: usize,
        make: impl Fn(usize) -> Result<S, E> + Send + 'static,
    ) -> Result<Self, E> {
        Ok(Self { most, steps: most, sampler: make(most)?, make: Box::new(make) })
    }

    /// The sampler of as many steps as `budget` allows.
    pub(super) fn within(&mut self, budget: &Budget<'_>) -> Result<&mut S, E> {
        let steps = budget.steps(self.most);
        if steps != self.steps {
            self.sampler = (self.make)(steps)?;
            self.steps = steps;
        }
        Ok(&mut self.sampler)
    }
}
