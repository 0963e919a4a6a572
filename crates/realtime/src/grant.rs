//! What the kernel granted, what it refused, and how to mend that.

use core::fmt;

use rustix::io::Errno;

/// The answers to everything that was asked of the kernel at one place.
///
/// Displays as one line, refusals first, such as
/// `SCHED_FIFO 80 refused (EPERM): run as root, ...; granted: CPU 1, timer slack 1 ns`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use = "a refusal must be told to whoever runs the program"]
pub struct Granted {
    /// One entry per thing asked for, in the order of asking.
    pub grants: Vec<Grant>,
}

/// The answer to one thing that was asked of the kernel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// What was asked for, such as `SCHED_FIFO 80`.
    pub asked: String,
    /// Why it was refused, if it was.
    pub refusal: Option<Refusal>,
}

/// Why a thing was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The kernel's error, such as `EPERM`.
    pub error: String,
    /// What to do about it.
    pub mend: String,
}

impl Granted {
    /// Whether nothing was refused.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.refused().next().is_none()
    }

    /// What was refused.
    pub fn refused(&self) -> impl Iterator<Item = (&str, &Refusal)> {
        self.grants.iter().filter_map(|grant| Some((grant.asked.as_str(), grant.refusal.as_ref()?)))
    }

    /// Adds the answers of another place.
    pub fn extend(&mut self, other: Self) {
        self.grants.extend(other.grants);
    }

    /// Notes the kernel's answer to `asked`; `mend` is consulted if it is an error.
    pub(crate) fn note<T>(
        &mut self,
        asked: String,
        answer: Result<T, Errno>,
        mend: impl FnOnce(Errno) -> String,
    ) {
        let refusal = answer.err().map(|errno| Refusal { error: name(errno), mend: mend(errno) });
        self.grants.push(Grant { asked, refusal });
    }
}

impl fmt::Display for Granted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for (asked, Refusal { error, mend }) in self.refused() {
            write!(f, "{separator}{asked} refused ({error}): {mend}")?;
            separator = "; ";
        }
        let mut lead = "granted: ";
        for grant in self.grants.iter().filter(|grant| grant.refusal.is_none()) {
            write!(f, "{separator}{lead}{}", grant.asked)?;
            (separator, lead) = (", ", "");
        }
        Ok(())
    }
}

/// The symbolic name that manual pages use for an error, where it is one of the usual ones.
fn name(errno: Errno) -> String {
    match errno {
        Errno::PERM => "EPERM".to_owned(),
        Errno::NOENT => "ENOENT".to_owned(),
        Errno::ACCESS => "EACCES".to_owned(),
        Errno::INVAL => "EINVAL".to_owned(),
        Errno::NOMEM => "ENOMEM".to_owned(),
        Errno::AGAIN => "EAGAIN".to_owned(),
        Errno::NOSYS => "ENOSYS".to_owned(),
        other => format!("errno {}", other.raw_os_error()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_says_it_all_refusals_first() {
        let mut granted = Granted::default();
        assert_eq!((granted.to_string(), granted.is_complete()), (String::new(), true));
        granted.note("CPU 1".to_owned(), Ok(()), |_| unreachable!("nothing to mend"));
        granted.note("timer slack 1 ns".to_owned(), Ok(()), |_| unreachable!("nothing to mend"));
        assert_eq!(granted.to_string(), "granted: CPU 1, timer slack 1 ns");
        assert!(granted.is_complete());

        let mut other = Granted::default();
        other
            .note::<()>("SCHED_FIFO 80".to_owned(), Err(Errno::PERM), |_| "run as root".to_owned());
        granted.extend(other);
        assert_eq!(
            granted.to_string(),
            "SCHED_FIFO 80 refused (EPERM): run as root; granted: CPU 1, timer slack 1 ns"
        );
        assert!(!granted.is_complete());
        assert_eq!(granted.refused().count(), 1);
    }
}
