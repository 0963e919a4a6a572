//! Where the arm may be: inside a box, outside of others, and out of its own way.

mod distance;

use nalgebra::{Isometry3, Point3};
use tandem_robot::Robot;
use tandem_types::{Command, JointVec};

use crate::cause::Finding;
use crate::{Cause, Limits, Reaction};
use distance::{point_box, segment_box, segment_segment};

/// What is kept free, as somebody wrote it down. Lengths in m, places in the base's frame.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SpaceSpec {
    /// The box that the tip stays in.
    pub workspace: Option<Bounds>,
    /// Boxes that neither the tip nor a capsule may touch.
    pub keep_outs: Vec<Bounds>,
    /// The robot's body. Capsules of one link, or of links that are neighbours, do not collide.
    pub capsules: Vec<Capsule>,
    /// Nearer to anything than this the arm goes on with caution, m.
    pub distance_m_slow: f64,
    /// Nearer than this it does not go, m.
    pub distance_m_min: f64,
    /// The fastest the tip may move, m/s.
    pub tip_speed_m_s_max: Option<f64>,
}

/// A box along the axes of the base's frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// Its lowest corner, m.
    pub min_m: [f64; 3],
    /// Its highest corner, m.
    pub max_m: [f64; 3],
}

/// A thick line on a link.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Capsule {
    /// The link: an index into [`Robot::links`].
    pub link: usize,
    /// One end of its axis in the link's frame, m.
    pub from_m: [f64; 3],
    /// The other end, m.
    pub to_m: [f64; 3],
    /// Its radius, m.
    pub radius_m: f64,
}

/// Why a space was refused.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum SpaceError {
    /// A box is inside out, or a corner is no number.
    #[error("a box from {min_m:?} to {max_m:?} m is none; its lowest corner comes first")]
    Bounds {
        /// Its lowest corner, m.
        min_m: [f64; 3],
        /// Its highest corner, m.
        max_m: [f64; 3],
    },
    /// A capsule is on a link that the robot has not, or has no sound size.
    #[error(
        "capsule {capsule} must be on one of {links} links, with finite ends and a radius above 0"
    )]
    Capsule {
        /// Which one, counted from zero.
        capsule: usize,
        /// How many links there are.
        links: usize,
    },
    /// The distances are in the wrong order.
    #[error(
        "distance_m_slow ({slow}) must be above distance_m_min ({min}), which must not be negative"
    )]
    Distances {
        /// The one to slow down at, m.
        slow: f64,
        /// The one to keep, m.
        min: f64,
    },
    /// A speed that is none.
    #[error("tip_speed_m_s_max is {0}; it must be a number above 0")]
    TipSpeed(f64),
}

/// What the arm is near to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Obstacle {
    /// The border of its workspace.
    Workspace,
    /// A box to keep out of, counted from zero.
    KeepOut(usize),
    /// Itself: two capsules, counted from zero.
    Itself(usize, usize),
}

/// A checked space, with the robot that moves in it.
///
/// It judges poses at rest: the one that braking would lead to after the next command against the
/// one that braking leads to now. The second was found good a tick ago, so that braking is always a
/// way out, and an arm that is somewhere it should not be may still leave.
///
/// Real-time: no allocation after it was made; bounded by the links, and by the pairs of capsules.
#[derive(Clone, Debug)]
pub struct Space {
    robot: Robot,
    spec: SpaceSpec,
    // Invariant: indices into `spec.capsules`.
    pairs: Vec<(usize, usize)>,
    // Room for the poses of all links, and for all capsules in the base's frame.
    poses: Vec<Isometry3<f64>>,
    axes: Vec<(Point3<f64>, Point3<f64>)>,
}

/// How fast the joints may be for the tip's sake.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    pub(crate) scale: f64,
    pub(crate) slowed: Option<Finding>,
}

/// Short enough that no joint turns far in it, long enough for the digits of a position.
const STEP_S: f64 = 1e-4;

#[derive(Clone, Copy, Debug)]
struct Near {
    obstacle: Obstacle,
    distance_m: f64,
}

impl Space {
    /// The space of `spec` for `robot`.
    ///
    /// # Errors
    /// If a box, a capsule, a distance or a speed is none.
    pub fn new(robot: Robot, spec: SpaceSpec) -> Result<Self, SpaceError> {
        check(&robot, &spec)?;
        let count = spec.capsules.len();
        let pairs = (0..count).flat_map(|one| (one + 1..count).map(move |two| (one, two)));
        let pairs = pairs.filter(|&(one, two)| may_collide(&robot, &spec.capsules, one, two));
        let pairs = pairs.collect();
        let poses = Vec::with_capacity(robot.links().len());
        let axes = Vec::with_capacity(count);
        Ok(Self { robot, spec, pairs, poses, axes })
    }

    /// What moving on calls for, if braking from there ends at `next` and braking from here at
    /// `now`, rad.
    pub(crate) fn judge(&mut self, now: &JointVec, next: &JointVec) -> Option<Finding> {
        let near = self.nearest(next).filter(|near| near.distance_m < self.spec.distance_m_slow)?;
        let Near { obstacle, distance_m } = near;
        let distance_m_min = self.spec.distance_m_min;
        let cause = Cause::Space { obstacle, distance_m, distance_m_min };
        let leaves = |before: Near| distance_m >= before.distance_m;
        let reaction = if distance_m >= distance_m_min || self.nearest(now).is_some_and(leaves) {
            Reaction::Degrade
        } else {
            Reaction::Hold
        };
        Some(Finding::new(reaction, cause))
    }

