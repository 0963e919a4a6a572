//! A real-time reader whose writer was preempted, perhaps in the middle of a write.
//!
//! Three threads share one CPU. The writer, of the ordinary class, writes as fast as it can, so
//! that whenever it loses the CPU it is likely in the middle of a write; nothing in a write is
//! longer than its channel makes it. The hog, SCHED_FIFO 50, takes the CPU away for 2 of every 2.5
//! ms: any thread of middle priority with something to compute. The reader, SCHED_FIFO 80, comes
//! every 0.5 ms and times one read. It may run whenever it wants to; what makes it wait is that the
//! channel makes it wait for the writer, who waits for the hog: a priority inversion.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use tandem_realtime::{
    Clock as _, Conditions, Granted, Histogram, MonotonicClock, PeriodicTimer, Policy, Schedule,
};

use crate::bench::latest::channels::{Channel, Payload, Read as _, Write as _};

const READ_EVERY: Duration = Duration::from_micros(500);
const HOG_EVERY: Duration = Duration::from_micros(2500);
const HOG_FOR: Duration = Duration::from_millis(2);
const READER: Policy = Policy::Fifo { priority: 80 };
const HOG: Policy = Policy::Fifo { priority: 50 };
const WRITER: Policy = Policy::Normal { nice: 0 };

/// How long each read took; empty if the kernel refused a real-time class, without which the
/// question does not arise, or if the channel would hang a machine like this one. What was granted
/// is noted the first time.
pub(super) fn measure<C: Channel>(length: Duration, granted: &mut Granted) -> Histogram {
    let machine = Conditions::read();
    if C::READER_SPINS && machine.realtime_runtime_us.is_none_or(|us| us < 0) {
        return Histogram::new();
    }
    let cpu = Some(machine.cpus - 1);
    let (mut writer, mut reader) = C::open();
    let (stop, writes) = (AtomicBool::new(false), AtomicU64::new(0));
    let going = || !stop.load(Ordering::Relaxed);
    let mut histogram = Histogram::new();
    let answers = thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let granted = Schedule { policy: WRITER, cpu }.apply();
            let mut payload = Payload::ZERO;
            while going() {
                payload.sequence = writes.fetch_add(1, Ordering::Relaxed);
                writer.write(&payload);
            }
            granted
        });
        let hog = scope.spawn(|| {
            let granted = Schedule { policy: HOG, cpu }.apply();
            let mut timer = PeriodicTimer::new(HOG_EVERY, Duration::ZERO);
            while going() && granted.is_complete() {
                let rest = timer.wait().due.after(HOG_FOR);
                while MonotonicClock.now() < rest && going() {}
            }
            granted
        });
        let reader = scope.spawn(|| {
            let granted = Schedule { policy: READER, cpu }.apply();
            let mut timer = PeriodicTimer::new(READ_EVERY, READ_EVERY / 2);
            let end = MonotonicClock.now().after(length);
            while granted.is_complete() && MonotonicClock.now() < end {
                timer.wait();
                let began = MonotonicClock.now();
                std::hint::black_box(reader.read());
                histogram.record(began.age_at(MonotonicClock.now()));
            }
            stop.store(true, Ordering::Relaxed);
            granted
        });
        [("writer", writer), ("hog", hog), ("reader", reader)]
            .map(|(name, thread)| (name, thread.join().unwrap_or_default()))
    });
    if granted.grants.is_empty() {
        for (name, mut answer) in answers {
            for grant in &mut answer.grants {
                grant.asked = format!("{name}: {}", grant.asked);
            }
            granted.extend(answer);
        }
    }
    histogram
}
