//! A scenario's config as the settings of a world and of a lockstep run.

use core::time::Duration;

use tandem_config::{Config, ExpertKinematics, ExpertSection, SettingsError};
use tandem_types::{Epoch, JointVec};

use crate::lockstep::LockstepConfig;
use crate::{
    CameraConfig, ExpertSettings, Kinematics, Mount, ObjectCount, ServoConfig, SimConfig, SimError,
    SpectatorView, SuccessRule, Workspace,
};

/// From a posture to the tick that knows the chunk made of it, on a small machine: half a tick
/// until System 1 wakes, its step, and the rest of the tick.
const PILOT_LATENCY: Duration = Duration::from_millis(2);

/// From the shutter to the moment the features of a picture can be used: the exposure's end, the
/// bus and the encoder.
const CAMERA_LATENCY: Duration = Duration::from_millis(4);

impl SimConfig {
    /// The world of a scenario.
    ///
    /// # Errors
    /// If the scenario has no simulated robot, or one of its cameras has no mount.
    pub fn from_config(config: &Config) -> Result<Self, SimError> {
        let file = || config.file.clone();
        let sim = config.sim.as_ref().ok_or_else(|| SimError::NoSim { file: file() })?;
        let servo = &sim.servo;
        let mut cameras = Vec::with_capacity(config.cameras.len());
        for camera in &config.cameras {
            let (Some(mount), Some(fov)) = (&camera.mount, camera.vertical_fov_rad) else {
                return Err(SimError::NoMount { file: file(), camera: camera.name.clone() });
            };
            cameras.push(CameraConfig {
                name: camera.name.clone(),
                mount: match mount {
                    tandem_config::Mount::World { eye_m, target_m } => {
                        Mount::World { eye_m: *eye_m, target_m: *target_m }
                    }
                    tandem_config::Mount::Link { link } => Mount::Link { link: link.clone() },
                },
                width_px: camera.width_px,
                height_px: camera.height_px,
                vertical_fov_rad: fov,
            });
        }
        Ok(Self {
            robot: config.robot.model.clone(),
            epoch: Epoch(1),
            servo: ServoConfig {
                stiffness_nm_rad: servo.stiffness_nm_rad,
                damping_nm_s_rad: servo.damping_nm_s_rad,
                armature_kg_m2: servo.armature_kg_m2,
                latency: servo.latency,
            },
            rest_pose: config.robot.home_rad,
            rest_jitter_rad: sim.rest_jitter_rad,
            encoder_noise_rad: sim.encoder_noise_rad,
            cameras,
            camera_period: sim.camera_period,
            state_period: sim.state_period,
            receipt_period: sim.receipt_period,
            objects: ObjectCount { min: sim.objects.min, max: sim.objects.max },
            workspace: Workspace { x_m: sim.workspace.x_m.clone(), y_m: sim.workspace.y_m.clone() },
            success: SuccessRule::TASK,
            expert: expert(&sim.expert, config.dof()),
            spectator: SpectatorView {
                eye_m: sim.spectator_view.eye_m,
                target_m: sim.spectator_view.target_m,
                vertical_fov_rad: sim.spectator_view.vertical_fov_rad,
            },
        })
    }
}

/// The SO-101's manner, with what depends on the body from the config.
fn expert(section: &ExpertSection, dof: usize) -> ExpertSettings {
    let kinematics = match &section.kinematics {
        ExpertKinematics::Planar => Kinematics::Planar,
        ExpertKinematics::Jacobian { joints } => {
            let willing = JointVec::zeros(dof)
                .map(|joint, _| if joints.contains(&joint) { 1.0 } else { 0.0 });
            Kinematics::Jacobian { willing }
        }
    };
    let speed_rad_s_max = section.speed_rad_s_max;
    ExpertSettings { kinematics, speed_rad_s_max, ..ExpertSettings::SO101 }
}

impl LockstepConfig {
    /// The control and the rates of a scenario, with the delays of the daemon's threads.
    ///
    /// # Errors
    /// If the scenario's limits leave no room.
    pub fn from_config(config: &Config) -> Result<Self, SettingsError> {
        Ok(Self {
            control: config.to_control()?,
            epoch: Epoch(1),
            pilot_period: config.system1.period,
            pilot_latency: PILOT_LATENCY,
            camera_latency: CAMERA_LATENCY,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// Training without a config file and running with one must see the same world.
    #[test]
    fn the_shipped_scenario_is_the_tabletop() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../configs/so101.toml");
        let shipped = SimConfig::from_config(&Config::load(file).unwrap()).unwrap();
        let tabletop = SimConfig::so101().unwrap();
        assert_eq!(format!("{:#?}", shipped.cameras), format!("{:#?}", tabletop.cameras));
        assert_eq!((shipped.servo, shipped.rest_pose), (tabletop.servo, tabletop.rest_pose));
        assert_eq!((shipped.objects, shipped.success), (tabletop.objects, tabletop.success));
        assert_eq!((shipped.workspace, shipped.expert), (tabletop.workspace, tabletop.expert));
        assert_eq!(shipped.spectator, tabletop.spectator);
        assert_eq!(shipped.rest_jitter_rad, tabletop.rest_jitter_rad);
        assert_eq!(shipped.encoder_noise_rad, tabletop.encoder_noise_rad);
    }
}
