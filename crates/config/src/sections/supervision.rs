//! The checks of `[guard]` that a robot's file may leave out.

use core::time::Duration;

use tandem_guard::{ClampingLimits, LinkLimits, OverrunLimits, Supervision, TrackingLimits};

use super::Check;
use crate::raw::{RawConfig, RawGuard};

/// The URDF's limits are there to be kept: half a degree covers any encoder's noise.
const SLACK_RAD_MAX: f64 = 0.01;
/// Beyond half a turn a limit of distance is none.
const DISTANCE_RAD_MAX: f64 = 3.2;
/// The strongest servos of an arm that people work beside.
const TORQUE_NM_MAX: f64 = 1000.0;
/// Longer than this nothing is watched before somebody acts.
const PATIENCE_MS_MAX: f64 = 10_000.0;
/// A lease must lapse while the arm has hardly moved.
const LEASE_MS_MAX: f64 = 100.0;

impl Check<'_> {
    pub(super) fn supervision(&mut self, raw: &RawConfig, dof: usize) -> Supervision {
        let guard = &raw.guard;
        self.within("guard.measured_slack_rad", guard.measured_slack_rad, 0.0..=SLACK_RAD_MAX);
        let caution = guard.caution_speed_fraction;
        self.within("guard.caution_speed_fraction", caution, 0.01..=1.0);
        if let Some(step_rad) = guard.step_rad_max {
            self.within("guard.step_rad_max", step_rad, 1e-3..=DISTANCE_RAD_MAX);
        }
        Supervision {
            measured_slack_rad: guard.measured_slack_rad,
            caution_speed_scale: caution,
            latent_age_slow: self.patience("guard.latent_age_ms_slow", guard.latent_age_ms_slow),
            tracking: self.tracking(guard, dof),
            step_rad_max: guard.step_rad_max,
            clamping: self.clamping(guard),
            state_repeats_max: self.count("guard.state_repeats_max", guard.state_repeats_max),
            frame_repeats_max: self.count("guard.frame_repeats_max", guard.frame_repeats_max),
            overrun: self.overrun(raw),
            link: self.link(guard),
            lease_age_max: guard.lease_age_ms_max.map(|age_ms| {
                self.milliseconds("guard.lease_age_ms_max", age_ms, 1.0..=LEASE_MS_MAX)
            }),
            // What a policy was trained on stands in its bundle, not here.
            latent: None,
        }
    }

    fn patience(&mut self, key: &str, value_ms: Option<f64>) -> Option<Duration> {
        value_ms.map(|value_ms| self.milliseconds(key, value_ms, 1.0..=PATIENCE_MS_MAX))
    }

    fn count(&mut self, key: &str, value: Option<u32>) -> Option<u32> {
        if let Some(value) = value {
            self.within(key, value, 1..=100_000);
        }
        value
    }

    fn tracking(&mut self, guard: &RawGuard, dof: usize) -> Option<TrackingLimits> {
        let (error, torque) = ("guard.tracking_error_rad_max", "guard.torque_nm_max");
        let values = guard.tracking_error_rad_max.as_ref();
        self.together(&[
            (error, values.is_some()),
            ("guard.tracking_ms_max", guard.tracking_ms_max.is_some()),
        ]);
        if guard.torque_nm_max.is_some() && values.is_none() {
            let mend = "add `tracking_error_rad_max` and `tracking_ms_max`, or remove it";
            self.wrong(torque, "is given without `tracking_error_rad_max`", mend);
        }
        let torque_nm_max = guard.torque_nm_max.as_ref();
        let torque_nm_max =
            torque_nm_max.map(|raw| self.per_joint(torque, raw, dof, 1e-3..=TORQUE_NM_MAX));
        let error_rad_max = self.per_joint(error, values?, dof, 1e-3..=DISTANCE_RAD_MAX);
        let after = self.patience("guard.tracking_ms_max", guard.tracking_ms_max)?;
        Some(TrackingLimits { error_rad_max, torque_nm_max, after })
    }

    fn clamping(&mut self, guard: &RawGuard) -> Option<ClampingLimits> {
        let (share_max, burst_ms) = (guard.clamped_fraction_max, guard.clamped_ms_max);
        self.together(&[
            ("guard.clamped_fraction_max", share_max.is_some()),
            ("guard.clamped_ms_max", burst_ms.is_some()),
        ]);
        self.within("guard.clamped_fraction_max", share_max.unwrap_or(0.5), 0.01..=0.99);
        let burst = self.patience("guard.clamped_ms_max", burst_ms)?;
        Some(ClampingLimits { share_max: share_max?, burst })
    }

    fn overrun(&mut self, raw: &RawConfig) -> Option<OverrunLimits> {
        let (run, share) = (raw.guard.late_chunks_max, raw.guard.late_chunks_fraction_max);
        self.together(&[
            ("guard.late_chunks_max", run.is_some()),
            ("guard.late_chunks_fraction_max", share.is_some()),
        ]);
        self.within("guard.late_chunks_fraction_max", share.unwrap_or(0.5), 0.001..=1.0);
        let period = Duration::from_secs_f64(1.0 / f64::from(raw.system1.rate_hz.max(1)));
        let late_run_max = self.count("guard.late_chunks_max", run)?;
        Some(OverrunLimits { period, late_run_max, late_share_max: share? })
    }

    fn link(&mut self, guard: &RawGuard) -> Option<LinkLimits> {
        let (faults, window_ms) = (guard.link_faults_max, guard.link_faults_window_ms);
        self.together(&[
            ("guard.link_faults_max", faults.is_some()),
            ("guard.link_faults_window_ms", window_ms.is_some()),
        ]);
        let window = self.patience("guard.link_faults_window_ms", window_ms);
        Some(LinkLimits {
            faults_max: self.count("guard.link_faults_max", faults)?,
            window: window?,
        })
    }

    /// Two keys of which one alone says nothing.
    fn together(&mut self, keys: &[(&str, bool); 2]) {
        let [(one, one_given), (two, two_given)] = *keys;
        if one_given == two_given {
            return;
        }
        let (given, missing) = if one_given { (one, two) } else { (two, one) };
        let missing = missing.trim_start_matches("guard.");
        let mend = format!("add `{missing}`, or remove it");
        self.wrong(given, format!("is given without `{missing}`"), &mend);
    }
}
