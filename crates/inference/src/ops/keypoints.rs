//! The spatial softmax as one Candle operation.

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor, bail};

use super::values::{Values, result, tensor_like, view};
use crate::kernels::keypoints::{self, MapShape};

pub(super) fn spatial_softmax(x: &Tensor) -> Result<Tensor> {
    let (_, channels, height, width) = x.dims4()?;
    if x.elem_count() == 0 {
        bail!("there are no keypoints in {:?}", x.dims());
    }
    x.contiguous()?.apply_op1(KeypointsOp { shape: MapShape { channels, height, width } })
}

struct KeypointsOp {
    shape: MapShape,
}

impl CustomOp1 for KeypointsOp {
    fn name(&self) -> &'static str {
        "spatial softmax"
    }

    fn cpu_fwd(&self, maps: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let out = keypoints::forward(&self.shape, view(maps, layout)?);
        let width = 2 * self.shape.channels;
        let batch = out.len() / width;
        Ok(result(out, (batch, width)))
    }

    fn bwd(&self, maps: &Tensor, out: &Tensor, grad: &Tensor) -> Result<Option<Tensor>> {
        let grad = grad.contiguous()?;
        let values = [maps, out, &grad].map(Values::of);
        let [map_values, out_values, grad_values] = &values;
        let (out, grad) = (out_values.slice()?, grad_values.slice()?);
        let grad_maps = keypoints::backward(&self.shape, map_values.slice()?, out, grad);
        Ok(Some(tensor_like(grad_maps, maps)?))
    }
}
