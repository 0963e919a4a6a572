//! What a confined thread may do, tried in a process of its own: this test's own program, run once
//! more for this test alone.

use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, ExitStatus};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use tandem_realtime::{
    Bell, BellTimer, Clock as _, MonotonicClock, OnlySleep, PeriodicTimer, Wake, confine,
    exit_confined,
};
use tandem_types::Stamp;

/// Says which deed the second run is for.
const DEED_VARIABLE: &str = "TANDEM_TEST_DEED";

const PERIOD: Duration = Duration::from_micros(50);

const DONE: i32 = 42;
const SIGSYS: i32 = 31;

/// What a confined thread does, and whether it lives to say so.
struct Deed(&'static str, OnlySleep, fn(), bool);

const DEEDS: [Deed; 9] = [
    Deed("sleep on a timer", OnlySleep::Timer, sleep_on_a_timer, true),
    Deed("sleep on a bell", OnlySleep::Bell, sleep_on_a_bell, true),
    Deed("read the clock", OnlySleep::Timer, read_the_clock, true),
    Deed("sleep on a bell for a timer", OnlySleep::Timer, sleep_on_a_bell, false),
    Deed("sleep on a timer in a burst", OnlySleep::Bell, sleep_on_a_timer, true),
    Deed(
        "read a file for a bell",
        OnlySleep::Bell,
        || drop(std::fs::read("/proc/self/stat")),
        false,
    ),
    Deed("ring a bell", OnlySleep::Bell, || Bell::new().ring(MonotonicClock.now()), false),
    Deed("read a file", OnlySleep::Timer, || drop(std::fs::read("/proc/self/stat")), false),
    Deed("let another go first", OnlySleep::Timer, std::thread::yield_now, false),
];

fn sleep_on_a_timer() {
    let mut timer = PeriodicTimer::new(PERIOD, Duration::ZERO);
    (0..10).for_each(|_| assert!(timer.wait().woke > Stamp::ORIGIN));
}

/// A bell that a thread without a filter rings.
static BELL: LazyLock<Arc<Bell>> = LazyLock::new(|| {
    let bell = Arc::<Bell>::default();
    let mut timer = PeriodicTimer::new(PERIOD, Duration::ZERO);
    let rung = bell.clone();
    std::thread::spawn(move || {
        loop {
            let Wake { due, .. } = timer.wait();
            rung.ring(due);
        }
    });
    bell
});

fn sleep_on_a_bell() {
    let mut timer = BellTimer::new(BELL.clone(), PERIOD);
    (0..10).for_each(|_| assert!(timer.wait().woke > Stamp::ORIGIN));
}

fn read_the_clock() {
    assert!(MonotonicClock.now() > Stamp::ORIGIN);
}

#[test]
fn a_confined_thread_may_sleep_and_nothing_else() {
    if let Ok(deed) = std::env::var(DEED_VARIABLE) {
        let Deed(_, sleep, act, _) = DEEDS.iter().find(|Deed(name, ..)| *name == deed).unwrap();
        LazyLock::force(&BELL);
        confine(*sleep).unwrap();
        act();
        exit_confined(DONE);
    }
    for Deed(deed, _, _, lives) in DEEDS {
        let status = alone(deed);
        let expected = if lives { (Some(DONE), None) } else { (None, Some(SIGSYS)) };
        assert_eq!((status.code(), status.signal()), expected, "{deed}");
    }
}

fn alone(deed: &str) -> ExitStatus {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "confine::a_confined_thread_may_sleep_and_nothing_else"])
        .env(DEED_VARIABLE, deed)
        .output()
        .unwrap()
        .status
}
