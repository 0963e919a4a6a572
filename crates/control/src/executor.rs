//! How chunks become one setpoint per tick.

mod newest;

use tandem_guard::Provenance;
use tandem_types::{ActionChunk, JointVec, Stamp};

use crate::ExecutorConfig;
use newest::Newest;

/// Where the joints should be at one moment, and how fast they should be moving there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Setpoint {
    /// Positions, rad.
    pub(crate) q: JointVec,
    /// Velocities, rad/s.
    pub(crate) dq: JointVec,
}

/// One executor. Every kind is told each good chunk once, and asked for a setpoint each tick that
/// moves; a new kind is one more variant here and in [`ExecutorConfig`].
#[derive(Clone, Debug)]
pub(crate) enum Executor {
    Newest(Newest),
}

impl Executor {
    pub(crate) const fn new(config: ExecutorConfig) -> Self {
        match config {
            ExecutorConfig::Newest => Self::Newest(Newest::new()),
        }
    }

    /// Takes over a chunk that the guard found good.
    pub(crate) const fn accept(&mut self, chunk: &ActionChunk) {
        match self {
            Self::Newest(newest) => newest.accept(chunk),
        }
    }

    /// The observations that its setpoints rest on; `None` before the first chunk.
    pub(crate) fn provenance(&self) -> Option<Provenance> {
        match self {
            Self::Newest(newest) => newest.provenance(),
        }
    }

    /// The setpoint for this moment; `None` before the first chunk.
    pub(crate) fn setpoint(&self, now: Stamp) -> Option<Setpoint> {
        match self {
            Self::Newest(newest) => newest.setpoint(now),
        }
    }
}
