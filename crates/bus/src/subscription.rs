//! Receiving messages.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tandem_wire::Message;
use zenoh::Wait as _;

use crate::{Bus, BusError, Topic};

/// Counts payloads that are no message of their topic. Clones count together.
#[derive(Clone, Debug, Default)]
pub struct Garbage(Arc<AtomicU64>);

impl Garbage {
    /// How many there were.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    pub(crate) fn add(&self, key: &str, bytes: usize, reason: &dyn fmt::Display) {
        self.0.fetch_add(1, Ordering::Relaxed);
        tracing::debug!(key, bytes, %reason, "garbage on the bus");
    }
}

/// Calls back for every message on one key, until it is dropped.
#[derive(Debug)]
#[must_use = "the subscription ends when it is dropped"]
pub struct Subscription {
    _subscriber: zenoh::pubsub::Subscriber<()>,
}

impl Bus {
    /// Calls `receive` with every message of a topic, on one of Zenoh's threads, one at a time.
    /// What cannot be decoded, or is larger than the topic allows, is only counted.
    ///
    /// `receive` must be short and must not ask the bus anything: it holds up all that follows.
    ///
    /// # Errors
    /// If the bus is closed.
    pub fn subscribe<M: Message>(
        &self,
        topic: &Topic<M>,
        garbage: &Garbage,
        mut receive: impl FnMut(M) + Send + 'static,
    ) -> Result<Subscription, BusError> {
        self.subscribe_payload(topic, garbage, move |payload| M::decode(payload).map(&mut receive))
    }

    /// As [`subscribe`](Self::subscribe), but `receive` decodes the payload itself, for example
    /// into a picture it keeps. A payload for which it returns an error is counted as garbage.
    ///
    /// # Errors
    /// If the bus is closed.
    pub fn subscribe_payload<M: Message, E: fmt::Display>(
        &self,
        topic: &Topic<M>,
        garbage: &Garbage,
        receive: impl FnMut(&[u8]) -> Result<(), E> + Send + 'static,
    ) -> Result<Subscription, BusError> {
        let garbage = garbage.clone();
        let limit_bytes = topic.limit_bytes();
        // Zenoh has two receive threads and asks for a callback both can enter.
        let receive = Mutex::new(receive);
        self.session
            .declare_subscriber(topic.key().to_owned())
            .callback(move |sample| {
                let payload = sample.payload();
                if payload.len() > limit_bytes {
                    garbage.add(sample.key_expr(), payload.len(), &"over the topic's limit");
                    return;
                }
                let mut receive = receive.lock().unwrap_or_else(PoisonError::into_inner);
                if let Err(error) = receive(&payload.to_bytes()) {
                    garbage.add(sample.key_expr(), payload.len(), &error);
                }
            })
            .wait()
            .map(|subscriber| Subscription { _subscriber: subscriber })
            .map_err(|error| BusError::Declare {
                key: topic.key().to_owned(),
                reason: error.to_string(),
            })
    }
}
