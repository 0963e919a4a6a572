//! Bundles, checked against the robot and each other, on their engines and warm.

use std::path::{Path, PathBuf};

use tandem_bundle::{Bundle, CameraInput, Expected, Latent, Manifest, RoleName};
use tandem_config::{Config, EngineName, System1Section};
use tandem_inference::EngineKind;
use tandem_system2::Model;
use tandem_types::{Epoch, ModelId};

use crate::error::StartError;
use crate::pace::Pace;
use crate::seat::Pair;

/// Everything that was learned.
pub(crate) struct Policies {
    pub(crate) pair: Pair,
    pub(crate) active: Active,
    pub(crate) model: Model,
    pub(crate) system2: Bundle,
    /// What another System 1 must fit.
    pub(crate) fitting: Fitting,
}

/// The System 1 in charge.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Active {
    /// The bundle's name.
    pub(crate) name: String,
    /// Its folder.
    pub(crate) dir: PathBuf,
    /// What runs it.
    pub(crate) engine: EngineKind,
    /// The latent goals it was trained on.
    pub(crate) latent: Latent,
}

impl Policies {
    pub(crate) fn load(config: &Config, epoch: Epoch) -> Result<Self, StartError> {
        let mut fitting = Fitting::new(config, epoch);
        let system2 = fitting.bundle(RoleName::System2, &config.system2.bundle)?;
        fitting.latent = Some((system2.manifest().latent.dim, system2.model_id()));
        let (pair, active) =
            fitting.system1(&config.system1.bundle, engine_kind(config.system1.engine))?;
        let library = fitting.library.as_deref();
        let model = Model::load(&system2, engine_kind(config.system2.engine), library)?;
        Ok(Self { pair, active, model, system2, fitting })
    }
}

/// What a bundle must fit: the robot, the config and, for a System 1, the System 2 there is. The
/// same at start and at every swap.
#[derive(Clone, Debug)]
pub(crate) struct Fitting {
    joints: Vec<String>,
    cameras: Vec<CameraInput>,
    control_rate_hz: u32,
    system1: System1Section,
    latent: Option<(usize, ModelId)>,
    library: Option<PathBuf>,
    epoch: Epoch,
}

impl Fitting {
    fn new(config: &Config, epoch: Epoch) -> Self {
        Self {
            joints: config.joint_names().to_vec(),
            cameras: config.cameras.iter().map(camera).collect(),
            control_rate_hz: config.control.rate_hz,
            system1: config.system1.clone(),
            latent: None,
            library: config.onnxruntime.library.clone(),
            epoch,
        }
    }

    /// A bundle that is sound and fits.
    pub(crate) fn bundle(&self, role: RoleName, dir: &Path) -> Result<Bundle, StartError> {
        let bundle = Bundle::load(dir)?;
        let mismatches = bundle.mismatches(&Expected {
            role,
            joints: &self.joints,
            cameras: &self.cameras,
            control_rate_hz: self.control_rate_hz,
            system1_rate_hz: Some(self.system1.rate_hz),
            latent: self.latent,
        });
        if mismatches.is_empty() {
            Ok(bundle)
        } else {
            Err(StartError::Mismatch { bundle: dir.to_path_buf(), mismatches })
        }
    }

    /// A System 1 that fits, on its engine and warm.
    pub(crate) fn system1(
        &self,
        dir: &Path,
        engine: EngineKind,
    ) -> Result<(Pair, Active), StartError> {
        let bundle = self.bundle(RoleName::System1, dir)?;
        let library = self.library.as_deref();
        let pace = Pace::new(&self.system1, bundle.manifest().rate_hz);
        let pair = Pair::load(&bundle, engine, library, &self.cameras, pace, self.epoch)?;
        let Manifest { name, latent, .. } = bundle.manifest();
        let (name, latent) = (name.clone(), *latent);
        Ok((pair, Active { name, dir: dir.to_path_buf(), engine, latent }))
    }

    /// The robot's joints, in order.
    pub(crate) fn joints(&self) -> &[String] {
        &self.joints
    }
}

fn camera(section: &tandem_config::CameraSection) -> CameraInput {
    CameraInput {
        name: section.name.clone(),
        width_px: section.width_px,
        height_px: section.height_px,
    }
}

/// The engine that a config names: the config knows names only, and no engine.
#[must_use]
pub const fn engine_kind(name: EngineName) -> EngineKind {
    match name {
        EngineName::Candle => EngineKind::Candle,
        EngineName::Onnx => EngineKind::Onnx,
    }
}
