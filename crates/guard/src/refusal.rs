//! Why a request was refused.

use core::time::Duration;

use crate::{Cause, Request};

/// An arm that measures faster than this is moving, and its pose is none to adopt. One step of a
/// 12-bit encoder (1.5 mrad) within 10 ms reads as 0.15 rad/s, and must not count as motion.
pub(crate) const ARM_VELOCITY_RAD_S_MAX: f64 = 0.2;

/// Why a request changed nothing.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum Refusal {
    /// The robot is in no condition to be armed.
    #[error("cannot arm: {0}")]
    Unfit(Cause),
    /// The arm moves by itself.
    #[error(
        "cannot arm: joint {joint} moves at {velocity_rad_s:.2} rad/s, more than \
         {ARM_VELOCITY_RAD_S_MAX} rad/s; wait until the arm rests"
    )]
    Moving {
        /// The joint, counted from zero.
        joint: usize,
        /// Its measured velocity, rad/s.
        velocity_rad_s: f64,
    },
    /// A stop is latched.
    #[error("stopped: {0}; acknowledge, then arm")]
    Latched(Cause),
    /// The cause of the stop is still there.
    #[error("cannot acknowledge while the cause remains: {0}")]
    CauseRemains(Cause),
    /// After an acknowledged stop only the nonce of that acknowledgement arms.
    #[error("cannot arm: not the nonce of the stop's acknowledgement; look at its answer")]
    Nonce,
    /// What stopped the arm has not been well for long enough.
    #[error(
        "cannot arm: all has been well for {} ms, {} ms are needed; ask again in a moment",
        settled.as_millis(), needed.as_millis()
    )]
    Unsettled {
        /// For how long it has.
        settled: Duration,
        /// For how long it must.
        needed: Duration,
    },
    /// The arm is still braking.
    #[error("the arm is still coming to rest; ask again in a moment")]
    Braking,
    /// There is nothing to do in this mode.
    #[error("{0:?} changes nothing here: {1}")]
    Needless(Request, &'static str),
}
