//! Signals that go on coming and say nothing new.

use tandem_types::{Command, JointVec, State};

use crate::watch::FrameWitness;

/// A robot that is told to move by this much, rad, and reads exactly as before is not measuring.
/// At rest a coarse encoder may well repeat itself; this is a dozen of its steps of 2 pi / 4096.
const MOVED_RAD: f64 = 0.02;

/// Watches the joint state.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct StateRepeats {
    last: Option<State>,
    repeats: u32,
    // The command when the state changed last.
    told: JointVec,
}

impl StateRepeats {
    /// How many times the state came unchanged although the joints were told to move.
    pub(crate) fn see(&mut self, state: &State, sent: Option<&Command>) -> u32 {
        let Some(sent) = sent else {
            *self = Self::default();
            return 0;
        };
        let same = self
            .last
            .is_some_and(|last| (last.q, last.dq, last.tau) == (state.q, state.dq, state.tau));
        let new = self.last.is_none_or(|last| last.stamp != state.stamp);
        if !same {
            (self.repeats, self.told) = (0, sent.q);
        } else if new {
            self.repeats = self.repeats.saturating_add(1);
        }
        self.last = Some(*state);
        let moved = sent.q.zip_with(&self.told, |to, from| to - from).max_abs();
        if moved > MOVED_RAD { self.repeats } else { 0 }
    }
}

/// Watches a camera.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct FrameRepeats {
    last: Option<FrameWitness>,
    repeats: u32,
}

impl FrameRepeats {
    /// How many times the same picture came again.
    pub(crate) fn see(&mut self, frame: FrameWitness) -> u32 {
        if let Some(last) = self.last.replace(frame).filter(|last| last.stamp != frame.stamp) {
            self.repeats = if last.hash == frame.hash { self.repeats.saturating_add(1) } else { 0 };
        }
        self.repeats
    }
}
