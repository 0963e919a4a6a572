//! What an operator types, and what comes back.

use crate::harness::{Said, Scenario, Stage, wait_for, wait_until};

fn granted(said: &Said, message: &str) {
    assert_eq!((said.code, said.stdout.trim(), &*said.stderr), (Some(0), message, ""));
}

fn refused(said: &Said, part: &str) {
    assert!(said.code == Some(1) && said.stderr.contains(part), "no `{part}` in {said:?}");
    assert_eq!(said.stdout, "");
}

/// The number that an acknowledgement says to arm with.
fn nonce(ack: &Said) -> &str {
    ack.stdout.trim().trim_end_matches('`').rsplit(' ').next().unwrap()
}

#[test]
fn arm_disarm_stop_acknowledge() {
    let stage = Stage::up(Scenario::patient());
    let ctl = |words: &[&str]| stage.scenario.ctl(words);
    let mode = |mode: &str| stage.link.status(mode, |status| status.mode_text == mode);

    refused(&ctl(&["disarm"]), "already disarmed");
    refused(&ctl(&["ack"]), "no stop is latched");
    granted(&ctl(&["arm"]), "armed");
    refused(&ctl(&["arm"]), "already armed");
    // An arm without an instruction has nothing to do, and says so.
    let status = mode("holding");
    assert_ne!(status.cause, "");

    granted(&ctl(&["disarm"]), "disarming");
    mode("disarmed");

    granted(&ctl(&["arm"]), "armed");
    granted(&ctl(&["stop"]), "stopping");
    assert!(mode("stopped").cause.contains("stop"), "{:?}", mode("stopped"));
    granted(&ctl(&["stop"]), "stopping");
    refused(&ctl(&["arm"]), "acknowledge, then arm");
    refused(&ctl(&["disarm"]), "acknowledge, then arm");
    // The arm comes to rest first; until then the answer is to ask again.
    let ack = wait_for("the stop is acknowledged", || {
        Some(ctl(&["ack"])).filter(|said| !said.stderr.contains("coming to rest"))
    });
    assert_eq!(ack.code, Some(0), "{ack:?}");
    let nonce = nonce(&ack);
    assert_eq!(
        ack.stdout.trim(),
        format!("acknowledged; to arm within 10 s: `tandem ctl arm {nonce}`")
    );
    mode("disarmed");
    refused(&ctl(&["arm"]), "not the nonce of the stop's acknowledgement");
    refused(&ctl(&["arm", "0"]), "not the nonce of the stop's acknowledgement");
    let armed = wait_for("all has been well for long enough", || {
        Some(ctl(&["arm", nonce])).filter(|said| !said.stderr.contains("all has been well"))
    });
    granted(&armed, "armed");
}

#[test]
fn an_owned_arm_moves_for_its_owner_only() {
    let scenario = Scenario::patient();
    let unowned = scenario.ctl(&["attend"]);
    assert_eq!(unowned.code, Some(2), "{unowned:?}");
    assert!(unowned.stderr.contains("asks for no owner: set lease_age_ms_max"), "{unowned:?}");
    scenario.replace("[guard]\n", "[guard]\nlease_age_ms_max = 100\n");
    let stage = Stage::up(scenario);
    let ctl = |words: &[&str]| stage.scenario.ctl(words);
    let attend = || {
        let owner = stage.scenario.ctl_process(&["attend"]);
        wait_until("the owner speaks", || owner.stdout().starts_with("owner "));
        owner
    };
    let status = |part: &str| {
        stage
            .link
            .status(part, |status| status.mode_text == "stopped" && status.cause.contains(part));
    };
    // On a loaded machine a lease may lapse in between: then all of it begins anew.
    let arm_again = || {
        let mut number = String::new();
        wait_for("it is armed again", || {
            let ack = ctl(&["ack"]);
            if ack.code == Some(0) {
                number = nonce(&ack).to_owned();
            }
            Some(ctl(&["arm", &number])).filter(|said| said.code == Some(0))
        });
    };

    refused(&ctl(&["arm"]), "nobody holds the arm's lease");
    let mut first = attend();
    wait_for("it is armed", || Some(ctl(&["arm"])).filter(|said| said.code == Some(0)));
    first.kill();
    status("the heartbeat of the arm's owner is");
    refused(&ctl(&["ack"]), "the heartbeat of the arm's owner is");

    let _second = attend();
    arm_again();
    // Two owners at once: the newer one has it, and the arm does not change hands in motion.
    let _third = attend();
    status("took the arm over; acknowledge and arm for it");
    arm_again();
}

