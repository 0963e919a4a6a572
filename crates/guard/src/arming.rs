//! The arming state machine: who may move, and what it takes to get there.
//!
//! ```text
//!                 Arm                        rest
//!   Disarmed ------------> Active    .----------------- Disarming
//!      ^                  ^ | |  |    |                     ^
//!      '------------------|-|-|--|----'         Disarm      |
//!                         | | |  '--------------------------'
//!      Rearm, the nonce,  | | '---- stop cause, or Stop (from anywhere)
//!      within 10 s        | v
//!            Ready -------' Stopped
//!              ^ '--- 10 s --> ^ |
//!              '---------------|-' Acknowledge, at rest, cause gone
//! ```
//!
//! Nothing but a request leads to `Active`, and no single request leads there from `Stopped`: whoever
//! acknowledges is given a nonce, and only that nonce arms, for a while. So an `Arm` that was sent
//! before anybody looked, or twice, or by somebody else, moves nothing.

use core::time::Duration;

use tandem_types::Stamp;

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
    /// The same after a stop that was acknowledged, with the nonce of that acknowledgement.
    Rearm(Nonce),
    /// Come to rest and stop sending.
    Disarm,
    /// Clear a latched stop whose cause is gone. Does not arm, but says with which nonce one may.
    Acknowledge,
    /// Stop now, latched.
    Stop,
}

/// A number of six digits, never zero, that was given out once: the microsecond in which the stop was
/// acknowledged. It is no secret, but the sign that somebody has seen this acknowledgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Nonce(pub u64);

/// Whoever acknowledged has looked at the arm; after this long somebody shall look again.
const REARM_WITHIN: Duration = Duration::from_secs(10);

/// What stopped the arm must have been well for this long before it is armed again.
const SETTLED_FOR: Duration = Duration::from_millis(500);

/// What the state machine remembers. Whether `Active` means armed or holding is decided afresh
/// every tick.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Phase {
    Disarmed,
    Active,
    Disarming,
    Stopped(Cause),
    /// A stop was acknowledged, and waits to be armed again.
    Ready {
        cause: Cause,
        nonce: Nonce,
        since: Stamp,
    },
}

/// What one tick knows that the state machine needs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Situation {
    pub(crate) now: Stamp,
    /// For how long everything that could stop the arm has been well.
    pub(crate) settled: Duration,
    /// What speaks against arming now.
    pub(crate) unfit: Option<Refusal>,
    /// What calls for a stop now.
    pub(crate) stop: Option<Cause>,
    /// Whether the last command sent was at rest (or none was).
    pub(crate) at_rest: bool,
}

impl Phase {
    /// The phase a request leads to.
    pub(crate) fn request(self, request: Request, situation: &Situation) -> Result<Self, Refusal> {
        match (request, self) {
            (Request::Stop, Self::Stopped(cause)) => Ok(Self::Stopped(cause)),
            (Request::Stop, _) => Ok(Self::Stopped(Cause::StopRequested)),
            (Request::Arm | Request::Rearm(_) | Request::Disarm, Self::Stopped(cause)) => {
                Err(Refusal::Latched(cause))
            }
            (Request::Arm, Self::Disarmed) => situation.fit(),
            (Request::Rearm(given), Self::Ready { nonce, .. }) if given == nonce => {
                if situation.settled < SETTLED_FOR {
                    let (settled, needed) = (situation.settled, SETTLED_FOR);
                    return Err(Refusal::Unsettled { settled, needed });
                }
                situation.fit()
            }
            (Request::Arm | Request::Rearm(_), Self::Ready { .. }) => Err(Refusal::Nonce),
            (Request::Rearm(_), Self::Disarmed) => {
                Err(Refusal::Needless(request, "no stop was acknowledged"))
            }
            (Request::Arm | Request::Rearm(_), Self::Active) => {
                Err(Refusal::Needless(request, "already armed"))
            }
            (Request::Arm | Request::Rearm(_), Self::Disarming) => Err(Refusal::Braking),
            (Request::Disarm, Self::Disarmed | Self::Ready { .. }) => {
                Err(Refusal::Needless(request, "already disarmed"))
            }
            (Request::Disarm, Self::Active | Self::Disarming) => Ok(Self::Disarming),
            (Request::Acknowledge, Self::Stopped(cause)) => match situation.stop {
                Some(cause) => Err(Refusal::CauseRemains(cause)),
                None if situation.at_rest => {
                    Ok(Self::Ready { cause, nonce: Nonce::of(situation.now), since: situation.now })
                }
                None => Err(Refusal::Braking),
            },
            (Request::Acknowledge, _) => Err(Refusal::Needless(request, "no stop is latched")),
        }
    }

    /// The phase that this tick leads to without anyone asking: never closer to motion.
    pub(crate) fn advance(self, situation: &Situation) -> Self {
        match (self, situation.stop) {
            (Self::Active | Self::Disarming | Self::Ready { .. }, Some(cause)) => {
                Self::Stopped(cause)
            }
            (Self::Disarming, None) if situation.at_rest => Self::Disarmed,
            _ => self,
        }
    }

    /// The phase that has come with time, before anybody asks: an acknowledgement runs out.
    pub(crate) fn expire(self, now: Stamp) -> Self {
        match self {
            Self::Ready { cause, since, .. } if since.age_at(now) > REARM_WITHIN => {
                Self::Stopped(cause)
            }
            _ => self,
        }
    }

    /// The nonce that arms, while there is one.
    pub(crate) const fn nonce(self) -> Option<Nonce> {
        match self {
            Self::Ready { nonce, .. } => Some(nonce),
            _ => None,
        }
    }
}

impl Nonce {
    const fn of(now: Stamp) -> Self {
        Self(1 + now.as_nanos() / 1_000 % 999_999)
    }
}

impl Situation {
    fn fit(&self) -> Result<Phase, Refusal> {
        self.unfit.map_or(Ok(Phase::Active), Err)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Somebody may have to read it out or type it.
    #[test]
    fn a_nonce_has_six_digits_and_is_another_every_microsecond() {
        let rows = [
            (0, 1),
            (999, 1),
            (1_000, 2),
            (999_998_000, 999_999),
            (999_999_000, 1),
            (12_345_678_901_000, 691_247),
        ];
        for (nanos, expected) in rows {
            assert_eq!(Nonce::of(Stamp::from_nanos(nanos)), Nonce(expected), "{nanos} ns");
        }
    }
}
