//! Who may move the arm: one owner at a time, proven by a heartbeat.

use core::fmt;
use core::time::Duration;

use tandem_types::Stamp;

/// A fencing token: whoever takes over the arm draws a larger one than everybody before, and a
/// smaller one is worth nothing from then on, whatever network kept it alive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Token(pub u64);

/// The proof that an owner is alive and still wants the arm to move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heartbeat {
    /// Whose.
    pub token: Token,
    /// When it was sent.
    pub stamp: Stamp,
}

/// Why nobody may move the arm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unauthorised {
    /// No owner has come forward.
    Nobody,
    /// The owner's heartbeat has stopped.
    Lapsed {
        /// For how long.
        age: Duration,
        /// For how long it may.
        age_max: Duration,
    },
    /// A newer owner took over while the arm moved for an older one.
    TakenOver {
        /// The newer one.
        by: Token,
    },
}

/// Which heartbeats count. Pure: time is an argument, and the token only ever grows.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Lease {
    newest: Option<Heartbeat>,
}

impl Lease {
    /// Hears a heartbeat; one of a fenced owner, or an older one than before, changes nothing.
    pub(crate) fn hear(&mut self, heartbeat: Heartbeat) {
        let newer = self
            .newest
            .is_none_or(|newest| (heartbeat.token, heartbeat.stamp) > (newest.token, newest.stamp));
        if newer {
            self.newest = Some(heartbeat);
        }
    }

    /// Whose the arm is.
    pub(crate) const fn owner(&self) -> Option<Token> {
        match self.newest {
            Some(heartbeat) => Some(heartbeat.token),
            None => None,
        }
    }

    /// What speaks against moving for `mover`, or for anybody if nobody moves yet.
    pub(crate) fn check(
        &self,
        now: Stamp,
        age_max: Duration,
        mover: Option<Token>,
    ) -> Result<(), Unauthorised> {
        let newest = self.newest.ok_or(Unauthorised::Nobody)?;
        if mover.is_some_and(|mover| mover != newest.token) {
            return Err(Unauthorised::TakenOver { by: newest.token });
        }
        let age = newest.stamp.age_at(now);
        if age > age_max { Err(Unauthorised::Lapsed { age, age_max }) } else { Ok(()) }
    }
}

impl fmt::Display for Unauthorised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nobody => {
                f.write_str("nobody holds the arm's lease; its owner must send heartbeats")
            }
            Self::Lapsed { age, age_max } => write!(
                f,
                "the heartbeat of the arm's owner is {:.1} ms old, at most {:.1} ms allowed; is it \
                 alive?",
                age.as_secs_f64() * 1e3,
                age_max.as_secs_f64() * 1e3
            ),
            Self::TakenOver { by: Token(by) } => {
                write!(f, "owner {by} took the arm over; acknowledge and arm for it")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop, proptest};

    use super::*;

    const AGE_MAX: Duration = Duration::from_millis(100);

    fn at(ms: u64) -> Stamp {
        Stamp::from_nanos(1_000_000_000 + ms * 1_000_000)
    }

    fn heartbeat(token: u64, ms: u64) -> Heartbeat {
        Heartbeat { token: Token(token), stamp: at(ms) }
    }

    #[test]
    fn lapses_without_heartbeats() {
        let mut lease = Lease::default();
        assert_eq!(lease.check(at(0), AGE_MAX, None), Err(Unauthorised::Nobody));
        lease.hear(heartbeat(1, 0));
        assert_eq!(lease.check(at(100), AGE_MAX, Some(Token(1))), Ok(()));
        let lapsed = lease.check(at(101), AGE_MAX, Some(Token(1))).unwrap_err();
        assert!(matches!(lapsed, Unauthorised::Lapsed { .. }));
        lease.hear(heartbeat(1, 101));
        assert_eq!(lease.check(at(101), AGE_MAX, Some(Token(1))), Ok(()));
    }

    #[test]
    fn a_newer_token_fences_the_older_for_ever() {
        let mut lease = Lease::default();
        lease.hear(heartbeat(3, 0));
        lease.hear(heartbeat(4, 1));
        let taken = Err(Unauthorised::TakenOver { by: Token(4) });
        assert_eq!(lease.check(at(2), AGE_MAX, Some(Token(3))), taken);
        lease.hear(heartbeat(3, 200));
        assert_eq!(lease.owner(), Some(Token(4)));
        assert!(lease.check(at(200), AGE_MAX, None).is_err(), "kept alive by a fenced owner");
    }

    proptest! {
        #[test]
        fn the_token_only_grows(beats in prop::collection::vec((0..6_u64, 0..500_u64), 1..40)) {
            let mut lease = Lease::default();
            let mut most = Token(0);
            for (token, ms) in beats {
                lease.hear(heartbeat(token, ms));
                assert!(lease.owner() >= Some(most));
                most = most.max(Token(token));
                assert_eq!(lease.owner(), Some(most));
            }
        }
    }
}
