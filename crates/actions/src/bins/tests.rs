use proptest::prelude::*;

use super::*;
use crate::account;

/// Mean error and mean square error on values spread evenly over `[-1, 1]`.
fn bias_and_mse(bins: &impl Bins) -> (f64, f64) {
    let n = 1_000_003;
    let values = (0..n).map(|i| (f64::from(i) + 0.5) / f64::from(n) * 2.0 - 1.0);
    let (mut bias, mut mse) = (0.0, 0.0);
    for value in values {
        let error = bins.value(0, bins.id(0, value)) - value;
        bias += error / f64::from(n);
        mse += error * error / f64::from(n);
    }
    (bias, mse)
}

/// The width of a bin and where in it the decoded value stands decide both figures.
#[test]
fn bias_and_error_are_those_of_theory() {
    let check = |name: &str, bins: &dyn Fn() -> (f64, f64), bias: f64, mse: f64| {
        let (bias_found, mse_found) = bins();
        assert!((bias_found - bias).abs() < 1e-5, "{name}: bias {bias_found}, not {bias}");
        assert!((mse_found / mse - 1.0).abs() < 1e-2, "{name}: MSE {mse_found:e}, not {mse:e}");
    };
    let width = 2.0 / 255.0;
    let rt1 = Rt1Bins::new(256, vec![(-1.0, 1.0)]).unwrap();
    check("RT-1", &|| bias_and_mse(&rt1), -width / 2.0, width * width / 3.0);
    let openvla = OpenVlaBins::new(OpenVlaBins::BINS);
    check("OpenVLA", &|| bias_and_mse(&openvla), 0.0, width * width / 12.0);
    let width = 2.0 / 2048.0;
    check("E0", &|| bias_and_mse(&UniformBins::E0), 0.0, width * width / 12.0);
    let released = || bias_and_mse(&UniformBins::E0_RELEASED);
    check("E0 as released", &released, -width / 2.0, width * width / 3.0);
}

/// A value on an edge belongs to the bin above for NumPy, to the one below for PyTorch.
#[test]
fn edges_belong_to_one_side() {
    let upper = UniformBins::OPENPI_STATE;
    let lower = UniformBins { edges: BinEdges::Lower, ..upper };
    assert_eq!((upper.id(0, 0.0), lower.id(0, 0.0)), (128, 127));
    assert_eq!((upper.id(0, 0.001), lower.id(0, 0.001)), (128, 128));
    assert_eq!((upper.id(0, -1.0), lower.id(0, -1.0)), (0, 0));
    assert_eq!((upper.id(0, 1.0), lower.id(0, 1.0)), (255, 255));
}

#[test]
fn bounds_without_width_are_refused() {
    assert_eq!(Rt1Bins::new(1, vec![]).map(|_| ()), Err(Rt1Error::Vocabulary(1)));
    let bounds = |minimum, maximum| Rt1Bins::new(256, vec![(minimum, maximum)]).is_err();
    assert!(bounds(1.0, 1.0) && bounds(f64::NAN, 1.0) && bounds(-1.0, f64::INFINITY));
}

/// The page's "448 bits" for 8 steps of 7 dimensions.
#[test]
fn nominal_bits_are_eight_a_value() {
    let mut binned = Binned::new(ChunkShape::new(8, 7).unwrap(), OpenVlaBins::new(256));
    let chunk: Vec<f64> = (0..56).map(|i| f64::from(i) / 28.0 - 1.0).collect();
    let account = account(&mut binned, [&chunk[..]]);
    assert_eq!(account.rate.bits_nominal, 448.0);
    assert!(account.rate.bits_measured <= 448.0);
}

fn check_rule(bins: &impl Bins, error_max: f64, value: f64, id: u32) -> Result<(), TestCaseError> {
    let first = bins.id(0, value);
    prop_assert!(first < bins.bins());
    let decoded = bins.value(0, first);
    prop_assert!((decoded - value.clamp(-1.0, 1.0)).abs() <= error_max + 1e-12);
    prop_assert!(bins.value(0, id).abs() <= 1.0, "id {id} is outside the range");
    Ok(())
}

proptest! {
    #[test]
    fn every_rule_is_total_and_within_a_bin(value in -3.0..3.0_f64, id: u32) {
        let rt1 = Rt1Bins::new(256, vec![(-1.0, 1.0)]).unwrap();
        check_rule(&rt1, 2.0 / 255.0, value, id)?;
        check_rule(&OpenVlaBins::new(256), 1.0 / 255.0, value, id)?;
        check_rule(&UniformBins::E0, 1.0 / 2048.0, value, id)?;
        check_rule(&UniformBins::E0_RELEASED, 2.0 / 2048.0, value, id)?;
    }

    /// What was decoded encodes to itself, but for rules that decode onto an edge.
    #[test]
    fn centres_are_fixed_points(id in 0..255_u32) {
        let openvla = OpenVlaBins::new(256);
        prop_assert_eq!(openvla.id(0, openvla.value(0, id)), id);
        prop_assert_eq!(UniformBins::E0.id(0, UniformBins::E0.value(0, id)), id);
    }
}
