//! What sees: an encoder, and the System 2 that it was trained with.

use core::time::Duration;

use tandem_bundle::{Bundle, Manifest};
use tandem_evaluate::{Cameras, Pacing, Pair};
use tandem_inference::EngineKind;
use tandem_learn::TrainConfig;
use tandem_networks::{Tower, TowerLayer};
use tandem_sim::SimConfig;
use tandem_system1::{Eye, Policy};
use tandem_system2::Model;

use crate::StudyError;

/// A frozen backbone.
#[derive(Clone, Debug)]
pub struct Backbone {
    /// `weak` or `strong`.
    pub name: String,
    /// Whose encoder is used.
    pub system1: Bundle,
    /// Where latent goals come from.
    pub system2: Bundle,
    /// The delays to fly with; each head sets the period of its steps.
    pub pacing: Pacing,
}

impl Backbone {
    /// Both systems, with a head trained on this backbone.
    pub(super) fn pair(&self, head: &Bundle, sim: &SimConfig) -> Result<Pair, StudyError> {
        let engine = EngineKind::Candle;
        let cameras = Cameras {
            eye: places(head.manifest(), sim)?,
            model: places(self.system2.manifest(), sim)?,
        };
        let step_period = Duration::from_secs_f64(1.0 / f64::from(head.manifest().rate_hz));
        Ok(Pair::new(
            Eye::load(head, engine, None)?,
            Policy::load(head, engine, None)?,
            Model::load(&self.system2, engine, None)?,
            cameras,
            Pacing { step_period, ..self.pacing },
        ))
    }
}

/// Where a bundle's cameras stand in the world's list.
fn places(manifest: &Manifest, sim: &SimConfig) -> Result<Vec<usize>, StudyError> {
    let place = |name: &String| {
        let found = sim.cameras.iter().position(|camera| camera.name == *name);
        found.ok_or_else(|| StudyError::Camera { name: name.clone() })
    };
    manifest.cameras.iter().map(|camera| place(&camera.name)).collect()
}

/// The training of the weak backbone: the strong one's, with towers of a twentieth of the work,
/// which end in a quarter of the keypoints, and fewer steps.
#[must_use]
pub fn weak_backbone() -> TrainConfig {
    let layer = |(channels, kernel, stride)| TowerLayer { channels, kernel, stride };
    let tower = |keypoints, layers: [(usize, usize, usize); 2]| Tower {
        layers: layers.map(layer).to_vec(),
        keypoints,
    };
    let mut config = TrainConfig::chunked();
    config.system1_name = "chunked-weak".to_owned();
    config.system2_name = "system2-weak".to_owned();
    (config.seed, config.steps) = (7, 5000);
    (config.validation.every, config.checkpoint_every) = (500, 500);
    config.system1.tower = tower(4, [(8, 5, 4), (8, 3, 2)]);
    config.system2.towers =
        vec![tower(8, [(8, 5, 4), (16, 3, 2)]), tower(4, [(8, 5, 4), (8, 3, 2)])];
    config
}
