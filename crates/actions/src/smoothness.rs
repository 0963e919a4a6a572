//! How smooth a motion is: SPARC, LDLJ, RMS jerk, and the jump at a seam between chunks.
//!
//! LDLJ sees the steps of 8-bit actions that SPARC does not, and depends on the rate, which SPARC
//! does not: report both, and compare LDLJ at equal rates only.

mod spectrum;

use spectrum::magnitudes;

/// What SPARC looks at. [`SparcSettings::PAPER`] holds the published values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SparcSettings {
    /// The spectrum is computed at `2^padding` times the points that the profile needs.
    pub padding: u32,
    /// Frequencies above this do not count, Hz.
    pub cutoff_hz: f64,
    /// The spectrum's tail below this share of its peak does not count.
    pub amplitude_min: f64,
}

impl SparcSettings {
    /// Balasubramanian et al. 2015.
    pub const PAPER: Self = Self { padding: 4, cutoff_hz: 10.0, amplitude_min: 0.05 };
}

/// A spectral arc length, and how it came about.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sparc {
    /// The arc length, never above zero; more negative is less smooth.
    pub value: f64,
    /// Points of the spectrum.
    pub spectrum_points: usize,
    /// Points of it that counted.
    pub points_counted: usize,
}

/// The longest speed profile, samples: nine hours at 30 Hz.
pub const PROFILE_MAX: usize = 1 << 20;

/// The spectral arc length of a speed profile at `rate_hz`.
///
/// None for an empty, endless or constantly zero profile, a value that is not finite, or settings
/// that leave fewer than two points of the spectrum.
#[must_use]
pub fn sparc(speed: &[f64], rate_hz: f64, settings: &SparcSettings) -> Option<Sparc> {
    if !(1..=PROFILE_MAX).contains(&speed.len()) || settings.padding > 8 {
        return None;
    }
    let points = speed.len().next_power_of_two() << settings.padding;
    let spectrum = magnitudes(speed, points);
    let peak = spectrum.iter().copied().fold(0.0, f64::max);
    let step_hz = rate_hz / points as f64;
    if !(peak > 0.0 && peak.is_finite() && step_hz > 0.0 && step_hz.is_finite()) {
        return None;
    }
    // The mirrored upper half says nothing new.
    let below = spectrum.iter().take(points / 2 + 1).enumerate();
    let below = below.take_while(|(i, _)| *i as f64 * step_hz <= settings.cutoff_hz);
    let kept: Vec<f64> = below.map(|(_, magnitude)| magnitude / peak).collect();
    let first = kept.iter().position(|share| *share >= settings.amplitude_min)?;
    let last = kept.iter().rposition(|share| *share >= settings.amplitude_min)?;
    if first == last {
        return None;
    }
    let along = 1.0 / (last - first) as f64;
    let arc = kept[first..=last].windows(2).map(|pair| along.hypot(pair[1] - pair[0]));
    let value = -arc.sum::<f64>();
    Some(Sparc { value, spectrum_points: points, points_counted: last - first + 1 })
}

/// The dimensionless jerk of a speed profile, never above zero. None for fewer than three samples
/// or a motion that never moves.
#[must_use]
pub fn dimensionless_jerk(speed: &[f64], rate_hz: f64) -> Option<f64> {
    let peak = speed.iter().fold(0.0, |peak: f64, speed| peak.max(speed.abs()));
    if speed.len() < 3 || !(peak > 0.0 && rate_hz > 0.0) {
        return None;
    }
    let dt = 1.0 / rate_hz;
    let jerk = speed.windows(3).map(|v| (v[2] - 2.0 * v[1] + v[0]) / (dt * dt));
    let energy = jerk.map(|jerk| jerk * jerk).sum::<f64>() * dt;
    let duration = speed.len() as f64 * dt;
    Some(-duration.powi(3) / (peak * peak) * energy).filter(|jerk| jerk.is_finite())
}

/// The logarithm of the dimensionless jerk, less being less smooth: LDLJ.
#[must_use]
pub fn log_dimensionless_jerk(speed: &[f64], rate_hz: f64) -> Option<f64> {
    dimensionless_jerk(speed, rate_hz).map(|jerk| -jerk.abs().ln()).filter(|ldlj| ldlj.is_finite())
}

