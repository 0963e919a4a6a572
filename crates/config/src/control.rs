//! The checked values as the settings of the control tick.

use tandem_bundle::Latent;
use tandem_control::{ControlConfig, ControlError};
use tandem_guard::{
    GuardConfig, LatentAlignment, Limits, LimitsError, LimitsSpec, Space, SpaceError,
};
use tandem_types::JointVec;

use crate::config::{Config, ControlSection};

/// Settings that contradict themselves.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The limits are none.
    #[error("limits: {0}")]
    Limits(#[from] LimitsError),
    /// The space is none.
    #[error("space: {0}")]
    Space(#[from] SpaceError),
    /// The controller refuses its config.
    #[error("control: {0}")]
    Control(#[from] ControlError),
}

impl ControlSection {
    /// What is done about latent goals of an age that a policy was not trained on.
    #[must_use]
    pub const fn latent_alignment(&self, trained: &Latent) -> LatentAlignment {
        let &Latent { age_min, age_max, .. } = trained;
        LatentAlignment { age_min, age_max, reaction: self.latent_untrained }
    }
}

impl Config {
    /// The controller's settings for a robot. What its policy was trained on stands in the policy's
    /// bundle: see [`ControlSection::latent_alignment`].
    ///
    /// # Errors
    /// If the URDF's limits leave no room within the margin.
    pub fn to_control(&self) -> Result<ControlConfig, SettingsError> {
        let guard = &self.guard;
        let joints = self.robot.model.joints();
        let mut spec = LimitsSpec {
            position_rad_min: JointVec::zeros(joints.len()),
            position_rad_max: JointVec::zeros(joints.len()),
            margin_rad: guard.position_margin_rad,
            velocity_rad_s_max: guard.velocity_rad_s_max,
            acceleration_rad_s2_max: guard.acceleration_rad_s2_max,
            jerk_rad_s3_max: guard.jerk_rad_s3_max,
        };
        let bounds = spec.position_rad_min.iter_mut().zip(spec.position_rad_max.iter_mut());
        for (joint, (min, max)) in joints.iter().zip(bounds) {
            *min = joint.limits.position_rad_min;
            *max = joint.limits.position_rad_max;
        }
        let space = self.space.as_ref().map(|spec| Space::new(self.robot.model.clone(), spec));
        Ok(ControlConfig {
            space: space.transpose()?,
            period: self.control.period,
            latent: None,
            executor: self.control.executor,
            bandwidth_rad_s: self.control.smoothing_rad_s,
            guard: GuardConfig {
                limits: Limits::new(&spec)?,
                state_age_max: guard.state_age_max,
                action_age_max: guard.action_age_max,
                frame_age_max: guard.frame_age_max,
                latent_age_warn: guard.latent_age_warn,
                latent_age_hold: guard.latent_age_hold,
                latent_age_stop: guard.latent_age_stop,
                receipt_age_max: guard.receipt_age_max,
                silence_age_stop: guard.silence_age_stop,
                valid_for: guard.command_valid,
                ramp: self.control.ramp,
                refused_run_max: guard.refused_chunks_max,
                supervision: guard.supervision,
            },
        })
    }
}
