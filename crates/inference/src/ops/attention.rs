//! Attention as one Candle operation.

use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor, bail};

use super::values::{Values, result, tensor_like, view};
use crate::kernels::attention::{self as kernel, AttentionShape};

pub(super) fn attention(q: &Tensor, k: &Tensor, v: &Tensor, heads: usize) -> Result<Tensor> {
    let (_, tokens, width) = q.dims3()?;
    let divides = heads > 0 && width.is_multiple_of(heads);
    if q.dims() != k.dims() || k.dims() != v.dims() || !divides || q.elem_count() == 0 {
        bail!("{heads} heads cannot attend to {:?}, {:?}, {:?}", q.dims(), k.dims(), v.dims());
    }
    let shape = AttentionShape { tokens, heads, head_width: width / heads };
    q.contiguous()?.apply_op3(&k.contiguous()?, &v.contiguous()?, AttentionOp { shape })
}

struct AttentionOp {
    shape: AttentionShape,
}

impl CustomOp3 for AttentionOp {
    fn name(&self) -> &'static str {
        "attention"
    }

    fn cpu_fwd(
        &self,
        q: &CpuStorage,
        q_layout: &Layout,
        k: &CpuStorage,
        k_layout: &Layout,
        v: &CpuStorage,
        v_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (q, k, v) = (view(q, q_layout)?, view(k, k_layout)?, view(v, v_layout)?);
        Ok(result(kernel::forward(&self.shape, q, k, v), q_layout.shape().clone()))
    }

    fn bwd(
        &self,
        q: &Tensor,
        k: &Tensor,
        v: &Tensor,
        _out: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let grad = grad.contiguous()?;
        let values = [q, k, v, &grad].map(Values::of);
        let [q_values, k_values, v_values, grad_values] = &values;
        let [grad_q, grad_k, grad_v] = kernel::backward(
            &self.shape,
            [q_values.slice()?, k_values.slice()?, v_values.slice()?, grad_values.slice()?],
        );
        let grad_q = tensor_like(grad_q, q)?;
        Ok((Some(grad_q), Some(tensor_like(grad_k, k)?), Some(tensor_like(grad_v, v)?)))
    }
}
