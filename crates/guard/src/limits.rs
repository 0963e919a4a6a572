//! What each joint may do.

use tandem_robot::Robot;
use tandem_types::JointVec;

/// The limits as somebody wrote them down, before [`Limits::new`] has checked them.
#[derive(Clone, Copy, Debug)]
pub struct LimitsSpec {
    /// The lowest position the mechanics allow, rad.
    pub position_rad_min: JointVec,
    /// The highest position the mechanics allow, rad.
    pub position_rad_max: JointVec,
    /// How far from the mechanical limits commands stay, rad. MoveIt's default is 0.1.
    pub margin_rad: f64,
    /// The fastest a command may move, rad/s.
    pub velocity_rad_s_max: JointVec,
    /// The fastest a command may change its velocity, rad/s^2.
    pub acceleration_rad_s2_max: JointVec,
    /// The fastest a command may change its acceleration, rad/s^3.
    pub jerk_rad_s3_max: JointVec,
}

/// Checked limits of all joints.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    // Invariants: all of one length of at least 1; all finite; for each joint
    // hard min <= min < max <= hard max; velocity, acceleration and jerk > 0.
    hard_rad_min: JointVec,
    hard_rad_max: JointVec,
    position_rad_min: JointVec,
    position_rad_max: JointVec,
    velocity_rad_s_max: JointVec,
    acceleration_rad_s2_max: JointVec,
    jerk_rad_s3_max: JointVec,
}

/// The limits of one joint.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct JointBounds {
    /// The mechanical limit below, rad: a measured position beyond it is a stop.
    pub hard_rad_min: f64,
    /// The mechanical limit above, rad.
    pub hard_rad_max: f64,
    /// The lowest position a command may have, rad: the mechanical limit plus the margin.
    pub position_rad_min: f64,
    /// The highest position a command may have, rad.
    pub position_rad_max: f64,
    /// The largest speed of a command, rad/s.
    pub velocity_rad_s_max: f64,
    /// The largest change of a command's velocity, rad/s^2.
    pub acceleration_rad_s2_max: f64,
    /// The largest change of a command's acceleration, rad/s^3.
    pub jerk_rad_s3_max: f64,
}

/// Why limits were refused.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum LimitsError {
    /// There are none.
    #[error("the limits name no joint")]
    NoJoints,
    /// Two lists differ in length.
    #[error("{what} has {found} values for {expected} joints; give one for each")]
    Length {
        /// The list.
        what: &'static str,
        /// Its length.
        found: usize,
        /// The length of `position_rad_min`.
        expected: usize,
    },
    /// A limit is NaN or infinite. To have no limit is not an option here.
    #[error("{what} of joint {joint} is {value}; give a finite number")]
    NotFinite {
        /// The list.
        what: &'static str,
        /// The joint, counted from zero.
        joint: usize,
        /// The value.
        value: f64,
    },
    /// A rate is zero or negative, so that the joint could never move or never stop.
    #[error("{what} of joint {joint} is {value}; it must be greater than zero")]
    NotPositive {
        /// The list.
        what: &'static str,
        /// The joint, counted from zero.
        joint: usize,
        /// The value.
        value: f64,
    },
    /// The margin is negative, NaN or infinite.
    #[error("margin_rad is {0}; it must be a finite number, zero or more")]
    Margin(f64),
    /// The margin leaves no room.
    #[error(
        "joint {joint} may go from {min_rad} to {max_rad} rad, which leaves nothing inside a \
         margin of {margin_rad} rad at both ends; lower the margin or correct the limits"
    )]
    NoRoom {
        /// The joint, counted from zero.
        joint: usize,
        /// Its mechanical limit below.
        min_rad: f64,
        /// Its mechanical limit above.
        max_rad: f64,
        /// The margin.
        margin_rad: f64,
    },
}

impl JointBounds {
    /// The longest that braking takes, whatever the joint was doing: ramping the deceleration up
    /// from the opposite limit, the speed itself, ramping it down; rounded up to whole ticks.
    #[must_use]
    pub fn stopping_ticks_max(&self, period_s: f64) -> f64 {
        let ramp_s = self.acceleration_rad_s2_max / self.jerk_rad_s3_max;
        let speed_s = self.velocity_rad_s_max / self.acceleration_rad_s2_max;
        ((speed_s + 3.0 * ramp_s) / period_s).ceil() + 4.0
    }
}

