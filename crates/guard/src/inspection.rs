//! What the guard says to a new action chunk before anything plays it.

use tandem_types::{ActionChunk, JointVec, Stamp};

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
        steps: &Steps<'_>,
        chunk: &ActionChunk,
    ) -> Result<(), Cause> {
        let checked = check(now, dof, self.accepted, chunk).and_then(|()| steps.check(chunk));
        match checked {
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

/// How far a path may jump, and from where.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Steps<'a> {
    pub(crate) step_rad_max: Option<f64>,
    /// Where the arm is, if that is known.
    pub(crate) pose: Option<&'a JointVec>,
}

impl Steps<'_> {
    /// From where the arm is to the path's origin, and from each point to the next.
    fn check(&self, chunk: &ActionChunk) -> Result<(), Cause> {
        let Some(limit_rad) = self.step_rad_max else { return Ok(()) };
        let mut from = *self.pose.unwrap_or(&chunk.origin);
        let mut to = chunk.origin;
        for step in 0..=chunk.steps() {
            jump(&from, &to, limit_rad).map_or(Ok(()), Err)?;
            from = to;
            let row = chunk.step(step).unwrap_or_default();
            to.iter_mut().zip(row).for_each(|(to, &value)| *to = f64::from(value));
        }
        Ok(())
    }
}

/// A step from one pose to the next that is too large, if there is one.
pub(crate) fn jump(from: &JointVec, to: &JointVec, limit_rad: f64) -> Option<Cause> {
    let steps = to.zip_with(from, |to, from| to - from);
    let joint = steps.iter().position(|step_rad| step_rad.abs() > limit_rad)?;
    let step_rad = steps.get(joint).copied().unwrap_or_default();
    Some(Cause::Discontinuity { joint, step_rad, limit_rad })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_of_the_limit_itself_is_no_jump() {
        let at = |q_rad| JointVec::splat(2, q_rad);
        assert_eq!(jump(&at(0.25), &at(0.75), 0.5), None);
        assert_eq!(jump(&at(0.25), &at(-0.25), 0.5), None);
        let far = jump(&at(0.25), &at(-0.5), 0.5);
        assert_eq!(far, Some(Cause::Discontinuity { joint: 0, step_rad: -0.75, limit_rad: 0.5 }));
    }
}
