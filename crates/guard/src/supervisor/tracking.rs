//! Whether the robot does what it is told, with an effort that is plausible.

use tandem_types::{Command, JointVec, Stamp, State};

use crate::cause::Finding;
use crate::supervision::TrackingLimits;
use crate::{Cause, Reaction};

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tracking {
    off_since: Option<Stamp>,
}

impl Tracking {
    pub(crate) const NEW: Self = Self { off_since: None };

    /// Slow at once, which softens a collision and may let the arm catch up; stop if it lasts.
    pub(crate) fn watch(
        &mut self,
        now: Stamp,
        limits: &TrackingLimits,
        sent: &Command,
        state: &State,
    ) -> Option<Finding> {
        let Some(cause) = find(limits, sent, state) else {
            *self = Self::NEW;
            return None;
        };
        let since = *self.off_since.get_or_insert(now);
        let lasts = since.age_at(now) >= limits.after;
        Some(Finding::new(if lasts { Reaction::Stop } else { Reaction::Degrade }, cause))
    }
}

fn find(limits: &TrackingLimits, sent: &Command, state: &State) -> Option<Cause> {
    let errors = sent.q.zip_with(&state.q, |to, at| to - at);
    if let Some((joint, error_rad, limit_rad)) = beyond(&errors, &limits.error_rad_max) {
        return Some(Cause::Tracking { joint, error_rad, limit_rad });
    }
    let (joint, torque_nm, limit_nm) = beyond(&state.tau, limits.torque_nm_max.as_ref()?)?;
    Some(Cause::Torque { joint, torque_nm, limit_nm })
}

/// The first value beyond its limit on either side, with its joint. A value that is no number is
/// beyond every limit.
fn beyond(values: &JointVec, limits: &JointVec) -> Option<(usize, f64, f64)> {
    let pairs = values.iter().copied().zip(limits.iter().copied()).enumerate();
    let mut beyond = pairs.filter(|(_, (value, limit))| value.is_nan() || value.abs() > *limit);
    beyond.next().map(|(joint, (value, limit))| (joint, value, limit))
}
