//! Why a config was refused.

use std::io;
use std::path::PathBuf;

use tandem_bundle::Finding;
use thiserror::Error;

use crate::endpoint::{self, EndpointFault};

/// Why a config was refused.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// The file could not be read.
    #[error("{}: cannot be read ({error}); check the path, or start from configs/so101.toml", .file.display())]
    Read {
        /// The file.
        file: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// Something in the file, or in the URDF it names, is wrong.
    #[error("{} findings in {}:\n{}", .findings.len(), .file.display(), lines(.findings))]
    Invalid {
        /// The file.
        file: PathBuf,
        /// Everything that is wrong, at least one thing, in the order of the file.
        findings: Vec<Finding>,
    },
    /// An endpoint that replaces the file's own cannot be used.
    #[error("endpoint `{endpoint}` {fault}; {mend}", mend = endpoint::MEND)]
    Endpoint {
        /// The endpoint given.
        endpoint: String,
        /// What is wrong with it.
        fault: EndpointFault,
    },
}

impl ConfigError {
    /// Everything that is wrong, one line for each.
    #[must_use]
    pub fn findings(self) -> Vec<Finding> {
        let text = self.to_string();
        match self {
            Self::Invalid { findings, .. } => findings,
            Self::Read { file, .. } => vec![Finding { file, position: None, tensor: None, text }],
            Self::Endpoint { .. } => {
                vec![Finding { file: PathBuf::new(), position: None, tensor: None, text }]
            }
        }
    }
}

fn lines(findings: &[Finding]) -> String {
    findings.iter().map(|finding| finding.text.as_str()).collect::<Vec<_>>().join("\n")
}
