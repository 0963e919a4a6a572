//! What is said: frames, as values.

use crate::{Fault, Joints, Measured, MotorFlags, Refusal, Setpoint};

/// A station on the line: the host, or one device.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Address(pub u8);

/// One period of being armed, counted up by the host. What belongs to another is never obeyed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Epoch(pub u32);

/// A moment on the device's own clock, microseconds since it started. The host learns it from
/// reports; the two clocks need not agree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeviceTime(pub u64);

impl DeviceTime {
    /// Microseconds from `earlier` until here; zero if that is later.
    #[must_use]
    pub const fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// So many microseconds later.
    #[must_use]
    pub const fn after(self, us: u64) -> Self {
        Self(self.0.saturating_add(us))
    }
}

/// One frame: who says it to whom, its place in the conversation, and what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Who says it.
    pub source: Address,
    /// To whom.
    pub destination: Address,
    /// The period of being armed it belongs to; a request to arm names a new one.
    pub epoch: Epoch,
    /// Its place among the frames of its source in this epoch, counted up by one.
    pub sequence: u32,
    /// What it says.
    pub body: Body,
}

/// What a frame says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body {
    /// What the joints should do, host to device.
    Command(Command),
    /// A change of state asked for, host to device.
    Request(Request),
    /// State and receipt, device to host.
    Report(Report),
}

/// What the joints should do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Command {
    /// When it was made, on the device's clock as the host knows it. The host's knowledge is late
    /// by the way back, so that this is never in the device's future.
    pub made: DeviceTime,
    /// How long after `made` it may be obeyed, us.
    pub valid_us: u32,
    /// Where each joint should be at `made`, and how fast.
    pub joints: Joints<Setpoint>,
}

/// A change of state asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    /// Report, and nothing else.
    Hello,
    /// Adopt the measured pose and wait for commands of the frame's epoch.
    Arm {
        /// The limits the host believes the device keeps; others are refused.
        limits_hash: u32,
    },
    /// Come to rest in order; no fault.
    Disarm,
    /// Stop now, and latch.
    Stop,
    /// Clear a latched fault whose cause is gone. Does not arm.
    Acknowledge {
        /// Which fault, as reports number it; an acknowledgement of a former one clears nothing.
        fault_number: u16,
    },
}

/// What the device does, and what became of what it was told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// When this was written.
    pub now: DeviceTime,
    /// This life of the device; another after each start.
    pub nonce: u64,
    /// The limits it keeps.
    pub limits_hash: u32,
    /// What it does.
    pub state: State,
    /// Why it decelerates or is latched.
    pub fault: Fault,
    /// Counts the faults of its life, this one included.
    pub fault_number: u16,
    /// All motors' complaints together.
    pub flags: MotorFlags,
    /// The last command applied.
    pub receipt: Receipt,
    /// Frames refused in its life.
    pub refused: u32,
    /// Why the last of them was.
    pub refusal: Option<Refusal>,
    /// Frames that were sent and never came, as gaps in the sequence tell.
    pub lost: u32,
    /// What the joints do.
    pub joints: Joints<Measured>,
}

/// Which command was applied, and when.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Receipt {
    /// Its epoch.
    pub epoch: Epoch,
    /// Its sequence.
    pub sequence: u32,
    /// When the motors got it.
    pub applied: DeviceTime,
}

/// What the firmware does, as others see it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum State {
    /// Nothing is obeyed.
    #[default]
    Disarmed,
    /// It holds the pose it measured, and waits for the first command.
    Armed,
    /// It follows commands.
    Active,
    /// It brakes by itself.
    Decelerating,
    /// It is at rest and obeys nothing until the fault is acknowledged.
    Latched,
}

impl State {
    const ALL: [Self; 5] =
        [Self::Disarmed, Self::Armed, Self::Active, Self::Decelerating, Self::Latched];

    /// Its number on the line.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Disarmed => 0,
            Self::Armed => 1,
            Self::Active => 2,
            Self::Decelerating => 3,
            Self::Latched => 4,
        }
    }

    /// The state with a number.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }
}

impl core::fmt::Display for State {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Disarmed => "disarmed",
            Self::Armed => "armed",
            Self::Active => "active",
            Self::Decelerating => "decelerating",
            Self::Latched => "latched",
        })
    }
}
