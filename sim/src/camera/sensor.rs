//! From linear light to the bytes of a picture: sRGB encoding and noise.

use super::vec3::{Vec3, max, min};

/// Steps of the encoding curve; at the dark end one is 0.8 levels high.
const STEPS: usize = 4096;

/// The curve's values are eighths of a level, the noise's unit.
const EIGHTHS_LOG2: u32 = 3;

/// The middle of the noise's triangle, eighths of a level.
const GRAIN_MIDDLE: i32 = 31;

/// A sensor with sRGB's transfer curve.
#[derive(Debug)]
pub(super) struct Sensor {
    /// Eighths of a level, less the noise's middle, plus what rounds to the nearest level.
    curve: Vec<i32>,
}

impl Sensor {
    pub(super) fn new() -> Self {
        let eighths = (1 << EIGHTHS_LOG2) as f32;
        let level = |step: usize| {
            let linear = step as f32 / STEPS as f32;
            // IEC 61966-2-1.
            let encoded = if linear <= 0.003_130_8 {
                12.92 * linear
            } else {
                1.055 * linear.powf(1.0 / 2.4) - 0.055
            };
            (encoded * 255.0 * eighths + 0.5) as i32 - GRAIN_MIDDLE + (1 << (EIGHTHS_LOG2 - 1))
        };
        Self { curve: (0..=STEPS).map(level).collect() }
    }

    /// The bytes of a pixel. `noise` is its random number, of which 30 bits are used.
    #[inline]
    pub(super) fn expose(&self, light: Vec3, noise: u32) -> [u8; 3] {
        let level = |linear: f32, shift: u32| {
            let step = min(max(linear * STEPS as f32, 0.0), STEPS as f32) as usize;
            let bits = noise >> shift;
            // The sum of two five-bit numbers: a triangle with a standard deviation of 13 eighths
            // of a level, that is 1.6 levels, as of a cheap webcam.
            let grain = (bits & 31) + (bits >> 5 & 31);
            let level = (self.curve[step.min(STEPS)] + grain as i32) >> EIGHTHS_LOG2;
            level.clamp(0, 255) as u8
        };
        [level(light.x, 0), level(light.y, 10), level(light.z, 20)]
    }
}

/// The random number of a pixel in the picture of a seed (SplitMix64's output function).
#[inline]
pub(super) fn pixel_noise(seed: u64, pixel: u64) -> u32 {
    let mut bits = seed.wrapping_add(pixel.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    bits = (bits ^ bits >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ bits >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    (bits ^ bits >> 31) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_is_small_and_centred() {
        let sensor = Sensor::new();
        let grey = Vec3::new(0.214, 0.214, 0.214); // sRGB level 127.5
        let levels: Vec<f64> = (0..10_000)
            .flat_map(|pixel| sensor.expose(grey, pixel_noise(3, pixel)))
            .map(f64::from)
            .collect();
        let mean = levels.iter().sum::<f64>() / levels.len() as f64;
        let variance =
            levels.iter().map(|level| (level - mean).powi(2)).sum::<f64>() / levels.len() as f64;
        assert!((mean - 127.5).abs() < 0.2, "{mean}");
        assert!((variance.sqrt() - 1.65).abs() < 0.1, "{variance}");
    }

    #[test]
    fn takes_any_light() {
        let sensor = Sensor::new();
        let middle = 15 | 16 << 5; // no noise in the first channel
        for (light, level) in [(f32::NAN, 0), (-1.0, 0), (0.0, 0), (1.0, 255), (f32::INFINITY, 255)]
        {
            assert_eq!(sensor.expose(Vec3::new(light, 0.0, 0.0), middle)[0], level, "{light}");
        }
    }
}
