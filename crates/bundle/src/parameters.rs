//! Whether the weights are those of the networks.

use std::collections::BTreeMap;
use std::path::Path;

use crate::error::{BundleError, TensorFault};
use crate::manifest::{Manifest, NetworkSpec};
use crate::weights::Tensor;

/// Compares the tensors in `file` with the parameters of the manifest's networks: each must be
/// there in its shape, and no other.
pub(crate) fn check(
    file: &Path,
    manifest: &Manifest,
    weights: &BTreeMap<String, Tensor>,
) -> Vec<BundleError> {
    let mut faults = BTreeMap::new();
    let mut superfluous: Vec<&String> = weights.keys().collect();
    for network in &manifest.networks {
        let needed = parameters(network);
        superfluous.retain(|name| !needed.contains_key(*name));
        for (name, shape) in needed {
            if let Some(fault) = compare(&network.name, shape, weights.get(&name)) {
                faults.insert(name, fault);
            }
        }
    }
    faults.extend(superfluous.into_iter().map(|name| (name.clone(), TensorFault::Superfluous)));
    faults
        .into_iter()
        .map(|(tensor, fault)| BundleError::Tensor { file: file.to_path_buf(), tensor, fault })
        .collect()
}

fn compare(network: &str, expected: Vec<usize>, tensor: Option<&Tensor>) -> Option<TensorFault> {
    let network = network.to_owned();
    match tensor {
        None => Some(TensorFault::Missing { network, shape: expected }),
        Some(tensor) if tensor.shape == expected => None,
        Some(tensor) => Some(TensorFault::Shape { network, expected, found: tensor.shape.clone() }),
    }
}

/// The full names and shapes. A manifest holds no architecture whose parameters cannot be listed.
fn parameters(network: &NetworkSpec) -> BTreeMap<String, Vec<usize>> {
    let parameters = network.architecture.parameters().unwrap_or_default();
    parameters
        .into_iter()
        .map(|parameter| (format!("{}.{}", network.name, parameter.name), parameter.shape))
        .collect()
}
