//! Why the guard intervened, and how hard.

use core::fmt;
use core::time::Duration;

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

/// Why the guard intervened. Its [`Display`](fmt::Display) says what is wrong and what to do.
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
            | Self::BeyondLimit { joint, .. } => Some(joint),
            _ => None,
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Missing { signal } => {
                write!(f, "{} yet; {}", signal.absence(), signal.advice())
            }
            Self::Stale { signal, age, age_max } => write!(
                f,
                "the {signal} is {} old, at most {} allowed; {}",
                Milliseconds(age),
                Milliseconds(age_max),
                signal.advice()
            ),
            Self::Ahead { signal, ahead } => write!(
                f,
                "the {signal} is stamped {} in the future; its producer must stamp with this \
                 host's monotonic clock",
                Milliseconds(ahead)
            ),
            Self::OutOfOrder { behind } => write!(
                f,
                "an action chunk came {} behind the one before it; is a second System 1 running?",
                Milliseconds(behind)
            ),
            Self::Shape { signal, found, expected } => write!(
                f,
                "the {signal} has {found} joints, the robot has {expected}; compare the config \
                 with what produces it"
            ),
            Self::NotFinite { signal, joint } => write!(
                f,
                "the {signal} holds NaN or infinity at joint {joint}; check what produces it"
            ),
            Self::Position { joint, position_rad, limit_rad } => write!(
                f,
                "joint {joint} was asked to {position_rad:.3} rad and kept within its limit of \
                 {limit_rad:.3} rad; the policy should stay inside the margin"
            ),
            Self::Velocity { joint, velocity_rad_s, limit_rad_s } => write!(
                f,
                "joint {joint} was asked for {velocity_rad_s:.2} rad/s and slowed to \
                 {limit_rad_s:.2} rad/s; the policy asks for more speed than is allowed"
            ),
            Self::Acceleration { joint, acceleration_rad_s2, limit_rad_s2 } => write!(
                f,
                "joint {joint} was asked for {acceleration_rad_s2:.1} rad/s^2 and smoothed to \
                 {limit_rad_s2:.1} rad/s^2; the policy's path is too abrupt"
            ),
            Self::Jerk { joint, jerk_rad_s3, limit_rad_s3 } => write!(
                f,
                "joint {joint} was asked for {jerk_rad_s3:.0} rad/s^3 and eased to \
                 {limit_rad_s3:.0} rad/s^3; the policy's path is too abrupt"
            ),
            Self::Untrained { age, age_min, age_max } => write!(
                f,
                "System 1 uses a latent goal {} old, and was trained on {} to {}; pace System 2 as \
                 in training, or train with the delays of this machine",
                Milliseconds(age),
                Milliseconds(age_min),
                Milliseconds(age_max)
            ),
            Self::BeyondLimit { joint, position_rad, limit_rad } => write!(
                f,
                "joint {joint} measures {position_rad:.3} rad, beyond its limit of \
                 {limit_rad:.3} rad; move it back by hand, or correct its calibration"
            ),
            Self::StopRequested => f.write_str("a stop was requested"),
            Self::DisarmRequested => f.write_str("disarming; the arm is coming to rest"),
        }
    }
}

impl Signal {
    const fn absence(self) -> &'static str {
        match self {
            Self::State => "no joint state",
            Self::Action => "no action chunk",
            Self::Frame => "no camera picture",
            Self::Latent => "no instruction or no latent goal",
            Self::Receipt => "no receipt",
        }
    }

    const fn advice(self) -> &'static str {
        match self {
            Self::State => "is the robot, or its bridge, running?",
            Self::Action => "is System 1 running, and fast enough?",
            Self::Frame => "are the cameras running?",
            Self::Latent => "give an instruction, and see that System 2 runs",
            Self::Receipt => "does the robot hear this controller?",
        }
    }
}

impl fmt::Display for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::State => "joint state",
            Self::Action => "action chunk",
            Self::Frame => "camera picture behind the action",
            Self::Latent => "latent goal behind the action",
            Self::Receipt => "robot's last receipt",
        })
    }
}

struct Milliseconds(Duration);

impl fmt::Display for Milliseconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.1} ms", self.0.as_secs_f64() * 1e3)
    }
}
