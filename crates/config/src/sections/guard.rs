//! `[guard]`: what the guard allows.

use core::time::Duration;

use tandem_robot::Robot;
use tandem_types::JointVec;

use super::Check;
use crate::config::GuardSection;
use crate::raw::{RawConfig, RawGuard};

/// Above these a limit limits nothing that a servo could do.
const VELOCITY_RAD_S_MAX: f64 = 50.0;
const ACCELERATION_RAD_S2_MAX: f64 = 1000.0;
const JERK_RAD_S3_MAX: f64 = 1_000_000.0;
/// A limit of zero would be a joint that never moves; this is a degree in ten seconds.
const SLOWEST: f64 = 1e-3;
/// Nothing that is a minute old may move a robot.
const AGE_MS_MAX: f64 = 60_000.0;
/// The firmware side stops within 20 ms of the last valid command; slower links may have more, but
/// nobody moves for longer than this on one word.
const VALID_MS_MAX: f64 = 100.0;

impl Check<'_> {
    pub(super) fn guard(
        &mut self,
        config: &RawConfig,
        dof: usize,
        model: Option<&Robot>,
    ) -> GuardSection {
        let raw = &config.guard;
        self.within("guard.position_margin_rad", raw.position_margin_rad, 0.0..=0.5);
        self.within("guard.refused_chunks_max", raw.refused_chunks_max, 1..=1000);
        let velocity_rad_s_max = self.velocity(raw, dof, model);
        let acceleration_rad_s2_max = self.per_joint(
            "guard.acceleration_rad_s2_max",
            &raw.acceleration_rad_s2_max,
            dof,
            SLOWEST..=ACCELERATION_RAD_S2_MAX,
        );
        let jerk_rad_s3_max = self.per_joint(
            "guard.jerk_rad_s3_max",
            &raw.jerk_rad_s3_max,
            dof,
            SLOWEST..=JERK_RAD_S3_MAX,
        );
        GuardSection {
            position_margin_rad: raw.position_margin_rad,
            velocity_rad_s_max,
            acceleration_rad_s2_max,
            jerk_rad_s3_max,
            state_age_max: self.age("guard.state_age_ms_max", raw.state_age_ms_max),
            action_age_max: self.age("guard.action_age_ms_max", raw.action_age_ms_max),
            frame_age_max: self.age("guard.frame_age_ms_max", raw.frame_age_ms_max),
            latent_age_warn: self.age("guard.latent_age_ms_warn", raw.latent_age_ms_warn),
            latent_age_hold: self.age("guard.latent_age_ms_hold", raw.latent_age_ms_hold),
            latent_age_stop: self.age("guard.latent_age_ms_stop", raw.latent_age_ms_stop),
            receipt_age_max: self.age("guard.receipt_age_ms_max", raw.receipt_age_ms_max),
            silence_age_stop: self.age("guard.silence_age_ms_stop", raw.silence_age_ms_stop),
            command_valid: self.milliseconds(
                "guard.command_valid_ms",
                raw.command_valid_ms,
                1.0..=VALID_MS_MAX,
            ),
            refused_chunks_max: raw.refused_chunks_max,
            supervision: self.supervision(config, dof),
        }
    }

    fn age(&mut self, key: &str, value: f64) -> Duration {
        self.milliseconds(key, value, 1.0..=AGE_MS_MAX)
    }

    /// The speed limits: a list of their own, or a fraction of the URDF's.
    fn velocity(&mut self, raw: &RawGuard, dof: usize, model: Option<&Robot>) -> JointVec {
        let (list, fraction) = ("guard.velocity_rad_s_max", "guard.velocity_fraction_max");
        match (&raw.velocity_rad_s_max, raw.velocity_fraction_max) {
            (Some(values), None) => {
                let values = self.per_joint(list, values, dof, SLOWEST..=VELOCITY_RAD_S_MAX);
                self.below_urdf(list, &values, model);
                values
            }
            (None, Some(share)) => {
                self.within(fraction, share, 0.01..=1.0);
                let limits = model.map(Robot::joints).unwrap_or_default();
                JointVec::zeros(dof).map(|joint, _| {
                    limits.get(joint).map_or(0.0, |joint| share * joint.limits.velocity_rad_s_max)
                })
            }
            (Some(_), Some(_)) => {
                self.wrong(
                    fraction,
                    "is given beside `velocity_rad_s_max`",
                    "remove one of the two",
                );
                JointVec::zeros(dof)
            }
            (None, None) => {
                let mend = "add it, or `velocity_fraction_max` for a fraction of the URDF's limits";
                self.wrong(list, "is missing", mend);
                JointVec::zeros(dof)
            }
        }
    }

    fn below_urdf(&mut self, key: &str, values: &JointVec, model: Option<&Robot>) {
        let joints = model.map(Robot::joints).unwrap_or_default();
        for (index, (joint, &value)) in joints.iter().zip(values.iter()).enumerate() {
            let most = joint.limits.velocity_rad_s_max;
            if value > most {
                let problem = format!("is {value} for joint `{}`", joint.name);
                let mend = format!("write at most {most}, its limit in the URDF");
                self.wrong(&format!("{key}[{index}]"), problem, &mend);
            }
        }
    }
}