    /// The part of their speed limits that the joints may use so that the tip keeps its own, from
    /// the part they are using; and what to say if the tip is too fast. `outlook` has the velocities
    /// that the joints are on their way to.
    pub(crate) fn pace(&self, now: &Command, outlook: &Command, limits: &Limits) -> Option<Pace> {
        let limit_m_s = self.spec.tip_speed_m_s_max?;
        // The tip's velocity is linear in the joints', so a short enough step shows it.
        let step = |seconds: f64| now.q.zip_with(&outlook.dq, |q, dq| q + dq * seconds);
        let at = |q: &JointVec| self.robot.tip(q).translation.vector;
        let speed_m_s = (at(&step(STEP_S)) - at(&now.q)).norm() / STEP_S;
        let rates = outlook.dq.iter().zip(limits.joints());
        let used = rates
            .fold(0.0, |used: f64, (dq, bounds)| used.max(dq.abs() / bounds.velocity_rad_s_max));
        let cause = Cause::TipSpeed { speed_m_s, limit_m_s };
        let slowed = (speed_m_s > limit_m_s).then(|| Finding::new(Reaction::Degrade, cause));
        let scale = if speed_m_s > 0.0 { (used * limit_m_s / speed_m_s).min(1.0) } else { 1.0 };
        Some(Pace { scale, slowed })
    }

    fn nearest(&mut self, q: &JointVec) -> Option<Near> {
        self.robot.link_poses(q, &mut self.poses);
        self.axes.clear();
        for capsule in &self.spec.capsules {
            let pose = self.poses.get(capsule.link).copied().unwrap_or_else(Isometry3::identity);
            let end = |point: [f64; 3]| pose * Point3::from(point);
            self.axes.push((end(capsule.from_m), end(capsule.to_m)));
        }
        let tip = Point3::from(self.robot.tip(q).translation.vector);
        let border = self.spec.workspace.iter().map(|bounds| Near {
            obstacle: Obstacle::Workspace,
            distance_m: -point_box(&tip, bounds),
        });
        let boxes = self.spec.keep_outs.iter().enumerate().map(|(index, bounds)| {
            let body = self.axes.iter().zip(&self.spec.capsules);
            let body = body.map(|(axis, capsule)| segment_box(axis, bounds) - capsule.radius_m);
            let distance_m = body.fold(point_box(&tip, bounds), f64::min);
            Near { obstacle: Obstacle::KeepOut(index), distance_m }
        });
        let itself = self.pairs.iter().filter_map(|&(one, two)| {
            let radii = [one, two].map(|index| Some(self.spec.capsules.get(index)?.radius_m));
            let apart = segment_segment(self.axes.get(one)?, self.axes.get(two)?);
            let distance_m = apart - radii[0]? - radii[1]?;
            Some(Near { obstacle: Obstacle::Itself(one, two), distance_m })
        });
        border.chain(boxes).chain(itself).reduce(|nearest, near| {
            if near.distance_m < nearest.distance_m { near } else { nearest }
        })
    }
}

/// Links that are joined touch where they are joined, and two capsules of one link never move.
fn may_collide(robot: &Robot, capsules: &[Capsule], one: usize, two: usize) -> bool {
    let link = |index: usize| capsules.get(index).map(|capsule| rigid_root(robot, capsule.link));
    let (Some(one), Some(two)) = (link(one), link(two)) else { return false };
    let parent = |link: usize| {
        let hangs = robot.links().get(link).and_then(|link| link.attachment);
        hangs.map(|hangs| rigid_root(robot, hangs.parent_link))
    };
    one != two && parent(one) != Some(two) && parent(two) != Some(one)
}

/// The first of the links that this one is fixed to: together they are one body.
fn rigid_root(robot: &Robot, link: usize) -> usize {
    let hangs = robot.links().get(link).and_then(|link| link.attachment);
    match hangs {
        Some(hangs) if hangs.motion == tandem_robot::Motion::Fixed => {
            rigid_root(robot, hangs.parent_link)
        }
        _ => link,
    }
}

fn check(robot: &Robot, spec: &SpaceSpec) -> Result<(), SpaceError> {
    for Bounds { min_m, max_m } in spec.workspace.iter().chain(&spec.keep_outs).copied() {
        let finite = min_m.iter().chain(&max_m).all(|corner| corner.is_finite());
        if !finite || min_m.iter().zip(&max_m).any(|(min, max)| min >= max) {
            return Err(SpaceError::Bounds { min_m, max_m });
        }
    }
    let links = robot.links().len();
    let unsound = |capsule: &Capsule| {
        let finite = capsule.from_m.iter().chain(&capsule.to_m).all(|end| end.is_finite());
        capsule.link >= links || !finite || capsule.radius_m.is_nan() || capsule.radius_m <= 0.0
    };
    if let Some(capsule) = spec.capsules.iter().position(unsound) {
        return Err(SpaceError::Capsule { capsule, links });
    }
    let (slow, min) = (spec.distance_m_slow, spec.distance_m_min);
    let ordered = min >= 0.0 && slow > min;
    if !ordered {
        return Err(SpaceError::Distances { slow, min });
    }
    match spec.tip_speed_m_s_max {
        Some(speed) if speed.is_nan() || speed <= 0.0 => Err(SpaceError::TipSpeed(speed)),
        _ => Ok(()),
    }
}
