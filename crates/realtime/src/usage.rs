//! What the kernel did to this process: page faults, and CPUs taken away.
#![expect(unsafe_code, reason = "rustix offers no getrusage")]

use core::mem::MaybeUninit;

/// Counts since the process began, over all its threads, also those that ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Pages that were mapped on first touch. A real-time thread that touched its own before has none.
    pub page_faults_minor: u64,
    /// Pages that had to be read from a disk.
    pub page_faults_major: u64,
    /// How often a thread lost its CPU though it had work.
    pub switches_involuntary: u64,
}

impl Usage {
    /// Reads the counts.
    #[must_use]
    pub fn read() -> Self {
        let usage = rusage(libc::RUSAGE_SELF);
        let count = |value: libc::c_long| u64::try_from(value).unwrap_or(0);
        Self {
            page_faults_minor: count(usage.ru_minflt),
            page_faults_major: count(usage.ru_majflt),
            switches_involuntary: count(usage.ru_nivcsw),
        }
    }

    /// What has come since an earlier reading.
    #[must_use]
    pub const fn since(&self, before: &Self) -> Self {
        let switches = self.switches_involuntary.saturating_sub(before.switches_involuntary);
        Self {
            page_faults_minor: self.page_faults_minor.saturating_sub(before.page_faults_minor),
            page_faults_major: self.page_faults_major.saturating_sub(before.page_faults_major),
            switches_involuntary: switches,
        }
    }
}

/// What the kernel has counted of the calling thread or of the whole process.
pub(crate) fn rusage(who: libc::c_int) -> libc::rusage {
    let mut usage = MaybeUninit::<libc::rusage>::zeroed();
    // SAFETY: the kernel writes one `rusage` through the pointer, which is valid for the call.
    let status = unsafe { libc::getrusage(who, usage.as_mut_ptr()) };
    debug_assert_eq!(status, 0, "both arguments are valid");
    // SAFETY: all fields of an `rusage` are integers, for which zero is a value.
    unsafe { usage.assume_init() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_that_is_touched_for_the_first_time_faults() {
        // Far beyond what an allocator keeps at hand; even pages of 2 MiB make 32 of it.
        const BYTES: usize = 64 << 20;
        let before = Usage::read();
        let touched = vec![1_u8; BYTES];
        let after = Usage::read();
        assert!(after.since(&before).page_faults_minor >= 32, "{before:?} {after:?}");
        assert_eq!(before.since(&after).page_faults_minor, 0, "{} bytes", touched.len());
    }
}
