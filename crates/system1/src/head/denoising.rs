//! What flow matching and diffusion share: a context, a network that takes noise away, and noise.

use rand::SeedableRng as _;
use rand_pcg::Pcg64Mcg;
use tandem_actions::{ChunkShape, fill_normal};
use tandem_bundle::Noise;
use tandem_inference::{Engine, EngineError};
use tandem_networks::time_features;

use super::{Condition, Parts, outputs, width};
use crate::policy::LoadError;
use crate::precision::narrow;

/// Seed of the noise. Any will do; one, so that the same conditions give the same bytes.
const SEED: u64 = 0x7a11_de3a;

/// Both networks of a denoising head with everything they read and write.
pub(super) struct Denoising {
    context: Box<dyn Engine>,
    denoiser: Box<dyn Engine>,
    rule: Noise,
    rng: Pcg64Mcg,
    /// The motion that the noise was drawn for.
    motion: Option<u64>,
    noise: Vec<f64>,
    digested: Vec<f32>,
    noisy: Vec<f32>,
    time: Vec<f32>,
    clean: Vec<f32>,
}

impl Denoising {
    pub(super) fn new(
        rule: Noise,
        shape: ChunkShape,
        parts: &dyn Parts,
    ) -> Result<Self, LoadError> {
        let (context, denoiser) = (parts.engine("context")?, parts.engine("denoiser")?);
        let values = shape.values();
        Ok(Self {
            rule,
            rng: Pcg64Mcg::seed_from_u64(SEED),
            motion: None,
            noise: vec![0.0; values],
            digested: vec![0.0; outputs(context.as_ref())],
            noisy: vec![0.0; values],
            time: vec![0.0; width(denoiser.as_ref(), "time")],
            clean: vec![0.0; values],
            context,
            denoiser,
        })
    }

    /// Digests a condition and writes the noise to start from into `x`.
    pub(super) fn begin(
        &mut self,
        condition: &Condition<'_>,
        x: &mut [f64],
    ) -> Result<(), EngineError> {
        self.context.run(&condition.inputs(), &mut [&mut self.digested])?;
        if self.rule == Noise::Fresh || self.motion != Some(condition.motion) {
            fill_normal(&mut self.rng, &mut self.noise);
            self.motion = Some(condition.motion);
        }
        x.copy_from_slice(&self.noise);
        Ok(())
    }

    /// The chunk behind `x` at a time in `[0, 1]`, as the network sees it.
    pub(super) fn clean(&mut self, x: &[f64], time: f64) -> Result<&[f32], EngineError> {
        narrow(x, &mut self.noisy);
        time_features(time, &mut self.time);
        let inputs = [self.digested.as_slice(), &self.noisy, &self.time];
        self.denoiser.run(&inputs, &mut [&mut self.clean])?;
        Ok(&self.clean)
    }

    pub(super) fn reset(&mut self) {
        self.rng = Pcg64Mcg::seed_from_u64(SEED);
        self.motion = None;
    }
}
