//! One number per joint, in the robot's joint order.

use core::ops::{Deref, DerefMut};

/// The most joints a robot can have here. A 35-DoF upper body fits twice.
pub const JOINTS_MAX: usize = 72;

/// One `f64` per joint, in the order the robot's config lists them, with a fixed capacity.
///
/// Derefs to a slice of its length. The unit is the holder's business and stands in its field name
/// (`q` in rad, `dq` in rad/s, `tau` in N m).
///
/// Real-time: `Copy`, never allocates.
#[derive(Clone, Copy)]
pub struct JointVec {
    // Invariant: len <= JOINTS_MAX, and values past len are zero.
    len: usize,
    values: [f64; JOINTS_MAX],
}

/// More values than [`JOINTS_MAX`] were given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManyJoints(pub usize);

impl core::fmt::Display for TooManyJoints {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{} joints given, but at most {JOINTS_MAX} are supported", self.0)
    }
}

impl core::error::Error for TooManyJoints {}

impl JointVec {
    /// No joints.
    pub const EMPTY: Self = Self { len: 0, values: [0.0; JOINTS_MAX] };

    /// `len` zeros; a longer `len` is cut to [`JOINTS_MAX`].
    #[must_use]
    pub const fn zeros(len: usize) -> Self {
        let len = if len > JOINTS_MAX { JOINTS_MAX } else { len };
        Self { len, values: [0.0; JOINTS_MAX] }
    }

    /// `len` copies of `value`.
    #[must_use]
    pub fn splat(len: usize, value: f64) -> Self {
        let mut out = Self::zeros(len);
        out.fill(value);
        out
    }

    /// A copy of `values`.
    ///
    /// # Errors
    /// If there are more than [`JOINTS_MAX`] of them.
    pub fn from_slice(values: &[f64]) -> Result<Self, TooManyJoints> {
        let mut out = Self::zeros(values.len());
        if out.len != values.len() {
            return Err(TooManyJoints(values.len()));
        }
        out.copy_from_slice(values);
        Ok(out)
    }

    /// Becomes a copy of `other`. An assignment would move all [`JOINTS_MAX`] values; this moves those
    /// that there are, which counts where another core's cache holds the memory.
    pub fn copy_from(&mut self, other: &Self) {
        if self.len == other.len {
            self.copy_from_slice(other);
        } else {
            *self = *other;
        }
    }

    /// The value `f` makes of each element and its joint index.
    #[must_use]
    pub fn map(mut self, mut f: impl FnMut(usize, f64) -> f64) -> Self {
        for (joint, value) in self.iter_mut().enumerate() {
            *value = f(joint, *value);
        }
        self
    }

    /// Element by element `f(a, b)`; as long as the shorter of the two.
    #[must_use]
    pub fn zip_with(&self, other: &Self, mut f: impl FnMut(f64, f64) -> f64) -> Self {
        let mut out = Self::zeros(self.len.min(other.len));
        for (value, (&a, &b)) in out.iter_mut().zip(self.iter().zip(other.iter())) {
            *value = f(a, b);
        }
        out
    }

    /// Whether every element is a finite number.
    #[must_use]
    pub fn is_finite(&self) -> bool {
        self.iter().all(|value| value.is_finite())
    }

    /// The largest magnitude; zero when empty. NaN elements are passed over.
    #[must_use]
    pub fn max_abs(&self) -> f64 {
        self.iter().fold(0.0, |most, value| f64::max(most, value.abs()))
    }
}

impl Deref for JointVec {
    type Target = [f64];

    fn deref(&self) -> &[f64] {
        // The invariant makes this total; an empty slice is the harmless answer without it.
        self.values.get(..self.len).unwrap_or(&[])
    }
}

impl DerefMut for JointVec {
    fn deref_mut(&mut self) -> &mut [f64] {
        self.values.get_mut(..self.len).unwrap_or(&mut [])
    }
}

impl Default for JointVec {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl PartialEq for JointVec {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl core::fmt::Debug for JointVec {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{prop, prop_assert_eq, proptest};

    proptest! {
        #[test]
        fn keeps_what_it_is_given(values in prop::collection::vec(-10.0_f64..10.0, 0..=JOINTS_MAX)) {
            prop_assert_eq!(&*JointVec::from_slice(&values).unwrap(), &values[..]);
        }

        #[test]
        fn refuses_too_many(extra in 1_usize..50) {
            let values = [0.0; JOINTS_MAX + 50];
            let len = JOINTS_MAX + extra;
            prop_assert_eq!(JointVec::from_slice(&values[..len]), Err(TooManyJoints(len)));
        }
    }

    #[test]
    fn a_copy_leaves_nothing_behind() {
        let (long, short) = (JointVec::splat(5, 1.0), JointVec::splat(2, 3.0));
        for (mut copy, other) in [(long, short), (short, long), (short, JointVec::splat(2, 4.0))] {
            copy.copy_from(&other);
            assert_eq!((copy.len, copy.values), (other.len, other.values));
        }
    }

    #[test]
    fn nan_is_not_finite() {
        let mut q = JointVec::zeros(3);
        assert!(q.is_finite());
        q[1] = f64::NAN;
        assert!(!q.is_finite());
    }
}
