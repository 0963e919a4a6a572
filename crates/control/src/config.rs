//! What the controller is told at start.

use core::time::Duration;

use tandem_guard::{ConfigError, GuardConfig};

/// Everything the control tick needs to know. There is no default: each robot's file says it all.
#[derive(Clone, Copy, Debug)]
pub struct ControlConfig {
    /// The tick's period.
    pub period: Duration,
    /// The guard's limits.
    pub guard: GuardConfig,
    /// How chunks become setpoints.
    pub executor: ExecutorConfig,
    /// How tightly commands follow setpoints, rad/s: the double pole of the smoother. A step is
    /// done to 2 % after about `6 / bandwidth`. 60 rad/s (100 ms) passes what a hand-sized servo can
    /// follow and takes out the steps between one chunk and the next.
    pub bandwidth_rad_s: f64,
}

/// How chunks become setpoints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExecutorConfig {
    /// Follow the path of the newest chunk, from the moment it arrives.
    Newest,
}

/// Why a config was refused.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum ControlError {
    /// The guard refused its part.
    #[error(transparent)]
    Guard(#[from] ConfigError),
    /// The smoother cannot work with this bandwidth.
    #[error("bandwidth_rad_s is {bandwidth_rad_s}; it must be a number above 0 and at most {max}")]
    Bandwidth {
        /// The value.
        bandwidth_rad_s: f64,
        /// The most this period allows.
        max: f64,
    },
}

impl ControlConfig {
    pub(crate) fn check(&self) -> Result<(), ControlError> {
        // A filter faster than the tick only rounds; one radian per tick is the useful end.
        let max = 1.0 / self.period.as_secs_f64();
        let bandwidth_rad_s = self.bandwidth_rad_s;
        if bandwidth_rad_s > 0.0 && bandwidth_rad_s <= max {
            Ok(())
        } else {
            Err(ControlError::Bandwidth { bandwidth_rad_s, max })
        }
    }
}
