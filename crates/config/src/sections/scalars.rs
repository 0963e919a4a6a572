//! Single values: in range, in their unit.

use core::fmt::{Debug, Display};
use core::ops::RangeInclusive;
use core::time::Duration;

use tandem_types::JointVec;

use super::Check;
use crate::raw::RawPerJoint;

impl Check<'_> {
    /// Says so if `value` is out of `range`; a NaN always is.
    pub(super) fn within<T>(&mut self, key: &str, value: T, range: RangeInclusive<T>)
    where
        T: Copy + Debug + Display + PartialOrd,
    {
        if !range.contains(&value) {
            let mend = format!("write {:?} to {:?}", range.start(), range.end());
            self.wrong(key, format!("is {value}"), &mend);
        }
    }

    /// `value` ms as a duration, or zero and a finding if it is out of `range`.
    pub(super) fn milliseconds(
        &mut self,
        key: &str,
        value: f64,
        range: RangeInclusive<f64>,
    ) -> Duration {
        self.seconds(key, value, range, 1e3)
    }

    /// As [`milliseconds`](Self::milliseconds), in us.
    pub(super) fn microseconds(
        &mut self,
        key: &str,
        value: f64,
        range: RangeInclusive<f64>,
    ) -> Duration {
        self.seconds(key, value, range, 1e6)
    }

    fn seconds(
        &mut self,
        key: &str,
        value: f64,
        range: RangeInclusive<f64>,
        per_second: f64,
    ) -> Duration {
        let sound = range.contains(&value);
        self.within(key, value, range);
        // Every range here is finite and not negative, so that this conversion cannot fail.
        if sound { Duration::from_secs_f64(value / per_second) } else { Duration::ZERO }
    }

    /// The period of `rate_hz`, which must be a whole number of microseconds.
    pub(super) fn period(
        &mut self,
        key: &str,
        rate_hz: u32,
        range: RangeInclusive<u32>,
    ) -> Duration {
        self.within(key, rate_hz, range.clone());
        if !range.contains(&rate_hz) {
            return Duration::ZERO;
        }
        if !1_000_000_u32.is_multiple_of(rate_hz) {
            let problem = format!("is {rate_hz}, whose period is no whole number of microseconds");
            let below = (1..rate_hz).rev().find(|rate| 1_000_000_u32.is_multiple_of(*rate));
            self.wrong(key, problem, &format!("write {}", below.unwrap_or(1)));
        }
        Duration::from_micros(u64::from(1_000_000 / rate_hz))
    }

    /// The `SCHED_FIFO` priority asked for; zero asks for none. 99 belongs to the kernel's own
    /// threads.
    pub(super) fn priority(&mut self, key: &str, value: u32) -> Option<u32> {
        self.within(key, value, 0..=98);
        (value > 0).then_some(value)
    }

    /// One value for each joint, each in `range`.
    pub(super) fn per_joint(
        &mut self,
        key: &str,
        raw: &RawPerJoint,
        dof: usize,
        range: RangeInclusive<f64>,
    ) -> JointVec {
        let values = match raw {
            RawPerJoint::All(value) => {
                self.within(key, *value, range);
                return JointVec::splat(dof, *value);
            }
            RawPerJoint::Each(values) => values,
        };
        if values.len() != dof {
            let problem = format!("has {} values for {dof} joints", values.len());
            self.wrong(key, problem, "write one for each name in [robot] joints, or one for all");
        }
        for (index, value) in values.iter().enumerate() {
            self.within(&format!("{key}[{index}]"), *value, range.clone());
        }
        JointVec::from_slice(values).unwrap_or(JointVec::zeros(dof))
    }
}
