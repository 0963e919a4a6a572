use core::time::Duration;

use tandem_bundle::Representation;
use tandem_inference::{EngineKind, setup_onnxruntime};
use tandem_networks::{Tower, TowerLayer};
use tandem_system1::{Budget, Features, Policy, no_deadline};
use tandem_types::{ActionChunk, JointVec, LatentGoal, Posture, Stamp};

use super::*;
use crate::config::{System1Config, System2Config, TrainConfig};
use crate::dataset::tests::blobs;
use crate::export;
use crate::schedule::Schedule;
use crate::train::{TrainJob, TrainOutcome, train};

/// Demonstrations, and a backbone with its System 2 that learned from them.
struct Ground {
    folder: tempfile::TempDir,
    backbone: Bundle,
    system2: Bundle,
}

impl Ground {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        blobs(&data);
        let layer = |stride| TowerLayer { channels: 8, kernel: 3, stride };
        let tower = |keypoints| Tower { layers: vec![layer(2), layer(1)], keypoints };
        let base = TrainConfig::chunked();
        let config = TrainConfig {
            steps: 150,
            batch: 16,
            horizon: 2,
            schedule: Schedule { peak: 5e-3, warm_up_steps: 5, last_fraction: 0.1 },
            step_period_ms: 10,
            latent_age_ms_max: 100,
            validation: crate::Validation { share: 0.2, every: 1000, batches: 1 },
            system1: System1Config { rate_hz: 200, tower: tower(4), hidden: vec![16] },
            system2: System2Config {
                towers: vec![tower(8)],
                tokens_max: 3,
                width: 16,
                heads: 2,
                blocks: 1,
                latent: 8,
                ..base.system2.clone()
            },
            ..base
        };
        let out = folder.path();
        let job = TrainJob { config: &config, dataset: &data, out, system2: None, command: "test" };
        let outcome = train(&job, &mut |_| ControlFlow::Continue(())).unwrap();
        let TrainOutcome::Finished { system1, system2, .. } = outcome else { panic!("stopped") };
        let [backbone, system2] = [system1, system2.unwrap()].map(|dir| Bundle::load(dir).unwrap());
        Self { folder, backbone, system2 }
    }

    fn config(representation: &str, steps: u64) -> HeadConfig {
        HeadConfig {
            steps,
            batch: 32,
            samples: 512,
            held_out: 64,
            width: 32,
            schedule: Schedule { peak: 3e-3, warm_up_steps: 5, last_fraction: 0.1 },
            ..HeadConfig::usual(representation)
        }
    }

    /// Trains until `stop` steps are done, if that is not all of them.
    fn train(&self, config: &HeadConfig, out: &str, stop: u64) -> HeadOutcome {
        let (dataset, out) = (self.folder.path().join("data"), self.folder.path().join(out));
        let job = HeadJob {
            config,
            dataset: &dataset,
            out: &out,
            backbone: &self.backbone,
            system2: &self.system2,
            command: "test",
        };
        let outcome = train_head(&job, &mut |progress| match progress {
            HeadProgress::Training { step, .. } if *step == stop => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        });
        outcome.unwrap()
    }

    fn finish(&self, config: &HeadConfig, out: &str) -> (PathBuf, Deviation) {
        match self.train(config, out, u64::MAX) {
            HeadOutcome::Finished { bundle, deviation } => (bundle, deviation),
            HeadOutcome::Stopped { step } => panic!("stopped at {step} without being asked"),
        }
    }
}

/// What a bundle says about a few moments, step after step.
fn said(dir: &Path, kind: EngineKind, library: &Path) -> Vec<f32> {
    let bundle = Bundle::load(dir).unwrap();
    let manifest = bundle.manifest();
    let mut policy = Policy::load(&bundle, kind, Some(library)).unwrap();
    let width = manifest.network("encoder").unwrap().outputs[0].elements();
    let mut goal = LatentGoal::NONE;
    goal.set(&vec![0.3; manifest.latent.dim], 0.5).unwrap();
    goal.model = manifest.latent.model;
    let mut all = Vec::new();
    for moment in 0..5_u8 {
        let share = f32::from(moment) / 5.0;
        let mut posture = Posture { stamp: Stamp::from_nanos(9), ..Posture::default() };
        posture.state.q = JointVec::splat(manifest.joints.len(), share.into());
        posture.state.dq = JointVec::splat(manifest.joints.len(), 0.0);
        posture.command.q = posture.state.q;
        let features = Features { observed: Stamp::from_nanos(9), values: vec![share; width] };
        let mut never = no_deadline();
        let mut budget = Budget::new(None, &mut never);
        let mut chunk = ActionChunk::at_rest(JointVec::EMPTY, Stamp::ORIGIN);
        policy.step(&posture, &features, &goal, &mut budget, &mut chunk).unwrap();
        all.extend((0..chunk.steps()).flat_map(|step| chunk.step(step).unwrap().to_vec()));
    }
    all
}

