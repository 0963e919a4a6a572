//! A config as it is spelled. What the values mean is said in [`crate::config`].

use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawConfig {
    pub(crate) robot: RawRobot,
    pub(crate) camera: Vec<RawCamera>,
    pub(crate) bus: RawBus,
    pub(crate) control: RawControl,
    pub(crate) guard: RawGuard,
    pub(crate) space: Option<RawSpace>,
    pub(crate) system1: RawSystem1,
    pub(crate) system2: RawSystem2,
    pub(crate) policies: Option<RawPolicies>,
    pub(crate) task: RawTask,
    pub(crate) onnxruntime: Option<RawOnnxRuntime>,
    pub(crate) bridge: Option<RawBridge>,
    pub(crate) faults: Option<RawFaults>,
    pub(crate) sim: Option<RawSim>,
}

/// One number for all joints, or a list with one for each.
#[derive(Clone, Deserialize)]
#[serde(untagged)]
pub(crate) enum RawPerJoint {
    All(f64),
    Each(Vec<f64>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawRobot {
    pub(crate) name: String,
    pub(crate) urdf: String,
    pub(crate) joints: Vec<String>,
    pub(crate) tip_link: String,
    pub(crate) home_rad: RawPerJoint,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawCamera {
    pub(crate) name: String,
    pub(crate) width_px: usize,
    pub(crate) height_px: usize,
    pub(crate) rate_hz: u32,
    pub(crate) mount: Option<RawMount>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawMount {
    pub(crate) vertical_fov_rad: f64,
    pub(crate) link: Option<String>,
    pub(crate) eye_m: Option<Vec<f64>>,
    pub(crate) target_m: Option<Vec<f64>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawBus {
    pub(crate) robot: String,
    pub(crate) daemon: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawControl {
    pub(crate) rate_hz: u32,
    pub(crate) priority: u32,
    pub(crate) cpu: Option<usize>,
    pub(crate) clock: Option<String>,
    pub(crate) spin_us: Option<f64>,
    pub(crate) wake_latency_us_max: Option<f64>,
    pub(crate) executor: String,
    pub(crate) receding: Option<RawReceding>,
    pub(crate) temporal_ensemble: Option<RawTemporalEnsemble>,
    pub(crate) real_time_chunking: Option<RawRealTimeChunking>,
    pub(crate) latent_untrained: String,
    pub(crate) smoothing_rad_s: f64,
    pub(crate) ramp_ms: f64,
    pub(crate) measure_floor: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawReceding {
    pub(crate) steps: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawTemporalEnsemble {
    pub(crate) decay: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawRealTimeChunking {
    pub(crate) steps: u32,
    pub(crate) blend_steps: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawGuard {
    pub(crate) position_margin_rad: f64,
    pub(crate) velocity_rad_s_max: Option<RawPerJoint>,
    pub(crate) velocity_fraction_max: Option<f64>,
    pub(crate) acceleration_rad_s2_max: RawPerJoint,
    pub(crate) jerk_rad_s3_max: RawPerJoint,
    pub(crate) state_age_ms_max: f64,
    pub(crate) action_age_ms_max: f64,
    pub(crate) frame_age_ms_max: f64,
    pub(crate) latent_age_ms_warn: f64,
    pub(crate) latent_age_ms_hold: f64,
    pub(crate) latent_age_ms_stop: f64,
    pub(crate) receipt_age_ms_max: f64,
    pub(crate) silence_age_ms_stop: f64,
    pub(crate) command_valid_ms: f64,
    pub(crate) refused_chunks_max: u32,
    pub(crate) measured_slack_rad: f64,
    pub(crate) caution_speed_fraction: f64,
    pub(crate) latent_age_ms_slow: Option<f64>,
    pub(crate) tracking_error_rad_max: Option<RawPerJoint>,
    pub(crate) torque_nm_max: Option<RawPerJoint>,
    pub(crate) tracking_ms_max: Option<f64>,
    pub(crate) step_rad_max: Option<f64>,
    pub(crate) clamped_fraction_max: Option<f64>,
    pub(crate) clamped_ms_max: Option<f64>,
    pub(crate) state_repeats_max: Option<u32>,
    pub(crate) frame_repeats_max: Option<u32>,
    pub(crate) late_chunks_max: Option<u32>,
    pub(crate) late_chunks_fraction_max: Option<f64>,
    pub(crate) link_faults_max: Option<u32>,
    pub(crate) link_faults_window_ms: Option<f64>,
    pub(crate) lease_age_ms_max: Option<f64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawSpace {
    pub(crate) distance_m_slow: f64,
    pub(crate) distance_m_min: f64,
    pub(crate) tip_speed_m_s_max: Option<f64>,
    pub(crate) workspace: Option<RawBounds>,
    #[serde(default)]
    pub(crate) keep_out: Vec<RawKeepOut>,
    #[serde(default)]
    pub(crate) capsule: Vec<RawCapsule>,
    #[serde(default)]
    pub(crate) may_touch: Vec<RawMayTouch>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawBounds {
    pub(crate) min_m: Vec<f64>,
    pub(crate) max_m: Vec<f64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawKeepOut {
    pub(crate) min_m: Option<Vec<f64>>,
    pub(crate) max_m: Option<Vec<f64>>,
    pub(crate) center_m: Option<Vec<f64>>,
    pub(crate) radius_m: Option<f64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawCapsule {
    pub(crate) link: String,
    pub(crate) from_m: Vec<f64>,
    pub(crate) to_m: Vec<f64>,
    pub(crate) radius_m: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawMayTouch {
    pub(crate) links: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawSystem1 {
    pub(crate) bundle: String,
    pub(crate) engine: String,
    pub(crate) rate_hz: u32,
    pub(crate) deadline_us: f64,
    pub(crate) steps_max: Option<usize>,
    pub(crate) latent_age_matched: bool,
    pub(crate) priority: u32,
    pub(crate) cpu: Option<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawSystem2 {
    pub(crate) bundle: String,
    pub(crate) engine: String,
    pub(crate) rate_hz: u32,
    pub(crate) nice: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawPolicies {
    pub(crate) folder: String,
    pub(crate) fade_ms: f64,
    pub(crate) probation_ms: f64,
    pub(crate) missed_steps_max: u64,
    pub(crate) refused_chunks_max: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawTask {
    pub(crate) done_progress: f64,
    pub(crate) done_hysteresis: f64,
    pub(crate) done_ms: f64,
    pub(crate) idle_rad_s: f64,
    pub(crate) idle_ms: f64,
    pub(crate) timeout_ms: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawOnnxRuntime {
    pub(crate) library: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawBridge {
    pub(crate) motors: String,
    pub(crate) port: String,
    pub(crate) listen: String,
    pub(crate) baud: Option<u32>,
    pub(crate) calibration: String,
    pub(crate) rate_hz: u32,
    pub(crate) priority: u32,
    pub(crate) stop_within_ms: f64,
    pub(crate) acceleration_rad_s2_max: f64,
    pub(crate) deceleration_rad_s2: f64,
    pub(crate) jump_rad_max: f64,
    pub(crate) tracking_rad_max: f64,
    pub(crate) limp_at_rest: bool,
    pub(crate) emulated: bool,
    #[serde(default)]
    pub(crate) dynamixel: Vec<RawDynamixel>,
    #[serde(default)]
    pub(crate) mit: Vec<RawMit>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawDynamixel {
    pub(crate) joint: String,
    pub(crate) id: u32,
    pub(crate) model: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawMit {
    pub(crate) joint: String,
    pub(crate) id: u32,
    pub(crate) kind: String,
    pub(crate) kp_nm_rad: f64,
    pub(crate) kd_nm_s_rad: f64,
    pub(crate) damping_nm_s_rad: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawFaults {
    pub(crate) injection: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawSim {
    pub(crate) seed: u64,
    pub(crate) state_rate_hz: u32,
    pub(crate) receipt_rate_hz: u32,
    pub(crate) rest_jitter_rad: f64,
    pub(crate) encoder_noise_rad: f64,
    pub(crate) objects_min: usize,
    pub(crate) objects_max: usize,
    pub(crate) spectator: bool,
    pub(crate) spectator_view: RawSpectatorView,
    pub(crate) workspace: RawWorkspace,
    pub(crate) expert: RawExpert,
    pub(crate) servo: RawServo,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawSpectatorView {
    pub(crate) eye_m: Vec<f64>,
    pub(crate) target_m: Vec<f64>,
    pub(crate) vertical_fov_rad: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawWorkspace {
    pub(crate) x_m: Vec<f64>,
    pub(crate) y_m: Vec<f64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawExpert {
    pub(crate) kinematics: String,
    pub(crate) joints: Option<Vec<String>>,
    pub(crate) speed_rad_s_max: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawServo {
    pub(crate) stiffness_nm_rad: RawPerJoint,
    pub(crate) damping_nm_s_rad: RawPerJoint,
    pub(crate) armature_kg_m2: RawPerJoint,
    pub(crate) latency_ms: f64,
}
