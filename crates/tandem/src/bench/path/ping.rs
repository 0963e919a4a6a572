//! One message under way at a time, and how long its answer took.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tandem_realtime::{Distribution, Histogram, Unit};
use tandem_types::Stamp;

/// Round trips. Clones share it: the sender has one and the callback that receives another.
#[derive(Clone, Default)]
pub(super) struct Ping(Arc<Shared>);

#[derive(Default)]
struct Shared {
    /// When the message under way was sent; zero while there is none.
    under_way_ns: AtomicU64,
    lost: AtomicU64,
    took: Mutex<Histogram>,
}

impl Ping {
    /// A message is about to be sent. One that is still under way is given up.
    pub(super) fn send(&self, now: Stamp) {
        if self.0.under_way_ns.swap(now.as_nanos(), Ordering::Relaxed) != 0 {
            self.0.lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Something arrived at `now`; it is the answer if what it answers is no older than the message
    /// under way.
    pub(super) fn receive(&self, answers: Stamp, now: Stamp) {
        let sent_ns = self.0.under_way_ns.load(Ordering::Relaxed);
        if sent_ns == 0 || answers.as_nanos() < sent_ns {
            return;
        }
        let claimed =
            self.0.under_way_ns.compare_exchange(sent_ns, 0, Ordering::Relaxed, Ordering::Relaxed);
        if claimed.is_ok() {
            self.took().record(Stamp::from_nanos(sent_ns).age_at(now));
        }
    }

    /// Begins to count anew.
    pub(super) fn forget(&self) {
        self.0.lost.store(0, Ordering::Relaxed);
        self.took().reset();
    }

    pub(super) fn lost(&self) -> u64 {
        self.0.lost.load(Ordering::Relaxed)
    }

    pub(super) fn distribution(&self, unit: Unit) -> Distribution {
        self.took().distribution(unit)
    }

    fn took(&self) -> MutexGuard<'_, Histogram> {
        self.0.took.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_counts_once_and_only_for_what_it_answers() {
        let (ping, at) = (Ping::default(), Stamp::from_nanos);
        ping.receive(at(10), at(11));
        ping.send(at(100));
        ping.receive(at(99), at(120));
        ping.receive(at(101), at(150));
        ping.receive(at(102), at(160));
        ping.send(at(200));
        ping.send(at(300));
        ping.receive(at(200), at(310));
        let ns = ping.distribution(Unit::Nanoseconds);
        assert_eq!((ns.n, ns.max, ping.lost()), (1, Some(50.0), 1));
        ping.forget();
        assert_eq!((ping.distribution(Unit::Nanoseconds).n, ping.lost()), (0, 0));
    }
}
