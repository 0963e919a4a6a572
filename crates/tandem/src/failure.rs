//! What a command can end with.

use std::fmt;

/// Exit code of a command that was given wrong arguments or a wrong config.
pub(crate) const WRONG_USAGE: u8 = 2;

/// A command that did not do what it was asked.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The thing asked for failed: exit code 1.
    Failed(anyhow::Error),
    /// The arguments or the config are wrong: exit code 2.
    Usage(anyhow::Error),
}

impl Failure {
    /// A failure with this message.
    pub(crate) fn failed(message: impl fmt::Display) -> Self {
        Self::Failed(anyhow::anyhow!("{message}"))
    }

    /// Wrong usage, with this message.
    pub(crate) fn usage(message: impl fmt::Display) -> Self {
        Self::Usage(anyhow::anyhow!("{message}"))
    }

    pub(crate) const fn exit_code(&self) -> u8 {
        match self {
            Self::Failed(_) => 1,
            Self::Usage(_) => WRONG_USAGE,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(error) | Self::Usage(error) => write!(f, "{error:#}"),
        }
    }
}

/// Whatever goes wrong below a command is a failure of it; wrong usage says so itself.
impl<E: Into<anyhow::Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}
