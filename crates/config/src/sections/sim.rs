//! `[sim]`: the simulated robot.

use core::time::Duration;

use super::Check;
use crate::config::{ObjectCount, ServoSection, SimSection};
use crate::raw::{RawCamera, RawSim};

/// The simulation steps once a millisecond; what it publishes falls on a step.
const STEPS_HZ: u32 = 1000;
/// A sentence has to choose, and more objects do not fit the table at their distances.
const OBJECTS: core::ops::RangeInclusive<usize> = 2..=5;

impl Check<'_> {
    pub(super) fn sim(&mut self, raw: &RawSim, cameras: &[RawCamera]) -> SimSection {
        self.within("sim.rest_jitter_rad", raw.rest_jitter_rad, 0.0..=0.5);
        self.within("sim.encoder_noise_rad", raw.encoder_noise_rad, 0.0..=0.05);
        self.within("sim.objects_min", raw.objects_min, OBJECTS);
        self.within("sim.objects_max", raw.objects_max, OBJECTS);
        if raw.objects_min > raw.objects_max {
            let problem = format!("is {}, above `objects_max`", raw.objects_min);
            self.wrong("sim.objects_min", problem, "swap the two, or correct one");
        }
        let servo = &raw.servo;
        self.within("sim.servo.stiffness_nm_rad", servo.stiffness_nm_rad, 0.1..=1000.0);
        self.within("sim.servo.damping_nm_s_rad", servo.damping_nm_s_rad, 0.001..=100.0);
        self.within("sim.servo.armature_kg_m2", servo.armature_kg_m2, 1e-5..=10.0);
        SimSection {
            seed: raw.seed,
            state_period: self.steps("sim.state_rate_hz", raw.state_rate_hz),
            receipt_period: self.steps("sim.receipt_rate_hz", raw.receipt_rate_hz),
            camera_period: self.camera_period(cameras),
            rest_jitter_rad: raw.rest_jitter_rad,
            encoder_noise_rad: raw.encoder_noise_rad,
            objects: ObjectCount { min: raw.objects_min, max: raw.objects_max },
            spectator: raw.spectator,
            servo: ServoSection {
                stiffness_nm_rad: servo.stiffness_nm_rad,
                damping_nm_s_rad: servo.damping_nm_s_rad,
                armature_kg_m2: servo.armature_kg_m2,
                latency: self.milliseconds("sim.servo.latency_ms", servo.latency_ms, 0.0..=100.0),
            },
        }
    }

    fn steps(&mut self, key: &str, rate_hz: u32) -> Duration {
        self.within(key, rate_hz, 1..=STEPS_HZ);
        if rate_hz > 0 && !STEPS_HZ.is_multiple_of(rate_hz) {
            let problem =
                format!("is {rate_hz}, which does not divide the {STEPS_HZ} Hz of the simulation");
            self.wrong(key, problem, "write a divisor, such as 1000, 500, 200 or 100");
        }
        Duration::from_millis(u64::from(STEPS_HZ / rate_hz.clamp(1, STEPS_HZ)))
    }

    /// All simulated cameras take their pictures together, and each needs a place.
    fn camera_period(&mut self, cameras: &[RawCamera]) -> Duration {
        let rate_hz = cameras.first().map_or(1, |camera| camera.rate_hz);
        for (index, camera) in cameras.iter().enumerate() {
            if camera.rate_hz != rate_hz {
                let problem =
                    format!("is {}, but that of the first camera is {rate_hz}", camera.rate_hz);
                let mend = "write the same rate: simulated cameras take their pictures together";
                self.wrong(&format!("camera[{index}].rate_hz"), problem, mend);
            }
            if camera.mount.is_none() {
                let mend = "add `mount`, which a simulated camera needs, or remove [sim]";
                self.wrong(&format!("camera[{index}].mount"), "is missing", mend);
            }
        }
        Duration::from_nanos(1_000_000_000 / u64::from(rate_hz.max(1)))
    }
}
