//! How much an action says about the place it is meant for.

use crate::reach::Reach;

/// A lower bound of `I(O;A)`, bits: where motions end is read as a guess of the place they are
/// for, corrected by the best linear map, and what the guess leaves open is the entropy of its
/// error, which is at most that of a normal error of the same covariance (Cover and Thomas 2006,
/// theorem 8.6.5). Places are uniform over the workspace, so theirs is known.
pub(crate) fn place_information_bits(
    reach: &Reach,
    places: &[[f64; 2]],
    ends_m: &[[f64; 3]],
) -> f64 {
    let goals: Vec<[f64; 2]> = places
        .iter()
        .map(|place| {
            let [x, y, _] = reach.goal_m(*place);
            [x, y]
        })
        .collect();
    let ends: Vec<[f64; 2]> = ends_m.iter().map(|[x, y, _]| [*x, *y]).collect();
    let left = covariance_left(&goals, &ends);
    let [half_x, half_y] = reach.half_sides_m();
    let place_entropy = (4.0 * half_x * half_y).log2();
    let normal_entropy = (2.0 * core::f64::consts::PI * core::f64::consts::E).log2()
        + 0.5 * determinant(left).max(f64::MIN_POSITIVE).log2();
    (place_entropy - normal_entropy).max(0.0)
}

type Matrix = [[f64; 2]; 2];

/// The covariance of what the best linear guess from `ends` leaves of `goals`:
/// `Sgg - Sge See^-1 Seg`.
fn covariance_left(goals: &[[f64; 2]], ends: &[[f64; 2]]) -> Matrix {
    let (mean_goal, mean_end) = (mean(goals), mean(ends));
    let across = |a: &[[f64; 2]], mean_a: [f64; 2], b: &[[f64; 2]], mean_b: [f64; 2]| {
        let mut sums = [[0.0; 2]; 2];
        for (a, b) in a.iter().zip(b) {
            for (row, sums) in sums.iter_mut().enumerate() {
                for (column, sum) in sums.iter_mut().enumerate() {
                    *sum += (a[row] - mean_a[row]) * (b[column] - mean_b[column]);
                }
            }
        }
        sums.map(|row| row.map(|sum| sum / a.len().max(1) as f64))
    };
    let all = across(goals, mean_goal, goals, mean_goal);
    let guess = across(goals, mean_goal, ends, mean_end);
    let end = across(ends, mean_end, ends, mean_end);
    let det = determinant(end);
    // Motions that all end at one point, or along one line, explain nothing in this measure.
    if det <= 1e-18 {
        return all;
    }
    let inverse = [[end[1][1] / det, -end[0][1] / det], [-end[1][0] / det, end[0][0] / det]];
    let explained =
        times(times(guess, inverse), [[guess[0][0], guess[1][0]], [guess[0][1], guess[1][1]]]);
    core::array::from_fn(|r| core::array::from_fn(|c| all[r][c] - explained[r][c]))
}

fn mean(points: &[[f64; 2]]) -> [f64; 2] {
    let n = points.len().max(1) as f64;
    core::array::from_fn(|axis| points.iter().map(|point| point[axis]).sum::<f64>() / n)
}

fn times(a: Matrix, b: Matrix) -> Matrix {
    core::array::from_fn(|r| core::array::from_fn(|c| a[r][0] * b[0][c] + a[r][1] * b[1][c]))
}

fn determinant(m: Matrix) -> f64 {
    m[0][0] * m[1][1] - m[0][1] * m[1][0]
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;
    use rand_pcg::Pcg64Mcg;

    use super::*;
    use crate::channel::{Channel, uniform};
    use crate::reach::tests::reach;

    /// An action that ends in the middle of the place's cell knows the channel's bits, less what a
    /// normal error of the same spread is more uncertain than a uniform one: 0.2546 bits for each
    /// coordinate. One that always ends in the same place knows nothing.
    #[test]
    fn the_bound_is_what_a_cells_middle_tells() {
        let reach = reach();
        let mut rng = Pcg64Mcg::seed_from_u64(3);
        let places: Vec<[f64; 2]> =
            (0..20_000).map(|_| [uniform(&mut rng), uniform(&mut rng)]).collect();
        for bits in [1, 3] {
            let channel = Channel::Quantised { bits };
            let mut end =
                |place: &[f64; 2]| reach.goal_m(place.map(|unit| channel.transmit(unit, &mut rng)));
            let ends: Vec<[f64; 3]> = places.iter().map(&mut end).collect();
            let known = place_information_bits(&reach, &places, &ends);
            let expected = 2.0 * (f64::from(bits) - 0.2546);
            assert!((known - expected).abs() < 0.03, "{bits}: {known}, not {expected}");
        }
        let nowhere = vec![[0.2, 0.0, 0.04]; places.len()];
        assert!(place_information_bits(&reach, &places, &nowhere) < 0.01);
    }
}
