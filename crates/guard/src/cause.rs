//! Why the guard intervened, and how hard.

mod sentence;

use core::time::Duration;

use tandem_types::ModelId;

use crate::lease::Unauthorised;
use crate::space::Obstacle;

/// What the guard does, in rising severity; of several the worst wins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reaction {
    /// Nothing: the setpoint goes through.
    #[default]
    Ok,
    /// The setpoint was changed, or something is about to run out.
    Warn,
    /// Motion goes on more slowly.
    Degrade,
    /// Brake to rest and stay there, still commanding; resumes by itself when the cause is gone.
    Hold,
    /// Brake to rest, then send nothing; latched until acknowledged. A protective stop in
    /// software, never an emergency stop.
    Stop,
    /// Ask for drive power to be cut. The robot's side decides that; this guard never does.
    Kill,
}

/// What the guard listens to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Signal {
    /// The measured joint state.
    State,
    /// System 1's action chunk, or the setpoint made from it.
    Action,
    /// The camera pictures behind the chunk.
    Frame,
    /// System 2's latent goal behind the chunk.
    Latent,
    /// The robot's receipts for commands.
    Receipt,
}

/// Why the guard intervened. Its [`Display`](core::fmt::Display) says what is wrong and what to do.
///
/// Joints are counted from zero.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cause {
    /// It has not come yet.
    Missing {
        /// What is missing.
        signal: Signal,
    },
    /// It is too old.
    Stale {
        /// What is too old.
        signal: Signal,
        /// How old it is.
        age: Duration,
        /// How old it may be.
        age_max: Duration,
    },
    /// It is stamped in the future, where it would look fresh for ever.
    Ahead {
        /// What is stamped so.
        signal: Signal,
        /// How far ahead of the tick.
        ahead: Duration,
    },
    /// A chunk was computed from an older observation than the chunk before it.
    OutOfOrder {
        /// How much older.
        behind: Duration,
    },
    /// It has the wrong number of joints.
    Shape {
        /// What has.
        signal: Signal,
        /// How many joints it has.
        found: usize,
        /// How many the robot has.
        expected: usize,
    },
    /// It holds NaN or infinity.
    NotFinite {
        /// What holds it.
        signal: Signal,
        /// The first joint concerned.
        joint: usize,
    },
    /// A setpoint would have left the position limits, or come too close to one to brake.
    Position {
        /// The joint.
        joint: usize,
        /// The position asked for, rad.
        position_rad: f64,
        /// The limit, margin included, rad.
        limit_rad: f64,
    },
    /// A setpoint would have been too fast.
    Velocity {
        /// The joint.
        joint: usize,
        /// The velocity asked for, rad/s.
        velocity_rad_s: f64,
        /// The largest speed at this moment, rad/s.
        limit_rad_s: f64,
    },
    /// A setpoint would have changed velocity too fast.
    Acceleration {
        /// The joint.
        joint: usize,
        /// The acceleration asked for, rad/s^2.
        acceleration_rad_s2: f64,
        /// The limit, rad/s^2.
        limit_rad_s2: f64,
    },
    /// A setpoint would have changed acceleration too fast, or could not have been stopped at.
    Jerk {
        /// The joint.
        joint: usize,
        /// The jerk asked for, rad/s^3.
        jerk_rad_s3: f64,
        /// The limit, rad/s^3.
        limit_rad_s3: f64,
    },
    /// System 1 uses a latent goal of an age it was not trained on.
    Untrained {
        /// Its age at the observation it was used for.
        age: Duration,
        /// The youngest in training.
        age_min: Duration,
        /// The oldest in training.
        age_max: Duration,
    },
    /// The robot measures a joint beyond its mechanical limit.
    BeyondLimit {
        /// The joint.
        joint: usize,
        /// The position measured, rad.
        position_rad: f64,
        /// The limit, rad.
        limit_rad: f64,
    },
    /// The robot is not where it is told to be.
    Tracking {
        /// The joint.
        joint: usize,
        /// From the command to the measurement, rad.
        error_rad: f64,
        /// The limit, rad.
        limit_rad: f64,
    },
    /// A joint pushes too hard.
    Torque {
        /// The joint.
        joint: usize,
        /// The effort measured, N m.
        torque_nm: f64,
        /// The limit, N m.
        limit_nm: f64,
    },
    /// A chunk or a setpoint jumps: from where the arm is, or within its own path.
    Discontinuity {
        /// The joint.
        joint: usize,
        /// The jump, rad.
        step_rad: f64,
        /// The limit, rad.
        limit_rad: f64,
    },
    /// Too many setpoints had to be changed: a big clamp is a fault, and clamping it no cure.
    Clamping {
        /// The share of ticks that may be clamped.
        share_max: f64,
    },
    /// The joint state goes on coming and never changes.
    FrozenState {
        /// How many times it came unchanged.
        repeats: u32,
    },
    /// A camera goes on sending the same picture.
    FrozenFrame {
        /// The camera, counted from zero.
        camera: usize,
        /// How many times it came unchanged.
        repeats: u32,
    },
    /// System 1 is late, several times in a row or too often.
    Overrun {
        /// Chunks overdue at this moment.
        late: u32,
        /// How many may be.
        late_max: u32,
    },
    /// Messages of a wrong sequence, epoch or source came too often.
    LinkFaults {
        /// How many are too many.
        faults_max: u32,
        /// Within this time.
        window: Duration,
    },
    /// The clock jumped back, or a tick came much too late.
    Clock {
        /// From one tick to the next, s.
        delta_s: f64,
        /// The most that is no jump, s.
        delta_s_max: f64,
    },
    /// Nobody holds the authority to move the arm: it was never given, lapsed, or is now another's.
    Authority(Unauthorised),
    /// The robot keeps other limits than this config says.
    LimitsDiffer {
        /// The hash of the limits here.
        expected: u64,
        /// The hash the robot announces.
        found: u64,
    },
    /// The latent goal came from another model than the policy was trained with.
    Model {
        /// The model that made it.
        found: ModelId,
        /// The one that should have.
        expected: ModelId,
    },
    /// The latent goal has the wrong number of values.
    LatentShape {
        /// How many it has.
        found: usize,
        /// How many it should have.
        expected: usize,
    },
    /// The latent goal is unlike any the policy was trained on.
    LatentNorm {
        /// Its length.
        norm: f64,
        /// The limit on that side.
        limit: f64,
    },
    /// The arm would come too near to something.
    Space {
        /// To what.
        obstacle: Obstacle,
        /// How near, m; negative inside.
        distance_m: f64,
        /// How near it may, m.
        distance_m_min: f64,
    },
    /// The tip would move too fast.
    TipSpeed {
        /// How fast, m/s.
        speed_m_s: f64,
        /// The limit, m/s.
        limit_m_s: f64,
    },
    /// Somebody asked for a stop.
    StopRequested,
    /// Somebody asked to disarm; the arm is coming to rest.
    DisarmRequested,
}

