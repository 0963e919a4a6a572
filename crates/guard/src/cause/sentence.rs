//! What a cause says to a person: what is wrong, and what to do.

use core::fmt;
use core::time::Duration;

use crate::space::Obstacle;
use crate::{Cause, Signal};

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
            Self::Tracking { joint, error_rad, limit_rad } => write!(
                f,
                "joint {joint} is {error_rad:.3} rad from its command, at most {limit_rad:.3} rad \
                 allowed; is something in its way, or its servo off?"
            ),
            Self::Torque { joint, torque_nm, limit_nm } => write!(
                f,
                "joint {joint} pushes with {torque_nm:.2} N m, at most {limit_nm:.2} N m allowed; \
                 is something in its way?"
            ),
            Self::Discontinuity { joint, step_rad, limit_rad } => write!(
                f,
                "joint {joint} was asked to jump by {step_rad:.3} rad, at most {limit_rad:.3} rad \
                 allowed; the policy's path does not begin where the arm is, or breaks off"
            ),
            Self::Clamping { share_max } => write!(
                f,
                "more than {:.0} % of the setpoints had to be changed to keep a limit; the policy \
                 asks for what this arm may not do",
                100.0 * share_max
            ),
            Self::FrozenState { repeats } => write!(
                f,
                "the joint state came {repeats} times without a change; restart what produces it"
            ),
            Self::FrozenFrame { camera, repeats } => write!(
                f,
                "camera {camera} sent the same picture {repeats} times; restart what produces it"
            ),
            Self::Overrun { late, late_max } => write!(
                f,
                "System 1 is {late} chunks late, at most {late_max} in a row and few in a second \
                 allowed; give it more of the machine, or a slower rate"
            ),
            Self::LinkFaults { faults_max, window } => write!(
                f,
                "more than {faults_max} messages in {} had a wrong sequence, epoch or source; is a \
                 second controller or robot on this bus?",
                Milliseconds(window)
            ),
            Self::Clock { delta_s, delta_s_max } => write!(
                f,
                "this tick came {:.1} ms after the one before it, {:.1} ms at most; the clock \
                 jumped, or the machine stood still",
                delta_s * 1e3,
                delta_s_max * 1e3
            ),
            Self::Authority(why) => write!(f, "{why}"),
            Self::LimitsDiffer { expected, found } => write!(
                f,
                "the robot keeps limits {found:016x}, this config says {expected:016x}; bring its \
                 URDF and its firmware together"
            ),
            Self::Model { found, expected } => write!(
                f,
                "the latent goal comes from model {:016x}, the policy was trained with {:016x}; \
                 load the System 2 that belongs to it",
                found.0, expected.0
            ),
            Self::LatentShape { found, expected } => write!(
                f,
                "the latent goal has {found} values, the policy takes {expected}; load the System 2 \
                 that belongs to it"
            ),
            Self::LatentNorm { norm, limit } => write!(
                f,
                "the latent goal's length of {norm:.2} is beyond {limit:.2}, unlike any the policy \
                 was trained on; is this a scene or an instruction it knows?"
            ),
            Self::Space { obstacle, distance_m, distance_m_min } => write!(
                f,
                "the arm would come to {distance_m:.3} m from {obstacle}, {distance_m_min:.3} m at \
                 least; ask for another way"
            ),
            Self::TipSpeed { speed_m_s, limit_m_s } => write!(
                f,
                "the tip would move at {speed_m_s:.2} m/s and is slowed to {limit_m_s:.2} m/s"
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

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Workspace => f.write_str("the border of its workspace"),
            Self::KeepOut(index) => write!(f, "keep-out {index}"),
            Self::Itself(one, two) => write!(f, "itself (capsules {one} and {two})"),
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
