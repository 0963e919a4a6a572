//! Waiting for something to come true.

use std::time::Duration;

use tandem_realtime::{Clock as _, MonotonicClock, sleep_until};

/// The bound of every wait: a minute of tries, because a debug build on a loaded machine takes its
/// time to load two policies.
const TRIES_MAX: usize = 3000;
const TRY: Duration = Duration::from_millis(20);

/// Looks now and then until there is something to return.
pub(crate) fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    for _ in 0..TRIES_MAX {
        if let Some(found) = look() {
            return found;
        }
        sleep_until(MonotonicClock.now().after(TRY));
    }
    panic!("gave up waiting until {what}");
}

/// Looks now and then until `done`.
pub(crate) fn wait_until(what: &str, mut done: impl FnMut() -> bool) {
    wait_for(what, || done().then_some(()));
}
