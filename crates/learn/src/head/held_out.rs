//! How a bundle does on demonstrations that nobody trained on.

use core::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use tandem_actions::ChunkShape;
use tandem_bundle::{Action, Bundle};
use tandem_inference::EngineKind;
use tandem_system1::{BundleParts, ChunkUnit, head};

use super::measure::{Deviation, measure};
use super::{data_config, fit};
use crate::dataset::Dataset;
use crate::error::TrainError;
use crate::memory::{Backbone, Side, look};
use crate::scale::Scales;

/// How far the chunks of a System 1 bundle are from the expert's on `samples` samples of the
/// dataset's held-out episodes, with the latent goals of `system2`, on the Candle engine.
///
/// # Errors
/// If the bundles do not belong together or to the data, or the data cannot be read.
pub fn deviation(
    system1: &Bundle,
    system2: &Bundle,
    dataset: &Path,
    samples: usize,
) -> Result<Deviation, TrainError> {
    let dataset = Arc::new(Dataset::open(dataset)?);
    let spec = fit(system1, system2, &dataset)?;
    let config = data_config(system1, system2, spec);
    crate::train::check(&config, &dataset)?;
    let scales = Arc::new(Scales::measure(&dataset, &config)?.adopt(spec));
    let backbone = Backbone::new(system1, system2)?;
    let on = &mut |_| ControlFlow::Continue(());
    let seen = look(&backbone, &dataset, &scales, &config, Side::HeldOut, samples, on)?;
    let ControlFlow::Continue(memory) = seen else { return Ok(Deviation::default()) };
    let shape = ChunkShape::new(spec.action.horizon, system1.manifest().joints.len())?;
    let parts = BundleParts { bundle: system1, kind: EngineKind::Candle, library: None };
    let mut head = head(&spec.representation, shape, &parts)?;
    let own = ChunkUnit::new(&spec.action);
    let expert = ChunkUnit::new(&Action { range: None, ..spec.action.clone() });
    measure(head.as_mut(), &own, &memory, &expert)
}
