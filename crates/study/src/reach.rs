//! The controlled task: one small object at a place uniform over the workspace, an arm that starts
//! at rest, and an expert that shows how to get there.
//!
//! The place is all there is to know: two coordinates in the base's frame. (In the frame of the
//! moving fingertip a quantiser would show another rounding of the place at every step, and leak
//! more bits the longer the episode.) The object is small, so that its height says nothing, and
//! the start is the rest pose exactly.

use core::time::Duration;

use rand::SeedableRng as _;
use rand_pcg::Pcg64Mcg;
use tandem_actions::ChunkShape;
use tandem_robot::Robot;
use tandem_sim::{Episode, Expert, LockstepConfig, ObjectCount, Scene, SimConfig, Size, Target};
use tandem_types::JointVec;

use crate::StudyError;
use crate::channel::uniform;

/// How finely the expert's law is integrated; the pilot's own period.
const LAW_STEP: Duration = Duration::from_millis(5);

/// The task, and the expert's answers to it.
#[derive(Clone, Debug)]
pub struct Reach {
    sim: SimConfig,
    lockstep: LockstepConfig,
    expert: Expert,
    /// The joints that the expert moves; the others stay where they rest.
    joints: Vec<usize>,
}

/// How a chunk is laid out in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// Steps of a chunk.
    pub steps: usize,
    /// From one to the next, in periods of the law.
    pub stride: usize,
}

impl Timing {
    /// One chunk from the rest pose to the object: the horizon of OAT, over 1.92 s.
    pub const WHOLE: Self = Self { steps: 32, stride: 12 };
    /// A chunk of 80 ms, decided anew at 200 Hz.
    pub const SHORT: Self = Self { steps: 16, stride: 1 };

    /// From one step to the next.
    #[must_use]
    pub fn step(self) -> Duration {
        LAW_STEP * self.stride as u32
    }
}

/// A scene to be judged on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Start {
    /// Its episode.
    pub episode: Episode,
    /// Where the object is, each coordinate in `[-1, 1]`.
    pub place: [f64; 2],
}

impl Reach {
    /// The task for a robot in its workspace.
    ///
    /// # Errors
    /// If the expert cannot drive the robot, or moves none of its joints.
    pub fn new(mut sim: SimConfig, lockstep: LockstepConfig) -> Result<Self, StudyError> {
        sim.rest_jitter_rad = 0.0;
        // Nobody looks, so nothing need be drawn.
        sim.cameras.clear();
        let expert = Expert::new(&sim)?;
        let mut reach = Self { sim, lockstep, expert, joints: Vec::new() };
        reach.joints = reach.moving()?;
        Ok(reach)
    }

    /// The world's settings.
    #[must_use]
    pub const fn sim(&self) -> &SimConfig {
        &self.sim
    }

    /// The controller's.
    #[must_use]
    pub const fn lockstep(&self) -> &LockstepConfig {
        &self.lockstep
    }

    /// The robot.
    #[must_use]
    pub const fn robot(&self) -> &Robot {
        &self.sim.robot
    }

    /// Joints that a chunk speaks of.
    #[must_use]
    pub fn joints(&self) -> &[usize] {
        &self.joints
    }

    /// A chunk's shape.
    ///
    /// # Errors
    /// If no joint moves.
    pub fn shape(&self, timing: Timing) -> Result<ChunkShape, StudyError> {
        Ok(ChunkShape::new(timing.steps, self.joints.len())?)
    }

    /// Where the fingertip should come to rest for a place, m.
    #[must_use]
    pub fn goal_m(&self, place: [f64; 2]) -> [f64; 3] {
        let Target { top_m: [x, y, top] } = self.target(place);
        [x, y, top + self.sim.expert.hover_m]
    }

    /// How much of the table a place is, m^2: half of each side for a unit.
    #[must_use]
    pub fn half_sides_m(&self) -> [f64; 2] {
        let workspace = &self.sim.workspace;
        [&workspace.x_m, &workspace.y_m].map(|side| (side.end() - side.start()) / 2.0)
    }

