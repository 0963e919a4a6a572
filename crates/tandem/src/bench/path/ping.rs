//! Messages under way, and how long their answers took.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tandem_realtime::{Distribution, Histogram, Unit};
use tandem_types::Stamp;

/// The most messages under way; when another is sent the oldest is given up as lost. At 1 kHz an
/// answer may take a quarter of a second.
const UNDER_WAY_MAX: usize = 256;

/// Round trips. Clones share it: the sender has one and the callback that receives another.
///
/// Every message counts by itself. Were a new one to wait for the answer to the last, a stall would
/// be counted once, and the messages that it would have delayed, too, would never be sent.
#[derive(Clone, Default)]
pub(super) struct Ping(Arc<Mutex<Trips>>);

#[derive(Default)]
struct Trips {
    /// When each message under way was sent, oldest first.
    under_way: VecDeque<Stamp>,
    took: Histogram,
    lost: u64,
}

impl Ping {
    /// A message is about to be sent.
    pub(super) fn send(&self, now: Stamp) {
        let mut trips = self.trips();
        if trips.under_way.len() == UNDER_WAY_MAX {
            trips.under_way.pop_front();
            trips.lost += 1;
        }
        trips.under_way.push_back(now);
    }

    /// Something arrived at `now` that answers all that was sent until `answers`.
    pub(super) fn receive(&self, answers: Stamp, now: Stamp) {
        let mut trips = self.trips();
        while let Some(&sent) = trips.under_way.front().filter(|sent| **sent <= answers) {
            trips.under_way.pop_front();
            trips.took.record(sent.age_at(now));
        }
    }

    /// Begins to count anew.
    pub(super) fn forget(&self) {
        let mut trips = self.trips();
        trips.lost = 0;
        trips.took.reset();
    }

    pub(super) fn lost(&self) -> u64 {
        self.trips().lost
    }

    pub(super) fn distribution(&self, unit: Unit) -> Distribution {
        self.trips().took.distribution(unit)
    }

    fn trips(&self) -> MutexGuard<'_, Trips> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(nanos: u64) -> Stamp {
        Stamp::from_nanos(nanos)
    }

    /// How many round trips were counted, and the longest in nanoseconds.
    fn counted(ping: &Ping) -> (u64, Option<f64>) {
        let ns = ping.distribution(Unit::Nanoseconds);
        (ns.n, ns.max)
    }

    #[test]
    fn an_answer_counts_for_all_that_was_sent_before_and_nothing_else() {
        let ping = Ping::default();
        ping.receive(at(10), at(11));
        assert_eq!(counted(&ping), (0, None), "nothing was sent");
        ping.send(at(100));
        ping.receive(at(99), at(120));
        assert_eq!(counted(&ping), (0, None), "an answer to something older");
        ping.send(at(200));
        ping.send(at(300));
        ping.receive(at(200), at(350));
        assert_eq!(counted(&ping), (2, Some(250.0)));
        ping.receive(at(300), at(1000));
        assert_eq!(counted(&ping), (3, Some(700.0)));
        ping.forget();
        assert_eq!((counted(&ping), ping.lost()), ((0, None), 0));
    }

    #[test]
    fn what_is_never_answered_is_lost_in_the_end() {
        let ping = Ping::default();
        let sent = UNDER_WAY_MAX as u64 + 3;
        (1..=sent).for_each(|nanos| ping.send(at(nanos)));
        assert_eq!(ping.lost(), 3);
    }
}
