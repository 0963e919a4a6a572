//! The cross-entropy of many small distributions as one operation.

use candle_core::{CpuStorage, CustomOp1, Device, Layout, Result, Shape, Tensor, bail};

use crate::parameters::with_values;

/// The mean of `-log softmax(logits)[target]` over rows of logits, each weighted.
///
/// `logits` hold one row for each target, whatever their shape. Spelt out in Candle's operations it
/// would go over the logits a dozen times, which are by far the largest tensor of a token head.
pub(super) fn cross_entropy(
    logits: &Tensor,
    targets: Vec<u32>,
    weights: Vec<f32>,
) -> Result<Tensor> {
    let total = weights.iter().sum::<f32>().max(f32::MIN_POSITIVE);
    logits.contiguous()?.apply_op1(CrossEntropy { targets, weights, total })
}

struct CrossEntropy {
    targets: Vec<u32>,
    weights: Vec<f32>,
    total: f32,
}

impl CrossEntropy {
    /// Calls `row` with each row of logits, its target and its weight.
    fn rows<'a>(&'a self, logits: &'a [f32]) -> impl Iterator<Item = (&'a [f32], usize, f32)> + 'a {
        let width = (logits.len() / self.targets.len().max(1)).max(1);
        let rows = logits.chunks_exact(width).zip(&self.targets).zip(&self.weights);
        rows.map(|((row, &target), &weight)| (row, target as usize, weight))
    }
}

impl CustomOp1 for CrossEntropy {
    fn name(&self) -> &'static str {
        "cross-entropy"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (CpuStorage::F32(all), Some((start, end))) = (storage, layout.contiguous_offsets())
        else {
            bail!("the cross-entropy is of contiguous logits of f32")
        };
        let mut loss = 0.0_f64;
        for (row, target, weight) in self.rows(all.get(start..end).unwrap_or_default()) {
            let Some(&logit) = row.get(target) else { bail!("target {target} has no logit") };
            if weight > 0.0 {
                loss += f64::from(weight * (log_sum_exp(row) - logit));
            }
        }
        Ok((CpuStorage::F32(vec![(loss / f64::from(self.total)) as f32]), Shape::from(())))
    }

    fn bwd(&self, logits: &Tensor, _loss: &Tensor, grad: &Tensor) -> Result<Option<Tensor>> {
        let scale = grad.to_scalar::<f32>()? / self.total;
        let gradient = with_values(logits, |logits| {
            let mut gradient = Vec::with_capacity(logits.len());
            for (row, target, weight) in self.rows(logits) {
                if weight <= 0.0 {
                    gradient.extend(core::iter::repeat_n(0.0, row.len()));
                    continue;
                }
                let (scale, log_sum) = (scale * weight, log_sum_exp(row));
                let first = gradient.len();
                gradient.extend(row.iter().map(|logit| scale * (logit - log_sum).exp()));
                if let Some(own) = gradient.get_mut(first + target) {
                    *own -= scale;
                }
            }
            gradient
        })?;
        Ok(Some(Tensor::from_vec(gradient, logits.shape(), &Device::Cpu)?))
    }
}

fn log_sum_exp(row: &[f32]) -> f32 {
    let greatest = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    greatest + row.iter().map(|logit| (logit - greatest).exp()).sum::<f32>().ln()
}

#[cfg(test)]
mod tests {
    use candle_core::Var;

    use super::*;

    /// Against the same thing spelt in Candle's own operations, value and gradient.
    #[test]
    fn agrees_with_its_definition() {
        let values = [0.3_f32, -1.2, 2.0, 0.7, 0.1, -0.4, 5.0, 4.0, -3.0];
        let logits = Var::from_slice(&values, (3, 3), &Device::Cpu).unwrap();
        let (targets, weights) = (vec![2, 0, 1], vec![1.0, 0.0, 2.0]);
        let found = cross_entropy(&logits, targets, weights).unwrap();
        let chosen = Tensor::new(&[[0.0_f32, 0.0, 1.0], [0.0; 3], [0.0, 2.0, 0.0]], &Device::Cpu);
        let exp = logits.exp().unwrap();
        let logs = exp.broadcast_div(&exp.sum_keepdim(1).unwrap()).unwrap().log().unwrap();
        let expected = (logs * chosen.unwrap()).unwrap().sum_all().unwrap() / -3.0;
        let expected = expected.unwrap();
        let close = |a: f32, b: f32| (a - b).abs() < 1e-5;
        assert!(close(found.to_scalar().unwrap(), expected.to_scalar().unwrap()));
        let gradient = |loss: &Tensor| {
            let gradients = loss.backward().unwrap();
            gradients.get(&logits).unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap()
        };
        for (found, expected) in gradient(&found).into_iter().zip(gradient(&expected)) {
            assert!(close(found, expected), "{found}, not {expected}");
        }
    }

    #[test]
    fn a_target_beyond_the_logits_is_refused() {
        let logits = Tensor::zeros((1, 3), candle_core::DType::F32, &Device::Cpu).unwrap();
        assert!(cross_entropy(&logits, vec![3], vec![1.0]).is_err());
    }
}
