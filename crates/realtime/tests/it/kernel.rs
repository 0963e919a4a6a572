//! The kernel may grant or refuse, depending on who runs the tests; either way it must be told
//! truthfully. Each test schedules a thread of its own.

use std::thread;
use std::time::Duration;

use tandem_realtime::{
    Conditions, Granted, Policy, Schedule, WakeLatency, lock_memory, page_faults, prefault_stack,
    resident_bytes, resident_bytes_max,
};

/// What a thread with this schedule is told, and what the kernel says about it afterwards.
fn apply(policy: Policy, cpu: Option<usize>) -> (Granted, String) {
    let schedule = Schedule { policy, cpu };
    thread::spawn(move || {
        let granted = schedule.apply();
        (granted, std::fs::read_to_string("/proc/thread-self/stat").unwrap())
    })
    .join()
    .unwrap()
}

/// A field of `/proc/PID/stat`, by its number in proc(5).
fn stat_field(stat: &str, number: usize) -> i64 {
    // The second field is a name in parentheses, which may hold spaces.
    let (_, rest) = stat.rsplit_once(')').unwrap();
    rest.split_whitespace().nth(number - 3).unwrap().parse().unwrap()
}

const NICE: usize = 19;
const PROCESSOR: usize = 39;
const REALTIME_PRIORITY: usize = 40;
const POLICY: usize = 41;
const SCHED_FIFO: i64 = 1;

#[test]
fn fifo_is_granted_exactly_when_the_kernel_says_so() {
    let (granted, stat) = apply(Policy::Fifo { priority: 5 }, None);
    let fifo = stat_field(&stat, POLICY) & 0xff == SCHED_FIFO;
    assert_eq!(granted.is_complete(), fifo, "{granted}");
    if fifo {
        assert_eq!(stat_field(&stat, REALTIME_PRIORITY), 5);
        assert_eq!(granted.to_string(), "granted: SCHED_FIFO 5, timer slack 1 ns");
    } else {
        assert!(granted.to_string().starts_with("SCHED_FIFO 5 refused (EPERM): "), "{granted}");
    }
}

#[test]
fn a_priority_out_of_range_is_refused_with_its_mend() {
    for priority in [0, 100, 255] {
        let (granted, stat) = apply(Policy::Fifo { priority }, None);
        assert!(!granted.is_complete());
        assert!(
            granted.to_string().starts_with(&format!("SCHED_FIFO {priority} refused (EINVAL)"))
        );
        assert_eq!(stat_field(&stat, POLICY), 0, "the thread stays as it was");
    }
}

#[test]
fn being_nicer_needs_no_permission() {
    let (granted, stat) = apply(Policy::Normal { nice: 7 }, None);
    assert_eq!(granted.to_string(), "granted: nice 7, timer slack 1 ns");
    assert_eq!(stat_field(&stat, NICE), 7);
}

#[test]
fn a_thread_stays_on_its_cpu() {
    // The CPU this thread runs on is one that it may use.
    let stat = std::fs::read_to_string("/proc/thread-self/stat").unwrap();
    let cpu = usize::try_from(stat_field(&stat, PROCESSOR)).unwrap();
    let (granted, stat) = apply(Policy::Normal { nice: 0 }, Some(cpu));
    assert!(granted.is_complete(), "{granted}");
    assert_eq!(stat_field(&stat, PROCESSOR), i64::try_from(cpu).unwrap());
}

#[test]
fn a_cpu_that_does_not_exist_is_refused_with_a_list() {
    for cpu in [1023, 1024, usize::MAX] {
        let (granted, _) = apply(Policy::Normal { nice: 0 }, Some(cpu));
        let line = granted.to_string();
        let start = format!("CPU {cpu} refused (EINVAL): choose one of the CPUs");
        assert!(line.starts_with(&start), "{line}");
    }
}

#[test]
fn what_a_real_time_thread_starts_is_ordinary() {
    thread::spawn(|| {
        let granted = Schedule { policy: Policy::Fifo { priority: 5 }, cpu: None }.apply();
        let child = thread::spawn(|| std::fs::read_to_string("/proc/thread-self/stat").unwrap());
        assert_eq!(stat_field(&child.join().unwrap(), POLICY), 0, "{granted}");
    })
    .join()
    .unwrap();
}

#[test]
fn locking_memory_does_not_make_untouched_memory_resident() {
    const BYTES: u64 = 1 << 30;
    let granted = lock_memory();
    let before = resident_bytes().unwrap();
    let untouched = vec![0_u8; usize::try_from(BYTES).unwrap()];
    let grown = resident_bytes().unwrap().saturating_sub(before);
    assert!(grown < BYTES / 4, "{grown} bytes more after reserving {BYTES} ({granted})");
    assert_eq!(std::hint::black_box(&untouched)[77], 0);
    assert!(resident_bytes_max().unwrap() >= before);
    let unlimited = Conditions::read().locked_bytes_max.is_none();
    assert_eq!(granted.is_complete(), unlimited, "{granted}");
}

#[test]
fn a_bound_on_wake_latency_holds_while_it_is_held() {
    // What the kernel keeps at present: the strictest bound of all, as four bytes of microseconds.
    let strictest_us = || {
        let bytes = std::fs::read("/dev/cpu_dma_latency").ok()?;
        Some(i32::from_ne_bytes(bytes.get(..4)?.try_into().ok()?))
    };
    let before = strictest_us();
    let (held, granted) = WakeLatency::bound(Duration::from_micros(7));
    assert_eq!(held.is_some(), granted.is_complete(), "{granted}");
    assert!(granted.to_string().contains("within 7 us"), "{granted}");
    if held.is_some() && before.is_some() {
        assert!(strictest_us().is_some_and(|us| us <= 7), "{:?} us", strictest_us());
    }
    drop(held);
    assert_eq!(strictest_us(), before);
}

#[test]
fn a_prefaulted_stack_does_not_fault_again() {
    thread::spawn(|| {
        let fresh = page_faults();
        prefault_stack();
        let touched = page_faults();
        prefault_stack();
        let again = page_faults();
        let (first, second) = (touched.minor - fresh.minor, again.minor - touched.minor);
        // Not zero: a kernel that balances memory between nodes makes a thread fault now and then.
        assert!(second < first / 2, "{first} faults at first, {second} the second time");
    })
    .join()
    .unwrap();
}
