//! Ctrl-C, SIGTERM and a parent that went away: all of them mean "come to an end in order".

use std::io::Read as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A flag that is raised when the process should end.
#[derive(Clone, Debug, Default)]
pub(crate) struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Raised by Ctrl-C and SIGTERM from now on.
    pub(crate) fn install() -> anyhow::Result<Self> {
        let interrupt = Self::default();
        let raised = interrupt.clone();
        ctrlc::set_handler(move || raised.raise())?;
        Ok(interrupt)
    }

    /// Raised as well when standard input closes: whoever started us holds its other end, and a
    /// pipe closes even when its owner is killed.
    pub(crate) fn raise_with_parent(&self) {
        let raised = self.clone();
        std::thread::spawn(move || {
            let mut sink = [0; 64];
            let mut input = std::io::stdin().lock();
            while input.read(&mut sink).is_ok_and(|bytes| bytes > 0) {}
            raised.raise();
        });
    }

    pub(crate) fn raise(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_raised(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// The flag itself, for rooms that take one.
    pub(crate) fn flag(&self) -> &AtomicBool {
        &self.0
    }
}
