//! Another body by config alone: from demonstrations over training to an armed robot.

use std::fs;
use std::path::{Path, PathBuf};

use tandem_config::Config;
use tandem_learn::{System1Config, System2Config, TrainConfig, Validation};
use tandem_networks::{Tower, TowerLayer};
use tandem_wire::{JointState, Refusal};

use crate::harness::{STILL_RAD, Scenario, Stage, spread};

#[test]
fn a_seven_joint_arm_learns_and_moves() {
    learns_and_moves("franka_class.toml", 7);
}

#[test]
fn an_upper_body_of_35_joints_learns_and_moves() {
    learns_and_moves("upper_body.toml", 35);
}

fn learns_and_moves(file: &'static str, dof: usize) {
    let scenario = Scenario::of(file).patiently();
    // What is taught here in seconds must not get as far as the table.
    scenario.set("velocity_fraction_max = ", "velocity_fraction_max = 0.02");
    teach(&scenario);
    let config = scenario.config();
    let said = scenario.run(&["check", config.to_str().unwrap()]);
    assert_eq!(said.code, Some(0), "{said:?}");

    let stage = Stage::up(scenario);
    let link = &stage.link;
    link.instruct();
    link.arm();
    link.status("the arm moves", |status| status.mode_text == "armed");
    let states = link.states.next(1500);
    let commands = link.commands.heard();
    let receipts = link.receipts.heard();
    let status = link.status("all is well", |status| status.mode_text == "armed");

    assert!(spread(&states) > STILL_RAD, "it does not move: {} rad", spread(&states));
    assert_eq!((status.joints.len(), status.q.len()), (dof, dof));
    assert_eq!((status.garbage, status.refused), (0, 0), "{status:?}");
    // A busy machine may be late with a command; none may be of another shape, or out of limits.
    let late = [Refusal::None, Refusal::Stale, Refusal::Sequence];
    let wrong = receipts.iter().find(|receipt| !late.contains(&receipt.refusal));
    assert_eq!(wrong, None);
    within_limits(&config, &states);
    let config = Config::load(&config).unwrap();
    for command in commands {
        let (q, dq) = (command.command.q, command.command.dq);
        assert_eq!((q.len(), dq.len()), (dof, dof));
        for (joint, (&q, &dq)) in q.iter().zip(dq.iter()).enumerate() {
            let limit = &config.robot.model.joints()[joint].limits;
            let margin = config.guard.position_margin_rad - 1e-6;
            let allowed = limit.position_rad_min + margin..=limit.position_rad_max - margin;
            assert!(allowed.contains(&q), "joint {joint} is sent to {q} rad");
            let fastest = config.guard.velocity_rad_s_max[joint] + 1e-6;
            assert!(dq.abs() <= fastest, "joint {joint} is sent at {dq} rad/s");
        }
    }
}

/// The robot never was beyond its own limits, but for the noise of its encoders.
fn within_limits(config: &Path, states: &[JointState]) {
    let config = Config::load(config).unwrap();
    for state in states {
        let limits = config.robot.model.joints().iter().map(|joint| &joint.limits);
        for (&q, limit) in state.positions.iter().zip(limits) {
            let allowed = limit.position_rad_min - STILL_RAD..=limit.position_rad_max + STILL_RAD;
            assert!(allowed.contains(&q), "{q} rad, {limit:?}");
        }
    }
}

/// Records a few demonstrations, trains small networks for a few steps, and puts the bundles into
/// the config. They know little, but they are what a policy for this body is: every joint, every
/// camera, chunks of 16 steps.
fn teach(scenario: &Scenario) {
    let text = |path: PathBuf| path.to_str().unwrap().to_owned();
    let path = |name: &str| text(scenario.dir().join(name));
    let (config, data, out) = (text(scenario.config()), path("demonstrations"), path("run"));
    let collect = ["collect", "--config", &config, "--out", &data, "--episodes", "2"];
    let said = scenario.run(&collect);
    assert_eq!(said.code, Some(0), "{said:?}");

    let settings = path("settings.toml");
    fs::write(&settings, toml::to_string(&small()).unwrap()).unwrap();
    let train = ["train", "--config", &config, "--data", &data, "--out", &out];
    let said = scenario.run(&[&train[..], &["--settings", &settings, "--seed", "3"]].concat());
    assert_eq!(said.code, Some(0), "{said:?}");
    let bundles: Vec<String> = fs::read_to_string(scenario.config())
        .unwrap()
        .lines()
        .filter(|line| line.starts_with("bundle = "))
        .map(str::to_owned)
        .collect();
    assert_eq!(bundles.len(), 2);
    for (line, trained) in bundles.iter().zip(["run/chunked", "run/system2"]) {
        scenario.set(line, &format!("bundle = \"{trained}\""));
    }
}

/// Chunks as long as the shipped policies', from networks of a few thousand weights.
fn small() -> TrainConfig {
    let tower = |keypoints| Tower {
        layers: vec![TowerLayer { channels: 8, kernel: 3, stride: 2 }; 2],
        keypoints,
    };
    let usual = TrainConfig::chunked();
    TrainConfig {
        steps: 5,
        batch: 8,
        validation: Validation { share: 0.5, every: 5, batches: 1 },
        system1: System1Config { rate_hz: 200, tower: tower(4), hidden: vec![32] },
        system2: System2Config {
            rate_hz: 8,
            towers: vec![tower(4), tower(4)],
            tokens_max: 16,
            width: 16,
            heads: 2,
            blocks: 1,
            latent: 8,
        },
        ..usual
    }
}
