use std::time::Duration;

use tandem_realtime::{
    Clock as _, CountingAllocator, Histogram, MonotonicClock, PeriodicTimer, Rate,
};

#[test]
fn a_timed_loop_does_not_touch_the_heap() {
    assert!(CountingAllocator::is_installed());
    let mut lateness = Histogram::new();
    let mut rate = Rate::new();
    let mut timer = PeriodicTimer::new(Duration::from_micros(100), Duration::ZERO);
    let before = CountingAllocator::heap_calls();
    for exponent in 0..50 {
        let wake = timer.wait();
        lateness.record(wake.lateness());
        lateness.record(Duration::from_nanos(1 << exponent));
        rate.record(MonotonicClock.now());
    }
    assert_eq!(CountingAllocator::heap_calls(), before);
    assert_eq!((lateness.count(), rate.count()), (100, 50));
}

#[test]
fn each_thread_counts_its_own_calls() {
    let before = CountingAllocator::heap_calls();
    let theirs = std::thread::scope(|scope| {
        let thread = scope.spawn(|| {
            let before = CountingAllocator::heap_calls();
            (0..100).for_each(|size| drop(std::hint::black_box(vec![0_u8; 1 + size])));
            CountingAllocator::heap_calls() - before
        });
        thread.join().unwrap()
    });
    assert_eq!(theirs, 200, "an allocation and a free each");
    let ours = CountingAllocator::heap_calls() - before;
    assert!(ours < 100, "{ours}: what starting a thread costs, and no more");
}
