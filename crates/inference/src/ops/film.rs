//! Feature-wise modulation as one Candle operation.

use candle_core::{CpuStorage, CustomOp2, Layout, Result, Shape, Tensor, bail};

use super::values::{Values, result, tensor_like, view};
use crate::kernels::film::{self, FilmShape};

pub(super) fn film_relu(x: &Tensor, scale_shift: &Tensor) -> Result<Tensor> {
    let (batch, channels, height, width) = x.dims4()?;
    if scale_shift.dims() != [batch, 2 * channels] || x.elem_count() == 0 {
        bail!("{:?} cannot be modulated by {:?}", x.dims(), scale_shift.dims());
    }
    let shape = FilmShape { channels, positions: height * width };
    x.contiguous()?.apply_op2(&scale_shift.contiguous()?, FilmOp { shape })
}

struct FilmOp {
    shape: FilmShape,
}

impl CustomOp2 for FilmOp {
    fn name(&self) -> &'static str {
        "modulation"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        scale_shift: &CpuStorage,
        scale_shift_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let scale_shift = view(scale_shift, scale_shift_layout)?;
        let out = film::forward(&self.shape, view(x, x_layout)?, scale_shift);
        Ok(result(out, x_layout.shape().clone()))
    }

    fn bwd(
        &self,
        x: &Tensor,
        scale_shift: &Tensor,
        out: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let grad = grad.contiguous()?;
        let values = [x, scale_shift, out, &grad].map(Values::of);
        let [x_values, both_values, out_values, grad_values] = &values;
        let (grad_x, grad_both) = film::backward(
            &self.shape,
            [x_values.slice()?, both_values.slice()?, out_values.slice()?, grad_values.slice()?],
        );
        Ok((Some(tensor_like(grad_x, x)?), Some(tensor_like(grad_both, scale_shift)?)))
    }
}
