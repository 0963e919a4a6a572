//! Convolution as one Candle operation.

use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor, bail};
use tandem_networks::{Activation, Conv};

use super::values::{Values, result, tensor_like, view};
use crate::kernels::conv;
use crate::kernels::patches::ConvShape;

/// Convolves; the weight has been checked against `x` by the caller.
pub(super) fn conv2d(x: &Tensor, weight: &Tensor, bias: &Tensor, layer: Conv) -> Result<Tensor> {
    let (batch, channels_in, height, width) = x.dims4()?;
    let Conv { channels: channels_out, kernel, stride, activation } = layer;
    if x.elem_count() == 0 || channels_out == 0 || kernel == 0 || stride == 0 {
        bail!("a convolution of {:?} by {layer:?} is empty", x.dims());
    }
    let shape = ConvShape { batch, channels_in, height, width, channels_out, kernel, stride };
    x.contiguous()?.apply_op3(weight, bias, ConvOp { shape, activation })
}

struct ConvOp {
    shape: ConvShape,
    activation: Activation,
}

impl CustomOp3 for ConvOp {
    fn name(&self) -> &'static str {
        "convolution"
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
        let (x, weight) = (view(x, x_layout)?, view(weight, weight_layout)?);
        let bias = view(bias, bias_layout)?;
        let shape = &self.shape;
        let out = conv::forward(shape, self.activation, x, weight, bias);
        Ok(result(out, (shape.batch, shape.channels_out, shape.height_out(), shape.width_out())))
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
        let gradients = conv::backward(
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
