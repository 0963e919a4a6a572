//! Where the arm may be: inside a box, outside of others, and out of its own way.

mod body;
mod distance;
mod spec;

use tandem_robot::Robot;
use tandem_types::{Command, JointVec};

use crate::cause::Finding;
use crate::envelope::{Outlook, Sent};
use crate::{Cause, Limits, Reaction};
use body::{Body, Pair, TIP};

pub use spec::{Bounds, Capsule, KeepOut, SpaceError, SpaceSpec};

/// What the arm is near to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Obstacle {
    /// The border of its workspace.
    Workspace,
    /// A place to keep out of, counted from zero.
    KeepOut(usize),
    /// Itself: two capsules, counted from zero.
    Itself(usize, usize),
}

/// A checked space, with the robot that moves in it.
///
/// It judges the whole way on which the arm could brake, from the command to where it would rest.
/// That way is not walked. A joint that turns by `s` carries no point further than `s` times the
/// point's distance from its axis, so that two parts which are `a` apart at the beginning and `b`
/// at the end, and which braking can bring `L` nearer to each other in all, are nowhere on the way
/// nearer than `(a + b - L) / 2`. At rest that is their distance; at speed it asks for more room,
/// as the square of the speed, which is what braking takes.
///
/// Every motion that is allowed keeps this, so that braking is always a way out. An arm that is
/// somewhere it should not be may still leave.
///
/// The same bound says how long a measurement serves: a pair that was far apart cannot be near
/// before the joints have carried it there. So most ticks measure nothing, and are told the same.
///
/// Real-time: no allocation after it was made; bounded by the links, and by the pairs of capsules.
#[derive(Clone, Debug)]
pub struct Space {
    body: Body,
    clearances: Vec<Clearance>,
    /// The two ends of the way that [`Clearance::next`] was measured on, once one was.
    measured: Option<[JointVec; 2]>,
    keeps: Keeps,
    tip_speed_m_s_max: Option<f64>,
}

/// How near is too near, m.
#[derive(Clone, Copy, Debug)]
struct Keeps {
    slow: f64,
    min: f64,
}

/// The way on which a command would brake, rad.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Way<'a> {
    /// The command.
    pub(crate) from: &'a JointVec,
    /// What braking from it leads to.
    pub(crate) outlook: &'a Outlook,
}

/// How fast the joints may be for the tip's sake.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    pub(crate) scale: f64,
    pub(crate) slowed: Option<Finding>,
}

/// One pair to keep apart, and the room for what was measured of it.
#[derive(Clone, Copy, Debug)]
struct Clearance {
    obstacle: Obstacle,
    pair: Pair,
    reach: JointVec,
    now: Gap,
    next: Gap,
}

/// How far a pair is apart at the two ends of a way, m.
#[derive(Clone, Copy, Debug, Default)]
struct Gap {
    from: f64,
    rest: f64,
}

/// Short enough that no joint turns far in it, long enough for the digits of a position.
const STEP_S: f64 = 1e-4;

/// An arm on its way out may be judged to come nearer by this much, m: the bound asks for a little
/// more room for every motion, even for the first that leads away.
const LEAVING_M: f64 = 1e-3;

impl Space {
    /// The space of `spec` for `robot`.
    ///
    /// # Errors
    /// If a box, a sphere, a capsule, a distance or a speed is none.
    pub fn new(robot: Robot, spec: &SpaceSpec) -> Result<Self, SpaceError> {
        spec.check(&robot)?;
        let body = Body::new(robot, spec);
        let clearances = pairs(&body, spec)
            .into_iter()
            .map(|(obstacle, pair)| {
                let reach = body.reach(&pair);
                Clearance { obstacle, pair, reach, now: Gap::default(), next: Gap::default() }
            })
            .collect();
        let keeps = Keeps { slow: spec.distance_m_slow, min: spec.distance_m_min };
        let tip_speed_m_s_max = spec.tip_speed_m_s_max;
        Ok(Self { body, clearances, measured: None, keeps, tip_speed_m_s_max })
    }

