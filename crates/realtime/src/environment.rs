//! Environment variables, for libraries that can be told nothing else.
#![expect(unsafe_code, reason = "setting a variable is unsafe while other threads run")]

/// Why a variable was not set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{threads} threads run already: variables can be set only before the second one starts")]
pub struct Threaded {
    /// How many threads there are; zero if `/proc` does not say.
    pub threads: usize,
}

/// Sets an environment variable of this process, unless its user has set it.
///
/// # Errors
/// If there is more than this one thread: another could be reading the environment.
pub fn set_variable_default(name: &str, value: &str) -> Result<(), Threaded> {
    if std::env::var_os(name).is_some() {
        return Ok(());
    }
    let threads = std::fs::read_dir("/proc/self/task").map_or(0, Iterator::count);
    if threads != 1 {
        return Err(Threaded { threads });
    }
    // SAFETY: this is the only thread of the process, and it is here; nobody else can read or
    // write the environment until it returns.
    unsafe { std::env::set_var(name, value) };
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_thread_forbids_it_and_a_variable_of_the_user_stays() {
        // The test harness runs this on a thread of its own, so there are two at least.
        let refused = set_variable_default("TANDEM_TEST_VARIABLE", "1").unwrap_err();
        assert!(refused.threads > 1, "{refused}");
        assert!(std::env::var_os("TANDEM_TEST_VARIABLE").is_none());
        assert_eq!(set_variable_default("PATH", "nowhere"), Ok(()));
        assert_ne!(std::env::var("PATH").as_deref(), Ok("nowhere"));
    }
}
