//! The machine and the limits under which a figure was measured.

use core::time::Duration;

use rustix::{
    process::{Resource, getpid, getrlimit},
    thread::{CapabilitySet, sched_getaffinity},
};

use crate::{
    proc_files::{field, read, read_line, steal_ticks},
    schedule::has_capability,
};

/// Linux reports CPU times in hundredths of a second on every architecture (`USER_HZ`, time(7)).
const MILLIS_PER_TICK: u64 = 10;

/// What a reader of a report must know about the machine behind it.
///
/// Fields are `None` where the kernel does not say. Reading takes about a millisecond and
/// allocates; it belongs at the start of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Conditions {
    /// The board or product, such as a laptop's model name.
    pub machine: Option<String>,
    /// The processor architecture, such as `x86_64`.
    pub architecture: &'static str,
    /// The processor's own name.
    pub cpu_model: Option<String>,
    /// How many CPUs the process may use.
    pub cpus: usize,
    /// CPUs kept free of ordinary threads, such as `2-3`.
    pub cpus_isolated: Option<String>,
    /// Whether this is a virtual machine; its host may then take the CPU away at any time.
    pub virtual_machine: bool,
    /// The kernel's version.
    pub kernel_release: Option<String>,
    /// Whether the kernel is fully preemptible (`PREEMPT_RT`).
    pub kernel_realtime: bool,
    /// How the first CPU's frequency is governed; `performance` keeps it up.
    pub governor: Option<String>,
    /// Runnable threads, averaged over the last minute.
    pub load: Option<f64>,
    /// The highest `SCHED_FIFO` priority allowed; 0 is none.
    pub realtime_priority_max: u8,
    /// How many microseconds of each second real-time threads may use; -1 is all.
    pub realtime_runtime_us: Option<i64>,
    /// How many bytes may be locked; `None` is no limit.
    pub locked_bytes_max: Option<u64>,
}

impl Conditions {
    /// Reads them.
    #[must_use]
    pub fn read() -> Self {
        let cpuinfo = read("/proc/cpuinfo");
        Self {
            machine: read_line("/sys/class/dmi/id/product_name")
                .or_else(|| read_line("/proc/device-tree/model")),
            architecture: std::env::consts::ARCH,
            cpu_model: cpu_model(&cpuinfo).map(str::to_owned),
            cpus: cpus(),
            cpus_isolated: read_line("/sys/devices/system/cpu/isolated"),
            virtual_machine: is_virtual(&cpuinfo),
            kernel_release: read_line("/proc/sys/kernel/osrelease"),
            kernel_realtime: read_line("/sys/kernel/realtime").as_deref() == Some("1"),
            governor: read_line("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
            load: read("/proc/loadavg").split(' ').next().and_then(|load| load.parse().ok()),
            realtime_priority_max: realtime_priority_max(),
            realtime_runtime_us: realtime_runtime_us(),
            locked_bytes_max: locked_bytes_max(),
        }
    }
}

/// How long the host of a virtual machine has kept its CPUs waiting since boot, summed over them.
///
/// Two readings around a run say how much of its worst lateness is not the guest's doing.
#[must_use]
pub fn steal_time() -> Option<Duration> {
    let millis = steal_ticks(&read("/proc/stat"))?.checked_mul(MILLIS_PER_TICK)?;
    Some(Duration::from_millis(millis))
}

/// The main thread's CPUs: the calling thread may have been pinned to one of them.
fn cpus() -> usize {
    let set = sched_getaffinity(Some(getpid()));
    set.map_or(1, |set| usize::try_from(set.count()).unwrap_or(1))
}

/// The name stands under another key on x86, on Arm boards and on RISC-V.
fn cpu_model(cpuinfo: &str) -> Option<&str> {
    ["model name", "Model", "Hardware", "uarch"].iter().find_map(|key| field(cpuinfo, key))
}

fn is_virtual(cpuinfo: &str) -> bool {
    field(cpuinfo, "flags").is_some_and(|flags| flags.split(' ').any(|flag| flag == "hypervisor"))
}

fn realtime_priority_max() -> u8 {
    /// The highest there is (sched(7)).
    const PRIORITY_MAX: u8 = 99;
    if has_capability(CapabilitySet::SYS_NICE) {
        return PRIORITY_MAX;
    }
    let limit = getrlimit(Resource::Rtprio).current.unwrap_or(u64::MAX);
    u8::try_from(limit).unwrap_or(PRIORITY_MAX).min(PRIORITY_MAX)
}

/// The kernel throttles real-time threads per period, which is one second unless changed.
fn realtime_runtime_us() -> Option<i64> {
    const MICROS_PER_SECOND: i64 = 1_000_000;
    let runtime_us: i64 = read_line("/proc/sys/kernel/sched_rt_runtime_us")?.parse().ok()?;
    let period_us: i64 = read_line("/proc/sys/kernel/sched_rt_period_us")?.parse().ok()?;
    if runtime_us < 0 {
        return Some(-1);
    }
    runtime_us.checked_mul(MICROS_PER_SECOND)?.checked_div(period_us)
}

fn locked_bytes_max() -> Option<u64> {
    if has_capability(CapabilitySet::IPC_LOCK) {
        return None;
    }
    getrlimit(Resource::Memlock).current
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_processor_has_a_name_on_every_architecture() {
        let x86 = "processor\t: 0\nmodel\t\t: 1\nmodel name\t: AMD EPYC\nflags\t\t: fpu hypervisor";
        assert_eq!((cpu_model(x86), is_virtual(x86)), (Some("AMD EPYC"), true));
        let arm = "processor\t: 0\nFeatures\t: fp\n\nModel\t\t: Raspberry Pi 5 Model B Rev 1.0";
        assert_eq!(
            (cpu_model(arm), is_virtual(arm)),
            (Some("Raspberry Pi 5 Model B Rev 1.0"), false)
        );
        assert_eq!((cpu_model(""), is_virtual("")), (None, false));
    }

    #[test]
    fn this_machine_can_be_described() {
        let conditions = Conditions::read();
        assert!(conditions.cpus >= 1);
        assert!(conditions.kernel_release.is_some_and(|release| release.contains('.')));
        assert!(conditions.realtime_priority_max <= 99);
        assert!(conditions.load.is_some_and(|load| load >= 0.0));
    }

    #[test]
    fn steal_never_shrinks() {
        let before = steal_time();
        assert!(before.is_some());
        assert!(steal_time() >= before);
    }
}