#[test]
fn every_head_is_trained_shipped_and_acts_alike_on_both_engines() {
    let library = setup_onnxruntime(|_| {}).unwrap();
    let ground = Ground::new();
    for name in Representation::NAMES {
        let (dir, trained) = ground.finish(&Ground::config(name, 800), "heads");
        let (_, young) = ground.finish(&Ground::config(name, 5), "young");
        let (error_mrad, before_mrad) = (trained.error_mrad, young.error_mrad);
        // An untrained head of ordered codes says their middle, which is to stay: there is less to win,
        // and 256 codes for a number are many for 512 samples.
        let part = match name {
            "bins" | "discrete_diffusion" | "e0" => 0.95,
            "fast" | "vq" => 0.65,
            _ => 0.3,
        };
        assert!(error_mrad < part * before_mrad, "{name}: from {before_mrad} to {error_mrad} mrad");
        let bundle = Bundle::load(&dir).unwrap();
        let spec = bundle.manifest().system1().unwrap();
        assert_eq!((spec.representation.name(), bundle.manifest().name.as_str()), (name, name));
        assert_eq!(spec.action.step_period, Duration::from_millis(10));
        let data = ground.folder.path().join("data");
        let shipped = deviation(&bundle, &ground.system2, &data, 64).unwrap();
        let apart = (shipped.error_mrad - error_mrad).abs();
        assert!(apart < 0.05 * error_mrad, "{name}: half precision costs {apart} mrad");
        export(&dir).unwrap();
        let [candle, onnx] = EngineKind::ALL.map(|kind| said(&dir, kind, &library));
        for (candle, onnx) in candle.iter().zip(&onnx) {
            assert!((candle - onnx).abs() < 1e-4, "{name}: {candle} on candle, {onnx} on onnx");
        }
    }
    let memories = std::fs::read_dir(ground.folder.path().join("heads")).unwrap();
    let memories = memories
        .filter(|it| it.as_ref().unwrap().file_name().to_string_lossy().starts_with(".memory."));
    assert_eq!(memories.count(), 1, "all heads share one pass over the pictures");
}

#[test]
fn an_interrupted_head_ends_with_the_same_bytes() {
    let ground = Ground::new();
    for name in Representation::NAMES {
        let config = Ground::config(name, 6);
        let (whole, _) = ground.finish(&config, "whole");
        assert_eq!(ground.train(&config, "parts", 3), HeadOutcome::Stopped { step: 3 });
        let (parts, _) = ground.finish(&config, "parts");
        for file in ["model.safetensors", "bundle.toml"] {
            let read = |dir: &Path| std::fs::read(dir.join(file)).unwrap();
            assert!(read(&whole) == read(&parts), "{name}: {file} differs");
        }
    }
}

#[test]
fn a_backbone_of_another_system2_is_refused() {
    let ground = Ground::new();
    let (dataset, out) = (ground.folder.path().join("data"), ground.folder.path());
    let config = Ground::config("flow", 1);
    let job = HeadJob {
        config: &config,
        dataset: &dataset,
        out,
        backbone: &ground.backbone,
        system2: &ground.backbone,
        command: "test",
    };
    let refused = train_head(&job, &mut |_| ControlFlow::Continue(()));
    assert!(matches!(refused, Err(TrainError::NoSystem2 { .. })));
    let swapped = HeadJob { backbone: &ground.system2, system2: &ground.system2, ..job };
    let refused = train_head(&swapped, &mut |_| ControlFlow::Continue(()));
    assert!(matches!(refused, Err(TrainError::NoSystem1 { .. })));
}
