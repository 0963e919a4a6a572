//! Another policy takes over while the arm moves; a bad one does not, or not for long.

use std::fs;
use std::path::Path;

use tandem_wire::{ControlKind, PolicyKind, PolicyRequest};

use crate::harness::{Said, Scenario, Stage, wait_for, wait_until};

/// What a stall of 500 ms would cost a tick that waited for System 1: 500 ticks. Half of that is a
/// busy machine, which does not strike the tick's timer and the floor's evenly.
const MISSED_BEYOND_FLOOR_MAX: f64 = 250.0;

fn order(name: &str, shadow_s: f64) -> PolicyRequest {
    let (name, engine) = (name.to_owned(), String::new());
    PolicyRequest { kind: PolicyKind::Swap, name, engine, shadow_s }
}

/// Everything up, and the arm moving.
fn moving(scenario: Scenario) -> Stage {
    let stage = Stage::up(scenario);
    stage.link.instruct();
    stage.link.arm();
    stage.link.status("the arm may move", |status| status.mode_text == "armed");
    stage
}

fn refused(said: &Said, part: &str) {
    assert!(said.code == Some(1) && said.stderr.contains(part), "no `{part}` in {said:?}");
}

#[test]
fn a_policy_takes_over_under_motion() {
    let stage = moving(Scenario::patient());
    let list = stage.scenario.ctl(&["policy", "list"]);
    assert_eq!(list.code, Some(0), "{list:?}");
    for line in ["chunked", "per-step"] {
        assert!(list.stdout.contains(line), "no `{line}` in {list:?}");
    }
    assert!(!list.stdout.contains("  system2"), "{list:?}");

    let facts = stage.scenario.dir().join("swap.json");
    let facts_file = facts.to_str().unwrap();
    let words = ["policy", "swap", "per-step", "--shadow", "3", "--json", facts_file];
    let said = stage.scenario.ctl(&words);
    assert_eq!(said.code, Some(0), "{said:?}");
    for part in ["in the shadow", "mrad", "shoulder_pan", "handing over", "done: `per-step`"] {
        assert!(said.stdout.contains(part), "no `{part}` in {said:?}");
    }
    let facts: serde_json::Value = serde_json::from_slice(&fs::read(facts).unwrap()).unwrap();
    let apart = &facts["shadow"]["divergence_mrad"]["shoulder_lift"];
    assert!(apart["n"].as_u64().unwrap() > 0 && apart["max"].as_f64().unwrap() > 0.0, "{facts}");

    let link = &stage.link;
    let status = link.status("the new policy acts", |status| status.system1_bundle == "per-step");
    assert!(status.swap.contains("done"), "{}", status.swap);
    link.status("it makes chunks", |status| status.observation_age_ms < 100.0);
    let list = stage.scenario.ctl(&["policy", "list"]);
    assert!(list.stdout.contains("active, on candle") && list.stdout.contains("swap 1: done"));
    assert_eq!(link.counter("swaps.done"), 1.0);
}

/// Changes one byte of a file.
fn flip(file: &Path) {
    let mut bytes = fs::read(file).unwrap();
    let last = bytes.last_mut().unwrap();
    *last ^= 1;
    fs::write(file, bytes).unwrap();
}

/// Changes a bundle's manifest: the first `from` and the rest of its line.
fn rewrite(bundle: &Path, from: &str, to: &str) {
    let file = bundle.join("bundle.toml");
    let text = fs::read_to_string(&file).unwrap();
    let (before, rest) = text.split_once(from).expect(from);
    let (_, after) = rest.split_once('\n').expect("a line that ends");
    fs::write(file, [before, to, "\n", after].concat()).unwrap();
}

#[test]
fn whatever_is_wrong_with_a_bundle_the_old_policy_goes_on() {
    let stage = moving(Scenario::patient());
    let policies = stage.scenario.dir().join("policies");
    for name in ["torn", "lame", "deaf", "blind"] {
        fs::create_dir(policies.join(name)).unwrap();
        for entry in fs::read_dir(policies.join("per-step")).unwrap() {
            let from = entry.unwrap().path();
            fs::copy(&from, policies.join(name).join(from.file_name().unwrap())).unwrap();
        }
    }
    flip(&policies.join("torn/model.safetensors"));
    let names = ["shoulder_pan", "shoulder_lift", "elbow", "wrist_flex", "wrist_roll", "gripper"];
    rewrite(&policies.join("lame"), "joints = ", &format!("joints = {names:?}"));
    rewrite(&policies.join("deaf"), "model = ", "model = \"0123456789abcdef\"");
    rewrite(&policies.join("blind"), "name = \"front\"", "name = \"rear\"");

    for (name, reason) in [
        ("nobody", "no bundle `nobody` in"),
        ("torn", "model.safetensors"),
        ("lame", "elbow"),
        ("deaf", "use the System 2 it was trained with"),
        ("blind", "rear"),
        ("system2", "a system2 bundle where a system1 bundle is needed"),
    ] {
        let said = stage.scenario.ctl(&["policy", "swap", name]);
        refused(&said, reason);
        let here = stage.link.status("the daemon speaks", |_| true);
        assert_eq!(here.system1_bundle, "chunked");
    }
    let said = stage.scenario.ctl(&["policy", "swap", "per-step", "--shadow", "1000"]);
    refused(&said, "0 to 60");
    let link = &stage.link;
    link.status("the old policy goes on", |status| status.observation_age_ms < 100.0);
    assert_eq!((link.counter("swaps.done"), link.counter("swaps.kept")), (0.0, 5.0));
    let list = stage.scenario.ctl(&["policy", "list"]);
    assert!(
        list.stdout.contains("unusable: ") && list.stdout.contains("kept `chunked`"),
        "{list:?}"
    );
}

