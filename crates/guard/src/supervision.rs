//! What is watched beside ages and limits. Each check is a choice of the robot's file: some robots
//! measure no torque, some cameras never see the same picture twice, and some always do.

use core::time::Duration;

use tandem_types::{JointVec, ModelId};

use crate::ConfigError;

/// A lease that could lapse unnoticed for longer than this would be none: at 2 rad/s a joint moves
/// 0.2 rad in it.
const LEASE_AGE_MAX: Duration = Duration::from_millis(100);

/// The checks beside ages and limits; `None` leaves one out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Supervision {
    /// How far beyond a mechanical limit a measured position may be, rad. An arm that rests on its
    /// end stop reads its encoder's noise on either side of it.
    pub measured_slack_rad: f64,
    /// The part of the speed limits that is left where something calls for caution, in `(0, 1]`.
    pub caution_speed_scale: f64,
    /// Go on slowly when the observation behind the latent goal is older than this.
    pub latent_age_slow: Option<Duration>,
    /// Stop where the robot does not follow.
    pub tracking: Option<TrackingLimits>,
    /// Refuse chunks and setpoints that jump by more than this, rad.
    pub step_rad_max: Option<f64>,
    /// Hold where too many setpoints have to be clamped.
    pub clamping: Option<ClampingLimits>,
    /// Hold when the joint state came so many times without a change while the command moved.
    pub state_repeats_max: Option<u32>,
    /// Hold when a camera sent the same picture so many times.
    pub frame_repeats_max: Option<u32>,
    /// Hold when System 1 keeps missing its beat.
    pub overrun: Option<OverrunLimits>,
    /// Hold when the link drops too much.
    pub link: Option<LinkLimits>,
    /// Stop when the owner's heartbeat is older than this, at most 100 ms.
    pub lease_age_max: Option<Duration>,
    /// What a latent goal must be like.
    pub latent: Option<LatentLimits>,
}

/// Where a robot follows its commands no more.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TrackingLimits {
    /// The largest distance from command to measurement, rad.
    pub error_rad_max: JointVec,
    /// The largest effort, N m; `None` for a robot that measures none.
    pub torque_nm_max: Option<JointVec>,
    /// Slow down at once, stop when it lasts this long.
    pub after: Duration,
}

/// How much clamping is a fault.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClampingLimits {
    /// The share of ticks that may be clamped in the long run, in `(0, 1)`.
    pub share_max: f64,
    /// How long all ticks may be clamped before that share counts.
    pub burst: Duration,
}

/// How late System 1 may be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OverrunLimits {
    /// From one chunk to the next.
    pub period: Duration,
    /// How many chunks may be overdue in a row.
    pub late_run_max: u32,
    /// The share of chunks of a second that may be late, in `(0, 1]`.
    pub late_share_max: f64,
}

/// How many messages of a wrong sequence, epoch or source are too many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkLimits {
    /// So many may come.
    pub faults_max: u32,
    /// Within this time.
    pub window: Duration,
}

/// What the policy knows of latent goals.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LatentLimits {
    /// The model they come from.
    pub model: ModelId,
    /// How many values they have.
    pub dim: usize,
    /// The shortest it was trained on.
    pub norm_min: f64,
    /// The longest it was trained on.
    pub norm_max: f64,
}

impl Supervision {
    /// Nothing of it, for tests and examples of something else.
    pub const NONE: Self = Self {
        measured_slack_rad: 0.0,
        caution_speed_scale: 1.0,
        latent_age_slow: None,
        tracking: None,
        step_rad_max: None,
        clamping: None,
        state_repeats_max: None,
        frame_repeats_max: None,
        overrun: None,
        link: None,
        lease_age_max: None,
        latent: None,
    };

    pub(crate) fn check(&self, dof: usize) -> Result<(), ConfigError> {
        let positive = |what, value: f64, max: f64| {
            let sound = value > 0.0 && value <= max;
            if sound { Ok(()) } else { Err(ConfigError::Range { what, value, max }) }
        };
        if !(self.measured_slack_rad.is_finite() && self.measured_slack_rad >= 0.0) {
            let (what, value) = ("measured_slack_rad", self.measured_slack_rad);
            return Err(ConfigError::Range { what, value, max: f64::MAX });
        }
        positive("caution_speed_scale", self.caution_speed_scale, 1.0)?;
        if let Some(step_rad) = self.step_rad_max {
            positive("step_rad_max", step_rad, f64::MAX)?;
        }
        if let Some(tracking) = self.tracking {
            let lists = [Some(tracking.error_rad_max), tracking.torque_nm_max];
            for list in lists.into_iter().flatten() {
                if list.len() != dof {
                    return Err(ConfigError::Tracking { found: list.len(), expected: dof });
                }
                list.iter().try_for_each(|&value| positive("tracking limit", value, f64::MAX))?;
            }
        }
        if let Some(clamping) = self.clamping {
            positive("clamping.share_max", clamping.share_max, 1.0)?;
        }
        if let Some(overrun) = self.overrun {
            positive("overrun.late_share_max", overrun.late_share_max, 1.0)?;
            positive("overrun.period", overrun.period.as_secs_f64(), 1.0)?;
        }
        match self.lease_age_max {
            Some(found) if found.is_zero() || found > LEASE_AGE_MAX => {
                Err(ConfigError::Lease { found, max: LEASE_AGE_MAX })
            }
            _ => Ok(()),
        }
    }
}
