//! A policy's answers, flown in the simulated world in virtual time, without a picture.

use core::time::Duration;

use tandem_sim::{Lockstep, Pilot, Senses, Verdict, World};
use tandem_types::{ActionChunk, JointVec, Posture, Stamp};

use crate::StudyError;
use crate::reach::{Reach, Start, Timing};

/// How fast a plan's tracking error shrinks, 1/s: the expert's own gain.
const TRACKING_PER_S: f64 = 4.5;
/// The most a command may be ahead of the measured position, rad: the expert's own leash.
const LEASH_RAD: f64 = 0.3;
/// Points of the path that a tick is given: at 5 ms each, well beyond the next one.
const PATH_STEPS: usize = 16;
/// How long the fingertip must stay near: the success rule's.
const HELD: Duration = Duration::from_millis(250);

/// How an episode went.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Flown {
    /// By the task's own rule: within 2 cm of the object's surface for 250 ms.
    pub succeeded: bool,
    /// When, s.
    pub success_s: Option<f64>,
    /// The smallest distance from the goal within which the fingertip stayed for 250 ms, m.
    pub held_m: f64,
}

/// A world to fly one episode in.
pub struct Arena {
    lockstep: Lockstep,
}

impl Arena {
    /// Puts world and controller together.
    ///
    /// # Errors
    /// If the world cannot be laid.
    pub fn new(reach: &Reach) -> Result<Self, StudyError> {
        let world = World::new(reach.sim().clone(), 1)?;
        Ok(Self { lockstep: Lockstep::new(world, reach.lockstep().clone())? })
    }

    /// Flies an episode for a fixed time, whatever the judge says meanwhile: how near an arm comes
    /// to rest must not depend on when it is allowed to stop.
    ///
    /// # Errors
    /// If the world cannot be laid.
    pub fn fly(
        &mut self,
        reach: &Reach,
        start: &Start,
        pilot: &mut dyn Pilot,
        duration: Duration,
    ) -> Result<Flown, StudyError> {
        self.lockstep.begin(&start.episode)?;
        let goal = reach.goal_m(start.place);
        let began = self.lockstep.world().now();
        let mut away_m = Vec::with_capacity(duration.as_millis() as usize + 1);
        while began.age_at(self.lockstep.world().now()) < duration {
            self.lockstep.advance(pilot)?;
            let tip = self.lockstep.world().tip_m();
            let squares = tip.iter().zip(goal).map(|(tip, goal)| (tip - goal).powi(2));
            away_m.push(squares.sum::<f64>().sqrt());
        }
        let verdict = self.lockstep.world().verdict();
        let success_s = match verdict {
            Verdict::Succeeded(after) => Some(after.as_secs_f64()),
            Verdict::Running | Verdict::TimedOut => None,
        };
        let period = reach.lockstep().control.period;
        let window = (HELD.as_nanos() / period.as_nanos().max(1)) as usize;
        Ok(Flown { succeeded: success_s.is_some(), success_s, held_m: held_m(&away_m, window) })
    }
}

/// The least, over all windows, of the greatest distance in a window.
fn held_m(away_m: &[f64], window: usize) -> f64 {
    let worst = |window: &[f64]| window.iter().copied().fold(0.0, f64::max);
    away_m.windows(window.max(1)).map(worst).fold(f64::INFINITY, f64::min)
}

/// One look, one chunk: plays a whole plan that was decided before the first move, and never looks
/// again. What keeps the arm on the plan is a loop over the joints' positions that knows nothing of
/// the object; so all that the motion can know of it went through one use of the channel and one
/// chunk of tokens.
pub(crate) struct OneLook {
    /// Joint positions at the start and at each step of the plan.
    knots: Vec<JointVec>,
    step: Duration,
    began: Option<Stamp>,
}

impl OneLook {
    /// Follows `offsets` (a chunk of [`Timing::WHOLE`]) from the rest pose.
    pub(crate) fn new(reach: &Reach, offsets: &[f64]) -> Self {
        let rest = reach.sim().rest_pose;
        let steps = offsets.chunks_exact(reach.joints().len().max(1));
        let knots = core::iter::once(rest).chain(steps.map(|step| reach.moved(&rest, step)));
        Self { knots: knots.collect(), step: Timing::WHOLE.step(), began: None }
    }

    /// Where the plan is after a while.
    fn at(&self, time: Duration) -> JointVec {
        let place = time.as_secs_f64() / self.step.as_secs_f64();
        let last = self.knots.len().saturating_sub(1);
        let before = (place.floor() as usize).min(last);
        let share = if before == last { 0.0 } else { place.fract() };
        let knot = |at: usize| self.knots.get(at.min(last)).copied().unwrap_or(JointVec::EMPTY);
        knot(before).zip_with(&knot(before + 1), |a, b| a + share * (b - a))
    }
}

impl Pilot for OneLook {
    fn act(&mut self, posture: &Posture, _: &mut Senses<'_>) -> Option<ActionChunk> {
        let began = *self.began.get_or_insert(posture.stamp);
        let time = began.age_at(posture.stamp);
        let period = Timing::SHORT.step();
        let now = self.at(time);
        let behind = now.zip_with(&posture.state.q, |plan, q| plan - q);
        let path = (1..=PATH_STEPS as u32).map(|step| {
            let ahead = period * step;
            let feed = self.at(time + ahead).zip_with(&now, |then, now| then - now);
            feed.zip_with(&behind, |feed, behind| {
                feed + TRACKING_PER_S * ahead.as_secs_f64() * behind
            })
        });
        from_command(posture, period, path)
    }
}

/// Looks and decides anew at every step, as System 1 does.
pub(crate) struct Closed<F> {
    /// From joint positions to offsets of a chunk of [`Timing::SHORT`]; none if it cannot say.
    pub(crate) decide: F,
}

impl<F: FnMut(&JointVec) -> Option<Vec<JointVec>>> Pilot for Closed<F> {
    fn act(&mut self, posture: &Posture, _: &mut Senses<'_>) -> Option<ActionChunk> {
        let offsets = (self.decide)(&posture.state.q)?;
        from_command(posture, Timing::SHORT.step(), offsets.into_iter())
    }
}

/// A path `offsets` away from the command, which is held on a leash to the measured position.
fn from_command(
    posture: &Posture,
    step: Duration,
    offsets: impl Iterator<Item = JointVec>,
) -> Option<ActionChunk> {
    let (q, command) = (&posture.state.q, &posture.command.q);
    let from = q.zip_with(command, |q, c| q + (c - q).clamp(-LEASH_RAD, LEASH_RAD));
    let mut chunk = ActionChunk::at_rest(*command, posture.stamp);
    (chunk.frame_observed, chunk.latent_observed) = (posture.stamp, posture.stamp);
    let mut values = Vec::with_capacity(PATH_STEPS * q.len());
    for offset in offsets {
        values.extend(from.zip_with(&offset, |from, by| from + by).iter().map(|q| *q as f32));
    }
    chunk.set_path(step, &values).ok()?;
    Some(chunk)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_window_counts_by_its_worst_moment() {
        let away = [5.0, 2.0, 1.0, 3.0, 0.5, 4.0, 1.5];
        for (window, held) in [(1, 0.5), (2, 2.0), (3, 3.0), (4, 3.0), (9, f64::INFINITY)] {
            assert_eq!(held_m(&away, window), held, "{window}");
        }
    }
}