/// A cause and what it calls for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Finding {
    pub(crate) reaction: Reaction,
    pub(crate) cause: Cause,
}

impl Finding {
    pub(crate) const fn new(reaction: Reaction, cause: Cause) -> Self {
        Self { reaction, cause }
    }

    /// The worse of two; the first if they are equally bad.
    pub(crate) fn worse(self, other: Self) -> Self {
        if other.reaction > self.reaction { other } else { self }
    }
}

impl Cause {
    /// A short, stable name for metrics and messages.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Missing { signal } => match signal {
                Signal::State => "state_missing",
                Signal::Action => "action_missing",
                Signal::Frame => "frame_missing",
                Signal::Latent => "latent_missing",
                Signal::Receipt => "receipt_missing",
            },
            Self::Stale { signal, .. } => match signal {
                Signal::State => "state_stale",
                Signal::Action => "action_stale",
                Signal::Frame => "frame_stale",
                Signal::Latent => "latent_stale",
                Signal::Receipt => "receipt_stale",
            },
            Self::Ahead { .. } => "stamp_ahead",
            Self::OutOfOrder { .. } => "action_out_of_order",
            Self::Shape { .. } => "shape",
            Self::NotFinite { .. } => "not_finite",
            Self::Position { .. } => "position",
            Self::Velocity { .. } => "velocity",
            Self::Acceleration { .. } => "acceleration",
            Self::Jerk { .. } => "jerk",
            Self::Untrained { .. } => "latent_untrained",
            Self::BeyondLimit { .. } => "beyond_limit",
            Self::Tracking { .. } => "tracking",
            Self::Torque { .. } => "torque",
            Self::Discontinuity { .. } => "discontinuity",
            Self::Clamping { .. } => "clamping",
            Self::FrozenState { .. } => "state_frozen",
            Self::FrozenFrame { .. } => "frame_frozen",
            Self::Overrun { .. } => "overrun",
            Self::LinkFaults { .. } => "link_faults",
            Self::Clock { .. } => "clock",
            Self::Authority(_) => "authority",
            Self::LimitsDiffer { .. } => "limits_differ",
            Self::Model { .. } => "model",
            Self::LatentShape { .. } => "latent_shape",
            Self::LatentNorm { .. } => "latent_norm",
            Self::Space { obstacle: Obstacle::Workspace, .. } => "workspace",
            Self::Space { obstacle: Obstacle::KeepOut(_), .. } => "keep_out",
            Self::Space { obstacle: Obstacle::Itself(..), .. } => "self_collision",
            Self::TipSpeed { .. } => "tip_speed",
            Self::StopRequested => "stop_requested",
            Self::DisarmRequested => "disarm_requested",
        }
    }

    /// The joint concerned, counted from zero, if it is about one.
    #[must_use]
    pub const fn joint(&self) -> Option<usize> {
        match *self {
            Self::NotFinite { joint, .. }
            | Self::Position { joint, .. }
            | Self::Velocity { joint, .. }
            | Self::Acceleration { joint, .. }
            | Self::Jerk { joint, .. }
            | Self::BeyondLimit { joint, .. }
            | Self::Tracking { joint, .. }
            | Self::Torque { joint, .. }
            | Self::Discontinuity { joint, .. } => Some(joint),
            _ => None,
        }
    }

    /// What was found, in the unit its sentence says, if it is a number.
    #[must_use]
    pub fn value(&self) -> Option<f64> {
        Some(match *self {
            Self::Stale { age, .. } | Self::Untrained { age, .. } => age.as_secs_f64(),
            Self::Ahead { ahead, .. } => ahead.as_secs_f64(),
            Self::OutOfOrder { behind } => behind.as_secs_f64(),
            Self::Position { position_rad, .. } | Self::BeyondLimit { position_rad, .. } => {
                position_rad
            }
            Self::Velocity { velocity_rad_s, .. } => velocity_rad_s,
            Self::Acceleration { acceleration_rad_s2, .. } => acceleration_rad_s2,
            Self::Jerk { jerk_rad_s3, .. } => jerk_rad_s3,
            Self::Tracking { error_rad, .. } => error_rad,
            Self::Torque { torque_nm, .. } => torque_nm,
            Self::Discontinuity { step_rad, .. } => step_rad,
            Self::Clock { delta_s, .. } => delta_s,
            Self::LatentNorm { norm, .. } => norm,
            Self::Space { distance_m, .. } => distance_m,
            Self::TipSpeed { speed_m_s, .. } => speed_m_s,
            Self::FrozenState { repeats } | Self::FrozenFrame { repeats, .. } => repeats.into(),
            Self::Overrun { late, .. } => late.into(),
            Self::LinkFaults { faults_max, .. } => faults_max.into(),
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_findings_the_worse_counts_and_of_equals_the_first() {
        let finding = |reaction, joint| {
            Finding::new(reaction, Cause::NotFinite { signal: Signal::State, joint })
        };
        let (hold, other, stop) = (Reaction::Hold, Reaction::Hold, Reaction::Stop);
        assert_eq!(finding(hold, 0).worse(finding(other, 1)), finding(hold, 0));
        assert_eq!(finding(hold, 0).worse(finding(stop, 1)), finding(stop, 1));
        assert_eq!(finding(stop, 0).worse(finding(hold, 1)), finding(stop, 0));
    }
}
