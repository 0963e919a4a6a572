//! The linear layer as one Candle operation.

use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor, bail};
use tandem_networks::Activation;

use super::values::{Values, result, tensor_like, view};
use crate::kernels::linear::{self, LinearShape};

/// Applies a layer over the last axis; the weight has been checked against `x` by the caller.
pub(super) fn linear(
    x: &Tensor,
    weight: &Tensor,
    bias: &Tensor,
    activation: Activation,
) -> Result<Tensor> {
    let (outputs, inputs) = weight.dims2()?;
    if x.elem_count() == 0 || outputs == 0 || x.rank() < 2 {
        bail!("a linear layer on {:?} is empty or lacks a batch axis", x.dims());
    }
    let shape = LinearShape { batch: x.dim(0)?, rows: x.elem_count() / inputs, inputs, outputs };
    x.contiguous()?.apply_op3(weight, bias, LinearOp { shape, activation })
}

struct LinearOp {
    shape: LinearShape,
    activation: Activation,
}

impl CustomOp3 for LinearOp {
    fn name(&self) -> &'static str {
        "linear layer"
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
        let mut shape = x_layout.dims().to_vec();
        let (x, weight) = (view(x, x_layout)?, view(weight, weight_layout)?);
        let bias = view(bias, bias_layout)?;
        if let Some(last) = shape.last_mut() {
            *last = self.shape.outputs;
        }
        Ok(result(linear::forward(&self.shape, self.activation, x, weight, bias), shape))
    }

    fn bwd(
        &self,
        x: &Tensor,
        weight: &Tensor,
        bias: &Tensor,
        out: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let grad = grad.contiguous()?;
        let values = [x, weight, out, &grad].map(Values::of);
        let [x_values, weight_values, out_values, grad_values] = &values;
        let gradients = linear::backward(
            &self.shape,
            self.activation,
            [x_values.slice()?, weight_values.slice()?, out_values.slice()?, grad_values.slice()?],
            x.track_op(),
        );
        let grad_x = gradients.x.map(|values| tensor_like(values, x)).transpose()?;
        let grad_weight = tensor_like(gradients.weight, weight)?;
        Ok((grad_x, Some(grad_weight), Some(tensor_like(gradients.bias, bias)?)))
    }
}
