//! How long a head may think.

/// What a head may spend on one chunk: so many steps, and no step once time is up.
///
/// This crate reads no clock. Whoever owns a thread says when time is up; in virtual time it never
/// is.
pub struct Budget<'a> {
    steps_max: Option<usize>,
    is_over: &'a mut dyn FnMut() -> bool,
}

impl<'a> Budget<'a> {
    /// At most `steps_max` steps (as many as the bundle says, without one), and none after
    /// `is_over` has said so. It is asked before each step.
    pub fn new(steps_max: Option<usize>, is_over: &'a mut dyn FnMut() -> bool) -> Self {
        Self { steps_max, is_over }
    }

    /// How many of `wanted` steps there may be, at least one.
    #[must_use]
    pub fn steps(&self, wanted: usize) -> usize {
        self.steps_max.unwrap_or(wanted).clamp(1, wanted.max(1))
    }

    /// Whether time is up.
    pub fn is_over(&mut self) -> bool {
        (self.is_over)()
    }
}

/// All the time there is.
pub fn no_deadline() -> impl FnMut() -> bool {
    || false
}
