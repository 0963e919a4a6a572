//! Memory that stays in memory, and how much of it there is.
#![expect(unsafe_code, reason = "rustix offers no mallopt")]

use rustix::{
    io::Errno,
    mm::{MlockAllFlags, mlockall},
    process::{Resource, getrlimit},
    thread::CapabilitySet,
};

use crate::{grant::Granted, proc_files, schedule::has_capability, usage::rusage};

/// How much stack a real-time thread touches in advance. The deepest tick needs a few tens of KB;
/// a thread has 2 MB by default.
const STACK_PREFAULT_BYTES: usize = 256 * 1024;

/// Keeps all pages of the process that have been or will be touched from being swapped out.
///
/// Pages are locked when first touched, not when mapped: locking everything mapped would make every
/// untouched thread stack and arena resident, hundreds of megabytes for nothing. So a real-time
/// thread still has to touch what it will use, by [`prefault_stack`] and by warming up.
pub fn lock_memory() -> Granted {
    let mut granted = Granted::default();
    granted.note("locked memory".to_owned(), try_lock(), |_| {
        "run as root (in a container: add CAP_IPC_LOCK), or set LimitMEMLOCK=infinity (systemd) \
         / `ulimit -l unlimited`"
            .to_owned()
    });
    granted
}

/// Touches 256 KB of the calling thread's stack, so that the tick does not fault on it.
#[inline(never)]
pub fn prefault_stack() {
    let mut stack = [0_u8; STACK_PREFAULT_BYTES];
    // The optimiser must believe that somebody looks at every byte.
    core::hint::black_box(&mut stack);
}

/// Makes the allocator keep what is freed, for work that frees and takes the same large blocks
/// over and over.
///
/// By default glibc gives blocks above 32 MB back to the kernel at once, which hands them out again
/// page by page, each one zeroed: in training that was a third of the time. The process never
/// shrinks after this; a daemon has no use for it. Does nothing on other C libraries.
pub fn keep_freed_memory() {
    #[cfg(target_env = "gnu")]
    for (setting, value) in [(libc::M_MMAP_MAX, 0), (libc::M_TRIM_THRESHOLD, libc::c_int::MAX)] {
        // SAFETY: mallopt takes two integers and has no conditions; glibc locks its arena in it.
        let accepted = unsafe { libc::mallopt(setting, value) };
        debug_assert_eq!(accepted, 1, "both settings exist since glibc 2.0");
    }
}

/// How many bytes of the process are in memory now; `None` where `/proc` does not say.
#[must_use]
pub fn resident_bytes() -> Option<u64> {
    proc_files::status_bytes("VmRSS")
}

/// How many bytes of the process were in memory at most; `None` where `/proc` does not say.
#[must_use]
pub fn resident_bytes_max() -> Option<u64> {
    proc_files::status_bytes("VmHWM")
}

/// How often the calling thread touched a page that was not there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PageFaults {
    /// Answered from memory, in about a microsecond.
    pub minor: u64,
    /// Answered from a disk.
    pub major: u64,
}

/// The page faults of the calling thread since it started.
#[must_use]
pub fn page_faults() -> PageFaults {
    let usage = rusage(libc::RUSAGE_THREAD);
    PageFaults {
        minor: u64::try_from(usage.ru_minflt).unwrap_or(0),
        major: u64::try_from(usage.ru_majflt).unwrap_or(0),
    }
}

fn try_lock() -> Result<(), Errno> {
    // Without the privilege, a finite limit may admit what is mapped now and refuse a later
    // mapping: a failed allocation in the middle of a run is worse than unlocked memory.
    let limited = getrlimit(Resource::Memlock).current.is_some();
    if limited && !has_capability(CapabilitySet::IPC_LOCK) {
        return Err(Errno::PERM);
    }
    mlockall(MlockAllFlags::CURRENT | MlockAllFlags::FUTURE | MlockAllFlags::ONFAULT)
}
