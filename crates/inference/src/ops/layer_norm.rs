//! Layer normalisation as one Candle operation.

use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor, bail};

use super::values::{Values, result, tensor_like, view};
use crate::kernels::layer_norm as kernel;

/// Normalises over the last axis; weight and bias have been checked against `x` by the caller.
pub(super) fn layer_norm(x: &Tensor, weight: &Tensor, bias: &Tensor) -> Result<Tensor> {
    if x.elem_count() == 0 {
        bail!("{:?} is nothing to normalise", x.dims());
    }
    x.contiguous()?.apply_op3(weight, bias, LayerNormOp)
}

struct LayerNormOp;

impl CustomOp3 for LayerNormOp {
    fn name(&self) -> &'static str {
        "layer normalisation"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        weight: &CpuStorage,
        weight_layout: &Layout,
        bias: &CpuStorage,
        bias_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (weight, bias) = (view(weight, weight_layout)?, view(bias, bias_layout)?);
        let out = kernel::forward(view(x, x_layout)?, weight, bias);
        Ok(result(out, x_layout.shape().clone()))
    }

    fn bwd(
        &self,
        x: &Tensor,
        weight: &Tensor,
        bias: &Tensor,
        _out: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let grad = grad.contiguous()?;
        let values = [x, weight, &grad].map(Values::of);
        let [x_values, weight_values, grad_values] = &values;
        let [grad_x, grad_weight, grad_bias] =
            kernel::backward(x_values.slice()?, weight_values.slice()?, grad_values.slice()?);
        let grad_weight = tensor_like(grad_weight, weight)?;
        Ok((Some(tensor_like(grad_x, x)?), Some(grad_weight), Some(tensor_like(grad_bias, bias)?)))
    }
}