/// The root mean square of the third derivative of positions, `dims` to a row, at `rate_hz`: the
/// unit of the positions per s^3. None for fewer than four rows.
#[must_use]
pub fn jerk_rms(positions: &[f64], dims: usize, rate_hz: f64) -> Option<f64> {
    let rows: Vec<&[f64]> = positions.chunks_exact(dims.max(1)).collect();
    let jerks = rows.windows(4).map(|row| {
        let jerk = |d: usize| {
            (row[3][d] - 3.0 * row[2][d] + 3.0 * row[1][d] - row[0][d]) * rate_hz.powi(3)
        };
        (0..dims).map(|d| jerk(d).powi(2)).sum::<f64>()
    });
    let count = jerks.len();
    if count == 0 || dims == 0 {
        return None;
    }
    Some((jerks.sum::<f64>() / count as f64).sqrt()).filter(|rms| rms.is_finite())
}

/// How far the first action of a new chunk is from the one that the old chunk had planned for that
/// moment, the largest over all dimensions.
#[must_use]
pub fn seam_jump(planned: &[f64], first: &[f64]) -> f64 {
    planned.iter().zip(first).map(|(planned, first)| (first - planned).abs()).fold(0.0, f64::max)
}

/// Speed along a path: the length of each step of positions, `dims` to a row, times the rate.
#[must_use]
pub fn speed_profile(positions: &[f64], dims: usize, rate_hz: f64) -> Vec<f64> {
    let rows: Vec<&[f64]> = positions.chunks_exact(dims.max(1)).collect();
    let length = |pair: &[&[f64]]| {
        pair[0].iter().zip(pair[1]).map(|(a, b)| (b - a) * (b - a)).sum::<f64>().sqrt()
    };
    rows.windows(2).map(|pair| length(pair) * rate_hz).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minimum_jerk(rate_hz: u32) -> Vec<f64> {
        let speed = |i: u32| {
            let t = f64::from(i) / f64::from(rate_hz);
            30.0 * t.powi(2) - 60.0 * t.powi(3) + 30.0 * t.powi(4)
        };
        (0..rate_hz).map(speed).collect()
    }

    /// The documented figures of the smoothest motion there is.
    #[test]
    fn sparc_is_the_same_at_any_rate_and_ldlj_is_not() {
        for (rate_hz, sparc_expected, ldlj_expected) in
            [(20, -1.4005, -4.884), (50, -1.4058, -5.131), (200, -1.4058, -5.273)]
        {
            let speed = minimum_jerk(rate_hz);
            let rate_hz = f64::from(rate_hz);
            let sparc = sparc(&speed, rate_hz, &SparcSettings::PAPER).unwrap().value;
            assert!((sparc - sparc_expected).abs() < 1e-4, "{rate_hz} Hz: SPARC {sparc}");
            let ldlj = log_dimensionless_jerk(&speed, rate_hz).unwrap();
            assert!((ldlj - ldlj_expected).abs() < 1e-3, "{rate_hz} Hz: LDLJ {ldlj}");
        }
    }

    #[test]
    fn what_does_not_move_has_no_smoothness() {
        for speed in [&[][..], &[0.0; 8], &[f64::NAN; 8]] {
            assert_eq!(sparc(speed, 100.0, &SparcSettings::PAPER), None);
            assert_eq!(log_dimensionless_jerk(speed, 100.0), None);
        }
    }

    /// x = t^3 has the jerk 6 everywhere.
    #[test]
    fn the_jerk_of_a_cubic() {
        let path: Vec<f64> = (0..20).map(|i| (f64::from(i) / 10.0).powi(3)).collect();
        assert!((jerk_rms(&path, 1, 10.0).unwrap() - 6.0).abs() < 1e-9);
        assert_eq!(jerk_rms(&path[..3], 1, 10.0), None);
        assert_eq!(jerk_rms(&path, 0, 10.0), None);
    }

    #[test]
    fn seams_and_speeds() {
        assert_eq!(seam_jump(&[0.1, 0.5], &[0.1, 0.25]), 0.25);
        assert_eq!(speed_profile(&[0.0, 0.0, 3.0, 4.0, 3.0, 4.0], 2, 10.0), [50.0, 0.0]);
    }
}
