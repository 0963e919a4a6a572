//! Why the daemon did not start.

use std::path::PathBuf;

use tandem_bundle::{BundleError, Mismatch};
use tandem_config::SettingsError;

use crate::senses::SenseError;

/// Why the daemon did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A bundle is broken.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// A bundle does not fit the robot, or the two bundles do not fit each other.
    #[error("bundle {} does not fit this config:{}", bundle.display(), lines(mismatches))]
    Mismatch {
        /// The bundle's folder.
        bundle: PathBuf,
        /// What does not fit.
        mismatches: Vec<Mismatch>,
    },
    /// System 1 could not be made ready.
    #[error("System 1: {0}")]
    System1(#[from] tandem_system1::LoadError),
    /// System 2 could not be made ready.
    #[error("System 2: {0}")]
    System2(#[from] tandem_system2::LoadError),
    /// The limits or the control settings contradict themselves.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The robot's name is no key.
    #[error(transparent)]
    Key(#[from] tandem_bus::KeyError),
    /// The bus could not be opened.
    #[error(transparent)]
    Open(#[from] tandem_bus::OpenError),
    /// The bus refused.
    #[error(transparent)]
    Bus(#[from] tandem_bus::BusError),
    /// A camera could not be listened to.
    #[error(transparent)]
    Sense(#[from] SenseError),
    /// The system gave no thread.
    #[error("no thread for `{name}`: {source}")]
    Thread {
        /// What it was for.
        name: &'static str,
        /// The system's words.
        source: std::io::Error,
    },
}

fn lines(mismatches: &[Mismatch]) -> String {
    mismatches.iter().map(|mismatch| format!("\n  {mismatch}")).collect()
}