    /// The expert's chunk for a place from joint positions `q`: how far each step is from there,
    /// rad, step by step, for the joints that move.
    pub fn answer(&mut self, place: [f64; 2], q: &JointVec, timing: Timing) -> Vec<f64> {
        self.expert.aim(self.target(place));
        let (start, mut q) = (*q, *q);
        let mut offsets = Vec::with_capacity(timing.steps * self.joints.len());
        for _ in 0..timing.steps {
            for _ in 0..timing.stride {
                q = self.after(&q);
            }
            let at =
                |joint: &usize| q.get(*joint).zip(start.get(*joint)).map_or(0.0, |(q, s)| q - s);
            offsets.extend(self.joints.iter().map(at));
        }
        offsets
    }

    /// Where the arm is when it has headed for a place for a while, from rest.
    pub fn on_the_way(&mut self, place: [f64; 2], law_steps: usize) -> JointVec {
        self.expert.aim(self.target(place));
        (0..law_steps).fold(self.sim.rest_pose, |q, _| self.after(&q))
    }

    /// Joint positions `offsets` (one step of a chunk) away from `start`.
    #[must_use]
    pub fn moved(&self, start: &JointVec, offsets: &[f64]) -> JointVec {
        let of = |joint| self.joints.iter().position(|moving| *moving == joint);
        let by = |joint| of(joint).and_then(|at| offsets.get(at)).copied().unwrap_or(0.0);
        start.map(|joint, q| q + by(joint))
    }

    /// Where the fingertip ends if a chunk is followed from the rest pose, m.
    #[must_use]
    pub fn end_m(&self, offsets: &[f64]) -> [f64; 3] {
        let last = offsets.len().saturating_sub(self.joints.len());
        let q = self.moved(&self.sim.rest_pose, offsets.get(last..).unwrap_or(&[]));
        self.sim.robot.tip(&q).translation.vector.into()
    }

    /// The first `count` scenes with a small object alone, from seed `first` on: the same for
    /// every cell, and never one of the demonstrations', which are drawn, not laid.
    #[must_use]
    pub fn starts(&self, first: u64, count: usize) -> Vec<Start> {
        let alone = ObjectCount { min: 1, max: 1 };
        let small = |seed| {
            let scene = Scene::generate(&self.sim, alone, &mut Pcg64Mcg::seed_from_u64(seed));
            let object = scene.objects.first().filter(|object| object.kind.size == Size::Small)?;
            let episode = Episode { objects: Some(alone), ..Episode::new(seed) };
            Some(Start { episode, place: self.unit(object.position_m) })
        };
        (first..).filter_map(small).take(count).collect()
    }

    fn after(&self, q: &JointVec) -> JointVec {
        let velocity = self.expert.velocity(q);
        q.zip_with(&velocity, |q, v| q + v * LAW_STEP.as_secs_f64())
    }

    fn target(&self, [u, v]: [f64; 2]) -> Target {
        let [x, y] = [&self.sim.workspace.x_m, &self.sim.workspace.y_m];
        let along = |side: &core::ops::RangeInclusive<f64>, unit: f64| {
            side.start() + (unit + 1.0) / 2.0 * (side.end() - side.start())
        };
        Target { top_m: [along(x, u), along(y, v), Size::Small.extent_m()] }
    }

    fn unit(&self, position_m: [f64; 2]) -> [f64; 2] {
        let sides = [&self.sim.workspace.x_m, &self.sim.workspace.y_m];
        core::array::from_fn(|axis| {
            let side = sides[axis];
            (position_m[axis] - side.start()) / (side.end() - side.start()) * 2.0 - 1.0
        })
    }

    /// The joints that the expert moves on the way to anywhere.
    fn moving(&mut self) -> Result<Vec<usize>, StudyError> {
        const PLACES: usize = 16;
        const STILL_RAD: f64 = 1e-6;
        let mut rng = Pcg64Mcg::seed_from_u64(0);
        let mut far = self.sim.rest_pose.map(|_, _| 0.0);
        for _ in 0..PLACES {
            let place = [uniform(&mut rng), uniform(&mut rng)];
            let q = self.on_the_way(place, Timing::WHOLE.steps * Timing::WHOLE.stride);
            let away = q.zip_with(&self.sim.rest_pose, |q, rest| (q - rest).abs());
            far = far.zip_with(&away, f64::max);
        }
        let joints: Vec<usize> =
            far.iter().enumerate().filter(|(_, far)| **far > STILL_RAD).map(|(j, _)| j).collect();
        if joints.is_empty() { Err(StudyError::Still) } else { Ok(joints) }
    }
}

#[cfg(test)]
pub(crate) mod tests;
