//! Pictures as tensors, under changed light.

use rand::RngExt as _;
use rand_pcg::Pcg64Mcg;

use crate::config::Augmentation;

/// How a picture's light is changed: `value * gain + offset` for each channel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Light {
    gain: [f32; 3],
    offset: f32,
}

impl Light {
    /// As it is.
    pub(crate) const UNCHANGED: Self = Self { gain: [1.0; 3], offset: 0.0 };

    /// A random light.
    pub(crate) fn draw(bounds: &Augmentation, rng: &mut Pcg64Mcg) -> Self {
        let mut within = |bound: f32| bound * (2.0 * rng.random::<f32>() - 1.0);
        let contrast = 1.0 + within(bounds.contrast);
        let gain = [(); 3].map(|()| contrast * (1.0 + within(bounds.tint)));
        Self { gain, offset: within(bounds.brightness) }
    }
}

/// Appends an `rgb8` picture as planes in `[-0.5, 0.5]`, like
/// [`picture_into`](tandem_networks::picture_into), under this light.
pub(crate) fn picture_with_light(rgb: &[u8], light: Light, out: &mut Vec<f32>) {
    out.reserve(rgb.len());
    for (channel, gain) in light.gain.into_iter().enumerate() {
        // There are 256 values but thousands of pixels.
        let mut table = [0.0; 256];
        for (value, entry) in (0_u8..=255).zip(&mut table) {
            let centred = f32::from(value) / 255.0 - 0.5;
            *entry = (centred * gain + light.offset).clamp(-0.5, 0.5);
        }
        let bytes = rgb.iter().skip(channel).step_by(3);
        out.extend(bytes.map(|&byte| table[usize::from(byte)]));
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;

    use super::*;

    #[test]
    fn unchanged_light_is_what_the_robot_sees() {
        let rgb: Vec<u8> = (0..48).map(|value| value * 5).collect();
        let mut expected = vec![0.0; rgb.len()];
        tandem_networks::picture_into(&rgb, &mut expected).unwrap();
        let mut found = Vec::new();
        picture_with_light(&rgb, Light::UNCHANGED, &mut found);
        assert_eq!(found, expected);
    }

    #[test]
    fn changed_light_stays_in_range() {
        let bounds = Augmentation { brightness: 0.3, contrast: 0.5, tint: 0.3 };
        let mut rng = Pcg64Mcg::seed_from_u64(1);
        for _ in 0..50 {
            let mut out = Vec::new();
            picture_with_light(&[0, 128, 255], Light::draw(&bounds, &mut rng), &mut out);
            assert!(out.iter().all(|value| value.abs() <= 0.5), "{out:?}");
        }
    }
}