impl Limits {
    /// Checks limits and moves the position limits inwards by the margin.
    ///
    /// # Errors
    /// If a list is short, a number is not finite, a rate is not positive or no room is left.
    pub fn new(spec: &LimitsSpec) -> Result<Self, LimitsError> {
        let expected = spec.position_rad_min.len();
        if expected == 0 {
            return Err(LimitsError::NoJoints);
        }
        if !(spec.margin_rad.is_finite() && spec.margin_rad >= 0.0) {
            return Err(LimitsError::Margin(spec.margin_rad));
        }
        check_list("position_rad_min", &spec.position_rad_min, expected)?;
        check_list("position_rad_max", &spec.position_rad_max, expected)?;
        check_rate("velocity_rad_s_max", &spec.velocity_rad_s_max, expected)?;
        check_rate("acceleration_rad_s2_max", &spec.acceleration_rad_s2_max, expected)?;
        check_rate("jerk_rad_s3_max", &spec.jerk_rad_s3_max, expected)?;
        let limits = Self {
            hard_rad_min: spec.position_rad_min,
            hard_rad_max: spec.position_rad_max,
            position_rad_min: spec.position_rad_min.map(|_, limit| limit + spec.margin_rad),
            position_rad_max: spec.position_rad_max.map(|_, limit| limit - spec.margin_rad),
            velocity_rad_s_max: spec.velocity_rad_s_max,
            acceleration_rad_s2_max: spec.acceleration_rad_s2_max,
            jerk_rad_s3_max: spec.jerk_rad_s3_max,
        };
        match limits.joints().position(|joint| joint.position_rad_min >= joint.position_rad_max) {
            None => Ok(limits),
            Some(joint) => Err(LimitsError::NoRoom {
                joint,
                min_rad: spec.position_rad_min.get(joint).copied().unwrap_or_default(),
                max_rad: spec.position_rad_max.get(joint).copied().unwrap_or_default(),
                margin_rad: spec.margin_rad,
            }),
        }
    }

    /// How many joints there are.
    #[must_use]
    pub fn dof(&self) -> usize {
        self.position_rad_min.len()
    }

    /// A number that stands for the mechanical limits, to compare with what the robot itself keeps.
    /// Not a secret: FNV-1a over the number of joints and the bits of each limit, below then above.
    #[must_use]
    pub fn hash(&self) -> u64 {
        Self::hash_of(self.joints().map(|joint| (joint.hard_rad_min, joint.hard_rad_max)))
    }

    /// The same number for the lowest and the highest position of each joint, rad: for a robot to
    /// say what it keeps.
    #[must_use]
    pub fn hash_of(bounds: impl Iterator<Item = (f64, f64)> + Clone) -> u64 {
        let joints = u64::try_from(bounds.clone().count()).unwrap_or(u64::MAX);
        let pairs = bounds.flat_map(|(lowest, highest)| [lowest, highest]);
        let words = core::iter::once(joints).chain(pairs.map(f64::to_bits));
        words.flat_map(u64::to_le_bytes).fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        })
    }

    /// The same number for a robot that keeps its URDF's limits.
    #[must_use]
    pub fn hash_of_robot(robot: &Robot) -> u64 {
        let limits = robot.joints().iter().map(|joint| &joint.limits);
        Self::hash_of(limits.map(|limits| (limits.position_rad_min, limits.position_rad_max)))
    }

    /// The limits of one joint; `None` if there is no such joint.
    #[must_use]
    pub fn joint(&self, joint: usize) -> Option<JointBounds> {
        Some(JointBounds {
            hard_rad_min: *self.hard_rad_min.get(joint)?,
            hard_rad_max: *self.hard_rad_max.get(joint)?,
            position_rad_min: *self.position_rad_min.get(joint)?,
            position_rad_max: *self.position_rad_max.get(joint)?,
            velocity_rad_s_max: *self.velocity_rad_s_max.get(joint)?,
            acceleration_rad_s2_max: *self.acceleration_rad_s2_max.get(joint)?,
            jerk_rad_s3_max: *self.jerk_rad_s3_max.get(joint)?,
        })
    }

    /// The limits of each joint in turn.
    pub fn joints(&self) -> impl Iterator<Item = JointBounds> + Clone + '_ {
        (0..self.dof()).map_while(|joint| self.joint(joint))
    }
}

