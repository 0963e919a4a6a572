//! `tandem check`: exit codes, and findings for people to act on.

use std::fs;

use crate::harness::{Scenario, shipped};

#[test]
fn every_shipped_config_is_sound() {
    let scenario = Scenario::new();
    let mut checked = 0;
    for entry in fs::read_dir(shipped()).unwrap() {
        let file = entry.unwrap().path();
        if file.extension().is_some_and(|extension| extension == "toml") {
            let said = scenario.run(&["check", file.to_str().unwrap()]);
            assert_eq!(said.code, Some(0), "{said:?}");
            assert!(said.stdout.contains("sound"), "{said:?}");
            assert!(!said.stdout.contains("not checked: "), "{said:?}");
            checked += 1;
        }
    }
    assert!(checked >= 2);
}

/// What the guard cannot do with a policy is no fault, but nobody should have to guess it.
#[test]
fn what_is_not_checked_is_said() {
    let scenario = Scenario::new();
    let bundle = scenario.dir().join("policies/chunked/bundle.toml");
    let text = fs::read_to_string(&bundle).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with("norm_m"));
    fs::write(&bundle, lines.map(|line| format!("{line}\n")).collect::<String>()).unwrap();
    let said = scenario.run(&["check", scenario.config().to_str().unwrap()]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.stdout.contains("not checked: "), "{said:?}");
    assert!(said.stdout.contains("latent.norm_min"), "{said:?}");
}

#[test]
fn findings_name_place_and_mend() {
    let scenario = Scenario::new();
    scenario.set("velocity_fraction_max = ", "velocity_fraction_max = 2.5");
    scenario.set("tip_link = ", "tip_link = \"fingertap\"");
    let weights = scenario.dir().join("policies/chunked/model.safetensors");
    let bytes = fs::read(&weights).unwrap();
    fs::write(&weights, &bytes[..bytes.len() / 2]).unwrap();

    let config = scenario.config();
    let said = scenario.run(&["check", config.to_str().unwrap()]);
    assert_eq!(said.code, Some(2), "{said:?}");
    for part in ["velocity_fraction_max", "so101.toml:", "model.safetensors", "fingertap"] {
        assert!(said.stdout.contains(part), "no `{part}` in {said:?}");
    }
    // What a check finds, the daemon refuses as well, and nothing is left running.
    let said = scenario.run(&["run", config.to_str().unwrap()]);
    assert_eq!(said.code, Some(2), "{said:?}");
    let missing = scenario.run(&["check", "no/such/file.toml"]);
    assert!(missing.code == Some(2) && missing.stdout.contains("no/such/file.toml"), "{missing:?}");
}

#[test]
fn a_daemon_does_not_start_on_broken_weights() {
    let scenario = Scenario::new();
    let weights = scenario.dir().join("policies/chunked/model.safetensors");
    let mut bytes = fs::read(&weights).unwrap();
    if let Some(last) = bytes.last_mut() {
        *last ^= 1;
    }
    fs::write(&weights, bytes).unwrap();
    let said = scenario.daemon().end();
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.stderr.contains("model.safetensors"), "{said:?}");
}
