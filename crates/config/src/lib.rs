//! One TOML file per robot or scenario, parsed once into checked types.
//!
//! [`Config::load`] reads the file, follows it to the robot's URDF, and either gives a [`Config`]
//! in which every value has been checked alone and against the others, or a [`ConfigError`] with
//! a line for everything that is wrong: file, line, column, what, and the mend. [`check`] goes on to both
//! policy bundles, and lists all findings of all three; it is what `tandem check` prints.
//!
//! Every key, with its unit, its range and the reason for its value, stands in
//! `configs/reference.toml`.
//!
//! ```
//! use tandem_config::{Config, ConfigError};
//!
//! let error = Config::parse("robot.toml", "[contorl]\nrate_hz = 1000").unwrap_err();
//! assert!(matches!(error, ConfigError::Invalid { .. }));
//! assert!(error.to_string().contains(
//!     "robot.toml:1:2: unknown key `contorl`; the nearest known key is `control`"
//! ));
//! ```
//!
//! What this crate does not do: it opens no bus and makes no controller or simulation. The crates
//! that start those turn the plain values here into theirs; the control tick's settings, which
//! several of them need, come ready from [`Config::to_control`]. It reads files and allocates, at
//! start only; a [`Config`] is plain data, `Send` and `Sync`.

mod check;
mod config;
mod control;
mod endpoint;
mod error;
mod keys;
mod raw;
mod sections;

pub use check::{check, unchecked};
pub use config::{
    BridgeSection, BusSection, CameraSection, Config, ControlSection, DynamixelSection, EngineName,
    ExpertKinematics, ExpertSection, FaultsSection, GuardSection, MitSection, MotorsSection, Mount,
    ObjectCount, OnnxRuntimeSection, PoliciesSection, RobotSection, ServoSection, SimSection,
    SpectatorSection, System1Section, System2Section, TickClock, WorkspaceSection,
};
pub use control::SettingsError;
pub use endpoint::EndpointFault;
pub use error::ConfigError;
pub use keys::KEYS;
