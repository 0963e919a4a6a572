//! The arming state machine: who may move, and what it takes to get there.
//!
//! ```text
//!                 Arm                        rest
//!   Disarmed ------------> Active    .----------------- Disarming
//!      ^  ^                | |  |    |                     ^
//!      |  '----------------|-|--|----'         Disarm      |
//!      |                   | |  '--------------------------'
//!      |  Acknowledge      | '-- stop cause, or Stop (from anywhere)
//!      '---- at rest,      v
//!            cause gone - Stopped
//! ```
//!
//! Nothing but a request leads to `Active`, and no single request leads there from `Stopped`.

use crate::{Cause, Refusal};

/// What the arm may do, as others see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// Nothing is sent; the robot holds, or rests, by itself.
    Disarmed,
    /// Setpoints go through.
    Armed,
    /// The arm brakes and stays, commanded to; it resumes when the cause is gone.
    Holding,
    /// A latched stop: the arm brakes, then nothing is sent. Acknowledge, then arm.
    Stopped,
}

/// What a person, or the program acting for one, can ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Request {
    /// Adopt the measured pose and begin to move.
    Arm,
    /// Come to rest and stop sending.
    Disarm,
    /// Clear a latched stop whose cause is gone. Does not arm.
    Acknowledge,
    /// Stop now, latched.
    Stop,
}

/// What the state machine remembers. Whether `Active` means armed or holding is decided afresh
/// every tick.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Phase {
    Disarmed,
    Active,
    Disarming,
    Stopped(Cause),
}

/// What one tick knows that the state machine needs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Situation {
    /// What speaks against arming now.
    pub(crate) unfit: Option<Refusal>,
    /// What calls for a stop now.
    pub(crate) stop: Option<Cause>,
    /// Whether the last command sent was at rest (or none was).
    pub(crate) at_rest: bool,
}

impl Phase {
    /// The phase a request leads to.
    pub(crate) const fn request(
        self,
        request: Request,
        situation: &Situation,
    ) -> Result<Self, Refusal> {
        match (request, self) {
            (Request::Stop, Self::Stopped(cause)) => Ok(Self::Stopped(cause)),
            (Request::Stop, _) => Ok(Self::Stopped(Cause::StopRequested)),
            (Request::Arm | Request::Disarm, Self::Stopped(cause)) => Err(Refusal::Latched(cause)),
            (Request::Arm, Self::Disarmed) => match situation.unfit {
                Some(refusal) => Err(refusal),
                None => Ok(Self::Active),
            },
            (Request::Arm, Self::Active) => Err(Refusal::Needless(request, "already armed")),
            (Request::Arm, Self::Disarming) => Err(Refusal::Braking),
            (Request::Disarm, Self::Disarmed) => {
                Err(Refusal::Needless(request, "already disarmed"))
            }
            (Request::Disarm, Self::Active | Self::Disarming) => Ok(Self::Disarming),
            (Request::Acknowledge, Self::Stopped(_)) => match situation.stop {
                Some(cause) => Err(Refusal::CauseRemains(cause)),
                None if situation.at_rest => Ok(Self::Disarmed),
                None => Err(Refusal::Braking),
            },
            (Request::Acknowledge, _) => Err(Refusal::Needless(request, "no stop is latched")),
        }
    }

    /// The phase that this tick leads to without anyone asking: never closer to motion.
    pub(crate) const fn advance(self, situation: &Situation) -> Self {
        match (self, situation.stop) {
            (Self::Active | Self::Disarming, Some(cause)) => Self::Stopped(cause),
            (Self::Disarming, None) if situation.at_rest => Self::Disarmed,
            _ => self,
        }
    }
}
