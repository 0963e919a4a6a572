//! One value per joint, and what a joint does.

use core::ops::{Deref, DerefMut};

/// The most joints one device drives. More joints are more devices, each with its own watchdog.
pub const JOINTS_MAX: usize = 16;

/// One value per joint, in the device's joint order, with a fixed capacity.
#[derive(Clone, Copy)]
pub struct Joints<T> {
    // Invariant: len <= JOINTS_MAX.
    len: usize,
    values: [T; JOINTS_MAX],
}

/// More values than [`JOINTS_MAX`] were given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManyJoints(pub usize);

impl core::fmt::Display for TooManyJoints {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{} joints given, but one device drives at most {JOINTS_MAX}", self.0)
    }
}

impl core::error::Error for TooManyJoints {}

impl<T: Copy + Default> Joints<T> {
    /// `len` defaults.
    ///
    /// # Errors
    /// If `len` is above [`JOINTS_MAX`].
    pub fn of(len: usize) -> Result<Self, TooManyJoints> {
        if len > JOINTS_MAX {
            return Err(TooManyJoints(len));
        }
        Ok(Self { len, values: [T::default(); JOINTS_MAX] })
    }

    /// A copy of `values`.
    ///
    /// # Errors
    /// If there are more than [`JOINTS_MAX`].
    pub fn from_slice(values: &[T]) -> Result<Self, TooManyJoints> {
        let mut joints = Self::of(values.len())?;
        joints.copy_from_slice(values);
        Ok(joints)
    }

    /// What `f` makes of each value.
    #[must_use]
    pub fn map<U: Copy + Default>(&self, mut f: impl FnMut(&T) -> U) -> Joints<U> {
        let mut mapped = Joints { len: self.len, values: [U::default(); JOINTS_MAX] };
        for (to, from) in mapped.iter_mut().zip(self.iter()) {
            *to = f(from);
        }
        mapped
    }
}

impl<T: Copy + Default> Default for Joints<T> {
    fn default() -> Self {
        Self { len: 0, values: [T::default(); JOINTS_MAX] }
    }
}

impl<T> Deref for Joints<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        self.values.get(..self.len).unwrap_or(&[])
    }
}

impl<T> DerefMut for Joints<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        self.values.get_mut(..self.len).unwrap_or(&mut [])
    }
}

impl<T: PartialEq> PartialEq for Joints<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: Eq> Eq for Joints<T> {}

impl<T: core::fmt::Debug> core::fmt::Debug for Joints<T> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

/// Where a joint should be, and how fast it should move there.
///
/// Micro-units in integers: nothing here can be NaN, a microcontroller without a floating-point
/// unit computes the same bits as a host, and 2^31 urad are 341 turns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Setpoint {
    /// Position, urad.
    pub position_urad: i32,
    /// Velocity, urad/s.
    pub velocity_urad_s: i32,
}

/// What a joint does, measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Measured {
    /// Position, urad.
    pub position_urad: i32,
    /// Velocity, urad/s.
    pub velocity_urad_s: i32,
    /// Torque, mN m, as far as the motor knows.
    pub torque_mnm: i32,
    /// What the motor complains of.
    pub flags: MotorFlags,
}

/// What a motor complains of, one bit each.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct MotorFlags(pub u16);

impl MotorFlags {
    /// The supply is too high or too low.
    pub const VOLTAGE: Self = Self(1);
    /// Too hot.
    pub const TEMPERATURE: Self = Self(1 << 1);
    /// More torque than allowed, for too long.
    pub const OVERLOAD: Self = Self(1 << 2);
    /// The position sensor is wrong.
    pub const ENCODER: Self = Self(1 << 3);
    /// More current than allowed.
    pub const CURRENT: Self = Self(1 << 4);
    /// The motor does not answer.
    pub const SILENT: Self = Self(1 << 5);

    /// It has not heard its host for too long, and stopped by itself.
    pub const LINK: Self = Self(1 << 6);
    /// It has let go or started anew by itself, and needs to be set up again.
    pub const RESTARTED: Self = Self(1 << 7);

    const NAMES: [(Self, &'static str); 8] = [
        (Self::VOLTAGE, "voltage"),
        (Self::TEMPERATURE, "temperature"),
        (Self::OVERLOAD, "overload"),
        (Self::ENCODER, "encoder"),
        (Self::CURRENT, "current"),
        (Self::SILENT, "silent"),
        (Self::LINK, "link"),
        (Self::RESTARTED, "restarted"),
    ];

    /// Whether nothing is wrong.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Both.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether all of `other` are among these.
    #[must_use]
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

impl core::fmt::Display for MotorFlags {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let mut said = false;
        for (flag, name) in Self::NAMES.iter().filter(|(flag, _)| self.has(*flag)) {
            debug_assert!(!flag.is_empty());
            f.write_str(if said { " and " } else { "" })?;
            f.write_str(name)?;
            said = true;
        }
        if said { Ok(()) } else { write!(f, "0x{:04x}", self.0) }
    }
}

impl core::fmt::Debug for MotorFlags {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{self}")
    }
}
