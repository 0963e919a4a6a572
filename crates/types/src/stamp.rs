//! Moments on the host's monotonic clock.

use core::fmt;
use core::time::Duration;

/// A moment on the host's monotonic clock, in nanoseconds since that clock's origin (boot).
///
/// All processes on one host share the clock, so stamps from the simulator, the daemon and the
/// bridge can be compared. Stamps from two hosts cannot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stamp(u64);

impl Stamp {
    /// The clock's origin; also "never" where a thing has not happened yet.
    pub const ORIGIN: Self = Self(0);

    /// A stamp from nanoseconds since the clock's origin.
    #[must_use]
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// Nanoseconds since the clock's origin.
    #[must_use]
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// How old a thing stamped `self` is at `now`; zero if it lies in the future.
    #[must_use]
    pub const fn age_at(self, now: Self) -> Duration {
        Duration::from_nanos(now.0.saturating_sub(self.0))
    }

    /// The moment `duration` later, saturating at the end of time.
    #[must_use]
    pub fn after(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(nanos(duration)))
    }

    /// The moment `duration` earlier, saturating at the origin.
    #[must_use]
    pub fn before(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(nanos(duration)))
    }
}

impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:09} s", self.0 / 1_000_000_000, self.0 % 1_000_000_000)
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn age_never_goes_negative() {
        let early = Stamp::from_nanos(5);
        let late = Stamp::from_nanos(9);
        assert_eq!(early.age_at(late), Duration::from_nanos(4));
        assert_eq!(late.age_at(early), Duration::ZERO);
    }

    #[test]
    fn arithmetic_saturates() {
        assert_eq!(Stamp::from_nanos(u64::MAX).after(Duration::MAX).as_nanos(), u64::MAX);
        assert_eq!(Stamp::from_nanos(3).before(Duration::from_secs(1)), Stamp::ORIGIN);
    }
}
