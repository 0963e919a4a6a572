//! The page "Bring your own arm": every command of it, in its order, against an emulated arm.

use std::fs;
use std::path::Path;

use crate::harness::{Process, Scenario, shipped, wait_until};

/// One command of the page.
struct Step {
    line: String,
    /// What follows `sh` at the head of its block.
    kind: String,
}

/// The commands in the page's `sh` blocks.
fn steps(page: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut block: Option<String> = None;
    for line in page.lines() {
        match (&block, line.strip_prefix("```")) {
            (None, Some(head)) => block = Some(head.to_owned()),
            (Some(_), Some(_)) => block = None,
            (Some(head), None) if head.split(' ').next() == Some("sh") => {
                let kind = head.trim_start_matches("sh").trim().to_owned();
                steps.push(Step { line: line.to_owned(), kind });
            }
            _ => {}
        }
    }
    steps
}

/// The page from its first command to its last, with what it adds for motors of some kind.
fn follow_the_page(kind: &str) {
    let scenario = Scenario::of("so101-arm.toml").patiently();
    scenario.set("stop_within_ms = ", "stop_within_ms = 100");
    // The page's paths: the configs in a folder of their own, the calibration of LeRobot beside it.
    let (dir, port) = (scenario.dir(), scenario.dir().join("tty"));
    let configs = dir.join("configs");
    fs::create_dir(&configs).unwrap();
    for name in ["robots", "policies", "calibration", "motors"] {
        fs::rename(dir.join(name), configs.join(name)).unwrap();
    }
    scenario.set("listen = ", &format!("listen = \"{}\"", scenario.robot));
    fs::copy(scenario.config(), configs.join("so101-arm.toml")).unwrap();
    let root = shipped().join("..");
    let lerobot = root.join("firmware-bridge/tests/data/lerobot-so101.json");
    fs::copy(lerobot, dir.join("lerobot.json")).unwrap();

    let page = fs::read_to_string(root.join("docs/bring-your-own-arm.md")).unwrap();
    let steps = steps(&page);
    let of = |kind: &str| steps.iter().filter(|step| step.kind == kind).collect::<Vec<_>>();
    let emulate = of("emulated");
    let plain = of("");
    assert_eq!((plain.len(), emulate.len()), (10, 1), "ten commands, as the page says");
    assert_eq!(of(kind).len(), if kind == "feetech" { 0 } else { 2 }, "two commands more");
    let mut running = Vec::new();
    for step in plain {
        let line = step.line.replace("/dev/serial/by-id/YOUR-ADAPTER", &port.to_string_lossy());
        perform(&scenario, &line, &mut running);
        if line.starts_with("sed") {
            of(kind).iter().for_each(|step| perform(&scenario, &step.line, &mut running));
        }
        if line.contains("calibrate") {
            perform(&scenario, &emulate[0].line, &mut running);
            wait_until("the emulated arm is there", || port.exists());
        }
    }
    for process in &mut running {
        process.signal("TERM", true);
    }
}

#[test]
fn every_command_of_the_page_works_in_its_order() {
    follow_the_page("feetech");
}

#[test]
fn the_page_holds_for_dynamixel_servos() {
    follow_the_page("dynamixel");
}

#[test]
fn the_page_holds_for_motors_on_can() {
    follow_the_page("mit");
}

/// Runs one command; one that stays is kept.
fn perform(scenario: &Scenario, line: &str, running: &mut Vec<Process>) {
    if let Some(stays) = line.strip_suffix(" &") {
        let process = scenario.shell(&format!("exec {stays}"));
        running.push(process);
        return;
    }
    let ready = |said: &crate::harness::Said| {
        // What has just been started takes a while to answer and to see the arm.
        let code = said.code == Some(0);
        let shown = !line.ends_with("status") || !line.contains("ctl") || holds(&said.stdout);
        code && shown
    };
    let mut last = None;
    wait_until(&format!("`{line}` does what it says"), || {
        let said = scenario.shell(line).end();
        let done = ready(&said);
        last = Some(said);
        done
    });
}

/// Whether the daemon says that the arm is held, and the bridge that it obeys.
fn holds(status: &str) -> bool {
    status.contains("mode         holding") && status.contains("bridge       active")
}

#[test]
fn the_page_names_files_that_exist() {
    let root = shipped().join("..");
    let page = fs::read_to_string(root.join("docs/bring-your-own-arm.md")).unwrap();
    let linked = page.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    for link in linked.filter(|link| !link.starts_with('#')) {
        assert!(Path::new(&root).join("docs").join(link).exists(), "{link}");
    }
}
