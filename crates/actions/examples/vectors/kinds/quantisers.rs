//! `fsq.json` and `rvq.json`.

use tandem_actions::{Fsq, ResidualVq};

use super::reason;
use crate::compare::same;
use crate::json::Value;
use crate::run::Context;

pub(super) fn fsq(context: &Context<'_>, case: &Value) -> Result<(), String> {
    let levels: Vec<u32> = case.integers("levels")?;
    let fsq = Fsq::new(&levels).map_err(reason)?;
    same("codebook_size", &fsq.codebook_size(), &case.integer("codebook_size")?)?;
    same("basis", &fsq.basis().collect::<Vec<_>>(), &case.integers("basis")?)?;
    let z = case.numbers("z")?;
    let latents = || z.chunks_exact(fsq.dims());
    let mut bounded = z.clone();
    for (latent, bounded) in latents().zip(bounded.chunks_exact_mut(fsq.dims())) {
        fsq.bound_into(latent, bounded);
    }
    context.tolerance.near("bounded", &bounded, &case.numbers("bounded")?)?;
    let indices: Vec<u32> = latents().map(|latent| fsq.index(latent)).collect();
    same("index", &indices, &case.integers("index")?)?;
    let found: Vec<u32> = indices.iter().flat_map(|index| fsq.levels(*index)).collect();
    same("level_index", &found, &case.integers("level_index")?)?;
    codes(context, &fsq, &indices, case)
}

pub(super) fn fsq_decode(context: &Context<'_>, case: &Value) -> Result<(), String> {
    let fsq = Fsq::new(&case.integers::<u32>("levels")?).map_err(reason)?;
    codes(context, &fsq, &case.integers("index")?, case)
}

fn codes(context: &Context<'_>, fsq: &Fsq, indices: &[u32], case: &Value) -> Result<(), String> {
    let mut codes = vec![0.0; indices.len() * fsq.dims()];
    for (index, code) in indices.iter().zip(codes.chunks_exact_mut(fsq.dims())) {
        fsq.code_into(*index, code);
    }
    context.tolerance.near("code", &codes, &case.numbers("code")?)
}

pub(super) fn rvq(context: &Context<'_>, case: &Value) -> Result<(), String> {
    let (levels, dim) = (case.integer("quantizers")?, case.integer("dim")?);
    let vq =
        ResidualVq::new(levels, case.integer("codebook_size")?, dim, case.numbers("codebooks")?)
            .map_err(reason)?;
    let (mut indices, mut sums, mut whole, mut norms) = (vec![], vec![], vec![], vec![]);
    for x in case.numbers("x")?.chunks_exact(dim) {
        let mut codes = vec![0; levels];
        vq.encode_into(&mut x.to_vec(), &mut codes);
        let mut sum = vec![0.0; dim];
        for prefix in 0..=levels {
            vq.decode_into(&codes[..prefix], &mut sum).ok_or("a code that does not exist")?;
            norms.push(x.iter().zip(&sum).map(|(x, s)| (x - s) * (x - s)).sum::<f64>().sqrt());
            if prefix > 0 {
                sums.extend_from_slice(&sum);
            }
        }
        whole.extend(sum);
        indices.extend(codes);
    }
    same("indices", &indices, &case.integers("indices")?)?;
    context.tolerance.near("prefix_sums", &sums, &case.numbers("prefix_sums")?)?;
    context.tolerance.near("quantized", &whole, &case.numbers("quantized")?)?;
    context.tolerance.near("residual_norms", &norms, &case.numbers("residual_norms")?)
}
