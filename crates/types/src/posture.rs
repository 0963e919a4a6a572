//! What the robot's joints do, and what they are told to do.

use crate::{JointVec, Stamp};

/// The measured state of the joints.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct State {
    /// When the robot sampled it.
    pub stamp: Stamp,
    /// Positions, rad (or m for a prismatic joint).
    pub q: JointVec,
    /// Velocities, rad/s.
    pub dq: JointVec,
    /// Efforts, N m.
    pub tau: JointVec,
}

/// What the joints should do now: a position target with its velocity as feed-forward.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Command {
    /// Position target, rad.
    pub q: JointVec,
    /// The target's own velocity, rad/s.
    pub dq: JointVec,
}

/// State and command as one control tick saw them: the joint half of an observation.
///
/// System 1 needs both, from one moment. What it outputs departs from the *command* (a policy
/// that departs from the measured position never overcomes the servo's lag or its droop under
/// gravity), while what it corrects is the *measured* position.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Posture {
    /// The tick's time: the stamp of the observation.
    pub stamp: Stamp,
    /// The newest measured state at that tick.
    pub state: State,
    /// The command the tick sent.
    pub command: Command,
}

impl State {
    /// Becomes a copy of `other`: see [`JointVec::copy_from`].
    pub fn copy_from(&mut self, other: &Self) {
        let Self { stamp, q, dq, tau } = other;
        self.stamp = *stamp;
        self.q.copy_from(q);
        self.dq.copy_from(dq);
        self.tau.copy_from(tau);
    }
}

impl Command {
    /// Becomes a copy of `other`: see [`JointVec::copy_from`].
    pub fn copy_from(&mut self, other: &Self) {
        let Self { q, dq } = other;
        self.q.copy_from(q);
        self.dq.copy_from(dq);
    }
}

impl Posture {
    /// Becomes a copy of `other`: see [`JointVec::copy_from`].
    pub fn copy_from(&mut self, other: &Self) {
        let Self { stamp, state, command } = other;
        self.stamp = *stamp;
        self.state.copy_from(state);
        self.command.copy_from(command);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_what_an_assignment_would_be() {
        let joints = |value: f64| JointVec::splat(3, value);
        let stamp = Stamp::from_nanos(7);
        let state = State { stamp, q: joints(1.0), dq: joints(2.0), tau: joints(3.0) };
        let command = Command { q: joints(4.0), dq: joints(5.0) };
        let posture = Posture { stamp: Stamp::from_nanos(8), state, command };
        let mut copy = Posture::default();
        copy.copy_from(&posture);
        assert_eq!(copy, posture);
        copy.copy_from(&Posture::default());
        assert_eq!(copy, Posture::default());
    }
}
