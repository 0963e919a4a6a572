//! Values that are sound alone and may still contradict each other.

use tandem_guard::CAMERAS_MAX;

use super::Check;
use crate::raw::{RawConfig, RawGuard};

impl Check<'_> {
    pub(super) fn agreement(&mut self, raw: &RawConfig) {
        if raw.camera.is_empty() {
            self.wrong("camera", "is empty", "add a [[camera]]: the policies need to see");
        }
        let cameras = raw.camera.len();
        if raw.guard.frame_repeats_max.is_some() && cameras > CAMERAS_MAX {
            let problem = format!("is given with {cameras} cameras");
            let mend = format!("remove it: pictures of at most {CAMERAS_MAX} can be compared");
            self.wrong("guard.frame_repeats_max", problem, &mend);
        }
        let (control, system1, system2) = (&raw.control, &raw.system1, &raw.system2);
        if !control.rate_hz.is_multiple_of(system1.rate_hz) {
            let problem = format!(
                "is {}, which does not divide control.rate_hz = {}",
                system1.rate_hz, control.rate_hz
            );
            self.wrong("system1.rate_hz", problem, "write a divisor of the control rate");
        }
        if system2.rate_hz > system1.rate_hz {
            let problem =
                format!("is {}, above system1.rate_hz = {}", system2.rate_hz, system1.rate_hz);
            self.wrong("system2.rate_hz", problem, "write at most that: System 2 is the slow one");
        }
        if control.smoothing_rad_s > f64::from(control.rate_hz) {
            let problem = format!("is {}, above a radian in each tick", control.smoothing_rad_s);
            let mend = format!("write at most {}, or raise control.rate_hz", control.rate_hz);
            self.wrong("control.smoothing_rad_s", problem, &mend);
        }
        self.pace(raw);
        let hold = u64::from(raw.guard.refused_chunks_max);
        if let Some(policies) = raw.policies.as_ref().filter(|it| it.refused_chunks_max >= hold) {
            let problem = format!(
                "is {}, not below guard.refused_chunks_max = {hold}",
                policies.refused_chunks_max
            );
            let mend = "write less: a new policy must be gone before the guard holds for it";
            self.wrong("policies.refused_chunks_max", problem, mend);
        }
        self.ladders(&raw.guard);
        self.freshness(raw);
    }

    /// What sets the tick's pace, and what it costs.
    fn pace(&mut self, raw: &RawConfig) {
        let (rate_hz, spin_us) = (raw.control.rate_hz, raw.control.spin_us.unwrap_or(0.0));
        let half_period_us = 5e5 / f64::from(rate_hz.max(1));
        if spin_us > half_period_us {
            let problem = format!("is {spin_us}, above half a period of {rate_hz} Hz");
            let mend =
                format!("write at most {half_period_us}: the rest belongs to everybody else");
            self.wrong("control.spin_us", problem, &mend);
        }
        if raw.control.clock.as_deref() != Some("state") {
            return;
        }
        if spin_us > 0.0 {
            let mend = "leave it out, or set control.clock = \"timer\"";
            let problem = format!("is {spin_us}, but a state message cannot be spun for");
            self.wrong("control.spin_us", problem, mend);
        }
        // A real robot's rate is not in this file; that of the simulated one is.
        if let Some(sim) = raw.sim.as_ref().filter(|sim| sim.state_rate_hz != rate_hz) {
            let problem = format!("is {}, but clocks {rate_hz} ticks a second", sim.state_rate_hz);
            self.wrong("sim.state_rate_hz", problem, "write control.rate_hz, or use the timer");
        }
    }

    /// Thresholds that must rise from the milder reaction to the stronger one.
    fn ladders(&mut self, raw: &RawGuard) {
        let (warn, hold) = (raw.latent_age_ms_warn, raw.latent_age_ms_hold);
        let (stop, silence) = (raw.latent_age_ms_stop, raw.silence_age_ms_stop);
        for (lower_key, lower, upper_key, upper) in [
            ("latent_age_ms_warn", warn, "latent_age_ms_hold", hold),
            (
                "latent_age_ms_slow",
                raw.latent_age_ms_slow.unwrap_or(0.0),
                "latent_age_ms_hold",
                hold,
            ),
            ("latent_age_ms_hold", hold, "latent_age_ms_stop", stop),
            ("state_age_ms_max", raw.state_age_ms_max, "silence_age_ms_stop", silence),
            ("receipt_age_ms_max", raw.receipt_age_ms_max, "silence_age_ms_stop", silence),
        ] {
            if lower >= upper {
                let problem = format!("is {upper}, not above `{lower_key}` = {lower}");
                let mend = "order the ages: the stronger reaction comes at the greater age";
                self.wrong(&format!("guard.{upper_key}"), problem, mend);
            }
        }
    }

    /// An age limit below the period of what it watches would trip all the time.
    fn freshness(&mut self, raw: &RawConfig) {
        let guard = &raw.guard;
        let camera_hz = raw.camera.iter().map(|camera| camera.rate_hz).min().unwrap_or(1);
        let mut pairs = vec![
            ("state_age_ms_max", guard.state_age_ms_max, "control.rate_hz", raw.control.rate_hz),
            (
                "receipt_age_ms_max",
                guard.receipt_age_ms_max,
                "control.rate_hz",
                raw.control.rate_hz,
            ),
            ("command_valid_ms", guard.command_valid_ms, "control.rate_hz", raw.control.rate_hz),
            ("action_age_ms_max", guard.action_age_ms_max, "system1.rate_hz", raw.system1.rate_hz),
            (
                "latent_age_ms_warn",
                guard.latent_age_ms_warn,
                "system2.rate_hz",
                raw.system2.rate_hz,
            ),
            ("frame_age_ms_max", guard.frame_age_ms_max, "the slowest camera's rate_hz", camera_hz),
        ];
        if let Some(sim) = &raw.sim {
            let (state, receipt) = (sim.state_rate_hz, sim.receipt_rate_hz);
            pairs.extend([
                ("state_age_ms_max", guard.state_age_ms_max, "sim.state_rate_hz", state),
                ("receipt_age_ms_max", guard.receipt_age_ms_max, "sim.receipt_rate_hz", receipt),
            ]);
        }
        for (key, age_ms, source, rate_hz) in pairs {
            let period_ms = 1e3 / f64::from(rate_hz.max(1));
            if age_ms <= period_ms {
                let problem = format!("is {age_ms}, within one period of {source} = {rate_hz}");
                let mend = format!("write more than {period_ms:.1} ms, or raise that rate");
                self.wrong(&format!("guard.{key}"), problem, &mend);
            }
        }
    }
}
