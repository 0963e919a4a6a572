//! The unit of a chunk's numbers.

use tandem_bundle::Action;

/// Turns the numbers that a head says into offsets from the command.
#[derive(Clone, Debug)]
pub struct ChunkUnit {
    /// One for each number, row by row.
    numbers: Vec<Affine>,
}

/// `offset + gain * number`, rad.
#[derive(Clone, Copy, Debug)]
struct Affine {
    offset: f32,
    gain: f32,
}

impl ChunkUnit {
    /// The unit that a bundle was trained with.
    #[must_use]
    pub fn new(action: &Action) -> Self {
        let numbers = match &action.range {
            Some(range) => {
                let ends = range.low_rad.iter().zip(&range.high_rad);
                let between = |(low, high): (&f64, &f64)| Affine {
                    offset: (0.5 * (low + high)) as f32,
                    gain: (0.5 * (high - low)) as f32,
                };
                ends.map(between).collect()
            }
            None => {
                let plain = |&gain: &f64| Affine { offset: 0.0, gain: gain as f32 };
                let count = action.horizon * action.scale_rad.len();
                action.scale_rad.iter().map(plain).cycle().take(count).collect()
            }
        };
        Self { numbers }
    }

    /// Offsets from the command, rad, to numbers, in place: what [`Self::to_rad`] undoes.
    pub(crate) fn to_numbers(&self, chunk: &mut [f32]) {
        for (value, unit) in chunk.iter_mut().zip(&self.numbers) {
            *value = (*value - unit.offset) / unit.gain;
        }
    }

    /// Numbers to offsets from the command, rad, in place. Surplus numbers are left alone.
    pub fn to_rad(&self, chunk: &mut [f32]) {
        for (value, unit) in chunk.iter_mut().zip(&self.numbers) {
            *value = unit.offset + *value * unit.gain;
        }
    }
}

#[cfg(test)]
mod tests {
    use core::time::Duration;

    use tandem_bundle::ChunkRange;

    use super::*;

    fn check(range: Option<ChunkRange>, mut numbers: [f32; 4], expected_rad: [f32; 4]) {
        let step_period = Duration::from_millis(5);
        let action = Action { horizon: 2, step_period, scale_rad: vec![0.1, 0.5], range };
        let (unit, said) = (ChunkUnit::new(&action), numbers);
        unit.to_rad(&mut numbers);
        for (found, expected) in numbers.iter().zip(expected_rad) {
            assert!((found - expected).abs() < 1e-6, "{numbers:?}, not {expected_rad:?}");
        }
        unit.to_numbers(&mut numbers);
        for (back, said) in numbers.iter().zip(said) {
            assert!((back - said).abs() < 1e-5, "{numbers:?}, not {said}");
        }
    }

    #[test]
    fn a_number_counts_in_its_joint_s_scale_or_between_its_own_ends() {
        check(None, [1.0, 1.0, -2.0, 0.0], [0.1, 0.5, -0.2, 0.0]);
        let low_rad = vec![0.0, -0.2, 1.0, 0.0];
        let range = ChunkRange { low_rad, high_rad: vec![0.1, 0.2, 3.0, 0.4] };
        check(Some(range), [-1.0, 1.0, 0.0, 0.5], [0.0, 0.2, 2.0, 0.3]);
    }
}
