//! Time, scheduling, memory and measurement on Linux: everything tandem asks of the kernel.
//!
//! A control thread applies a [`Schedule`] to itself, calls [`lock_memory`] and
//! [`prefault_stack`], says aloud what was [`Granted`], and then lives in the loop of a
//! [`PeriodicTimer`], recording into a [`Histogram`] how late it woke. Where another machine sets
//! the pace, a [`BellTimer`] stands in for it, and a [`Metronome`] for that machine while it is
//! silent. A [`WakeLatency`] keeps idle cores from sleeping too deeply to wake in time.
//! [`Conditions`] say on which machine, and under which limits, a figure was measured.
//! [`CountingAllocator`] and [`confine`] hold code to its promise of touching neither the heap nor
//! the kernel.
//!
//! ```
//! use core::time::Duration;
//! use tandem_realtime::{Histogram, PeriodicTimer, Policy, Schedule, Unit};
//!
//! let granted = Schedule { policy: Policy::Fifo { priority: 80 }, cpu: None }.apply();
//! if !granted.is_complete() {
//!     // For example: SCHED_FIFO 80 refused (EPERM): run as root, or set LimitRTPRIO=80 ...
//!     println!("{granted}");
//! }
//! let mut lateness = Histogram::new();
//! let mut timer = PeriodicTimer::new(Duration::from_millis(1), Duration::ZERO);
//! for _ in 0..20 {
//!     let wake = timer.wait();
//!     lateness.record(wake.lateness());
//! }
//! let lateness_us = lateness.distribution(Unit::Microseconds);
//! assert_eq!(lateness_us.n, 20);
//! assert!(lateness_us.p99.is_none(), "20 wakes do not support a 99th percentile");
//! ```
//!
//! # What this crate does not do
//! It starts no thread, keeps no thread graph, logs nothing and decides nothing: a refusal is
//! reported, and the caller decides whether to go on without.
//!
//! # Threading and allocation
//! Reading the clock, waiting on a timer and recording into a histogram or a rate never allocate or
//! lock. Everything else (schedules, conditions, distributions) is for the start and the end of a
//! run. This is the only crate that reads a clock or names libc.

#[cfg(not(target_os = "linux"))]
compile_error!("tandem-realtime needs Linux: it uses its scheduler, its timers and /proc");

mod allocator;
mod bell;
mod clock;
mod conditions;
mod confine;
mod environment;
mod floor;
mod grant;
mod histogram;
mod memory;
mod metronome;
mod proc_files;
mod process;
mod rate;
mod schedule;
mod timer;
mod usage;
mod wake_latency;

pub use allocator::CountingAllocator;
pub use bell::{Bell, BellTimer};
pub use clock::{Clock, MonotonicClock, Sleep, sleep_until, thread_cpu_time, unix_time_s};
pub use conditions::{Conditions, steal_time};
pub use confine::{OnlySleep, confine, exit_confined};
pub use environment::{Threaded, set_variable_default};
pub use floor::{Floor, measure_floor};
pub use grant::{Grant, Granted, Refusal};
pub use histogram::{Distribution, Histogram, Unit};
pub use memory::{
    PageFaults, keep_freed_memory, lock_memory, page_faults, prefault_stack, resident_bytes,
    resident_bytes_max,
};
pub use metronome::Metronome;
pub use process::{close_on_exec, resume, suspend};
pub use rate::Rate;
pub use schedule::{Policy, Schedule};
pub use timer::{PERIOD_MIN, PeriodicTimer, Wake};
pub use usage::Usage;
pub use wake_latency::WakeLatency;
