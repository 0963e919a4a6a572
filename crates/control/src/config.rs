//! What the controller is told at start.

use core::time::Duration;

use tandem_guard::{ConfigError, GuardConfig, LatentAlignment, Space};

/// Everything the control tick needs to know. There is no default: each robot's file says it all.
#[derive(Clone, Debug)]
pub struct ControlConfig {
    /// The tick's period.
    pub period: Duration,
    /// The guard's limits.
    pub guard: GuardConfig,
    /// Where the arm may be; `None` leaves it to the joints' limits.
    pub space: Option<Space>,
    /// The ages of latent goals the policy was trained on; `None` if that is not known.
    pub latent: Option<LatentAlignment>,
    /// How chunks become setpoints.
    pub executor: ExecutorConfig,
    /// How tightly commands follow setpoints, rad/s: the double pole of the smoother. A step is
    /// done to 2 % after about `6 / bandwidth`. 60 rad/s (100 ms) passes what a hand-sized servo can
    /// follow and takes out the steps between one chunk and the next.
    pub bandwidth_rad_s: f64,
}

/// How chunks become setpoints.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum ExecutorConfig {
    /// Follow the path of the newest chunk, from the moment it arrives.
    Immediate,
    /// Play a chunk for some steps, then go over to the newest one.
    Receding {
        /// How many, counted from where the chunk was entered; at least 1.
        steps: u32,
    },
    /// Follow the weighted mean of what every live chunk predicts for now.
    TemporalEnsemble {
        /// The weight of the oldest is 1, of the next `exp(-decay)`, and so on. ACT takes 0.01.
        decay: f64,
    },
    /// As receding, with a blend from each plan to the next after the steps that ran meanwhile.
    RealTimeChunking {
        /// How many steps a chunk is played, its blend included; at least 1.
        steps: u32,
        /// Over how many steps the plan before it fades out; 1 to `steps`.
        blend_steps: u32,
    },
}

/// Steeper weights than this leave a single chunk that counts.
const DECAY_MAX: f64 = 1.0;

/// Why a config was refused.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum ControlError {
    /// The guard refused its part.
    #[error(transparent)]
    Guard(#[from] ConfigError),
    /// A chunk that is played for no step would never be played.
    #[error("{executor} steps is 0; it must be at least 1")]
    Steps {
        /// The executor, as a config calls it.
        executor: &'static str,
    },
    /// The blend is empty, or would not be done when the next one begins.
    #[error("real_time_chunking blend_steps is {blend_steps}; it must be 1 to {steps}, its steps")]
    Blend {
        /// The value.
        blend_steps: u32,
        /// How long a chunk is played.
        steps: u32,
    },
    /// The weights of the ensemble are no numbers, or all fall to one chunk.
    #[error("temporal_ensemble decay is {0}; it must be from -{DECAY_MAX} to {DECAY_MAX}")]
    Decay(f64),
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
        self.executor.check()?;
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

impl ExecutorConfig {
    /// The name a config knows it by.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Immediate => "immediate",
            Self::Receding { .. } => "receding",
            Self::TemporalEnsemble { .. } => "temporal_ensemble",
            Self::RealTimeChunking { .. } => "real_time_chunking",
        }
    }

    fn check(&self) -> Result<(), ControlError> {
        match *self {
            Self::Receding { steps: 0 } | Self::RealTimeChunking { steps: 0, .. } => {
                Err(ControlError::Steps { executor: self.name() })
            }
            Self::RealTimeChunking { steps, blend_steps }
                if blend_steps == 0 || blend_steps > steps =>
            {
                Err(ControlError::Blend { blend_steps, steps })
            }
            Self::TemporalEnsemble { decay } if !(-DECAY_MAX..=DECAY_MAX).contains(&decay) => {
                Err(ControlError::Decay(decay))
            }
            _ => Ok(()),
        }
    }
}
