use proptest::prelude::*;

use super::*;

const ALL: [Scaling; 4] =
    [Scaling::MinMax, Scaling::QuantileClipped, Scaling::QuantileOpen, Scaling::MeanStd];

fn fit(dims: usize, rows: &[f64]) -> Statistics {
    let mut fit = StatisticsFit::new(dims);
    fit.add(rows);
    fit.statistics().expect("at least one row")
}

/// One dimension with all its figures known.
fn one() -> Statistics {
    let dim = DimStatistics { min: -2.0, max: 6.0, mean: 1.0, std: 2.0, q01: -1.0, q99: 3.0 };
    Statistics { dims: vec![dim] }
}

#[test]
fn each_scaling_by_hand() {
    let check = |scaling, raw: f64, expected: f64| {
        let normaliser = Normaliser::all(scaling, one()).unwrap();
        let mut row = [raw];
        normaliser.normalise(&mut row);
        assert!((row[0] - expected).abs() < 1e-12, "{scaling:?} of {raw}: {}", row[0]);
    };
    check(Scaling::MinMax, 6.0, 1.0);
    check(Scaling::MinMax, 10.0, 2.0);
    check(Scaling::QuantileClipped, 3.0, 2.0 * 4.0 / (4.0 + 1e-8) - 1.0);
    check(Scaling::QuantileClipped, 5.0, 1.0);
    check(Scaling::QuantileOpen, 3.0, 2.0 * 4.0 / (4.0 + 1e-6) - 1.0);
    check(Scaling::QuantileOpen, 5.0, 2.0 * 6.0 / (4.0 + 1e-6) - 1.0);
    check(Scaling::MeanStd, 3.0, 2.0 / (2.0 + 1e-6));
}

#[test]
fn what_is_not_masked_passes() {
    for scaling in ALL {
        let normaliser = Normaliser::new(scaling, one(), vec![false]).unwrap();
        let mut row = [17.0];
        normaliser.normalise(&mut row);
        assert_eq!(row, [17.0], "{scaling:?}");
    }
}

#[test]
fn a_joint_that_never_moved_is_zero_and_comes_back() {
    let still = fit(1, &[0.7, 0.7, 0.7]);
    for scaling in [Scaling::MinMax, Scaling::QuantileClipped] {
        let normaliser = Normaliser::all(scaling, still.clone()).unwrap();
        let mut row = [0.7];
        normaliser.normalise(&mut row);
        assert_eq!(row, [0.0], "{scaling:?}");
        normaliser.restore(&mut row);
        assert_eq!(row, [0.7], "{scaling:?}");
    }
}

#[test]
fn impossible_statistics_are_refused() {
    let broken = |change: fn(&mut DimStatistics)| {
        let mut statistics = one();
        change(&mut statistics.dims[0]);
        Normaliser::all(Scaling::MinMax, statistics).map(|_| ())
    };
    let refused = Err(NormaliserError::Statistics { dim: 0 });
    assert_eq!(broken(|dim| dim.min = f64::NAN), refused);
    assert_eq!(broken(|dim| dim.max = -3.0), refused);
    assert_eq!(broken(|dim| dim.q99 = -3.0), refused);
    assert_eq!(broken(|dim| dim.std = -1.0), refused);
    let mask = NormaliserError::Mask { mask: 2, statistics: 1 };
    let refused = Normaliser::new(Scaling::MinMax, one(), vec![true, false]);
    assert_eq!(refused.map(|_| ()), Err(mask));
}

#[test]
fn rows_that_are_no_actions_are_counted_not_used() {
    let mut fit = StatisticsFit::new(2);
    assert_eq!(fit.statistics(), None);
    fit.add(&[1.0, 2.0, f64::NAN, 0.0, 3.0]);
    assert_eq!(fit.rows_skipped(), 2);
    assert_eq!(fit.statistics().unwrap().dims[1].max, 2.0);
}

proptest! {
    #[test]
    fn restoring_undoes_normalising(
        rows in prop::collection::vec(-50.0..50.0_f64, 2..200),
        scaling in prop::sample::select(ALL.to_vec()),
    ) {
        let statistics = fit(1, &rows);
        let normaliser = Normaliser::all(scaling, statistics.clone()).unwrap();
        let dim = statistics.dims[0];
        let clipped = |value: f64| match scaling {
            Scaling::QuantileClipped => value.clamp(dim.q01, dim.q99),
            _ => value,
        };
        let mut copy = rows.clone();
        normaliser.normalise(&mut copy);
        prop_assert!(scaling != Scaling::QuantileClipped || copy.iter().all(|y| y.abs() <= 1.0));
        normaliser.restore(&mut copy);
        for (value, restored) in rows.iter().zip(&copy) {
            prop_assert!((clipped(*value) - restored).abs() < 1e-6, "{value} -> {restored}");
        }
    }

    /// One pass finds what sorting finds.
    #[test]
    fn streaming_agrees_with_sorting(rows in prop::collection::vec(-9.0..3.0_f64, 1..400)) {
        let found = fit(1, &rows).dims[0];
        let mut sorted = rows.clone();
        sorted.sort_by(f64::total_cmp);
        let n = rows.len() as f64;
        let mean = rows.iter().sum::<f64>() / n;
        let variance = rows.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n;
        prop_assert_eq!((found.min, found.max), (sorted[0], sorted[sorted.len() - 1]));
        prop_assert!((found.mean - mean).abs() < 1e-9);
        prop_assert!((found.std - variance.sqrt()).abs() < 1e-9);
        let bin = (found.max - found.min) / 2048.0;
        for (quantile, q) in [(found.q01, 0.01), (found.q99, 0.99)] {
            let rank = ((q * n).ceil() as usize).clamp(1, rows.len()) - 1;
            let exact = sorted[rank];
            prop_assert!((quantile - exact).abs() <= bin + 1e-12, "{quantile} for {exact}");
        }
    }
}
