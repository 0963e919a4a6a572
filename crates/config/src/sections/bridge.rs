//! `[bridge]`: the motors' bus.

use core::time::Duration;

use super::Check;
use crate::config::BridgeSection;
use crate::endpoint;
use crate::raw::{RawBridge, RawConfig};

/// From the exchange that notices a silence to a motion that slows down.
const REACTION_MS: f64 = 3.0;

impl Check<'_> {
    pub(super) fn bridge(&mut self, raw: &RawBridge, all: &RawConfig) -> BridgeSection {
        if let Err(fault) = endpoint::check(&raw.listen) {
            self.wrong("bridge.listen", format!("= `{}` {fault}", raw.listen), endpoint::MEND);
        }
        let has_sim = all.sim.is_some();
        if raw.emulated && [&all.bus.robot, &all.bus.daemon].contains(&&raw.listen) {
            let mend = "give it a port of its own: the simulated arm has bus.robot";
            self.wrong("bridge.listen", "is the same endpoint as one of [bus]", mend);
        }
        if !raw.emulated && raw.listen != all.bus.robot {
            let problem = format!("is `{}`, not bus.robot = `{}`", raw.listen, all.bus.robot);
            let mend = "write the same: the bridge is the robot that the daemon connects to";
            self.wrong("bridge.listen", problem, mend);
        }
        let period = self.period("bridge.rate_hz", raw.rate_hz, 50..=1000);
        self.within("bridge.acceleration_rad_s2_max", raw.acceleration_rad_s2_max, 0.001..=1000.0);
        self.within("bridge.deceleration_rad_s2", raw.deceleration_rad_s2, 0.001..=1000.0);
        self.within("bridge.jump_rad_max", raw.jump_rad_max, 0.001..=3.0);
        self.within("bridge.tracking_rad_max", raw.tracking_rad_max, 0.001..=3.0);
        if raw.deceleration_rad_s2 < raw.acceleration_rad_s2_max {
            let problem = format!(
                "is {}, below `acceleration_rad_s2_max` = {}",
                raw.deceleration_rad_s2, raw.acceleration_rad_s2_max
            );
            let mend = "write at least that: the arm must stop as hard as it may start";
            self.wrong("bridge.deceleration_rad_s2", problem, mend);
        }
        let stop_within =
            self.milliseconds("bridge.stop_within_ms", raw.stop_within_ms, 5.0..=100.0);
        let period_ms = period.as_secs_f64() * 1e3;
        if raw.stop_within_ms <= 2.0 * period_ms + REACTION_MS {
            let problem = format!(
                "is {}, which leaves no time between two exchanges at bridge.rate_hz = {}",
                raw.stop_within_ms, raw.rate_hz
            );
            let mend =
                format!("write more than {:.1}, or raise that rate", 2.0 * period_ms + REACTION_MS);
            self.wrong("bridge.stop_within_ms", problem, &mend);
        }
        if raw.emulated && !has_sim {
            let mend = "add [sim], which the emulated arm moves in, or write `false`";
            self.wrong("bridge.emulated", "is true, but there is no simulated robot", mend);
        }
        if !raw.emulated && has_sim {
            let mend = "remove [sim] for a real arm, or write `true`";
            self.wrong("bridge.emulated", "is false, but the robot is simulated", mend);
        }
        BridgeSection {
            motors: self.motors(raw, &all.robot.joints),
            port: raw.port.clone(),
            listen: raw.listen.clone(),
            calibration: self.source.path(&raw.calibration),
            period: period.max(Duration::from_millis(1)),
            priority: self.priority("bridge.priority", raw.priority),
            stop_within,
            acceleration_rad_s2_max: raw.acceleration_rad_s2_max,
            deceleration_rad_s2: raw.deceleration_rad_s2,
            jump_rad_max: raw.jump_rad_max,
            tracking_rad_max: raw.tracking_rad_max,
            limp_at_rest: raw.limp_at_rest,
            emulated: raw.emulated,
        }
    }
}
