//! The weights under training.

use std::collections::BTreeMap;

use candle_core::{Device, Storage, Tensor, Var};
use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg64Mcg;
use tandem_networks::{Init, Parameter};

/// Weights by name, each a variable of Candle's autograd.
#[derive(Clone, Debug, Default)]
pub struct Parameters {
    vars: BTreeMap<String, Var>,
}

impl Parameters {
    /// Adds fresh weights for `parameters` under `<network>.<name>`. The same seed gives the same
    /// weights.
    ///
    /// # Errors
    /// If Candle cannot make a tensor.
    pub fn add(
        &mut self,
        network: &str,
        parameters: &[Parameter],
        seed: u64,
    ) -> Result<(), candle_core::Error> {
        let mut rng = Pcg64Mcg::seed_from_u64(seed);
        for Parameter { name, shape, init } in parameters {
            let elements = shape.iter().product();
            let values: Vec<f32> = (0..elements).map(|_| draw(*init, &mut rng)).collect();
            let var = Var::from_vec(values, shape.clone(), &Device::Cpu)?;
            self.vars.insert(format!("{network}.{name}"), var);
        }
        Ok(())
    }

    /// All weights, by name.
    #[must_use]
    pub const fn vars(&self) -> &BTreeMap<String, Var> {
        &self.vars
    }

    /// The weights of one network as tensors under their own names, without the network's.
    #[must_use]
    pub fn network(&self, network: &str) -> BTreeMap<String, Tensor> {
        let own = |name: &String| name.strip_prefix(network)?.strip_prefix('.').map(str::to_owned);
        let pairs = self.vars.iter().filter_map(|(name, var)| Some((own(name)?, var)));
        pairs.map(|(name, var)| (name, var.as_tensor().clone())).collect()
    }
}

fn draw(init: Init, rng: &mut Pcg64Mcg) -> f32 {
    let uniform = |bound: f32, rng: &mut Pcg64Mcg| bound * (2.0 * rng.random::<f32>() - 1.0);
    match init {
        Init::Relu { inputs } => uniform((6.0 / inputs.max(1) as f32).sqrt(), rng),
        Init::Linear { inputs } => uniform((3.0 / inputs.max(1) as f32).sqrt(), rng),
        Init::Normal(deviation) => deviation * normal(rng),
        Init::Constant(value) => value,
    }
}

/// A standard normal number (Box and Muller 1958).
pub(crate) fn normal(rng: &mut Pcg64Mcg) -> f32 {
    let radius = (-2.0 * (1.0 - rng.random::<f32>()).ln()).sqrt();
    radius * (core::f32::consts::TAU * rng.random::<f32>()).cos()
}

/// Calls `f` with the values of a tensor of `f32`, without a copy where its layout allows.
pub(crate) fn with_values<R>(
    tensor: &Tensor,
    f: impl FnOnce(&[f32]) -> R,
) -> Result<R, candle_core::Error> {
    let tensor = tensor.contiguous()?;
    let (storage, layout) = tensor.storage_and_layout();
    let Storage::Cpu(cpu) = &*storage else {
        return Err(candle_core::Error::Msg("training runs on the CPU only".to_owned()));
    };
    let values = cpu.as_slice::<f32>()?;
    let (start, end) = layout.contiguous_offsets().unwrap_or((0, 0));
    Ok(f(values.get(start..end).unwrap_or(&[])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_weights_with_the_spread_asked_for() {
        let parameter = |init| Parameter { name: "w".into(), shape: vec![40, 50], init };
        for (init, deviation) in [
            (Init::Relu { inputs: 50 }, (2.0_f32 / 50.0).sqrt()),
            (Init::Linear { inputs: 50 }, (1.0_f32 / 50.0).sqrt()),
            (Init::Normal(0.5), 0.5),
            (Init::Constant(1.0), 0.0),
        ] {
            let values = || {
                let mut parameters = Parameters::default();
                parameters.add("net", &[parameter(init)], 3).unwrap();
                with_values(&parameters.network("net")["w"], <[f32]>::to_vec).unwrap()
            };
            let drawn = values();
            assert_eq!(drawn, values());
            let mean = drawn.iter().sum::<f32>() / 2000.0;
            let spread = (drawn.iter().map(|x| (x - mean).powi(2)).sum::<f32>() / 2000.0).sqrt();
            assert!((spread - deviation).abs() <= 0.1 * deviation, "{init:?}: {spread}");
        }
    }
}