#[test]
fn instruct_status_shutdown() {
    let mut stage = Stage::up(Scenario::patient());
    let ctl = |stage: &Stage, words: &[&str]| stage.scenario.ctl(words);
    granted(&ctl(&stage, &["instruct", "touch the red cube"]), "instructed: touch the red cube");
    let unknown = ctl(&stage, &["instruct", "touch the zebra"]);
    granted(&unknown, "instructed: touch the zebra (words never trained on: zebra)");

    let status = ctl(&stage, &["status"]);
    assert_eq!(status.code, Some(0), "{status:?}");
    for part in ["mode         disarmed", "touch the zebra", "shoulder_pan", "garbage on the bus"] {
        assert!(status.stdout.contains(part), "no `{part}` in {}", status.stdout);
    }
    refused(&ctl(&stage, &["fault", "earthquake"]), "kill-system2");

    granted(&ctl(&stage, &["shutdown"]), "shutting down");
    let end = stage.daemon.end();
    assert_eq!(end.code, Some(0), "{end:?}");
    refused(&ctl(&stage, &["arm"]), "nobody answers");
}

#[test]
fn instructions_of_a_list_are_followed_one_after_the_other() {
    let scenario = Scenario::slow();
    for (key, value) in [("timeout_ms", "3000"), ("idle_ms", "60000"), ("done_ms", "60000")] {
        scenario.set(&format!("{key} = "), &format!("{key} = {value}"));
    }
    let stage = Stage::up(scenario);
    let ctl = |words: &[&str]| stage.scenario.ctl(words);
    let follows = |text: &str| stage.link.status(text, |status| status.instruction == text);

    let two = "instructed, one after the other: touch the red cube; touch the blue cube";
    granted(&ctl(&["instruct", "touch the red cube", "touch the blue cube"]), two);
    follows("touch the red cube");
    // A task's time passes only while the arm may move.
    granted(&ctl(&["arm"]), "armed");
    follows("touch the blue cube");

    let list = stage.scenario.dir().join("list.txt");
    std::fs::write(&list, "touch the red cube\n\n  touch the blue cube\n").unwrap();
    granted(&ctl(&["instruct", "--file", list.to_str().unwrap()]), two);
    follows("touch the red cube");
    follows("touch the blue cube");
}

#[test]
fn wrong_usage_has_a_code_of_its_own() {
    let scenario = Scenario::new();
    scenario.replace("[control]\n", "[control]\nratehz = 5\n");
    let config = scenario.config();
    let config = config.to_str().unwrap();
    let text = std::fs::read_to_string(config).unwrap();
    let line = 1 + text.lines().position(|line| line.starts_with("ratehz")).unwrap();
    for words in [
        &["run", config][..],
        &["sim", config],
        &["check", config],
        &["demo", "--config", config],
        &["ctl", "--config", config, "arm"],
    ] {
        let said = scenario.run(words);
        let all = format!("{}{}", said.stdout, said.stderr);
        assert_eq!(said.code, Some(2), "{words:?}: {all}");
        for part in ["ratehz", "rate_hz", &format!("so101.toml:{line}")] {
            assert!(all.contains(part), "{words:?}: no `{part}` in {all}");
        }
    }
    for words in [&["dance"][..], &["ctl"], &["run"], &["run", "a", "b"], &["demo", "--seed", "x"]]
    {
        let said = scenario.run(words);
        assert!(said.code == Some(2) && said.stderr.contains("--help"), "{words:?}: {said:?}");
    }
}
