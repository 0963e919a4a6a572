//! Quantisers as operations that gradients pass through.

use candle_core::{CpuStorage, CustomOp1, Device, Layout, Shape, Tensor};
use tandem_actions::Fsq;

use crate::parameters::with_values;

/// [`Fsq`] on every register of a batch, with nested dropout behind it: latents
/// `[B, registers * dims]` to codes `[B, registers * (dims + 1)]`, where a register that is kept
/// ends in a 1 and one that is not is all zeros.
///
/// It rounds with the very function that the tokenizer runs; the gradient looks through the
/// rounding, to the squeeze before it.
pub(super) struct Quantise {
    pub(super) fsq: Fsq,
    /// Registers kept.
    pub(super) kept: usize,
    pub(super) registers: usize,
}

impl Quantise {
    /// Calls `visit` with the place in the latents, the place in the codes and the dimension of
    /// each value of one sample that is kept.
    fn each_kept(&self, mut visit: impl FnMut(usize, usize, usize)) {
        let dims = self.fsq.dims();
        for register in 0..self.kept.min(self.registers) {
            for dim in 0..dims {
                visit(register * dims + dim, register * (dims + 1) + dim, dim);
            }
        }
    }

    fn widths(&self) -> (usize, usize) {
        let latents = self.registers * self.fsq.dims();
        (latents, latents + self.registers)
    }
}

impl CustomOp1 for Quantise {
    fn name(&self) -> &'static str {
        "finite scalar quantisation"
    }

    fn cpu_fwd(
        &self,
        storage: &CpuStorage,
        layout: &Layout,
    ) -> candle_core::Result<(CpuStorage, Shape)> {
        let (latents, codes) = self.widths();
        let values = storage.as_slice::<f32>()?;
        let (start, end) = layout.contiguous_offsets().unwrap_or((0, 0));
        let values = values.get(start..end).unwrap_or(&[]);
        let mut out = vec![0.0; values.len() / latents * codes];
        for (z, code) in values.chunks_exact(latents).zip(out.chunks_exact_mut(codes)) {
            self.each_kept(|from, to, dim| {
                let level = self.fsq.level(dim, z[from].into());
                code[to] = self.fsq.code_of_level(dim, level) as f32;
                if dim + 1 == self.fsq.dims() {
                    code[to + 1] = 1.0;
                }
            });
        }
        let samples = values.len() / latents;
        Ok((CpuStorage::F32(out), Shape::from((samples, codes))))
    }

    fn bwd(
        &self,
        z: &Tensor,
        _code: &Tensor,
        grad: &Tensor,
    ) -> candle_core::Result<Option<Tensor>> {
        let (latents, codes) = self.widths();
        let gradient = with_values(z, |z| {
            with_values(grad, |grad| {
                let mut out = vec![0.0; z.len()];
                let samples = z.chunks_exact(latents).zip(grad.chunks_exact(codes));
                for ((z, grad), out) in samples.zip(out.chunks_exact_mut(latents)) {
                    self.each_kept(|from, to, dim| {
                        out[from] = grad[to] * self.fsq.slope(dim, z[from].into()) as f32;
                    });
                }
                out
            })
        })??;
        Ok(Some(Tensor::from_vec(gradient, z.shape(), &Device::Cpu)?))
    }
}
