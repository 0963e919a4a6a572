//! A controller, and an ideal robot that does what it is told one tick later.

use std::time::Duration;

use tandem_control::{ControlConfig, Controller, ExecutorConfig, Inputs, Output};
use tandem_guard::{GuardConfig, Limits, LimitsSpec, Request, Supervision, Witness};
use tandem_types::{ActionChunk, Epoch, JointVec, Stamp, State};

pub(crate) const PERIOD: Duration = Duration::from_millis(1);

pub(crate) const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// Every executor, with parameters that make it do what it is there for.
pub(crate) const EXECUTORS: [ExecutorConfig; 4] = [
    ExecutorConfig::Immediate,
    ExecutorConfig::Receding { steps: 4 },
    ExecutorConfig::TemporalEnsemble { decay: 0.01 },
    ExecutorConfig::RealTimeChunking { steps: 4, blend_steps: 3 },
];

/// The limits of [`config`].
pub(crate) fn spec() -> LimitsSpec {
    LimitsSpec {
        position_rad_min: JointVec::splat(2, -1.5),
        position_rad_max: JointVec::splat(2, 1.5),
        margin_rad: 0.1,
        velocity_rad_s_max: JointVec::splat(2, 2.0),
        acceleration_rad_s2_max: JointVec::splat(2, 20.0),
        jerk_rad_s3_max: JointVec::splat(2, 2_000.0),
    }
}

/// Two joints from -1.5 to 1.5 rad with a margin of 0.1, 2 rad/s, 20 rad/s^2, 2000 rad/s^3, at 1 kHz.
pub(crate) fn config() -> ControlConfig {
    let guard = GuardConfig {
        limits: Limits::new(&spec()).unwrap(),
        state_age_max: ms(20),
        action_age_max: ms(100),
        frame_age_max: ms(200),
        latent_age_warn: ms(300),
        latent_age_hold: ms(1_000),
        latent_age_stop: ms(3_000),
        receipt_age_max: ms(100),
        silence_age_stop: ms(2_000),
        valid_for: Duration::from_micros(2_500),
        ramp: Duration::ZERO,
        refused_run_max: 3,
        supervision: Supervision::NONE,
    };
    ControlConfig {
        period: PERIOD,
        guard,
        space: None,
        latent: None,
        executor: ExecutorConfig::Immediate,
        bandwidth_rad_s: 60.0,
    }
}

/// A chunk whose pictures and latent goal are as fresh as itself.
pub(crate) fn chunk(
    origin: JointVec,
    observed: Stamp,
    step: Duration,
    path: &[f32],
) -> ActionChunk {
    let mut chunk = ActionChunk::at_rest(origin, observed);
    chunk.frame_observed = observed;
    chunk.latent_observed = observed;
    if !path.is_empty() {
        chunk.set_path(step, path).unwrap();
    }
    chunk
}

/// Controller and robot in one loop.
#[derive(Clone, Debug)]
pub(crate) struct Rig {
    pub(crate) controller: Controller,
    pub(crate) now: Stamp,
    pub(crate) state: State,
    pub(crate) receipt: Option<Stamp>,
    pub(crate) chunk: Option<ActionChunk>,
}

impl Rig {
    pub(crate) fn new() -> Self {
        Self::with(ExecutorConfig::Immediate)
    }

    pub(crate) fn with(executor: ExecutorConfig) -> Self {
        let config = ControlConfig { executor, ..config() };
        let rest = JointVec::zeros(2);
        let now = Stamp::from_nanos(1_000_000_000);
        Self {
            controller: Controller::new(config, Epoch(1)).unwrap(),
            now,
            state: State { stamp: now, q: rest, dq: rest, tau: rest },
            receipt: None,
            chunk: None,
        }
    }

    /// One tick; then the robot obeys.
    pub(crate) fn tick(&mut self, request: Option<Request>) -> Output {
        self.now = self.now.after(PERIOD);
        self.state.stamp = self.now;
        let output = self.controller.tick(
            self.now,
            &Inputs {
                state: Some(&self.state),
                chunk: self.chunk.as_ref(),
                receipt: self.receipt,
                witness: Witness::default(),
                request,
            },
        );
        if let Some(admitted) = output.command {
            self.state.q = admitted.command().q;
            self.state.dq = admitted.command().dq;
            self.receipt = Some(self.now);
        }
        output
    }
}
