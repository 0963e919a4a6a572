//! When two values are the same.

use core::fmt::Debug;

use crate::json::Value;

/// `|got - want| <= abs + rel * |want|`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tolerance {
    abs: f64,
    rel: f64,
}

impl Tolerance {
    /// A file's tolerance for double precision, which is what this crate computes in. Files of
    /// integers have none, and get none.
    pub(crate) fn of(file: &Value) -> Self {
        let double = file.member("tolerance").and_then(|tolerance| tolerance.member("f64"));
        let of = |name| double.as_ref().ok().and_then(|d| d.number(name).ok()).unwrap_or(0.0);
        Self { abs: of("abs"), rel: of("rel") }
    }

    /// That all values are near enough; two NaNs are.
    pub(crate) fn near(self, what: &str, got: &[f64], want: &[f64]) -> Result<(), String> {
        if got.len() != want.len() {
            return Err(format!("{what} has {} values, not {}", got.len(), want.len()));
        }
        let far = |(got, want): (&f64, &f64)| {
            let near = (got - want).abs() <= self.abs + self.rel * want.abs();
            !(near || got == want || (got.is_nan() && want.is_nan()))
        };
        match got.iter().zip(want).position(far) {
            Some(at) => Err(format!("{what}[{at}] is {:?}, not {:?}", got[at], want[at])),
            None => Ok(()),
        }
    }
}

/// That two things are equal.
pub(crate) fn same<T: PartialEq + Debug>(what: &str, got: &T, want: &T) -> Result<(), String> {
    if got == want { Ok(()) } else { Err(format!("{what} is {got:?}, not {want:?}")) }
}