fn check_list(what: &'static str, list: &JointVec, expected: usize) -> Result<(), LimitsError> {
    if list.len() != expected {
        return Err(LimitsError::Length { what, found: list.len(), expected });
    }
    match list.iter().copied().enumerate().find(|(_, value)| !value.is_finite()) {
        Some((joint, value)) => Err(LimitsError::NotFinite { what, joint, value }),
        None => Ok(()),
    }
}

fn check_rate(what: &'static str, list: &JointVec, expected: usize) -> Result<(), LimitsError> {
    check_list(what, list, expected)?;
    match list.iter().copied().enumerate().find(|&(_, value)| value <= 0.0) {
        Some((joint, value)) => Err(LimitsError::NotPositive { what, joint, value }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec() -> LimitsSpec {
        LimitsSpec {
            position_rad_min: JointVec::splat(2, -1.0),
            position_rad_max: JointVec::splat(2, 1.0),
            margin_rad: 0.1,
            velocity_rad_s_max: JointVec::splat(2, 2.0),
            acceleration_rad_s2_max: JointVec::splat(2, 20.0),
            jerk_rad_s3_max: JointVec::splat(2, 2_000.0),
        }
    }

    fn check(edit: impl FnOnce(&mut LimitsSpec), expected: &str) {
        let mut spec = spec();
        edit(&mut spec);
        assert_eq!(Limits::new(&spec).unwrap_err().to_string(), expected);
    }

    #[test]
    fn the_margin_goes_inwards() {
        let joint = Limits::new(&spec()).unwrap().joint(1).unwrap();
        assert_eq!((joint.position_rad_min, joint.position_rad_max), (-0.9, 0.9));
        assert_eq!((joint.hard_rad_min, joint.hard_rad_max), (-1.0, 1.0));
        assert!(Limits::new(&spec()).unwrap().joint(2).is_none());
    }

    /// The robot computes it by itself, so it may never change. Of an FNV-1a written elsewhere.
    #[test]
    fn the_hash_is_that_of_the_reference() {
        const HASH: u64 = 0x3e02_9081_1df5_9747;
        let urdf = r#"<robot name="two"> <link name="base"/> <link name="arm"/> <link name="hand"/>
            <joint name="a" type="revolute"> <parent link="base"/> <child link="arm"/>
                <limit lower="-1" upper="1" effort="2" velocity="5"/> </joint>
            <joint name="b" type="revolute"> <parent link="arm"/> <child link="hand"/>
                <limit lower="-1" upper="1" effort="2" velocity="5"/> </joint>
        </robot>"#;
        let robot = Robot::from_urdf(urdf, &["a", "b"].map(str::to_owned), "hand").unwrap();
        assert_eq!(Limits::new(&spec()).unwrap().hash(), HASH);
        assert_eq!(Limits::hash_of_robot(&robot), HASH);
    }

    /// 2 / 20 s of braking and three ramps of 20 / 2000 s are 6.5 ticks of 20 ms, and four more.
    #[test]
    fn the_longest_braking_is_counted_in_ticks() {
        let joint = Limits::new(&spec()).unwrap().joint(0).unwrap();
        assert_eq!(joint.stopping_ticks_max(0.02), 11.0);
    }

    #[test]
    fn says_what_is_wrong() {
        check(
            |spec| {
                *spec = LimitsSpec {
                    position_rad_min: JointVec::EMPTY,
                    position_rad_max: JointVec::EMPTY,
                    ..*spec
                }
            },
            "the limits name no joint",
        );
        check(
            |spec| spec.velocity_rad_s_max = JointVec::splat(1, 1.0),
            "velocity_rad_s_max has 1 values for 2 joints; give one for each",
        );
        check(
            |spec| spec.position_rad_max[1] = f64::INFINITY,
            "position_rad_max of joint 1 is inf; give a finite number",
        );
        check(
            |spec| spec.acceleration_rad_s2_max[0] = 0.0,
            "acceleration_rad_s2_max of joint 0 is 0; it must be greater than zero",
        );
        check(
            |spec| spec.jerk_rad_s3_max[1] = -1.0,
            "jerk_rad_s3_max of joint 1 is -1; it must be greater than zero",
        );
        check(
            |spec| spec.margin_rad = f64::NAN,
            "margin_rad is NaN; it must be a finite number, zero or more",
        );
        check(
            |spec| spec.position_rad_max[1] = -0.9,
            "joint 1 may go from -1 to -0.9 rad, which leaves nothing inside a margin of 0.1 rad \
             at both ends; lower the margin or correct the limits",
        );
    }
}
