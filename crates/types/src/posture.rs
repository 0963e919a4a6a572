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
