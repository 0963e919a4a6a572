//! The session.

use zenoh::Wait as _;

use crate::{BusConfig, BusError, OpenError, Qos};

/// One process' session on the bus. Clones share it; it closes when the last one is dropped, and
/// with it go all its publishers, subscriptions and servers.
#[derive(Clone, Debug)]
pub struct Bus {
    pub(crate) session: zenoh::Session,
}

impl Bus {
    /// Opens a session. Peers to connect to need not be there yet: they are tried again and again,
    /// and connected to again after they were lost.
    ///
    /// # Errors
    /// If an endpoint is malformed or leaves this machine, or a port to listen on is taken.
    pub fn open(config: &BusConfig) -> Result<Self, OpenError> {
        let session = zenoh::open(config.to_zenoh()?).wait().map_err(|error| {
            OpenError::Session { listen: config.listen.join(", "), reason: error.to_string() }
        })?;
        tracing::info!(?config, "bus is open");
        Ok(Self { session })
    }

    /// How many other sessions this one is linked with now.
    #[must_use]
    pub fn peers(&self) -> usize {
        self.session.info().peers_zid().wait().count()
    }

    /// Publishes any bytes on any key: what a test of the receivers needs, and nothing else.
    ///
    /// # Errors
    /// If the key is malformed or the bus is closed.
    pub fn publish_raw(&self, key: &str, payload: &[u8]) -> Result<(), BusError> {
        self.session
            .put(key, payload)
            .priority(Qos::Data.priority())
            .congestion_control(Qos::Data.congestion_control())
            .wait()
            .map_err(|error| BusError::Publish { key: key.to_owned(), reason: error.to_string() })
    }

    /// Closes the session now, whatever clones there are.
    pub fn close(self) {
        if let Err(error) = self.session.close().wait() {
            tracing::debug!(%error, "bus did not close in order");
        }
    }
}
