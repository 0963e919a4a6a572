//! Where a chunk's numbers lie.

use tandem_actions::{DimStatistics, StatisticsFit};
use tandem_bundle::ChunkRange;

use crate::error::TrainError;
use crate::memory::Memory;

/// The least range of a number, rad: twice the least scale of an action. Below it lies nothing but
/// noise, which need not be told apart.
const WIDTH_RAD_MIN: f64 = 3e-4;

/// The range from the 1 % to the 99 % quantile of each number of a chunk, given chunks in units of
/// `scale_rad`.
pub(super) fn measure(memory: &Memory, scale_rad: &[f64]) -> Result<ChunkRange, TrainError> {
    let values = memory.values();
    let mut fit = StatisticsFit::new(values);
    let mut row = vec![0.0; values];
    for chunk in memory.chunk.chunks_exact(values.max(1)) {
        let scales = scale_rad.iter().cycle();
        for ((wide, &narrow), scale) in row.iter_mut().zip(chunk).zip(scales) {
            *wide = f64::from(narrow) * scale;
        }
        fit.add(&row);
    }
    let none = crate::DatasetError::TooSmall { episodes: 0, needed: 1 };
    let found = fit.statistics().ok_or(none)?;
    let ends = |dim: &DimStatistics| {
        let (centre, half) = (0.5 * (dim.q01 + dim.q99), 0.5 * (dim.q99 - dim.q01));
        let half = half.max(0.5 * WIDTH_RAD_MIN);
        (centre - half, centre + half)
    };
    let (low_rad, high_rad) = found.dims.iter().map(ends).unzip();
    Ok(ChunkRange { low_rad, high_rad })
}

/// Brings chunks from units of `scale_rad` into the range: about `[-1, 1]`.
pub(super) fn into_range(memory: &mut Memory, scale_rad: &[f64], range: &ChunkRange) {
    let values = memory.values().max(1);
    for chunk in memory.chunk.chunks_exact_mut(values) {
        let ends = range.low_rad.iter().zip(&range.high_rad);
        for ((value, scale), (low, high)) in
            chunk.iter_mut().zip(scale_rad.iter().cycle()).zip(ends)
        {
            let rad = f64::from(*value) * scale;
            *value = (2.0 * (rad - low) / (high - low) - 1.0) as f32;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_range_holds_what_is_usual_and_still_joints_get_one_too() {
        let samples = 1000;
        let chunk = (0..samples).flat_map(|i| [i as f32 / 999.0, 0.5]).collect();
        let mut memory = Memory { samples, chunk, ..Memory::default() };
        let scale_rad = [0.2];
        let range = measure(&memory, &scale_rad).unwrap();
        assert!(
            (range.low_rad[0] - 0.002).abs() < 1e-3 && (range.high_rad[0] - 0.198).abs() < 1e-3
        );
        assert!((range.high_rad[1] - range.low_rad[1] - WIDTH_RAD_MIN).abs() < 1e-9);
        into_range(&mut memory, &scale_rad, &range);
        let usual = memory.chunk.iter().filter(|value| value.abs() <= 1.0).count();
        assert!((0.98..=1.0).contains(&(usual as f64 / 2000.0)), "{usual}");
    }
}
