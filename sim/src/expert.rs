//! The scripted expert: it knows where the target is and shows how to touch it.

mod planar;
mod resolved;

use core::time::Duration;

use tandem_types::{ActionChunk, ChunkError, JointVec, Posture};

use crate::SimConfig;
use resolved::ResolvedRate;

pub use planar::{ExpertError, PlanarArm};

/// A teacher whose every action follows from the present alone.
///
/// Its law is a velocity towards a carrot, smoothly limited. The carrot is a fingertip position
/// that hangs above the target, the higher the farther the fingertip, where it is *measured*, is
/// from it horizontally. So the fingertip comes down through a funnel and never sweeps through
/// other objects. As the law has no memory, a policy that imitates it needs none either, and every
/// state the policy blunders into has a right answer. What the joints do for it depends on the
/// body: see [`Kinematics`].
#[derive(Clone, Debug)]
pub struct Expert {
    body: Body,
    settings: ExpertSettings,
    robot_limits: Vec<(f64, f64)>,
    target: Target,
}

/// The law's way from the carrot to the joints.
#[derive(Clone, Debug)]
enum Body {
    Planar(PlanarArm),
    Any(Box<ResolvedRate>),
}

/// What to touch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Target {
    /// The middle of its top, in the arm's base frame, m.
    pub top_m: [f64; 3],
}

/// How the expert turns the way to the carrot into joint velocities.
#[derive(Clone, Copy, Debug, PartialEq)]
#[expect(
    clippy::large_enum_variant,
    reason = "an expert has one, and half a kilobyte is no matter"
)]
pub enum Kinematics {
    /// `v = k (q_carrot - q)` with the joint positions of the carrot in closed form: for an arm of
    /// the SO-101's build and size, which pans, bends in one plane, and has no joint to spare.
    Planar,
    /// The tip's velocity `k (carrot - tip)` through the Jacobian: for any arm. The tip keeps the
    /// tilt it has at the rest pose, and whatever freedom is left goes into returning there.
    Jacobian {
        /// How willingly each joint serves the tip, from 0 to 1. Those at 0 go to the rest pose.
        willing: JointVec,
    },
}

/// The expert's manner.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ExpertSettings {
    /// From the carrot to the joints.
    pub kinematics: Kinematics,
    /// How fast an error shrinks, 1/s.
    pub gain_per_s: f64,
    /// The highest speed of any joint, rad/s.
    pub speed_rad_s_max: f64,
    /// Where the fingertip stays, above the target's top, m: inside the success rule's 2 cm with a
    /// centimetre to spare, and without touching.
    pub hover_m: f64,
    /// How much higher than that it travels, m: over the tallest object with room to spare.
    pub rise_m: f64,
    /// The horizontal distance at which it is half down, m.
    pub funnel_m: f64,
    /// The most a command may be away from the measured position, rad: an arm that is stuck is not
    /// pushed ever harder.
    pub leash_rad: f64,
}

impl ExpertSettings {
    /// The manner of the SO-101's demonstrations.
    pub const SO101: Self = Self {
        kinematics: Kinematics::Planar,
        gain_per_s: 4.5,
        speed_rad_s_max: 1.4,
        hover_m: 0.009,
        rise_m: 0.075,
        funnel_m: 0.03,
        leash_rad: 0.3,
    };
}

impl Expert {
    /// An expert for a world's robot, in the manner of its settings.
    ///
    /// # Errors
    /// If the settings ask for kinematics that the robot does not have.
    pub fn new(config: &SimConfig) -> Result<Self, ExpertError> {
        let (robot, settings) = (&config.robot, config.expert);
        let body = match settings.kinematics {
            Kinematics::Planar => Body::Planar(PlanarArm::new(robot)?),
            Kinematics::Jacobian { willing } => {
                let arm = ResolvedRate::new(robot.clone(), config.rest_pose, willing)?;
                Body::Any(Box::new(arm))
            }
        };
        let robot_limits = robot
            .joints()
            .iter()
            .map(|joint| (joint.limits.position_rad_min, joint.limits.position_rad_max))
            .collect();
        let target = Target { top_m: [0.24, 0.0, 0.05] };
        Ok(Self { body, settings, robot_limits, target })
    }

