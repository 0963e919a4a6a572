//! Questions and answers.

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use tandem_wire::Message;
use zenoh::Wait as _;
use zenoh::bytes::{Encoding, ZBytes};
use zenoh::query::{ConsolidationMode, Query};

use crate::publisher::encoding;
use crate::{AskError, Bus, BusError, Garbage, Qos, Service};

/// Answers requests on one key, until it is dropped.
#[derive(Debug)]
#[must_use = "the service ends when it is dropped"]
pub struct Server {
    _queryable: zenoh::query::Queryable<()>,
}

/// How many requests wait for a handler; whoever asks beyond that gets no answer.
pub const QUEUE_MAX: usize = 8;

/// Zenoh ends a question at its timeout; only if it fails to do so is it ended here, this much
/// later.
const GRACE: Duration = Duration::from_millis(500);

impl Bus {
    /// Answers every request of a service with what `handle` returns, on a thread of its own and
    /// one at a time, so that a slow answer holds up nothing but the next. Requests that cannot be
    /// decoded are counted as garbage, and whoever asked is told.
    ///
    /// The thread ends after the server is dropped and the request in hand is answered.
    ///
    /// # Errors
    /// If the bus is closed or the system has no thread left.
    pub fn serve<Req: Message + 'static, Rep: Message + 'static>(
        &self,
        service: &Service<Req, Rep>,
        garbage: &Garbage,
        handle: impl FnMut(Req) -> Rep + Send + 'static,
    ) -> Result<Server, BusError> {
        let (sender, queries) = sync_channel(QUEUE_MAX);
        let desk = Desk {
            key: service.key().to_owned(),
            request_limit_bytes: service.request_limit_bytes(),
            garbage: garbage.clone(),
        };
        thread::Builder::new()
            .name("bus-serve".to_owned())
            .spawn(move || desk.work(&queries, handle))
            .map_err(|source| BusError::Thread { key: service.key().to_owned(), source })?;
        self.session
            .declare_queryable(service.key().to_owned())
            .callback(move |query| enqueue(&sender, query))
            .wait()
            .map(|queryable| Server { _queryable: queryable })
            .map_err(|error| BusError::Declare {
                key: service.key().to_owned(),
                reason: error.to_string(),
            })
    }

    /// Asks a service and waits for the answer, at most about `timeout`. That nobody serves it is
    /// known at once. Not to be called from a subscription.
    ///
    /// # Errors
    /// If no answer comes, or one that cannot be used.
    pub fn ask<Req: Message, Rep: Message>(
        &self,
        service: &Service<Req, Rep>,
        request: &Req,
        timeout: Duration,
    ) -> Result<Rep, AskError> {
        let mut payload = Vec::new();
        request.encode(&mut payload);
        let reply = self.exchange(service.key(), payload, encoding::<Req>(), timeout)?;
        decode_reply(service, &reply.to_bytes())
    }

    /// Asks with any bytes on any key and returns the bytes of the answer: what a test of the
    /// servers needs, and nothing else.
    ///
    /// # Errors
    /// If no answer comes.
    pub fn ask_raw(
        &self,
        key: &str,
        payload: &[u8],
        timeout: Duration,
    ) -> Result<Vec<u8>, AskError> {
        let reply = self.exchange(key, payload.to_vec(), Encoding::ZENOH_BYTES, timeout)?;
        Ok(reply.to_bytes().into_owned())
    }

    fn exchange(
        &self,
        key: &str,
        payload: Vec<u8>,
        encoding: Encoding,
        timeout: Duration,
    ) -> Result<ZBytes, AskError> {
        let owned = || key.to_owned();
        let (sender, replies) = sync_channel(1);
        self.session
            .get(key)
            .payload(payload)
            .encoding(encoding)
            .priority(Qos::Service.priority())
            .congestion_control(Qos::Service.congestion_control())
            .express(Qos::Service.express())
            // The default holds an answer back until every server has answered.
            .consolidation(ConsolidationMode::None)
            .timeout(timeout)
            .callback(move |reply| {
                // Only the first answer counts.
                if sender.try_send(reply.into_result()).is_err() {
                    tracing::debug!("one more answer to a question, ignored");
                }
            })
            .wait()
            .map_err(|error| AskError::Send { key: owned(), reason: error.to_string() })?;
        match replies.recv_timeout(timeout.saturating_add(GRACE)) {
            Ok(Ok(sample)) => Ok(sample.payload().clone()),
            Ok(Err(error)) => Err(refusal(key, timeout, &error.payload().to_bytes())),
            Err(RecvTimeoutError::Disconnected) => Err(AskError::NoAnswer { key: owned() }),
            Err(RecvTimeoutError::Timeout) => Err(AskError::Timeout { key: owned(), timeout }),
        }
    }
}

