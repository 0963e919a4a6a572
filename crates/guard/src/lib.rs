//! The only door to the robot: limits, watchdogs and arming.
//!
//! Once per control tick [`Guard::tick`] looks at the [`Evidence`] (how old are the state, the
//! chunk, the pictures and the latent goal behind it, the robot's last receipt?), moves the arming
//! state machine ([`Mode`], [`Request`]), and only if all is well asks for a setpoint. What comes
//! out of the [`Verdict`] is an [`AdmittedCommand`], and a [`RobotPort`] takes nothing else, so the
//! compiler proves that no policy reaches a motor unchecked. Every intervention says why: a
//! [`Cause`] with joint, value and limit, whose sentence names the mend.
//!
//! ```
//! use core::time::Duration;
//! use tandem_guard::{Guard, GuardConfig, Limits, LimitsSpec, Mode, Supervision};
//! # use tandem_guard::{Evidence, Request, Witness};
//! use tandem_types::{Epoch, JointVec, Stamp, State};
//!
//! let limits = Limits::new(&LimitsSpec {
//!     position_rad_min: JointVec::splat(2, -1.5),
//!     position_rad_max: JointVec::splat(2, 1.5),
//!     margin_rad: 0.1,
//!     velocity_rad_s_max: JointVec::splat(2, 2.0),
//!     acceleration_rad_s2_max: JointVec::splat(2, 20.0),
//!     jerk_rad_s3_max: JointVec::splat(2, 2_000.0),
//! })?;
//! let config = GuardConfig {
//!     limits,
//!     state_age_max: Duration::from_millis(20),
//!     action_age_max: Duration::from_millis(100),
//!     frame_age_max: Duration::from_millis(200),
//!     latent_age_warn: Duration::from_millis(300),
//!     latent_age_hold: Duration::from_secs(1),
//!     latent_age_stop: Duration::from_secs(3),
//!     receipt_age_max: Duration::from_millis(100),
//!     silence_age_stop: Duration::from_secs(2),
//!     valid_for: Duration::from_micros(2_500),
//!     ramp: Duration::from_secs(1),
//!     refused_run_max: 3,
//!     supervision: Supervision::NONE,
//! };
//! let mut guard = Guard::new(config, Duration::from_millis(1), Epoch(1))?;
//!
//! // The arm stands somewhere, and nothing has been asked for: nothing is sent.
//! let now = Stamp::from_nanos(1_000_000_000);
//! let rest = JointVec::zeros(2);
//! let state = State { stamp: now, q: rest, dq: rest, tau: rest };
//! let evidence = Evidence { state: Some(&state), action: None, receipt: None, witness: Witness::default() };
//! let verdict = guard.tick(now, &evidence, None, |from| *from.command);
//! assert_eq!(verdict.mode, Mode::Disarmed);
//! assert!(verdict.command.is_none());
//!
//! // Armed without a policy it stays where it is, and says what it is waiting for.
//! let verdict = guard.tick(now, &evidence, Some(Request::Arm), |from| *from.command);
//! assert_eq!(verdict.mode, Mode::Holding);
//! assert_eq!(verdict.command.unwrap().command().q, state.q);
//! println!("holding: {}", verdict.cause.unwrap());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! What this crate does not do: it is no safety function in the sense of ISO 13849 or IEC 61508,
//! and no emergency stop; the hardware's stays outside. It plans nothing and cannot cut drive power. The robot's firmware must stop by itself when commands end.
//!
//! A guard made [`Guard::with_space`] also keeps to a [`Space`]: the tip inside a box and below a
//! speed, the body outside of others and out of its own way.
//!
//! Real-time: no allocation, no locks, no system calls, no clock; bounded by the number of joints.
//! One guard belongs to one thread. The same inputs give the same bytes.
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

mod admitted;
mod alignment;
mod arming;
mod braking;
mod cause;
mod config;
mod door;
mod envelope;
mod inspection;
mod lease;
mod limits;
mod refusal;
mod space;
mod supervision;
mod supervisor;
mod verdict;
mod watch;

pub use admitted::{AdmittedCommand, RobotPort};
pub use alignment::LatentAlignment;
pub use arming::{Mode, Nonce, Request};
pub use cause::{Cause, Reaction, Signal};
pub use config::{ConfigError, GuardConfig};
pub use door::Guard;
pub use lease::{Heartbeat, Token, Unauthorised};
pub use limits::{JointBounds, Limits, LimitsError, LimitsSpec};
pub use refusal::Refusal;
pub use space::{Bounds, Capsule, KeepOut, Obstacle, Space, SpaceError, SpaceSpec};
pub use supervision::{
    ClampingLimits, LatentLimits, LinkLimits, OverrunLimits, Supervision, TrackingLimits,
};
pub use verdict::{Counters, Departure, Verdict};
pub use watch::{Ages, CAMERAS_MAX, Evidence, FrameWitness, LatentWitness, Provenance, Witness};