    /// How far the arm at rest at `q` (rad) is from everything, m; negative where they meet.
    pub fn distances(&mut self, q: &JointVec) -> impl Iterator<Item = (Obstacle, f64)> + '_ {
        self.body.pose(q);
        self.clearances
            .iter()
            .map(|clearance| (clearance.obstacle, self.body.distance(&clearance.pair)))
    }

    /// What moving on from `now` to `next` calls for.
    pub(crate) fn judge(&mut self, now: &Way<'_>, next: &Way<'_>) -> Option<Finding> {
        let (keeps, travel) = (self.keeps, &next.outlook.travel(next.from));
        if let Some(measured) = &self.measured
            && self.are_clear(&next.moved_since(measured).zip_with(travel, |moved, on| moved + on))
        {
            return None;
        }
        self.measure(next, |clearance| &mut clearance.next);
        self.measured = Some([*next.from, next.outlook.rest]);
        if self.are_clear(travel) {
            return None;
        }
        self.measure(now, |clearance| &mut clearance.now);
        let findings = self.clearances.iter().filter_map(|it| it.finding(travel, &keeps));
        findings.reduce(Finding::worse)
    }

    /// The part of their speed limits that the joints may use so that the tip keeps its own, from
    /// the part they are using; and what to say if the tip is too fast. `outlook` has the velocities
    /// that the joints are on their way to.
    pub(crate) fn pace(&self, now: &Command, outlook: &Outlook, limits: &Limits) -> Option<Pace> {
        let limit_m_s = self.tip_speed_m_s_max?;
        let rates = &outlook.coasting;
        // The tip's velocity is linear in the joints', so a short enough step shows it.
        let step = |seconds: f64| now.q.zip_with(rates, |q, dq| q + dq * seconds);
        let at = |q: &JointVec| self.body.robot.tip(q).translation.vector;
        let speed_m_s = (at(&step(STEP_S)) - at(&now.q)).norm() / STEP_S;
        let used = rates
            .iter()
            .zip(limits.joints())
            .fold(0.0, |used: f64, (dq, bounds)| used.max(dq.abs() / bounds.velocity_rad_s_max));
        let cause = Cause::TipSpeed { speed_m_s, limit_m_s };
        let slowed = (speed_m_s > limit_m_s).then(|| Finding::new(Reaction::Degrade, cause));
        let scale = if speed_m_s > 0.0 { (used * limit_m_s / speed_m_s).min(1.0) } else { 1.0 };
        Some(Pace { scale, slowed })
    }

    /// Whether nothing was measured so near that the joints, going so far, bring it too near.
    fn are_clear(&self, travel: &JointVec) -> bool {
        self.clearances.iter().all(|clearance| clearance.bound_m(travel) >= self.keeps.slow)
    }

    fn measure(&mut self, way: &Way<'_>, gap: fn(&mut Clearance) -> &mut Gap) {
        self.body.pose(way.from);
        for clearance in &mut self.clearances {
            gap(clearance).from = self.body.distance(&clearance.pair);
        }
        self.body.pose(&way.outlook.rest);
        for clearance in &mut self.clearances {
            gap(clearance).rest = self.body.distance(&clearance.pair);
        }
    }
}

impl<'a> Way<'a> {
    pub(crate) const fn of(sent: &'a Sent) -> Self {
        Self { from: &sent.command.q, outlook: &sent.outlook }
    }

    /// How far both ends together are from those of another way, rad.
    fn moved_since(&self, [from, rest]: &[JointVec; 2]) -> JointVec {
        let moved =
            |one: &JointVec, two: &JointVec| one.zip_with(two, |one, two| (one - two).abs());
        moved(self.from, from).zip_with(&moved(&self.outlook.rest, rest), |from, rest| from + rest)
    }
}

impl Clearance {
    /// The least distance on the way to `next`, or less, if the joints travel so far on it, rad.
    fn bound_m(&self, travel: &JointVec) -> f64 {
        let nearer = self.reach.iter().zip(travel.iter()).map(|(reach, rad)| reach * rad);
        (self.next.from + self.next.rest - nearer.sum::<f64>()) / 2.0
    }

    fn finding(&self, travel: &JointVec, keeps: &Keeps) -> Option<Finding> {
        let distance_m = self.bound_m(travel);
        if distance_m >= keeps.slow {
            return None;
        }
        let leaves = self.next.rest >= self.now.rest;
        let lost = self.now.from < keeps.min - LEAVING_M;
        let may_leave = leaves && (lost || distance_m >= keeps.min - LEAVING_M);
        let goes_on = distance_m >= keeps.min || may_leave;
        let reaction = if goes_on { Reaction::Degrade } else { Reaction::Hold };
        let (obstacle, distance_m_min) = (self.obstacle, keeps.min);
        Some(Finding::new(reaction, Cause::Space { obstacle, distance_m, distance_m_min }))
    }
}

/// Everything to keep apart. What stands still does not come nearer to what stands still.
fn pairs(body: &Body, spec: &SpaceSpec) -> Vec<(Obstacle, Pair)> {
    let workspace = spec.workspace.map(|bounds| (Obstacle::Workspace, Pair::Inside(bounds)));
    let keep_outs = spec.keep_outs.iter().enumerate().flat_map(|(index, keep_out)| {
        let parts = body.parts().filter(|&part| body.moves(part));
        parts.map(move |part| (Obstacle::KeepOut(index), Pair::Outside(part, *keep_out)))
    });
    let may_touch = |one, two| {
        let Some([one, two]) = body.links(one, two) else { return true };
        spec.may_touch.iter().any(|pair| *pair == [one, two] || *pair == [two, one])
    };
    let capsules = body.parts().filter(|&part| part != TIP);
    let itself = capsules.clone().flat_map(|one| {
        let others = capsules.clone().filter(move |&two| two > one);
        others
            .filter(move |&two| body.may_collide(one, two) && !may_touch(one, two))
            // The tip is no capsule of the spec, which people count.
            .map(move |two| (Obstacle::Itself(one - 1, two - 1), Pair::Apart(one, two)))
    });
    workspace.into_iter().chain(keep_outs).chain(itself).collect()
}

#[cfg(test)]
mod tests;
