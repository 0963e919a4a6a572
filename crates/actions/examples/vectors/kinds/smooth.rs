//! `smoothness.json`.

use tandem_actions::smoothness::{
    SparcSettings, dimensionless_jerk, log_dimensionless_jerk, sparc,
};

use crate::compare::same;
use crate::json::Value;
use crate::run::Context;

pub(super) fn smoothness(context: &Context<'_>, case: &Value) -> Result<(), String> {
    let (speed, rate_hz) = (case.numbers("speed")?, case.number("fs")?);
    let settings = SparcSettings {
        padding: case.integer("padlevel")?,
        cutoff_hz: case.number("fc")?,
        amplitude_min: case.number("amp_th")?,
    };
    let found = sparc(&speed, rate_hz, &settings).ok_or("no arc length")?;
    same("nfft", &found.spectrum_points, &case.integer("nfft")?)?;
    same("bins", &found.points_counted, &case.integer("bins")?)?;
    context.tolerance.near("sparc", &[found.value], &[case.number("sparc")?])?;
    let jerk = dimensionless_jerk(&speed, rate_hz).ok_or("no jerk")?;
    context.tolerance.near("dlj", &[jerk], &[case.number("dlj")?])?;
    let ldlj = log_dimensionless_jerk(&speed, rate_hz).ok_or("no jerk")?;
    context.tolerance.near("ldlj", &[ldlj], &[case.number("ldlj")?])
}
