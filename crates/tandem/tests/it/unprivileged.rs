//! Without any right to be real-time, everything works, and one line says what is missing.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::process::Command;

use crate::harness::{Scenario, Stage};

/// The user and the group `nobody`.
const NOBODY: &str = "65534";

/// What takes a process' rights to a real-time class and to locked memory away: limits of zero,
/// and, for root, the way to be somebody else.
fn without_rights() -> Vec<String> {
    let mut words = vec!["prlimit", "--rtprio=0", "--memlock=65536"];
    if fs::metadata("/proc/self").unwrap().uid() == 0 {
        words.extend(["setpriv", "--reuid", NOBODY, "--regid", NOBODY, "--clear-groups"]);
    }
    words.into_iter().map(str::to_owned).collect()
}

fn runs(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success())
}

#[test]
fn without_rights_everything_works_and_one_line_says_what_is_missing() {
    let scenario = Scenario::patient();
    fs::set_permissions(scenario.dir(), fs::Permissions::from_mode(0o755)).unwrap();
    // Both belong to util-linux; a system without them runs the daemon with what rights it has.
    let can_drop = runs("prlimit") && runs("setpriv");
    let wrapper = if can_drop { without_rights() } else { vec![] };
    let sim = scenario.sim();
    let daemon = scenario.daemon_through(&wrapper);
    let stage = Stage::of(scenario, sim, daemon);
    let link = &stage.link;
    link.instruct();
    link.arm();
    link.status("the arm may move", |status| status.mode_text == "armed");

    let log = stage.daemon.log();
    let lines: Vec<_> = log.lines().filter(|line| line.contains("NOT REAL-TIME")).collect();
    if can_drop {
        let [line] = lines[..] else { panic!("{} such lines in {log}", lines.len()) };
        for part in ["tick:", "SCHED_FIFO", "memory"] {
            assert!(line.contains(part), "no `{part}` in {line}");
        }
    } else {
        assert!(!lines.is_empty() || log.contains("real-time settings"), "{log}");
    }
}
