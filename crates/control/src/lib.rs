//! The control tick, sans I/O: from action chunks to admitted commands.
//!
//! [`Controller::tick`] takes the time and one sample of every input ([`Inputs`]) and gives one
//! [`Output`]. Inside, an executor ([`ExecutorConfig`]) turns chunks into one setpoint, aligned by
//! the stamp of the observation behind each and by the motion consumed since; a smoother leads the
//! last command there without a jump, and the [guard](tandem_guard) has the last word. The same code runs on the real clock, in lockstep
//! simulation and in replay, and gives the same bytes.
//!
//! ```
//! use core::time::Duration;
//! use tandem_control::{ControlConfig, Controller, ExecutorConfig, Inputs};
//! # use tandem_guard::{GuardConfig, Limits, LimitsSpec, Mode, Request, Supervision, Witness};
//! use tandem_types::{ActionChunk, Epoch, JointVec, Stamp, State};
//!
//! # let guard = GuardConfig {
//! #     limits: Limits::new(&LimitsSpec {
//! #         position_rad_min: JointVec::splat(2, -1.5),
//! #         position_rad_max: JointVec::splat(2, 1.5),
//! #         margin_rad: 0.1,
//! #         velocity_rad_s_max: JointVec::splat(2, 2.0),
//! #         acceleration_rad_s2_max: JointVec::splat(2, 20.0),
//! #         jerk_rad_s3_max: JointVec::splat(2, 2_000.0),
//! #     })?,
//! #     state_age_max: Duration::from_millis(20),
//! #     action_age_max: Duration::from_millis(100),
//! #     frame_age_max: Duration::from_millis(200),
//! #     latent_age_warn: Duration::from_millis(300),
//! #     latent_age_hold: Duration::from_secs(1),
//! #     latent_age_stop: Duration::from_secs(3),
//! #     receipt_age_max: Duration::from_millis(100),
//! #     silence_age_stop: Duration::from_secs(2),
//! #     valid_for: Duration::from_micros(2_500),
//! #     ramp: Duration::from_secs(1),
//! #     refused_run_max: 3,
//! #     supervision: Supervision::NONE,
//! # };
//! let mut controller = Controller::new(
//!     ControlConfig {
//!         period: Duration::from_millis(1),
//!         guard,
//!         space: None,
//!         latent: None,
//!         executor: ExecutorConfig::Immediate,
//!         bandwidth_rad_s: 60.0,
//!     },
//!     Epoch(1),
//! )?;
//!
//! // System 1 saw the arm at rest and wants joint 0 to move.
//! let now = Stamp::from_nanos(1_000_000_000);
//! let state =
//!     State { stamp: now, q: JointVec::zeros(2), dq: JointVec::zeros(2), tau: JointVec::zeros(2) };
//! let mut chunk = ActionChunk::at_rest(state.q, now);
//! chunk.frame_observed = now;
//! chunk.latent_observed = now;
//! chunk.set_path(Duration::from_millis(5), &[0.001, 0.0, 0.003, 0.0])?;
//!
//! let request = Some(Request::Arm);
//! let witness = Witness::default();
//! let inputs =
//!     Inputs { state: Some(&state), chunk: Some(&chunk), receipt: None, witness, request };
//! let output = controller.tick(now, &inputs);
//! assert_eq!(output.mode, Mode::Armed);
//!
//! let now = now.after(Duration::from_millis(1));
//! let output = controller.tick(now, &Inputs { request: None, ..inputs });
//! assert!(output.command.unwrap().command().q[0] > 0.0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! What this crate does not do: it reads no clock, talks to nobody and runs no policy. One tick is
//! one period of motion however late it comes; keeping time is its caller's business.
//!
//! Real-time: no allocation, no locks, no system calls; bounded by the number of joints, and once
//! for each new chunk by the length of the chunk. One controller belongs to one thread.
#![forbid(unsafe_code)]
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::as_conversions
    )
)]

mod config;
mod controller;
mod curve;
mod executor;
mod plan;
mod smoother;
mod task;
mod timeline;

pub use config::{ControlConfig, ControlError, ExecutorConfig};
pub use controller::{Controller, Inputs, Output};
pub use task::{TaskConfig, TaskEnd, TaskMonitor, TaskSample};
