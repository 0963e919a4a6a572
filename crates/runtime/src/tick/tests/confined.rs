//! The whole play under a filter that kills the process at the first system call but the sleeps.

use std::os::unix::process::ExitStatusExt as _;
use std::process::Command;
use std::sync::Arc;

use tandem_realtime::{Bell, BellTimer, Metronome, OnlySleep, confine, exit_confined};

use super::*;

/// Set in the process that this test starts for the play, to the name of the beat.
const BEAT: &str = "TANDEM_TEST_BEAT";

/// What that process ends with when it got to the end of the play. Not zero, with which a test
/// program also ends when it ran no test.
const PLAYED: i32 = 42;

#[test]
fn no_tick_makes_a_system_call_but_its_sleep() {
    if let Ok(name) = std::env::var(BEAT) {
        play_confined(&name);
    }
    for beat in ["timer", "spin", "bell"] {
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "tick::tests::confined::no_tick_makes_a_system_call_but_its_sleep"])
            .env(BEAT, beat)
            .output()
            .unwrap();
        let status = output.status;
        assert_eq!(
            (status.code(), status.signal()),
            (Some(PLAYED), None),
            "on the {beat}; signal 31 is a system call: find it with `strace -f`\n{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

/// The play's own helpers, which feed the tick and read its records, are confined with it: they
/// write channels and read the clock, and neither is a system call.
fn play_confined(beat: &str) -> ! {
    let timer = PeriodicTimer::new(TEST_PERIOD, Duration::ZERO);
    let (beat, sleep) = match beat {
        "timer" => (Beat::Timer(timer), OnlySleep::Timer),
        "spin" => (Beat::Timer(timer.with_spin(TEST_PERIOD / 2)), OnlySleep::Timer),
        _ => (Beat::Bell(BellTimer::new(rung(timer), TEST_PERIOD)), OnlySleep::Bell),
    };
    let mut rig = Rig::on(beat, ExecutorConfig::Immediate);
    confine(sleep).unwrap();
    for act in &PLAY {
        rig.play(act);
    }
    exit_confined(PLAYED)
}

/// A bell that nobody rings but a metronome, on a thread that may do what it likes.
fn rung(mut timer: PeriodicTimer) -> Arc<Bell> {
    let bell = Arc::<Bell>::default();
    let mut metronome = Metronome::new(bell.clone(), TEST_PERIOD);
    std::thread::spawn(move || {
        loop {
            metronome.beat(timer.wait());
        }
    });
    bell
}