    /// Chooses what to touch from now on.
    pub const fn aim(&mut self, target: Target) {
        self.target = target;
    }

    /// The joint velocities at measured positions `q`, rad/s.
    #[must_use]
    pub fn velocity(&self, q: &JointVec) -> JointVec {
        let goal = self.goal(q);
        let wanted = goal.zip_with(q, |goal, q| self.settings.gain_per_s * (goal - q));
        // All joints are slowed down alike, which keeps the direction; and smoothly, because a
        // policy learns a corner badly.
        let excess = wanted.max_abs() / self.settings.speed_rad_s_max;
        let scale = (1.0 + excess.powi(4)).powf(-0.25);
        wanted.map(|_, velocity| velocity * scale)
    }

    /// The next `steps` points of the path from a posture.
    ///
    /// The law is integrated from the *measured* position, and the path it makes is laid at the
    /// *command*: so the arm's droop under gravity is what the law works off, not what it keeps.
    ///
    /// # Errors
    /// If the path does not fit a chunk.
    pub fn path(
        &self,
        posture: &Posture,
        step_period: Duration,
        steps: usize,
    ) -> Result<ActionChunk, ChunkError> {
        let (measured, command) = (&posture.state.q, &posture.command.q);
        let leash = self.settings.leash_rad;
        let ahead = command.zip_with(measured, |command, q| (command - q).clamp(-leash, leash));
        let mut chunk = ActionChunk::at_rest(*command, posture.stamp);
        chunk.frame_observed = posture.stamp;
        chunk.latent_observed = posture.stamp;
        chunk.progress = self.progress(measured);
        let mut q = *measured;
        let mut values = Vec::with_capacity(steps * q.len());
        for _ in 0..steps {
            let velocity = self.velocity(&q);
            q = q.zip_with(&velocity, |q, v| q + v * step_period.as_secs_f64());
            values.extend(q.zip_with(&ahead, |q, ahead| q + ahead).iter().map(|q| *q as f32));
        }
        chunk.set_path(step_period, &values)?;
        Ok(chunk)
    }

    /// How much of the task is done at `q`, in `[0, 1]`: a smooth function of the distance left.
    #[must_use]
    pub fn progress(&self, q: &JointVec) -> f32 {
        // At this distance half of the task is done: a typical start is 20 cm away.
        const HALF_WAY_M: f64 = 0.08;
        let [x, y, z] = self.tip_m(q);
        let [tx, ty, top] = self.target.top_m;
        let left_m = (x - tx).hypot(y - ty).hypot(z - top - self.settings.hover_m);
        (1.0 / (1.0 + (left_m / HALF_WAY_M).powi(2))) as f32
    }

    /// The joint positions to go for now.
    fn goal(&self, q: &JointVec) -> JointVec {
        let carrot = self.carrot(self.tip_m(q));
        let mut goal = match &self.body {
            Body::Planar(arm) => arm.reach_at(carrot),
            Body::Any(arm) => arm.goal(q, carrot),
        };
        // A bound as the servo has it; outside it the IK's answer would never be reached.
        for (q, (min, max)) in goal.iter_mut().zip(&self.robot_limits) {
            *q = q.max(min + LIMIT_MARGIN_RAD).min(max - LIMIT_MARGIN_RAD);
        }
        goal
    }

    /// Where the fingertip should go from `tip_m`, m.
    fn carrot(&self, [x, y, _]: [f64; 3]) -> [f64; 3] {
        let [tx, ty, top] = self.target.top_m;
        let away = (x - tx).hypot(y - ty).powi(2);
        let funnel = self.settings.funnel_m.powi(2);
        let height = top + self.settings.hover_m + self.settings.rise_m * away / (away + funnel);
        [tx, ty, height]
    }

    fn tip_m(&self, q: &JointVec) -> [f64; 3] {
        match &self.body {
            Body::Planar(arm) => arm.tip(q),
            Body::Any(arm) => arm.tip_m(q),
        }
    }
}

/// The expert stays this far from the joints' limits, rad: the guard has a margin of its own.
const LIMIT_MARGIN_RAD: f64 = 0.05;

#[cfg(test)]
mod tests;
