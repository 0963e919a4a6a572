//! The numbers of a Candle tensor as a slice, and back.

use candle_core::{CpuStorage, Device, Layout, Result, Shape, Storage, StorageRef, Tensor, bail};

/// The numbers of a contiguous tensor that a custom operation was given.
pub(super) fn view<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    let CpuStorage::F32(all) = storage else { bail!("only tensors of f32 are served") };
    let Some((start, end)) = layout.contiguous_offsets() else {
        bail!("only contiguous tensors are served")
    };
    match all.get(start..end) {
        Some(values) => Ok(values),
        None => bail!("a tensor reaches past its storage"),
    }
}

/// A lease on the numbers of a contiguous tensor on the CPU.
pub(crate) struct Values<'a> {
    storage: StorageRef<'a>,
    layout: &'a Layout,
}

impl<'a> Values<'a> {
    pub(crate) fn of(tensor: &'a Tensor) -> Self {
        let (storage, layout) = tensor.storage_and_layout();
        Self { storage, layout }
    }

    pub(crate) fn slice(&self) -> Result<&[f32]> {
        match &*self.storage {
            Storage::Cpu(storage) => view(storage, self.layout),
            Storage::Cuda(_) | Storage::Metal(_) => bail!("only tensors on the CPU are served"),
        }
    }
}

/// What a custom operation gives back.
pub(super) fn result(values: Vec<f32>, shape: impl Into<Shape>) -> (CpuStorage, Shape) {
    (CpuStorage::F32(values), shape.into())
}

/// A tensor of the shape of `like`.
pub(super) fn tensor_like(values: Vec<f32>, like: &Tensor) -> Result<Tensor> {
    Tensor::from_vec(values, like.shape(), &Device::Cpu)
}
