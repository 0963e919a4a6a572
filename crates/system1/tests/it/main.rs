//! The bundles we ship, on both engines.

use std::path::PathBuf;

use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg64Mcg;
use tandem_bundle::Bundle;
use tandem_inference::{EngineKind, setup_onnxruntime};
use tandem_system1::{Budget, Eye, Policy, no_deadline};
use tandem_types::{ActionChunk, Frame, JointVec, LatentGoal, Posture, Stamp};

/// How far two engines may differ: joint positions in rad, features in their own unit.
const TOLERANCE: f32 = 1e-4;
const OBSERVATIONS: usize = 100;

#[test]
fn the_chunked_policy_acts_alike_on_both_engines() {
    both_engines_agree("chunked");
}

#[test]
fn the_per_step_policy_acts_alike_on_both_engines() {
    both_engines_agree("per-step");
}

fn both_engines_agree(name: &str) {
    let library = setup_onnxruntime(|_| {}).unwrap();
    let dir = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../configs/policies").join(name);
    let bundle = Bundle::load(dir).unwrap();
    let [mut candle, mut onnx] = EngineKind::ALL.map(|kind| {
        let library = Some(library.as_path());
        let eye = Eye::load(&bundle, kind, library).unwrap();
        (eye, Policy::load(&bundle, kind, library).unwrap())
    });
    let mut rng = Pcg64Mcg::seed_from_u64(5);
    for _ in 0..OBSERVATIONS {
        let observation = Observation::random(&bundle, &mut rng);
        let said = [&mut candle, &mut onnx].map(|(eye, policy)| observation.act(eye, policy));
        assert_eq!(said[0].len(), said[1].len());
        for (candle, onnx) in said[0].iter().zip(&said[1]) {
            assert!((candle - onnx).abs() <= TOLERANCE, "{candle} on candle, {onnx} on onnx");
        }
    }
}

struct Observation {
    frames: Vec<Frame>,
    posture: Posture,
    goal: LatentGoal,
}

impl Observation {
    /// Noise for pictures, and numbers of the size the policy was trained on.
    fn random(bundle: &Bundle, rng: &mut Pcg64Mcg) -> Self {
        let manifest = bundle.manifest();
        let frames = manifest.cameras.iter().map(|camera| {
            let bytes = 3 * camera.width_px * camera.height_px;
            let rgb = (0..bytes).map(|_| rng.random()).collect();
            Frame::from_rgb(Stamp::from_nanos(1), camera.width_px, camera.height_px, rgb).unwrap()
        });
        let frames = frames.collect();
        let dof = manifest.joints.len();
        let mut joints = |most: f64| JointVec::zeros(dof).map(|_, _| rng.random_range(-most..most));
        let mut posture = Posture { stamp: Stamp::from_nanos(2), ..Posture::default() };
        posture.state.q = joints(1.5);
        posture.state.dq = joints(1.0);
        posture.command.q = posture.state.q.zip_with(&joints(0.05), |q, lead| q + lead);
        let mut goal = LatentGoal::NONE;
        let latent: Vec<f32> =
            (0..manifest.latent.dim).map(|_| rng.random_range(-1.0..1.0)).collect();
        goal.set(&latent, 0.5).unwrap();
        goal.model = manifest.latent.model;
        Self { frames, posture, goal }
    }

    /// The chunk's positions, step after step.
    fn act(&self, eye: &mut Eye, policy: &mut Policy) -> Vec<f32> {
        let mut features = eye.blank();
        let frames: Vec<&Frame> = self.frames.iter().collect();
        eye.look(&frames, &mut features).unwrap();
        let mut chunk = ActionChunk::at_rest(JointVec::EMPTY, Stamp::ORIGIN);
        let mut never = no_deadline();
        let mut budget = Budget::new(None, &mut never);
        policy.step(&self.posture, &features, &self.goal, &mut budget, &mut chunk).unwrap();
        (0..chunk.steps()).flat_map(|step| chunk.step(step).unwrap().to_vec()).collect()
    }
}
