//! What the firmware keeps to, whatever it is told.

use crate::check::crc32c;
use crate::{Address, Joints};

/// What one joint may do. All positive but the positions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct JointLimits {
    /// The lowest position, urad.
    pub position_urad_min: i32,
    /// The highest position, urad.
    pub position_urad_max: i32,
    /// The highest speed, urad/s.
    pub velocity_urad_s_max: i32,
    /// The highest acceleration when following commands, urad/s^2.
    pub acceleration_urad_s2_max: i32,
    /// How hard it brakes by itself, urad/s^2; at least the acceleration.
    pub deceleration_urad_s2: i32,
    /// How far a command may be from where the joint was told to be last, urad.
    pub jump_urad_max: i32,
    /// How far the joint may be from where it was told to be, urad.
    pub tracking_urad_max: i32,
}

/// What the motors do while nothing is obeyed, after the device was armed once. Before that they
/// are limp in any case: nothing moves, or stiffens, on start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rest {
    /// They hold their place: an arm does not fall.
    Hold,
    /// They are limp: people can move it.
    Limp,
}

/// Everything the firmware is told at start; it cannot be changed while it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FirmwareConfig {
    /// The device itself.
    pub address: Address,
    /// The one station that may command it.
    pub host: Address,
    /// The joints.
    pub joints: Joints<JointLimits>,
    /// It brakes when no valid command has come for so long, us; within [`WATCHDOG_US`].
    pub watchdog_us: u32,
    /// No command is valid for longer, whatever it says, us; within [`WATCHDOG_US`].
    pub valid_us_max: u32,
    /// It disarms again when no first command comes for so long after arming, us.
    pub arm_wait_us: u32,
    /// It brakes after so many refused frames in a row while it is active.
    pub refused_run_max: u16,
    /// What the motors do while nothing is obeyed.
    pub rest: Rest,
}

/// Between these, us, lie the watchdog and the longest validity.
pub const WATCHDOG_US: core::ops::RangeInclusive<u32> = 5_000..=100_000;

/// Why a config was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ConfigError {
    /// There are no joints.
    NoJoints,
    /// The watchdog, or the longest validity, is out of its range.
    Watchdog,
    /// A refused run of zero would brake always.
    RefusedRun,
    /// Host and device have the same address.
    Address,
    /// A joint's limits contradict each other, or one that must be positive is not.
    Joint {
        /// Which, counted from zero.
        joint: usize,
    },
}

impl core::fmt::Display for ConfigError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::NoJoints => write!(f, "there are no joints"),
            Self::Watchdog => write!(
                f,
                "watchdog and longest validity must be {} to {} us",
                WATCHDOG_US.start(),
                WATCHDOG_US.end()
            ),
            Self::RefusedRun => write!(f, "refused_run_max is 0; it must be at least 1"),
            Self::Address => write!(f, "host and device have the same address"),
            Self::Joint { joint } => write!(
                f,
                "the limits of joint {joint} contradict each other: min below max, all others \
                 positive, deceleration at least the acceleration"
            ),
        }
    }
}

impl core::error::Error for ConfigError {}

impl FirmwareConfig {
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        if self.joints.is_empty() {
            return Err(ConfigError::NoJoints);
        }
        let in_range = |us| WATCHDOG_US.contains(&us);
        if !in_range(self.watchdog_us) || !in_range(self.valid_us_max) {
            return Err(ConfigError::Watchdog);
        }
        if self.refused_run_max == 0 {
            return Err(ConfigError::RefusedRun);
        }
        if self.address == self.host {
            return Err(ConfigError::Address);
        }
        match self.joints.iter().position(|limits| !limits.is_sound()) {
            Some(joint) => Err(ConfigError::Joint { joint }),
            None => Ok(()),
        }
    }

    /// A number that differs when any limit does, so that host and device notice that they believe
    /// in different ones. No secret, and no proof against malice.
    #[must_use]
    pub fn limits_hash(&self) -> u32 {
        let mut hash = crc32c(&self.watchdog_us.to_le_bytes());
        for limits in self.joints.iter() {
            for value in limits.values() {
                let mut bytes = [0; 8];
                let (former, next) = bytes.split_at_mut(4);
                former.copy_from_slice(&hash.to_le_bytes());
                next.copy_from_slice(&value.to_le_bytes());
                hash = crc32c(&bytes);
            }
        }
        hash
    }
}

impl JointLimits {
    const fn values(&self) -> [i32; 7] {
        [
            self.position_urad_min,
            self.position_urad_max,
            self.velocity_urad_s_max,
            self.acceleration_urad_s2_max,
            self.deceleration_urad_s2,
            self.jump_urad_max,
            self.tracking_urad_max,
        ]
    }

    const fn is_sound(&self) -> bool {
        self.position_urad_min < self.position_urad_max
            && self.velocity_urad_s_max > 0
            && self.acceleration_urad_s2_max > 0
            && self.deceleration_urad_s2 >= self.acceleration_urad_s2_max
            && self.jump_urad_max > 0
            && self.tracking_urad_max > 0
    }
}
