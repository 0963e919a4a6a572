//! How far two policies disagree about one and the same moment.

use core::time::Duration;

use tandem_types::{ActionChunk, JointVec};

/// The largest distance between two paths on the stretch that both cover, joint by joint, rad.
///
/// Both depart from the same command. They are compared at the points of `candidate`; where
/// `active` has no point of its own it is interpolated. `None` if they cover no common stretch, have
/// different joints, or one of them is not finite.
#[must_use]
pub fn divergence(active: &ActionChunk, candidate: &ActionChunk) -> Option<JointVec> {
    let mut apart = JointVec::zeros(candidate.dof());
    let mut compared = false;
    let mut due = Duration::ZERO;
    for step in 0..candidate.steps() {
        due = due.saturating_add(candidate.step_period());
        let Some(there) = position(active, due) else { break };
        let here = candidate.step(step)?;
        if there.len() != here.len() {
            return None;
        }
        for ((apart, there), &here) in apart.iter_mut().zip(there.iter()).zip(here) {
            let distance = (f64::from(here) - there).abs();
            if !distance.is_finite() {
                return None;
            }
            *apart = apart.max(distance);
        }
        compared = true;
    }
    if compared { Some(apart) } else { divergence_at_end(active, candidate) }
}

/// Where the shorter path ends, if the candidate's first point lies beyond it.
fn divergence_at_end(active: &ActionChunk, candidate: &ActionChunk) -> Option<JointVec> {
    let steps = u32::try_from(active.steps()).ok().filter(|&steps| steps > 0)?;
    let end = active.step_period().saturating_mul(steps);
    let (there, here) = (position(active, end)?, position(candidate, end)?);
    let apart = there.zip_with(&here, |there, here| (here - there).abs());
    (there.len() == here.len() && apart.is_finite()).then_some(apart)
}

/// The path's position this long after its observation; `None` past its end.
fn position(chunk: &ActionChunk, after: Duration) -> Option<JointVec> {
    let period_ns = chunk.step_period().as_nanos();
    let segment = usize::try_from(after.as_nanos().checked_div(period_ns)?).ok()?;
    let rest = after.as_nanos().checked_rem(period_ns)? as f64 / period_ns as f64;
    let from = match segment.checked_sub(1) {
        None => chunk.origin,
        Some(previous) => widen(chunk.step(previous)?),
    };
    if rest == 0.0 {
        return Some(from);
    }
    let to = widen(chunk.step(segment)?);
    Some(from.zip_with(&to, |from, to| from + (to - from) * rest))
}

fn widen(row: &[f32]) -> JointVec {
    let mut out = JointVec::zeros(row.len());
    for (value, &narrow) in out.iter_mut().zip(row) {
        *value = f64::from(narrow);
    }
    out
}

#[cfg(test)]
mod tests {
    use tandem_types::Stamp;

    use super::*;

    fn chunk(period_ms: u64, path: &[f32]) -> ActionChunk {
        let mut chunk = ActionChunk::at_rest(JointVec::splat(1, 1.0), Stamp::from_nanos(1));
        chunk.set_path(Duration::from_millis(period_ms), path).unwrap();
        chunk
    }

    fn check(active: &ActionChunk, candidate: &ActionChunk, expected_rad: Option<f64>) {
        let found = divergence(active, candidate).map(|apart| apart[0]);
        let close = match (found, expected_rad) {
            (Some(found), Some(expected)) => (found - expected).abs() < 1e-6,
            (found, expected) => found == expected,
        };
        assert!(close, "{found:?}, not {expected_rad:?}");
    }

    #[test]
    fn is_the_largest_distance_on_the_common_stretch() {
        let active = chunk(10, &[1.1, 1.2, 1.3]);
        check(&active, &active, Some(0.0));
        check(&active, &chunk(10, &[1.0, 1.25, 1.3]), Some(0.1));
        // Halfway between two points, and only as far as the active path goes.
        check(&active, &chunk(5, &[1.05, 1.1, 1.17]), Some(0.02));
        check(&active, &chunk(10, &[1.1, 1.2, 1.3, 9.0]), Some(0.0));
    }

    #[test]
    fn coarser_than_the_whole_of_the_other_is_compared_at_its_end() {
        check(&chunk(5, &[1.1]), &chunk(10, &[1.1, 2.0]), Some(0.05));
    }

    #[test]
    fn there_must_be_something_to_compare() {
        let rest = ActionChunk::at_rest(JointVec::splat(1, 1.0), Stamp::from_nanos(1));
        check(&rest, &chunk(10, &[1.1]), None);
        check(&chunk(10, &[1.1]), &rest, None);
        check(&chunk(10, &[1.1]), &chunk(10, &[f32::NAN]), None);
        check(&chunk(10, &[f32::INFINITY]), &chunk(10, &[1.1]), None);
    }
}
