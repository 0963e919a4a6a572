//! What the guard says to a new action chunk before anything plays it.

use tandem_types::{ActionChunk, Stamp};

use crate::cause::Finding;
use crate::{Cause, Reaction, Signal};

/// Remembers what came last, and how many were refused since the last good one.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Inspection {
    accepted: Stamp,
    refused_run: u32,
    cause: Option<Cause>,
}

impl Inspection {
    /// Whether a chunk may be played.
    pub(crate) fn inspect(
        &mut self,
        now: Stamp,
        dof: usize,
        chunk: &ActionChunk,
    ) -> Result<(), Cause> {
        match check(now, dof, self.accepted, chunk) {
            Ok(()) => {
                *self = Self { accepted: chunk.observed, ..Self::default() };
                Ok(())
            }
            Err(cause) => {
                self.refused_run = self.refused_run.saturating_add(1);
                self.cause = Some(cause);
                Err(cause)
            }
        }
    }

    /// A bad chunk is a warning while the one before it still plays; a run of them is a hold.
    pub(crate) fn finding(&self, refused_run_max: u32) -> Option<Finding> {
        let reaction =
            if self.refused_run >= refused_run_max { Reaction::Hold } else { Reaction::Warn };
        Some(Finding::new(reaction, self.cause?))
    }
}

fn check(now: Stamp, dof: usize, accepted: Stamp, chunk: &ActionChunk) -> Result<(), Cause> {
    let signal = Signal::Action;
    if chunk.dof() != dof {
        return Err(Cause::Shape { signal, found: chunk.dof(), expected: dof });
    }
    // A chunk from the future would outlive every honest one that follows it.
    let ahead = now.age_at(chunk.observed);
    if !ahead.is_zero() {
        return Err(Cause::Ahead { signal, ahead });
    }
    let behind = chunk.observed.age_at(accepted);
    if !behind.is_zero() {
        return Err(Cause::OutOfOrder { behind });
    }
    if let Some(joint) = chunk.origin.iter().position(|value| !value.is_finite()) {
        return Err(Cause::NotFinite { signal, joint });
    }
    let rows = (0..chunk.steps()).filter_map(|step| chunk.step(step));
    match rows.map(|row| row.iter().position(|value| !value.is_finite())).find(Option::is_some) {
        Some(Some(joint)) => Err(Cause::NotFinite { signal, joint }),
        _ => Ok(()),
    }
}
