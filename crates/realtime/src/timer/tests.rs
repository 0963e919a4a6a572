use std::cell::Cell;

use super::*;
use crate::clock::Clock;

const MS: u64 = 1_000_000;

/// A clock that stands still except for its sleeps, which end `overslept_ns` late, and for its
/// readings, which take `reading_ns` each.
#[derive(Default)]
struct TestClock {
    now_ns: Cell<u64>,
    overslept_ns: Cell<u64>,
    reading_ns: Cell<u64>,
    slept_until_ns: Cell<u64>,
}

impl TestClock {
    fn advance(&self, ns: u64) {
        self.now_ns.set(self.now_ns.get() + ns);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Stamp {
        self.advance(self.reading_ns.get());
        Stamp::from_nanos(self.now_ns.get())
    }
}

impl Sleep for TestClock {
    fn sleep_until(&self, due: Stamp) {
        self.slept_until_ns.set(due.as_nanos());
        let late = self.overslept_ns.take();
        self.now_ns.set(self.now_ns.get().max(due.as_nanos() + late));
    }
}

/// A timer of 1 ms and no phase, and its clock set to `now_ns`.
fn start(clock: &TestClock, now_ns: u64) -> PeriodicTimer<&TestClock> {
    clock.now_ns.set(now_ns);
    PeriodicTimer::on(clock, Duration::from_nanos(MS), Duration::ZERO)
}

fn wake(due_ns: u64, woke_ns: u64, missed: u64) -> Wake {
    Wake { due: Stamp::from_nanos(due_ns), woke: Stamp::from_nanos(woke_ns), missed }
}

#[test]
fn due_stamps_are_exact_multiples_however_late_the_wakes_are() {
    let clock = TestClock::default();
    let mut timer = start(&clock, 7 * MS + 123);
    for (round, overslept_ns) in [0, 1, 999_999, 50, 0].into_iter().enumerate() {
        clock.overslept_ns.set(overslept_ns);
        let due_ns = (8 + round as u64) * MS;
        assert_eq!(timer.wait(), wake(due_ns, due_ns + overslept_ns, 0));
    }
}

#[test]
fn the_phase_shifts_every_wake() {
    let clock = TestClock::default();
    for (now_ns, phase_ns, due_ns) in [
        (0, 0, MS),
        (0, 300, 300),
        (10 * MS, 300, 10 * MS + 300),
        (10 * MS + 300, 300, 11 * MS + 300),
        (10 * MS, 5 * MS + 300, 10 * MS + 300),
    ] {
        clock.now_ns.set(now_ns);
        let phase = Duration::from_nanos(phase_ns);
        let mut timer = PeriodicTimer::on(&clock, Duration::from_nanos(MS), phase);
        assert_eq!(timer.wait(), wake(due_ns, due_ns, 0), "now {now_ns}, phase {phase_ns}");
        assert_eq!(timer.wait().due.as_nanos(), due_ns + MS);
    }
}

#[test]
fn a_late_caller_skips_and_counts_and_never_bursts() {
    // How far into the loop's body time runs, and what the next wake and the one after look like.
    for (body_ns, next, after) in [
        (MS - 1, wake(2 * MS, 2 * MS, 0), 3 * MS),
        (MS, wake(2 * MS, 2 * MS, 0), 3 * MS),
        (MS + 1, wake(2 * MS, 2 * MS + 1, 0), 3 * MS),
        (2 * MS - 1, wake(2 * MS, 3 * MS - 1, 0), 3 * MS),
        (2 * MS, wake(2 * MS, 3 * MS, 1), 4 * MS),
        (9 * MS + 5, wake(2 * MS, 10 * MS + 5, 8), 11 * MS),
    ] {
        let clock = TestClock::default();
        let mut timer = start(&clock, 0);
        assert_eq!(timer.wait(), wake(MS, MS, 0));
        clock.advance(body_ns);
        assert_eq!(timer.wait(), next, "body of {body_ns} ns");
        assert_eq!(timer.wait(), wake(after, after, 0), "body of {body_ns} ns");
    }
}

#[test]
fn a_spin_takes_out_the_lateness_that_fits_into_it() {
    // How long the timer spins, how much of that it keeps, how late the kernel wakes it, and how
    // late it then is.
    for (spin_ns, kept_ns, overslept_ns, late_ns) in [
        (0, 0, 70_000, 70_000),
        (100_000, 100_000, 0, 0),
        (100_000, 100_000, 70_000, 0),
        (100_000, 100_000, 130_000, 30_000),
        (900_000, 500_000, 130_000, 0),
    ] {
        let clock = TestClock::default();
        let mut timer = start(&clock, 0).with_spin(Duration::from_nanos(spin_ns));
        clock.overslept_ns.set(overslept_ns);
        clock.reading_ns.set(10);
        let woken = timer.wait();
        let case = format!("a spin of {spin_ns} ns and a sleep that ends {overslept_ns} ns late");
        assert_eq!(clock.slept_until_ns.get(), MS - kept_ns, "{case}");
        let off_ns = woken.lateness().as_nanos() - late_ns;
        assert!(woken.woke >= woken.due && off_ns <= 10, "{case}: {off_ns} ns off");
    }
}

#[test]
fn wakes_and_misses_add_up_to_the_periods_that_passed() {
    let clock = TestClock::default();
    let mut timer = start(&clock, 0);
    let mut periods = 0;
    let mut due = Stamp::ORIGIN;
    for round in 0..1000 {
        clock.advance(round * 7919 % (4 * MS));
        clock.overslept_ns.set(round * 104_729 % (2 * MS));
        let wake = timer.wait();
        assert!(wake.woke >= wake.due && wake.due > due);
        due = wake.due;
        assert_eq!(due.as_nanos(), (periods + 1) * MS);
        periods += 1 + wake.missed;
    }
}

#[test]
fn time_before_the_first_wait_is_not_missed() {
    let clock = TestClock::default();
    let mut timer = start(&clock, 0);
    clock.advance(500 * MS + 1);
    assert_eq!(timer.wait(), wake(501 * MS, 501 * MS, 0));
}

#[test]
fn absurd_periods_and_phases_do_no_harm() {
    let clock = TestClock::default();
    let mut shortest = PeriodicTimer::on(&clock, Duration::ZERO, Duration::MAX);
    let first = shortest.wait();
    assert_eq!(shortest.wait().due, first.due.after(PERIOD_MIN));
    let mut longest = PeriodicTimer::on(&clock, Duration::MAX, Duration::ZERO);
    assert_eq!(longest.wait().missed, 0);
    assert_eq!(longest.wait().due.as_nanos(), u64::MAX);
}

#[test]
fn lateness_counts_from_the_first_missed_wake() {
    assert_eq!(wake(2 * MS, 9 * MS, 7).lateness(), Duration::from_millis(7));
    assert_eq!(wake(2 * MS, MS, 0).lateness(), Duration::ZERO);
}

#[test]
fn the_real_clock_keeps_the_grid() {
    let period = Duration::from_micros(500);
    let mut timer = PeriodicTimer::new(period, Duration::from_micros(100));
    let first = timer.wait();
    assert_eq!(first.due.as_nanos() % 500_000, 100_000);
    let mut periods = first.missed;
    for _ in 0..20 {
        let wake = timer.wait();
        periods += 1;
        assert_eq!(wake.due.as_nanos(), first.due.as_nanos() + periods * 500_000);
        assert!(wake.woke >= wake.due);
        periods += wake.missed;
    }
}
