//! Settings for lockstep runs that have no config file.

use core::time::Duration;

use tandem_control::{ControlConfig, ExecutorConfig};
use tandem_guard::{GuardConfig, Limits, LimitsError, LimitsSpec, Supervision};
use tandem_robot::Robot;
use tandem_types::{Epoch, JointVec};

use super::LockstepConfig;

impl LockstepConfig {
    /// The settings of the tabletop scenario: control at 1 kHz, System 1 at 200 Hz with the delays
    /// of this daemon's threads.
    ///
    /// # Errors
    /// If the robot's limits leave no room.
    pub fn tabletop(robot: &Robot) -> Result<Self, LimitsError> {
        let joints = |f: fn(&tandem_robot::JointLimits) -> f64| {
            let mut values = JointVec::zeros(robot.dof());
            for (value, joint) in values.iter_mut().zip(robot.joints()) {
                *value = f(&joint.limits);
            }
            values
        };
        let limits = Limits::new(&LimitsSpec {
            position_rad_min: joints(|limits| limits.position_rad_min),
            position_rad_max: joints(|limits| limits.position_rad_max),
            margin_rad: 0.03,
            velocity_rad_s_max: joints(|limits| limits.velocity_rad_s_max.min(2.5)),
            acceleration_rad_s2_max: JointVec::splat(robot.dof(), 25.0),
            jerk_rad_s3_max: JointVec::splat(robot.dof(), 3_000.0),
        })?;
        let guard = GuardConfig {
            limits,
            state_age_max: Duration::from_millis(20),
            action_age_max: Duration::from_millis(100),
            frame_age_max: Duration::from_millis(200),
            latent_age_warn: Duration::from_millis(300),
            latent_age_hold: Duration::from_secs(1),
            latent_age_stop: Duration::from_secs(3),
            receipt_age_max: Duration::from_millis(100),
            silence_age_stop: Duration::from_secs(2),
            valid_for: Duration::from_millis(20),
            ramp: Duration::from_millis(300),
            refused_run_max: 3,
            supervision: Supervision::NONE,
        };
        let control = ControlConfig {
            period: Duration::from_millis(1),
            guard,
            space: None,
            latent: None,
            executor: ExecutorConfig::Immediate,
            bandwidth_rad_s: 60.0,
        };
        Ok(Self {
            control,
            epoch: Epoch(1),
            pilot_period: Duration::from_millis(5),
            pilot_latency: Duration::from_millis(2),
            camera_latency: Duration::from_millis(4),
        })
    }
}