#[test]
fn one_swap_at_a_time() {
    let stage = moving(Scenario::patient());
    let begun = stage.link.policy(&order("per-step", 60.0));
    assert!(begun.ok, "{}", begun.message);
    stage.link.status("it is in the shadow", |status| status.swap.contains("in the shadow"));
    let said = stage.scenario.ctl(&["policy", "swap", "chunked"]);
    refused(&said, "a swap is under way (swap 1: ");
    // A stop never waits for a swap.
    let said = stage.scenario.ctl(&["stop"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    stage.link.status("the stop is latched", |it| it.mode_text == "stopped");
    let progress = PolicyRequest { kind: PolicyKind::Progress, ..PolicyRequest::default() };
    let reply = stage.link.policy(&progress);
    assert!(reply.under_way, "{:?}", reply.steps);
}

#[test]
fn nobody_arms_while_policies_change_hands() {
    let stage = Stage::up(Scenario::patient());
    let link = &stage.link;
    link.instruct();
    // A System 1 that is busy takes its successor only when it is done.
    let said = stage.scenario.ctl(&["fault", "stall-system1", "5000"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(link.policy(&order("per-step", 0.0)).ok);
    link.status("it is to take over", |status| status.swap.contains("handing over"));
    let reply = link.operate(ControlKind::Arm, "");
    assert!(!reply.ok && reply.message.contains("changing hands"), "{}", reply.message);
    // What leads away from motion is never held up.
    let reply = link.operate(ControlKind::Stop, "");
    assert!(reply.ok, "{}", reply.message);
    link.status("it has taken over", |status| status.swap.contains("done: `per-step`"));
    let reply = link.operate(ControlKind::Acknowledge, "");
    assert!(reply.ok, "{}", reply.message);
    link.arm();
}

#[test]
fn a_policy_that_talks_nonsense_on_probation_goes_again() {
    let scenario = Scenario::patient();
    scenario.set("probation_ms = ", "probation_ms = 60000");
    let stage = moving(scenario);
    let link = &stage.link;
    let begun = link.policy(&order("per-step", 0.0));
    assert!(begun.ok, "{}", begun.message);
    link.status("it is in charge", |status| status.swap.contains("on probation"));
    let said = stage.scenario.ctl(&["fault", "nan-system1"]);
    assert_eq!(said.code, Some(0), "{said:?}");

    let back =
        link.status("the old one is back", |status| status.swap.contains("back to `chunked`"));
    assert_eq!(back.system1_bundle, "chunked");
    assert!(back.swap.contains("refused by the guard"), "{}", back.swap);
    assert_eq!(link.counter("swaps.reverted"), 1.0);
    link.status("the arm may move", |status| status.mode_text == "armed");
}

#[test]
fn a_policy_that_is_late_on_probation_goes_again() {
    let scenario = Scenario::patient();
    scenario.set("probation_ms = ", "probation_ms = 60000");
    scenario.set("missed_steps_max = ", "missed_steps_max = 50");
    let stage = moving(scenario);
    let link = &stage.link;
    assert!(link.policy(&order("per-step", 0.0)).ok);
    link.status("it is in charge", |status| status.swap.contains("on probation"));
    let said = stage.scenario.ctl(&["fault", "stall-system1", "500"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let back =
        link.status("the old one is back", |status| status.swap.contains("back to `chunked`"));
    assert!(back.swap.contains("missed"), "{}", back.swap);
}

#[test]
fn a_stall_of_system_1_costs_no_tick_and_is_a_named_hold() {
    let scenario = Scenario::patient();
    scenario.set("action_age_ms_max = ", "action_age_ms_max = 200");
    let stage = moving(scenario);
    let link = &stage.link;
    let missed = || (link.counter("control.missed"), link.counter("control.floor_missed"));
    let holds = || link.counter("holds.action_stale");
    let (before, held, ticks) = (missed(), holds(), link.counter("control.ticks"));
    let said = stage.scenario.ctl(&["fault", "stall-system1", "500"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    wait_until("the arm holds for want of a chunk", || holds() > held);
    wait_for("a second has passed", || {
        (link.counter("control.ticks") > ticks + 1000.0).then_some(())
    });
    link.status("the arm may move again", |status| status.mode_text == "armed");
    let after = missed();
    let (tick, floor) = (after.0 - before.0, after.1 - before.1);
    assert!(tick <= floor + MISSED_BEYOND_FLOOR_MAX, "{tick} ticks missed, floor {floor}");

    // A fault that is not named whole is refused with what is missing.
    refused(&stage.scenario.ctl(&["fault", "stall-system1"]), "say for how long");
}
