//! The magnitude of a real signal's spectrum.

use core::f64::consts::TAU;

/// Magnitudes of the discrete Fourier transform of `signal`, padded with zeros to `points`, a power
/// of two (Cooley and Tukey 1965). An episode's worth takes milliseconds, once per report.
pub(super) fn magnitudes(signal: &[f64], points: usize) -> Vec<f64> {
    let bits = points.ilog2();
    let mut wave = vec![(0.0, 0.0); points];
    for (i, value) in signal.iter().enumerate() {
        // Bit-reversed places make the halves below adjacent.
        let place = if bits == 0 { 0 } else { i.reverse_bits() >> (usize::BITS - bits) };
        wave[place] = (*value, 0.0);
    }
    let twiddle = |k: usize| {
        let angle = -TAU * k as f64 / points as f64;
        (angle.cos(), angle.sin())
    };
    let twiddles: Vec<(f64, f64)> = (0..points / 2).map(twiddle).collect();
    let mut half = 1;
    while half < points {
        for block in wave.chunks_exact_mut(2 * half) {
            let (even, odd) = block.split_at_mut(half);
            for (k, (a, b)) in even.iter_mut().zip(odd).enumerate() {
                let (cos, sin) = twiddles[k * (points / (2 * half))];
                let turned = (b.0 * cos - b.1 * sin, b.0 * sin + b.1 * cos);
                *b = (a.0 - turned.0, a.1 - turned.1);
                *a = (a.0 + turned.0, a.1 + turned.1);
            }
        }
        half *= 2;
    }
    wave.into_iter().map(|(real, imaginary)| real.hypot(imaginary)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Against the definition, for signals shorter than the transform and as long.
    #[test]
    fn the_fast_transform_is_the_slow_one() {
        for (length, points) in [(1, 1), (3, 8), (8, 8), (13, 64)] {
            let signal: Vec<f64> = (0..length).map(|i| f64::from(i * i % 7) - 2.0).collect();
            let slow = |k: usize| {
                let angle = |n: usize| -TAU * (k * n) as f64 / points as f64;
                let terms = || signal.iter().enumerate();
                let real: f64 = terms().map(|(n, x)| x * angle(n).cos()).sum();
                let imaginary: f64 = terms().map(|(n, x)| x * angle(n).sin()).sum();
                real.hypot(imaginary)
            };
            for (k, magnitude) in magnitudes(&signal, points).into_iter().enumerate() {
                assert!((magnitude - slow(k)).abs() < 1e-10, "{length} of {points}, bin {k}");
            }
        }
    }
}
