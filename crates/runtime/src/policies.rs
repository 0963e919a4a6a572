//! Both bundles, checked against the robot and each other, on their engines and warm.

use std::path::Path;

use tandem_bundle::{Bundle, CameraInput, Expected, RoleName};
use tandem_config::{Config, EngineName};
use tandem_inference::EngineKind;
use tandem_system1::{Eye, Policy};
use tandem_system2::Model;

use crate::error::StartError;

/// Everything that was learned.
pub(crate) struct Policies {
    pub(crate) eye: Eye,
    pub(crate) policy: Policy,
    pub(crate) model: Model,
    pub(crate) system1: Bundle,
    pub(crate) system2: Bundle,
}

impl Policies {
    pub(crate) fn load(config: &Config) -> Result<Self, StartError> {
        let cameras: Vec<_> = config.cameras.iter().map(camera).collect();
        let mut expected = Expected {
            role: RoleName::System2,
            joints: config.joint_names(),
            cameras: &cameras,
            control_rate_hz: config.control.rate_hz,
            latent: None,
        };
        let system2 = bundle(&config.system2.bundle, &expected)?;
        expected.role = RoleName::System1;
        expected.latent = Some((system2.manifest().latent.dim, system2.model_id()));
        let system1 = bundle(&config.system1.bundle, &expected)?;

        let library = config.onnxruntime.library.as_deref();
        let fast = engine(config.system1.engine);
        Ok(Self {
            eye: Eye::load(&system1, fast, library)?,
            policy: Policy::load(&system1, fast, library)?,
            model: Model::load(&system2, engine(config.system2.engine), library)?,
            system1,
            system2,
        })
    }
}

fn bundle(dir: &Path, expected: &Expected<'_>) -> Result<Bundle, StartError> {
    let bundle = Bundle::load(dir)?;
    let mismatches = bundle.mismatches(expected);
    if mismatches.is_empty() {
        Ok(bundle)
    } else {
        Err(StartError::Mismatch { bundle: dir.to_path_buf(), mismatches })
    }
}

fn camera(section: &tandem_config::CameraSection) -> CameraInput {
    CameraInput {
        name: section.name.clone(),
        width_px: section.width_px,
        height_px: section.height_px,
    }
}

const fn engine(name: EngineName) -> EngineKind {
    match name {
        EngineName::Candle => EngineKind::Candle,
        EngineName::Onnx => EngineKind::Onnx,
    }
}
