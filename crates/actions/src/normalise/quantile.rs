//! A histogram that grows with its data, for quantiles in one pass.

/// Bins of a histogram: at worst a quarter of them cover the data.
const BINS: usize = 1 << 13;

/// A histogram over a range that doubles whenever a value falls outside. Doubling merges
/// neighbouring bins, so no count is ever smeared: a quantile is off by one bin at most, which is
/// at most 1/2048 of the range of the data.
#[derive(Clone, Debug)]
pub(super) enum Histogram {
    /// One value, however often.
    Point { value: f64, count: u64 },
    /// At least two different values.
    Range { low: f64, width: f64, counts: Vec<u64> },
}

impl Histogram {
    pub(super) const EMPTY: Self = Self::Point { value: 0.0, count: 0 };

    /// Counts a finite value.
    pub(super) fn add(&mut self, value: f64) {
        match self {
            Self::Point { value: point, count } if *count == 0 || *point == value => {
                *point = value;
                *count += 1;
            }
            Self::Point { value: point, count } => {
                // Half as wide again on each side, so that the next values are likely inside.
                let width = 2.0 * (value - *point).abs();
                let low = point.min(value) - 0.25 * width;
                let (point, count) = (*point, *count);
                *self = Self::Range { low, width, counts: vec![0; BINS] };
                self.count(point, count);
                self.count(value, 1);
            }
            Self::Range { .. } => self.count(value, 1),
        }
    }

    /// The value below which the share `q` of all values lies, within one bin.
    pub(super) fn quantile(&self, q: f64) -> f64 {
        match self {
            Self::Point { value, .. } => *value,
            Self::Range { low, width, counts } => {
                let wanted = q * counts.iter().sum::<u64>() as f64;
                let bin_width = width / BINS as f64;
                let mut below = 0.0;
                for (bin, count) in counts.iter().enumerate() {
                    let count = *count as f64;
                    if count > 0.0 && below + count >= wanted {
                        let within = ((wanted - below) / count).clamp(0.0, 1.0);
                        return low + (bin as f64 + within) * bin_width;
                    }
                    below += count;
                }
                low + width
            }
        }
    }

    fn count(&mut self, value: f64, times: u64) {
        let Self::Range { low, width, counts } = self else { return };
        while value < *low || value >= *low + *width {
            double(low, width, counts, value < *low);
        }
        let place = (value - *low) / *width * BINS as f64;
        counts[(place as usize).min(BINS - 1)] += times;
    }
}

/// Doubles the range towards one side: pairs of bins merge into the other half.
fn double(low: &mut f64, width: &mut f64, counts: &mut [u64], down: bool) {
    let half = counts.len() / 2;
    if down {
        for bin in (0..half).rev() {
            counts[half + bin] = counts[2 * bin] + counts[2 * bin + 1];
        }
        counts[..half].fill(0);
        *low -= *width;
    } else {
        for bin in 0..half {
            counts[bin] = counts[2 * bin] + counts[2 * bin + 1];
        }
        counts[half..].fill(0);
    }
    *width *= 2.0;
}
