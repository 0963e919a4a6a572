//! The demonstration, as a person runs it, and what it leaves behind: nothing.

use std::fs;

use crate::harness::{Process, Said, Scenario, wait_until};

/// How many processes beside the demo itself run on this scenario's files.
fn children(scenario: &Scenario, demo: &Process) -> usize {
    let config = scenario.config();
    let config = config.to_str().unwrap();
    let processes = fs::read_dir("/proc").unwrap().flatten();
    let ids = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let concerned = ids.filter(|id| *id != demo.id()).filter(|id| {
        // A process may be gone before it is looked at.
        let command = fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&command).split('\0').any(|word| word == config)
    });
    concerned.count()
}

fn wait_both_up(scenario: &Scenario, demo: &Process) {
    wait_until("both children run", || children(scenario, demo) == 2);
}

fn wait_first_episode(demo: &Process) {
    wait_until("an episode is played", || demo.stdout().contains("seed "));
}

/// Runs a demo of some episodes to its end; returns how many succeeded, and what it said.
fn play(scenario: &Scenario, seed: &str, episodes: u64) -> (u64, Said) {
    let facts = scenario.dir().join("demo.json");
    let episodes_text = episodes.to_string();
    let words = ["--seed", seed, "--episodes", &episodes_text];
    let rest = ["--redirected", "0", "--keep-system2", "--json", facts.to_str().unwrap()];
    let mut demo = scenario.demo(&[&words[..], &rest[..]].concat());
    wait_both_up(scenario, &demo);
    let end = demo.end();
    assert_eq!(children(scenario, &demo), 0, "{end:?}");
    let facts: serde_json::Value = serde_json::from_slice(&fs::read(facts).unwrap()).unwrap();
    let successes = facts["successes"].as_u64().unwrap();
    // It fails if the arm never got anywhere, and only then.
    assert_eq!(end.code, Some(if successes > 0 { 0 } else { 1 }), "{end:?}");
    assert_eq!(facts["episodes"], episodes);
    assert!(facts["control"]["ticks"].as_f64().unwrap() > 1000.0, "{facts}");
    assert_eq!(facts["system1"]["engine"], "candle");
    (successes, end)
}

#[test]
fn a_demo_ends_and_leaves_nothing_behind() {
    play(&Scenario::new(), "1", 1);
}

/// The one test that needs policies that have learned their task. How well they have is for the
/// demo to measure; here it is enough that it is no accident: an arm that went to any object would
/// reach the one named in a third of the scenes.
#[test]
fn the_arm_does_what_the_sentences_say() {
    let (successes, said) = play(&Scenario::new(), "23", 8);
    assert!(successes >= 4, "{successes} of 8: {said:?}");
}

/// Interrupts a demo as Ctrl-C does, which every process of the terminal's group gets.
fn interrupt(when: impl Fn(&Scenario, &Process)) {
    let scenario = Scenario::new();
    let mut demo = scenario.demo(&["--episodes", "50"]);
    when(&scenario, &demo);
    demo.signal("INT", true);
    let end = demo.end();
    assert_eq!(end.code, Some(1), "{end:?}");
    assert!(end.stderr.contains("interrupted"), "{end:?}");
    assert_eq!(children(&scenario, &demo), 0, "{end:?}");
}

#[test]
fn an_interrupt_while_it_starts_leaves_nothing_behind() {
    interrupt(wait_both_up);
}

#[test]
fn an_interrupt_on_the_way_leaves_nothing_behind() {
    interrupt(|_, demo| wait_first_episode(demo));
}

#[test]
fn a_demo_that_is_killed_takes_its_children_with_it() {
    let scenario = Scenario::new();
    let mut demo = scenario.demo(&["--episodes", "50"]);
    wait_both_up(&scenario, &demo);
    demo.kill();
    wait_until("the children notice", || children(&scenario, &demo) == 0);
}
