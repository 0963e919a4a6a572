//! What the real-time threads tell the rest of the daemon, through bounded rings.

use core::time::Duration;

use tandem_guard::{Ages, Cause, Counters, Mode, Nonce, Reaction, Refusal};
use tandem_realtime::Wake;
use tandem_types::{InstructionId, Stamp};

/// Room for 0.5 s of ticks, while telemetry drains every 20 ms.
pub(crate) const RING_RECORDS: usize = 512;

/// One control tick.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TickRecord {
    pub(crate) wake: Wake,
    pub(crate) compute: Duration,
    pub(crate) mode: Mode,
    pub(crate) reaction: Reaction,
    pub(crate) cause: Option<Cause>,
    pub(crate) ages: Ages,
    pub(crate) counters: Counters,
    pub(crate) seam_rad: Option<f64>,
    pub(crate) instruction: InstructionId,
    pub(crate) progress: f32,
    pub(crate) speed_rad_s: f64,
    pub(crate) answer: Option<Answer>,
}

/// What became of an operator's request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Answer {
    pub(crate) ticket: u64,
    pub(crate) refusal: Option<Refusal>,
    /// What arms after the stop that was acknowledged.
    pub(crate) nonce: Option<Nonce>,
}

/// One System 1 step, or one thought of System 2.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WorkRecord {
    pub(crate) worker: Worker,
    pub(crate) began: Stamp,
    pub(crate) took: Duration,
    pub(crate) outcome: Outcome,
}

/// Who worked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Worker {
    /// System 1's head.
    Policy,
    /// System 1's visual encoder.
    Eye,
    /// System 2.
    Thought,
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// A result was published.
    Published,
    /// There was nothing to do, or nothing to do it with yet.
    Idle,
    /// It failed; the worker has logged why.
    Failed,
}
