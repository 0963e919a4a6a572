//! What the guard is told at start.

use core::time::Duration;

use crate::{Limits, Supervision};

/// The slowest tick a guard serves. At 50 Hz a joint at 2 rad/s moves 40 mrad between two checks;
/// slower than that is no supervision.
const PERIOD_MAX: Duration = Duration::from_millis(20);

/// Every limit of the guard. There is no default: each robot's file says all of them.
///
/// An *age* is the time since the observation a thing was computed from, or since the robot
/// stamped it.
#[derive(Clone, Copy, Debug)]
pub struct GuardConfig {
    /// What each joint may do.
    pub limits: Limits,
    /// Hold when the joint state is older than this.
    pub state_age_max: Duration,
    /// Hold when the observation behind the newest action chunk is older than this.
    pub action_age_max: Duration,
    /// Hold when the oldest camera picture behind that chunk is older than this.
    pub frame_age_max: Duration,
    /// Warn when the observation behind the latent goal is older than this.
    pub latent_age_warn: Duration,
    /// Hold when it is older than this; motion resumes by itself when a fresh goal comes in time.
    pub latent_age_hold: Duration,
    /// Stop, latched, when it is older than this.
    pub latent_age_stop: Duration,
    /// Hold when the robot has confirmed no command for this long.
    pub receipt_age_max: Duration,
    /// Stop, latched, when the robot has been silent (state or receipts) for this long: nobody
    /// knows where the arm is by then, so motion must not resume from the last command.
    pub silence_age_stop: Duration,
    /// How long the robot may act on one command.
    pub valid_for: Duration,
    /// After arming, the speed limit rises from zero to full over this much motion time.
    pub ramp: Duration,
    /// Hold after this many refused chunks in a row.
    pub refused_run_max: u32,
    /// What is watched beside.
    pub supervision: Supervision,
}

/// Why a config was refused.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum ConfigError {
    /// The tick's period is zero or too long.
    #[error("a tick period of {0:?} is outside 1 ns to {PERIOD_MAX:?}")]
    Period(Duration),
    /// A time is shorter than one tick, so that its check would trip on every one.
    #[error("{what} is {found:?}; it must be at least one tick of {period:?}")]
    ShorterThanATick {
        /// The key.
        what: &'static str,
        /// Its value.
        found: Duration,
        /// The tick.
        period: Duration,
    },
    /// Two thresholds of one ladder are in the wrong order.
    #[error("{lower} ({lower_value:?}) must be less than {upper} ({upper_value:?})")]
    Order {
        /// The key that should be less.
        lower: &'static str,
        /// Its value.
        lower_value: Duration,
        /// The key that should be greater.
        upper: &'static str,
        /// Its value.
        upper_value: Duration,
    },
    /// A hold after zero refused chunks would be a hold for ever.
    #[error("refused_run_max is 0; it must be at least 1")]
    RefusedRun,
    /// A number that limits nothing, or everything.
    #[error("{what} is {value}; it must be a positive number, at most {max}")]
    Range {
        /// The key.
        what: &'static str,
        /// Its value.
        value: f64,
        /// The most it may be.
        max: f64,
    },
    /// A tracking limit for another number of joints.
    #[error("the tracking limits are for {found} joints, the robot has {expected}")]
    Tracking {
        /// How many they are for.
        found: usize,
        /// How many there are.
        expected: usize,
    },
    /// A lease that does not lapse in time.
    #[error("lease_age_max is {found:?}; it must be above zero and at most {max:?}")]
    Lease {
        /// Its value.
        found: Duration,
        /// The most it may be.
        max: Duration,
    },
}

impl GuardConfig {
    pub(crate) fn check(&self, period: Duration) -> Result<(), ConfigError> {
        if period.is_zero() || period > PERIOD_MAX {
            return Err(ConfigError::Period(period));
        }
        let ages = [
            ("state_age_max", self.state_age_max),
            ("action_age_max", self.action_age_max),
            ("frame_age_max", self.frame_age_max),
            ("latent_age_warn", self.latent_age_warn),
            ("receipt_age_max", self.receipt_age_max),
            ("valid_for", self.valid_for),
        ];
        if let Some(&(what, found)) = ages.iter().find(|(_, age)| *age < period) {
            return Err(ConfigError::ShorterThanATick { what, found, period });
        }
        let slow = self.supervision.latent_age_slow.unwrap_or(self.latent_age_warn);
        let ladders = [
            ("latent_age_warn", self.latent_age_warn, "latent_age_hold", self.latent_age_hold),
            ("latent_age_slow", slow, "latent_age_hold", self.latent_age_hold),
            ("latent_age_hold", self.latent_age_hold, "latent_age_stop", self.latent_age_stop),
            ("state_age_max", self.state_age_max, "silence_age_stop", self.silence_age_stop),
            ("receipt_age_max", self.receipt_age_max, "silence_age_stop", self.silence_age_stop),
        ];
        if let Some(&(lower, lower_value, upper, upper_value)) =
            ladders.iter().find(|(_, lower, _, upper)| lower >= upper)
        {
            return Err(ConfigError::Order { lower, lower_value, upper, upper_value });
        }
        if self.refused_run_max == 0 {
            return Err(ConfigError::RefusedRun);
        }
        self.supervision.check(self.limits.dof())
    }
}
