//! The networks of a manifest.

use serde::Deserialize as _;
use tandem_networks::Architecture;

use super::Check;
use crate::manifest::raw::{RawNetwork, RawTensor};
use crate::manifest::{NetworkSpec, TensorSpec};

const NETWORKS_MAX: usize = 8;
const TENSOR_ELEMENTS_MAX: usize = 1 << 26;
/// Widths, counts and pixels beyond this are nonsense. Any three of them multiply without
/// overflow, which the shape arithmetic of an architecture relies on.
const SIZE_MAX: i64 = 1 << 16;
const REMAKE: &str = "write it as `tandem train` does, or train the bundle anew";

impl Check<'_> {
    pub(super) fn networks(&mut self, raw: Vec<RawNetwork>) -> Vec<NetworkSpec> {
        if !(1..=NETWORKS_MAX).contains(&raw.len()) {
            let problem = format!("lists {} networks", raw.len());
            self.wrong("network", problem, &format!("list 1 to {NETWORKS_MAX}"));
        }
        self.unique("network", raw.iter().map(|network| &network.name), ".name");
        raw.into_iter()
            .enumerate()
            .filter_map(|(index, network)| self.network(index, network))
            .collect()
    }

    fn network(&mut self, index: usize, raw: RawNetwork) -> Option<NetworkSpec> {
        let key = format!("network[{index}]");
        if raw.name.is_empty() || raw.name.contains(['.', '/']) {
            let mend = "write a plain word: it is the prefix of this network's tensors";
            self.wrong(&format!("{key}.name"), format!("is `{}`", raw.name), mend);
        }
        let inputs = self.tensors(&format!("{key}.inputs"), raw.inputs);
        let outputs = self.tensors(&format!("{key}.outputs"), raw.outputs);
        if outputs.is_empty() {
            self.wrong(&format!("{key}.outputs"), "is empty", "list what the network gives");
        }
        let architecture = self.architecture(&format!("{key}.architecture"), raw.architecture)?;
        let network = NetworkSpec { name: raw.name, architecture, inputs, outputs, onnx: raw.onnx };
        self.signature(&key, &network);
        Some(network)
    }

    fn architecture(&mut self, key: &str, raw: toml::Table) -> Option<Architecture> {
        let raw = toml::Value::Table(raw);
        if let Some(size) = largest(&raw).filter(|&size| size > SIZE_MAX) {
            self.wrong(
                key,
                format!("has a size of {size}"),
                &format!("no size exceeds {SIZE_MAX}"),
            );
            return None;
        }
        let architecture = Architecture::deserialize(raw)
            .map_err(|error| self.wrong(key, format!("is wrong: {}", error.message()), REMAKE))
            .ok()?;
        architecture
            .parameters()
            .map_err(|error| self.wrong(key, format!("is impossible: {error}"), REMAKE))
            .ok()?;
        Some(architecture)
    }

    /// The inputs and outputs are spelled out for people and other programs; they must be true.
    fn signature(&mut self, key: &str, network: &NetworkSpec) {
        let signature = network.architecture.signature();
        let lists = [
            ("inputs", &network.inputs, signature.inputs),
            ("outputs", &network.outputs, signature.outputs),
        ];
        for (list, found, expected) in lists {
            let found: Vec<_> = found.iter().map(|spec| (&spec.name, &spec.shape)).collect();
            let expected: Vec<_> = expected.iter().map(|spec| (&spec.name, &spec.shape)).collect();
            if found != expected {
                let problem = format!("are {found:?}, but its architecture has {expected:?}");
                self.wrong(
                    &format!("{key}.{list}"),
                    problem,
                    "write those, or mend the architecture",
                );
            }
        }
    }

    fn tensors(&mut self, key: &str, raw: Vec<RawTensor>) -> Vec<TensorSpec> {
        self.unique(key, raw.iter().map(|tensor| &tensor.name), ".name");
        for (index, tensor) in raw.iter().enumerate() {
            let elements =
                tensor.shape.iter().try_fold(1_usize, |product, &side| product.checked_mul(side));
            if !elements.is_some_and(|elements| (1..=TENSOR_ELEMENTS_MAX).contains(&elements)) {
                let problem = format!("is {:?}", tensor.shape);
                let mend = format!("write sides whose product is 1 to {TENSOR_ELEMENTS_MAX}");
                self.wrong(&format!("{key}[{index}].shape"), problem, &mend);
            }
        }
        raw.into_iter()
            .map(|RawTensor { name, shape, unit }| TensorSpec { name, shape, unit })
            .collect()
    }
}

/// The largest number anywhere in `value`, by magnitude.
fn largest(value: &toml::Value) -> Option<i64> {
    match value {
        toml::Value::Integer(number) => Some(number.saturating_abs()),
        toml::Value::Array(items) => items.iter().filter_map(largest).max(),
        toml::Value::Table(table) => table.values().filter_map(largest).max(),
        _ => None,
    }
}