fn decode_reply<Req, Rep: Message>(
    service: &Service<Req, Rep>,
    payload: &[u8],
) -> Result<Rep, AskError> {
    let key = service.key().to_owned();
    let (bytes, limit_bytes) = (payload.len(), service.reply_limit_bytes());
    if bytes > limit_bytes {
        return Err(AskError::TooLarge { key, bytes, limit_bytes });
    }
    Rep::decode(payload).map_err(|source| AskError::Garbage { key, source })
}

/// Zenoh reports its own timeout as an error reply with this text.
const ZENOH_TIMEOUT: &str = "Timeout";

/// The most bytes of a server's words that are passed on.
const REASON_BYTES_MAX: usize = 512;

fn refusal(key: &str, timeout: Duration, words: &[u8]) -> AskError {
    let key = key.to_owned();
    let reason = String::from_utf8_lossy(words.get(..REASON_BYTES_MAX).unwrap_or(words));
    if reason == ZENOH_TIMEOUT {
        return AskError::Timeout { key, timeout };
    }
    AskError::Refused { key, reason: reason.into_owned() }
}

fn enqueue(sender: &SyncSender<Query>, query: Query) {
    // A query that is dropped ends without an answer, and whoever asked is told so.
    if sender.try_send(query).is_err() {
        tracing::warn!("more than {QUEUE_MAX} requests are waiting, one is dropped");
    }
}

/// Where requests are handled.
struct Desk {
    key: String,
    request_limit_bytes: usize,
    garbage: Garbage,
}

impl Desk {
    fn work<Req: Message, Rep: Message>(
        &self,
        queries: &Receiver<Query>,
        mut handle: impl FnMut(Req) -> Rep,
    ) {
        let mut payload = Vec::new();
        for query in queries {
            let sent = match self.decode(&query) {
                Ok(request) => {
                    handle(request).encode(&mut payload);
                    query.reply(&self.key, &*payload).encoding(encoding::<Rep>()).wait()
                }
                Err(reason) => query.reply_err(reason).wait(),
            };
            if let Err(error) = sent {
                tracing::debug!(key = self.key, %error, "answer cannot be sent");
            }
        }
    }

    /// The request, or what to tell whoever asked.
    fn decode<Req: Message>(&self, query: &Query) -> Result<Req, String> {
        let limit_bytes = self.request_limit_bytes;
        let bytes = query.payload().map_or(0, |payload| payload.len());
        if bytes > limit_bytes {
            let reason = format!("request of {bytes} bytes is over the limit of {limit_bytes}");
            self.garbage.add(&self.key, bytes, &reason);
            return Err(reason);
        }
        let payload = query.payload().map(|payload| payload.to_bytes()).unwrap_or_default();
        Req::decode(&payload).map_err(|error| {
            self.garbage.add(&self.key, bytes, &error);
            error.to_string()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Keys;
    use tandem_wire::{ControlReply, DecodeError};

    #[test]
    fn an_answer_that_cannot_be_used_is_an_error() {
        let service = Keys::new("arm").unwrap().control();
        let key = service.key().to_owned();
        let mut payload = Vec::new();
        ControlReply::default().encode(&mut payload);
        assert_eq!(decode_reply(&service, &payload), Ok(ControlReply::default()));

        payload[4] = 2;
        let source = DecodeError::Value { offset: 4, value: 2, what: "bool" };
        let garbage = AskError::Garbage { key: key.clone(), source };
        assert_eq!(decode_reply(&service, &payload), Err(garbage));

        let limit_bytes = service.reply_limit_bytes();
        let bytes = limit_bytes + 1;
        let too_large = AskError::TooLarge { key, bytes, limit_bytes };
        assert_eq!(decode_reply(&service, &vec![0; bytes]), Err(too_large));
    }

    #[test]
    fn the_words_of_a_refusal_are_bounded() {
        let timeout = Duration::from_secs(1);
        let refused = refusal("a", timeout, &[b'x'; 2 * REASON_BYTES_MAX]);
        let reason = "x".repeat(REASON_BYTES_MAX);
        assert_eq!(refused, AskError::Refused { key: "a".to_owned(), reason });
        let timed_out = AskError::Timeout { key: "a".to_owned(), timeout };
        assert_eq!(refusal("a", timeout, b"Timeout"), timed_out);
    }
}
