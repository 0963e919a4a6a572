//! Sending messages.

use std::marker::PhantomData;

use tandem_wire::Message;
use zenoh::Wait as _;
use zenoh::bytes::Encoding;

use crate::{Bus, BusError, Topic};

/// Publishes messages of one type on one key. The buffer messages are encoded in is kept.
#[derive(Debug)]
pub struct Publisher<M> {
    publisher: zenoh::pubsub::Publisher<'static>,
    payload: Vec<u8>,
    message: PhantomData<fn(M)>,
}

impl Bus {
    /// A publisher for a topic.
    ///
    /// # Errors
    /// If the bus is closed.
    pub fn publisher<M: Message>(&self, topic: &Topic<M>) -> Result<Publisher<M>, BusError> {
        let publisher = self
            .session
            .declare_publisher(topic.key().to_owned())
            .encoding(encoding::<M>())
            .priority(topic.qos().priority())
            .congestion_control(topic.qos().congestion_control())
            .express(topic.qos().express())
            .wait()
            .map_err(|error| BusError::Declare {
                key: topic.key().to_owned(),
                reason: error.to_string(),
            })?;
        Ok(Publisher { publisher, payload: Vec::new(), message: PhantomData })
    }
}

impl<M: Message> Publisher<M> {
    /// Sends one message to whoever listens; that nobody does is no error.
    ///
    /// # Errors
    /// If the bus is closed.
    pub fn send(&mut self, message: &M) -> Result<(), BusError> {
        message.encode(&mut self.payload);
        self.publisher.put(&*self.payload).wait().map_err(|error| BusError::Publish {
            key: self.publisher.key_expr().to_string(),
            reason: error.to_string(),
        })
    }

    /// Whether anybody listens at this moment, as far as this process has heard.
    #[must_use]
    pub fn has_subscribers(&self) -> bool {
        self.publisher.matching_status().wait().is_ok_and(|status| status.matching())
    }
}

/// The encoding with which a stranger's tool knows what to make of a payload.
pub(crate) fn encoding<M: Message>() -> Encoding {
    Encoding::APPLICATION_CDR.with_schema(M::TYPE)
}
