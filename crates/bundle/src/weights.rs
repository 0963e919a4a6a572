//! `model.safetensors`: a header that says where each tensor lies, then the numbers.

use std::collections::BTreeMap;
use std::path::Path;

use half::f16;
use serde::Deserialize;

use crate::error::{BundleError, TensorFault, WeightsFault};

/// A network of this size class has some tens of tensors.
const TENSORS_MAX: usize = 4096;
/// The header's own length comes first, as a little-endian `u64`.
const LENGTH_BYTES: usize = 8;

/// One array of weights, row-major. On disk it may be half as precise.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor {
    /// The length of each axis; empty for a single number.
    pub shape: Vec<usize>,
    /// The numbers.
    pub data: Vec<f32>,
}

/// One tensor's entry in the header.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    dtype: String,
    shape: Vec<usize>,
    data_offsets: (u64, u64),
}

type Entries = Vec<(String, Entry)>;

/// One item of the header: a tensor, or the free strings under `__metadata__`.
#[derive(Deserialize)]
#[serde(untagged)]
enum Item {
    Tensor(Entry),
    #[expect(dead_code, reason = "the free strings are read to be passed over")]
    Metadata(BTreeMap<String, String>),
}

/// Reads the bytes of a safetensors file; `file` is the name to use in errors.
///
/// The header is read here rather than by the `safetensors` crate because that one adds lengths
/// from the file unchecked (in version 0.8, eight tensors of 2^61 - 1 bytes make a debug build
/// panic), and does not say which tensor a truncated file lacks.
///
/// # Errors
/// One for each tensor that is wrong, or one for the file as a whole.
pub(crate) fn read(
    file: &Path,
    bytes: &[u8],
) -> Result<BTreeMap<String, Tensor>, Vec<BundleError>> {
    let broken = |fault| vec![BundleError::Weights { file: file.to_path_buf(), fault }];
    let (entries, data) = header(bytes).map_err(broken)?;
    let mut tensors = BTreeMap::new();
    let mut errors = Vec::new();
    let mut end = 0;
    for (name, entry) in entries {
        let tensor = if entry.data_offsets.0 == end {
            tensor(&entry, data)
        } else {
            Err(TensorFault::Misplaced)
        };
        end = entry.data_offsets.1;
        match tensor {
            Ok(tensor) => drop(tensors.insert(name, tensor)),
            Err(fault) => {
                errors.push(BundleError::Tensor { file: file.to_path_buf(), tensor: name, fault });
            }
        }
    }
    if errors.is_empty() && end != u64::try_from(data.len()).unwrap_or(u64::MAX) {
        let fault = WeightsFault::Length { bytes: data.len(), bytes_needed: end };
        return Err(broken(fault));
    }
    if errors.is_empty() { Ok(tensors) } else { Err(errors) }
}

/// The tensors in the order of their data, and the bytes they lie in.
fn header(bytes: &[u8]) -> Result<(Entries, &[u8]), WeightsFault> {
    let cut = |needed: u64| WeightsFault::HeaderCut { bytes: bytes.len(), bytes_needed: needed };
    let (length, rest) = bytes.split_first_chunk::<LENGTH_BYTES>().ok_or_else(|| cut(8))?;
    let length = u64::from_le_bytes(*length);
    let too_short = || cut(length.saturating_add(8));
    let split = usize::try_from(length).ok().and_then(|length| rest.split_at_checked(length));
    let (header, data) = split.ok_or_else(too_short)?;
    let items: BTreeMap<String, Item> = serde_json::from_slice(header)
        .map_err(|error| WeightsFault::Header { byte: error.column() })?;
    let mut entries: Entries = items
        .into_iter()
        .filter_map(|(name, item)| match item {
            Item::Tensor(entry) => Some((name, entry)),
            Item::Metadata(_) => None,
        })
        .collect();
    if entries.len() > TENSORS_MAX {
        return Err(WeightsFault::TooMany { tensors: entries.len(), tensors_max: TENSORS_MAX });
    }
    entries.sort_by_key(|(_, entry)| entry.data_offsets);
    Ok((entries, data))
}

fn tensor(entry: &Entry, data: &[u8]) -> Result<Tensor, TensorFault> {
    let (start, end) = entry.data_offsets;
    let width = match entry.dtype.as_str() {
        "F32" => 4_u64,
        "F16" => 2,
        dtype => return Err(TensorFault::Type { dtype: dtype.to_owned() }),
    };
    let size = entry
        .shape
        .iter()
        .try_fold(width, |size, &side| size.checked_mul(u64::try_from(side).ok()?));
    if size.is_none() || size != end.checked_sub(start) {
        let (shape, bytes) = (entry.shape.clone(), end.saturating_sub(start));
        return Err(TensorFault::Size { shape, bytes });
    }
    let bytes = usize::try_from(start)
        .ok()
        .zip(usize::try_from(end).ok())
        .and_then(|(start, end)| data.get(start..end))
        .ok_or(TensorFault::Truncated { end, bytes: data.len() })?;
    let data: Vec<f32> = if width == 4 { singles(bytes) } else { halves(bytes) };
    match data.iter().position(|value| !value.is_finite()) {
        Some(element) => Err(TensorFault::NotFinite { element }),
        None => Ok(Tensor { shape: entry.shape.clone(), data }),
    }
}

fn singles(bytes: &[u8]) -> Vec<f32> {
    bytes.as_chunks::<4>().0.iter().map(|chunk| f32::from_le_bytes(*chunk)).collect()
}

fn halves(bytes: &[u8]) -> Vec<f32> {
    bytes.as_chunks::<2>().0.iter().map(|chunk| f16::from_le_bytes(*chunk).to_f32()).collect()
}

#[cfg(test)]
mod tests;
