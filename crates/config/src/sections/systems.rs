//! `[control]`, `[system1]`, `[system2]` and `[policies]`.

use core::time::Duration;

use tandem_guard::Reaction;

use super::Check;
use crate::config::{
    ControlSection, EngineName, PoliciesSection, System1Section, System2Section, TickClock,
};
use crate::raw::{RawControl, RawPolicies, RawSystem1, RawSystem2};

impl Check<'_> {
    pub(super) fn control(&mut self, raw: &RawControl) -> ControlSection {
        self.within("control.smoothing_rad_s", raw.smoothing_rad_s, 1.0..=500.0);
        self.cpu("control.cpu", raw.cpu);
        ControlSection {
            rate_hz: raw.rate_hz,
            period: self.period("control.rate_hz", raw.rate_hz, 50..=8000),
            priority: self.priority("control.priority", raw.priority),
            cpu: raw.cpu,
            clock: self.clock(raw.clock.as_deref()),
            spin: self.microseconds("control.spin_us", raw.spin_us.unwrap_or(0.0), 0.0..=500.0),
            wake_latency_max: raw
                .wake_latency_us_max
                .map(|us| self.microseconds("control.wake_latency_us_max", us, 0.0..=10_000.0)),
            executor: self.executor(raw),
            latent_untrained: self.latent_untrained(&raw.latent_untrained),
            smoothing_rad_s: raw.smoothing_rad_s,
            ramp: self.milliseconds("control.ramp_ms", raw.ramp_ms, 0.0..=10_000.0),
            measure_floor: raw.measure_floor,
        }
    }

    fn latent_untrained(&mut self, name: &str) -> Reaction {
        match name {
            "warn" => Reaction::Warn,
            "degrade" => Reaction::Degrade,
            "hold" => Reaction::Hold,
            _ => {
                let mend = "write `warn`, `degrade` or `hold`";
                self.wrong("control.latent_untrained", format!("is `{name}`"), mend);
                Reaction::Hold
            }
        }
    }

    pub(super) fn system1(&mut self, raw: &RawSystem1) -> Option<System1Section> {
        self.cpu("system1.cpu", raw.cpu);
        let period = self.period("system1.rate_hz", raw.rate_hz, 1..=2000);
        let priority = self.priority("system1.priority", raw.priority);
        let deadline = self.deadline(raw);
        if let Some(steps) = raw.steps_max {
            self.within("system1.steps_max", steps, 1..=1000);
        }
        Some(System1Section {
            bundle: self.source.path(&raw.bundle),
            engine: self.engine("system1.engine", &raw.engine)?,
            rate_hz: raw.rate_hz,
            period,
            deadline,
            steps_max: raw.steps_max,
            latent_age_matched: raw.latent_age_matched,
            priority,
            cpu: raw.cpu,
        })
    }

    /// A deadline beyond the period would let every chunk be late.
    fn deadline(&mut self, raw: &RawSystem1) -> Duration {
        let period_us = 1e6 / f64::from(raw.rate_hz.max(1));
        if raw.deadline_us > period_us {
            let problem = format!("is {}, above the period of {period_us:.0}", raw.deadline_us);
            self.wrong("system1.deadline_us", problem, "write less, or lower system1.rate_hz");
        }
        self.microseconds("system1.deadline_us", raw.deadline_us, 100.0..=1e6)
    }

    pub(super) fn system2(&mut self, raw: &RawSystem2) -> Option<System2Section> {
        self.within("system2.nice", raw.nice, 0..=19);
        let period = self.period("system2.rate_hz", raw.rate_hz, 1..=100);
        Some(System2Section {
            bundle: self.source.path(&raw.bundle),
            engine: self.engine("system2.engine", &raw.engine)?,
            rate_hz: raw.rate_hz,
            period,
            nice: raw.nice,
        })
    }

    fn clock(&mut self, name: Option<&str>) -> TickClock {
        match name {
            None | Some("timer") => TickClock::Timer,
            Some("state") => TickClock::State,
            Some(other) => {
                self.wrong("control.clock", format!("is `{other}`"), "write `timer` or `state`");
                TickClock::default()
            }
        }
    }

    /// A fade of a second is a second in which nobody's policy has the arm. A probation is shorter
    /// than the patience of whoever asked for the swap, and the counts are ends of the useful.
    pub(super) fn policies(&mut self, raw: &RawPolicies) -> PoliciesSection {
        let folder = self.source.path(&raw.folder);
        if !folder.is_dir() {
            let problem = format!("names {}, which is no folder", folder.display());
            let mend = "write the folder that holds the bundles' folders, relative to this file's";
            self.wrong("policies.folder", problem, mend);
        }
        let (missed, refused) = (raw.missed_steps_max, raw.refused_chunks_max);
        self.within("policies.missed_steps_max", missed, 0..=10_000);
        self.within("policies.refused_chunks_max", refused, 0..=10_000);
        PoliciesSection {
            folder,
            fade: self.milliseconds("policies.fade_ms", raw.fade_ms, 0.0..=1000.0),
            probation: self.milliseconds("policies.probation_ms", raw.probation_ms, 0.0..=60_000.0),
            missed_steps_max: missed,
            refused_chunks_max: refused,
        }
    }

    fn engine(&mut self, key: &str, name: &str) -> Option<EngineName> {
        let engine = EngineName::from_name(name);
        if engine.is_none() {
            self.wrong(key, format!("is `{name}`"), "write `candle` or `onnx`");
        }
        engine
    }

    /// Linux numbers its cores from zero, and has at most 1024 in the mask used here.
    fn cpu(&mut self, key: &str, cpu: Option<usize>) {
        if let Some(cpu) = cpu {
            self.within(key, cpu, 0..=1023);
        }
    }
}

impl EngineName {
    /// The engine that a config calls `name`.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        match name {
            "candle" => Some(Self::Candle),
            "onnx" => Some(Self::Onnx),
            _ => None,
        }
    }
}

impl core::fmt::Display for EngineName {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Candle => "candle",
            Self::Onnx => "onnx",
        })
    }
}
