//! What can fail on the bus.

use std::time::Duration;

use tandem_wire::DecodeError;

use crate::config::ENDPOINTS_MAX;

/// The bus could not be opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// An endpoint is not of the form the bus understands.
    #[error(
        "endpoint `{endpoint}` is no tcp/127.0.0.1:PORT or tcp/[::1]:PORT; host names are not \
         looked up, and other protocols and parameters are not offered"
    )]
    Endpoint {
        /// The endpoint as it was given.
        endpoint: String,
    },
    /// An endpoint is reachable from other machines.
    #[error(
        "endpoint `{endpoint}` leaves this machine: that takes TLS with client certificates and \
         an access list, which this bus does not offer; use tcp/127.0.0.1:PORT"
    )]
    NotLoopback {
        /// The endpoint as it was given.
        endpoint: String,
    },
    /// There are more endpoints than are supported.
    #[error("{endpoints} endpoints given, but at most {ENDPOINTS_MAX} are supported")]
    TooManyEndpoints {
        /// How many were given.
        endpoints: usize,
    },
    /// Zenoh refused a setting of ours.
    #[error("zenoh refuses the setting `{setting}`: {reason}")]
    Setting {
        /// The path of the setting.
        setting: &'static str,
        /// Zenoh's words.
        reason: String,
    },
    /// The session did not start; most often a port to listen on is taken.
    #[error("bus does not open (is another process listening on {listen}?): {reason}")]
    Session {
        /// The endpoints to listen on.
        listen: String,
        /// Zenoh's words.
        reason: String,
    },
}

/// Something on an open bus failed.
#[derive(Debug, thiserror::Error)]
pub enum BusError {
    /// A key could not be declared.
    #[error("key `{key}` cannot be declared: {reason}")]
    Declare {
        /// The key.
        key: String,
        /// Zenoh's words.
        reason: String,
    },
    /// A message could not be handed to Zenoh: the bus is closed.
    #[error("message on `{key}` cannot be sent: {reason}")]
    Publish {
        /// The key.
        key: String,
        /// Zenoh's words.
        reason: String,
    },
    /// The system gave no thread to serve a key.
    #[error("no thread to serve `{key}`: {source}")]
    Thread {
        /// The key.
        key: String,
        /// The system's words.
        source: std::io::Error,
    },
}

/// A question got no answer that could be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AskError {
    /// Nobody serves the key, or whoever does dropped the question.
    #[error("nobody answers on `{key}`: start the process that serves it, and check the endpoints")]
    NoAnswer {
        /// The key asked.
        key: String,
    },
    /// The answer did not come in time.
    #[error("no answer on `{key}` within {timeout:?}")]
    Timeout {
        /// The key asked.
        key: String,
        /// How long was waited.
        timeout: Duration,
    },
    /// The other side could not read the question.
    #[error("question on `{key}` was refused: {reason}")]
    Refused {
        /// The key asked.
        key: String,
        /// The other side's words.
        reason: String,
    },
    /// The answer is not of the type expected.
    #[error("answer on `{key}` cannot be read: {source}")]
    Garbage {
        /// The key asked.
        key: String,
        /// What is wrong with it.
        source: DecodeError,
    },
    /// The answer is larger than the service allows.
    #[error("answer on `{key}` has {bytes} bytes, over the limit of {limit_bytes}")]
    TooLarge {
        /// The key asked.
        key: String,
        /// Its size.
        bytes: usize,
        /// The service's limit.
        limit_bytes: usize,
    },
    /// The question could not be handed to Zenoh: the bus is closed.
    #[error("question on `{key}` cannot be sent: {reason}")]
    Send {
        /// The key asked.
        key: String,
        /// Zenoh's words.
        reason: String,
    },
}
