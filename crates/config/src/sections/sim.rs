//! `[sim]`: the simulated robot.

use core::ops::RangeInclusive;
use core::time::Duration;

use super::Check;
use crate::config::{
    ExpertKinematics, ExpertSection, ObjectCount, ServoSection, SimSection, SpectatorSection,
    WorkspaceSection,
};
use crate::raw::{RawCamera, RawExpert, RawServo, RawSim, RawSpectatorView, RawWorkspace};

/// The simulation steps once a millisecond; what it publishes falls on a step.
const STEPS_HZ: u32 = 1000;
/// A sentence has to choose, and more objects do not fit the table at their distances.
const OBJECTS: RangeInclusive<usize> = 2..=5;
/// The simulated table reaches from 0.35 m behind the robot's base to 0.85 m before it, and 0.7 m
/// to either side; an object's centre stays 5 cm from its edge.
const TABLE_X_M: RangeInclusive<f64> = -0.3..=0.8;
const TABLE_Y_M: RangeInclusive<f64> = -0.65..=0.65;
/// Five objects do not fit a shorter side at their distances.
const SIDE_M_MIN: f64 = 0.16;

impl Check<'_> {
    pub(super) fn sim(
        &mut self,
        raw: &RawSim,
        cameras: &[RawCamera],
        joints: &[String],
    ) -> SimSection {
        self.within("sim.rest_jitter_rad", raw.rest_jitter_rad, 0.0..=0.5);
        self.within("sim.encoder_noise_rad", raw.encoder_noise_rad, 0.0..=0.05);
        self.within("sim.objects_min", raw.objects_min, OBJECTS);
        self.within("sim.objects_max", raw.objects_max, OBJECTS);
        if raw.objects_min > raw.objects_max {
            let problem = format!("is {}, above `objects_max`", raw.objects_min);
            self.wrong("sim.objects_min", problem, "swap the two, or correct one");
        }
        SimSection {
            seed: raw.seed,
            state_period: self.steps("sim.state_rate_hz", raw.state_rate_hz),
            receipt_period: self.steps("sim.receipt_rate_hz", raw.receipt_rate_hz),
            camera_period: self.camera_period(cameras),
            rest_jitter_rad: raw.rest_jitter_rad,
            encoder_noise_rad: raw.encoder_noise_rad,
            objects: ObjectCount { min: raw.objects_min, max: raw.objects_max },
            spectator: raw.spectator,
            spectator_view: self.spectator_view(&raw.spectator_view),
            workspace: self.workspace(&raw.workspace),
            expert: self.expert(&raw.expert, joints),
            servo: self.servo(&raw.servo, joints.len()),
        }
    }

    fn spectator_view(&mut self, raw: &RawSpectatorView) -> SpectatorSection {
        let fov = raw.vertical_fov_rad;
        self.within("sim.spectator_view.vertical_fov_rad", fov, 0.05..=2.5);
        let eye_m = self.point("sim.spectator_view.eye_m", &raw.eye_m);
        let target_m = self.point("sim.spectator_view.target_m", &raw.target_m);
        if eye_m == target_m {
            let mend = "move `eye_m` or `target_m`";
            self.wrong("sim.spectator_view", "looks at where it stands", mend);
        }
        SpectatorSection { eye_m, target_m, vertical_fov_rad: fov }
    }

    fn workspace(&mut self, raw: &RawWorkspace) -> WorkspaceSection {
        WorkspaceSection {
            x_m: self.side("sim.workspace.x_m", &raw.x_m, TABLE_X_M),
            y_m: self.side("sim.workspace.y_m", &raw.y_m, TABLE_Y_M),
        }
    }

    /// One side of the workspace, on the table and long enough.
    fn side(
        &mut self,
        key: &str,
        values: &[f64],
        table: RangeInclusive<f64>,
    ) -> RangeInclusive<f64> {
        let &[from, to] = values else {
            let problem = format!("has {} values", values.len());
            self.wrong(key, problem, "write where it begins and where it ends, in metres");
            return table;
        };
        self.within(key, from, table.clone());
        self.within(key, to, table);
        let length_m = to - from;
        if length_m.is_nan() || length_m < SIDE_M_MIN {
            let mend = format!("write a range of {SIDE_M_MIN} m or more: objects keep distances");
            self.wrong(key, format!("is {length_m:.3} m long"), &mend);
        }
        from..=to
    }

    fn expert(&mut self, raw: &RawExpert, joints: &[String]) -> ExpertSection {
        self.within("sim.expert.speed_rad_s_max", raw.speed_rad_s_max, 0.05..=20.0);
        let kinematics = match (raw.kinematics.as_str(), &raw.joints) {
            ("jacobian", Some(names)) => {
                ExpertKinematics::Jacobian { joints: self.serving(names, joints) }
            }
            ("jacobian", None) => {
                ExpertKinematics::Jacobian { joints: (0..joints.len()).collect() }
            }
            (name, named) => {
                if name != "planar" {
                    let mend = "write `jacobian`, which any arm can have, or `planar`";
                    self.wrong("sim.expert.kinematics", format!("is `{name}`"), mend);
                } else if named.is_some() {
                    let mend = "remove it, or write kinematics = \"jacobian\"";
                    self.wrong("sim.expert.joints", "is given beside `planar`", mend);
                }
                ExpertKinematics::Planar
            }
        };
        ExpertSection { kinematics, speed_rad_s_max: raw.speed_rad_s_max }
    }

    /// The places of the expert's joints in the robot's list.
    fn serving(&mut self, names: &[String], joints: &[String]) -> Vec<usize> {
        let mut places = Vec::with_capacity(names.len());
        for (index, name) in names.iter().enumerate() {
            match joints.iter().position(|joint| joint == name) {
                Some(place) => places.push(place),
                None => {
                    let problem = format!("is `{name}`, which is not in [robot] joints");
                    let mend = "write the name of one of them";
                    self.wrong(&format!("sim.expert.joints[{index}]"), problem, mend);
                }
            }
        }
        places
    }

    fn servo(&mut self, raw: &RawServo, dof: usize) -> ServoSection {
        let mut per_joint = |key, values, range| self.per_joint(key, values, dof, range);
        let stiffness = per_joint("sim.servo.stiffness_nm_rad", &raw.stiffness_nm_rad, 0.1..=2e4);
        let damping = per_joint("sim.servo.damping_nm_s_rad", &raw.damping_nm_s_rad, 1e-3..=2e3);
        let armature = per_joint("sim.servo.armature_kg_m2", &raw.armature_kg_m2, 1e-5..=10.0);
        ServoSection {
            stiffness_nm_rad: stiffness,
            damping_nm_s_rad: damping,
            armature_kg_m2: armature,
            latency: self.milliseconds("sim.servo.latency_ms", raw.latency_ms, 0.0..=100.0),
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
