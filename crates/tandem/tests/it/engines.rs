//! The same bundles on the other engine, by one word of config.

use std::fs;
use std::path::Path;

use crate::harness::{Scenario, Stage};

/// Takes every exported network out of a bundle.
fn unexport(bundle: &Path) {
    let manifest = bundle.join("bundle.toml");
    let text = fs::read_to_string(&manifest).unwrap();
    let kept: Vec<&str> = text.lines().filter(|line| !line.contains(".onnx\"")).collect();
    fs::write(manifest, kept.join("\n")).unwrap();
    for entry in fs::read_dir(bundle).unwrap() {
        let file = entry.unwrap().path();
        if file.extension().is_some_and(|extension| extension == "onnx") {
            fs::remove_file(file).unwrap();
        }
    }
}

#[test]
fn the_onnx_engine_runs_what_was_exported() {
    // The daemon itself never downloads; whoever sets up the machine does.
    let library = tandem_inference::setup_onnxruntime(|_| {}).unwrap();
    let scenario = Scenario::patient();
    scenario.replace("engine = \"candle\"", "engine = \"onnx\"");
    let section = format!("[onnxruntime]\nlibrary = {library:?}\n\n[faults]\n");
    scenario.replace("[faults]\n", &section);

    // Not exported: told by the check, and by the daemon.
    let bundles = ["chunked", "system2"].map(|name| scenario.dir().join("policies").join(name));
    bundles.iter().for_each(|bundle| unexport(bundle));
    let config = scenario.config();
    let said = scenario.run(&["check", config.to_str().unwrap()]);
    assert!(said.code == Some(2) && said.stdout.contains("tandem export"), "{said:?}");
    let said = scenario.daemon().end();
    assert!(said.code == Some(1) && said.stderr.contains("tandem export"), "{said:?}");

    for bundle in &bundles {
        let said = scenario.run(&["export", bundle.to_str().unwrap()]);
        assert_eq!(said.code, Some(0), "{said:?}");
        assert!(said.stdout.contains(".onnx"), "{said:?}");
    }
    let said = scenario.run(&["check", config.to_str().unwrap()]);
    assert_eq!(said.code, Some(0), "{said:?}");

    let stage = Stage::up(scenario);
    let link = &stage.link;
    link.instruct();
    let status = link.status("chunks are made", |status| status.system1_hz > 0.0);
    assert_eq!(status.engine, "onnx");
    link.arm();
    link.status("the arm may move", |status| status.mode_text == "armed");

    // A swap may change the engine, there and back, under motion.
    for (name, engine) in [("chunked", "candle"), ("per-step", "onnx")] {
        let said = stage.scenario.ctl(&["policy", "swap", name, "--engine", engine]);
        assert_eq!(said.code, Some(0), "{said:?}");
        let status = link.status("it is in charge", |status| status.system1_bundle == name);
        assert_eq!(status.engine, engine);
    }
}
