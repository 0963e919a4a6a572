//! What one tick of the guard is asked, and what it answers.

use tandem_types::{Command, JointVec};

use crate::{AdmittedCommand, Ages, Cause, Limits, Mode, Reaction, Refusal};

/// What a setpoint departs from.
#[derive(Clone, Copy, Debug)]
pub struct Departure<'a> {
    /// The command last sent, or the measured pose at rest in the tick that arms.
    pub command: &'a Command,
    /// The change of its velocity in its last tick, rad/s^2.
    pub ddq: &'a JointVec,
    /// The tick's period, s.
    pub period_s: f64,
    /// What each joint may do.
    pub limits: &'a Limits,
    /// The part of the velocity limits that may be used now, in `[0, 1]`.
    pub speed_scale: f64,
}

/// What one tick of the guard decided.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Verdict {
    /// What to send, if anything.
    pub command: Option<AdmittedCommand>,
    /// The mode after this tick.
    pub mode: Mode,
    /// The worst reaction called for. While disarmed: what arming would meet.
    pub reaction: Reaction,
    /// Its cause; while stopped, what latched the stop.
    pub cause: Option<Cause>,
    /// Why this tick's request was refused.
    pub refusal: Option<Refusal>,
    /// Whether the setpoint was changed to keep a limit.
    pub clamped: bool,
    /// How old everything was.
    pub ages: Ages,
    /// The counts up to this tick.
    pub counters: Counters,
}

/// How often the guard intervened since it was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Ticks whose setpoint was changed to keep a limit.
    pub clamped: u64,
    /// Chunks and setpoints refused.
    pub refused: u64,
    /// Times motion went over into holding.
    pub holds: u64,
    /// Times a stop latched.
    pub stops: u64,
}

impl Departure<'_> {
    /// The setpoint that moves from here to `q` (rad) in one tick, and on at that speed.
    #[must_use]
    pub fn arriving_at(&self, q: JointVec) -> Command {
        Command { q, dq: q.zip_with(&self.command.q, |to, from| (to - from) / self.period_s) }
    }
}
