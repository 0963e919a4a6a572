//! The exponential, written so that the compiler turns loops over it into vector code.

/// `e^x` to a relative error of 2e-7 for `x` in `[-87, 88]`, clamped outside; NaN stays NaN.
///
/// Cephes' `expf`: `x = n ln 2 + r` with `r` in `+- ln 2 / 2`, a polynomial for `e^r`, and `n`
/// added to the exponent. Written without calls or branches, hence without `f32::round`: adding
/// 1.5 * 2^23 leaves a float no bits for a fraction, and leaves `n` in its lowest bits.
#[inline(always)]
pub(crate) fn exp(x: f32) -> f32 {
    const ROUND: f32 = 12_582_912.0;
    // ln 2 in two parts, the first with trailing zeros so that `n` times it is exact.
    const LN_2_HIGH: f32 = 355.0 / 512.0;
    const LN_2_LOW: f32 = -2.121_944_4e-4;
    let x = x.clamp(-87.0, 88.0);
    let shifted = x * core::f32::consts::LOG2_E + ROUND;
    let n = shifted - ROUND;
    let r = x - n * LN_2_HIGH - n * LN_2_LOW;
    let p = 1.987_569_1e-4;
    let p = p * r + 1.398_199_9e-3;
    let p = p * r + 8.333_452e-3;
    let p = p * r + 4.166_579_6e-2;
    let p = p * r + 1.666_666_5e-1;
    let p = p * r + 0.5;
    let power = f32::from_bits((shifted.to_bits() << 23).wrapping_add(0x3f80_0000));
    (p * r * r + r + 1.0) * power
}

/// Replaces `x` by its softmax and returns nothing else; NaN and infinities come out as NaN.
pub(crate) fn softmax(x: &mut [f32]) {
    let highest = x.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    for value in x.iter_mut() {
        *value = exp(*value - highest);
    }
    let scale = 1.0 / sum(x);
    for value in x.iter_mut() {
        *value *= scale;
    }
}

/// The sum, in eight interleaved strands: an order the compiler can vectorise.
pub(crate) fn sum(x: &[f32]) -> f32 {
    let (blocks, rest) = x.as_chunks::<8>();
    let mut strands = [0.0_f32; 8];
    for block in blocks {
        for (strand, value) in strands.iter_mut().zip(block) {
            *strand += value;
        }
    }
    strands.iter().sum::<f32>() + rest.iter().sum::<f32>()
}

/// The sum of products, in the same strands.
pub(crate) fn dot(a: &[f32], b: &[f32]) -> f32 {
    let (a_blocks, a_rest) = a.as_chunks::<8>();
    let (b_blocks, b_rest) = b.as_chunks::<8>();
    let mut strands = [0.0_f32; 8];
    for (a, b) in a_blocks.iter().zip(b_blocks) {
        for ((strand, a), b) in strands.iter_mut().zip(a).zip(b) {
            *strand += a * b;
        }
    }
    strands.iter().sum::<f32>() + a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum::<f32>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_is_as_good_as_the_standard_library() {
        for step in -8_700..=8_800 {
            let x = step as f32 * 0.01;
            let exact = f64::from(x).exp();
            let error = (f64::from(exp(x)) - exact).abs() / exact;
            assert!(error < 2e-7, "exp({x}) is off by {error}");
        }
        assert_eq!(exp(0.0), 1.0);
        assert!(exp(f32::NAN).is_nan());
        assert!(exp(f32::NEG_INFINITY) < 1e-37);
    }

    #[test]
    fn sums_take_in_the_rest() {
        let x: Vec<f32> = (1..=19_u8).map(f32::from).collect();
        assert_eq!(sum(&x), 190.0);
        assert_eq!(dot(&x, &x), 2470.0);
    }

    #[test]
    fn softmax_shows_a_bad_input() {
        let mut x = [1.0, f32::NAN, 0.0];
        softmax(&mut x);
        assert!(x.iter().all(|p| p.is_nan()));
    }
}
