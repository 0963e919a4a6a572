//! How the kernel schedules the calling thread.
#![expect(unsafe_code, reason = "rustix does not offer sched_setscheduler")]

use core::num::NonZeroU64;

use rustix::{
    io::Errno,
    process::setpriority_process,
    thread::{
        CapabilitySet, CpuSet, capabilities, sched_getaffinity, sched_setaffinity,
        set_current_timer_slack,
    },
};

use crate::grant::Granted;

/// How much later than asked the kernel may wake a thread, to save energy: the least there is. Its
/// default of 50 us is half of the median lateness of an ordinary thread.
const TIMER_SLACK_NS: NonZeroU64 = NonZeroU64::MIN;

/// Which policy and, perhaps, which CPU a thread should have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// The scheduling class and the thread's rank in it.
    pub policy: Policy,
    /// The one CPU to run on; all that are allowed, if none is given.
    pub cpu: Option<usize>,
}

/// A scheduling class and a rank in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// `SCHED_FIFO`: runs before every ordinary thread, until it sleeps.
    Fifo {
        /// 1 to 99; stay below the kernel's interrupt threads, which have 50 unless tuned.
        priority: u8,
    },
    /// `SCHED_OTHER`: shares the CPU.
    Normal {
        /// -20 (first) to 19 (last).
        nice: i8,
    },
}

impl Schedule {
    /// Applies it to the calling thread, and sets its timer slack to 1 ns.
    ///
    /// A refusal leaves the thread as it was in that one respect. Threads that it starts later
    /// inherit its CPU, but not `SCHED_FIFO` nor a negative nice value, so that a library's helper
    /// threads cannot starve the machine; still, start those before.
    pub fn apply(&self) -> Granted {
        let mut granted = Granted::default();
        match self.policy {
            Policy::Fifo { priority } => apply_fifo(priority, &mut granted),
            Policy::Normal { nice } => apply_normal(nice, &mut granted),
        }
        if let Some(cpu) = self.cpu {
            granted.note(format!("CPU {cpu}"), pin(cpu), mend_cpu);
        }
        let slack = set_current_timer_slack(Some(TIMER_SLACK_NS));
        granted.note(format!("timer slack {TIMER_SLACK_NS} ns"), slack, |_| {
            "expect wakes up to 50 us later".to_owned()
        });
        granted
    }
}

fn apply_fifo(priority: u8, granted: &mut Granted) {
    let answer = set_scheduler(libc::SCHED_FIFO, priority);
    granted.note(format!("SCHED_FIFO {priority}"), answer, |errno| mend_fifo(errno, priority));
}

fn apply_normal(nice: i8, granted: &mut Granted) {
    // A thread may have inherited another class; leaving it needs no permission.
    let answer = set_scheduler(libc::SCHED_OTHER, 0)
        .and_then(|()| setpriority_process(None, i32::from(nice)));
    granted.note(format!("nice {nice}"), answer, |_| {
        // The limit counts from 20 downwards (getrlimit(2)): 25 allows nice -5.
        let limit = 20 - i32::from(nice);
        format!("run as root, or set LimitNICE={nice} (systemd) / `ulimit -e {limit}`")
    });
}

/// `sched_setscheduler` for the calling thread, by number: the wrapper in musl always refuses.
fn set_scheduler(policy: libc::c_int, priority: u8) -> Result<(), Errno> {
    const CALLING_THREAD: libc::pid_t = 0;
    let parameter = libc::sched_param { sched_priority: priority.into() };
    // SAFETY: the kernel reads one `sched_param` through the pointer, which is valid for the call.
    let status = unsafe {
        libc::syscall(
            libc::SYS_sched_setscheduler,
            CALLING_THREAD,
            policy | libc::SCHED_RESET_ON_FORK,
            &raw const parameter,
        )
    };
    if status == 0 { Ok(()) } else { Err(last_errno()) }
}

fn pin(cpu: usize) -> Result<(), Errno> {
    if cpu >= CpuSet::MAX_CPU {
        return Err(Errno::INVAL);
    }
    let mut set = CpuSet::new();
    set.set(cpu);
    sched_setaffinity(None, &set)
}

fn mend_fifo(errno: Errno, priority: u8) -> String {
    if errno == Errno::INVAL {
        return "choose a priority from 1 to 99".to_owned();
    }
    if has_capability(CapabilitySet::SYS_NICE) {
        return "the cgroup has no real-time runtime: raise its cpu.rt_runtime_us, or leave it"
            .to_owned();
    }
    format!(
        "run as root (in a container: add CAP_SYS_NICE), or set LimitRTPRIO={priority} (systemd) \
         / `ulimit -r {priority}`"
    )
}

fn mend_cpu(_: Errno) -> String {
    let allowed = sched_getaffinity(None).unwrap_or_else(|_| CpuSet::new());
    let cpus: Vec<String> = (0..CpuSet::MAX_CPU)
        .filter(|&cpu| allowed.is_set(cpu))
        .map(|cpu| cpu.to_string())
        .collect();
    format!("choose one of the CPUs that this process may use: {}", cpus.join(", "))
}

/// Whether the calling thread has a privilege now.
pub(crate) fn has_capability(capability: CapabilitySet) -> bool {
    capabilities(None).is_ok_and(|sets| sets.effective.contains(capability))
}

fn last_errno() -> Errno {
    std::io::Error::last_os_error().raw_os_error().map_or(Errno::INVAL, Errno::from_raw_os_error)
}
