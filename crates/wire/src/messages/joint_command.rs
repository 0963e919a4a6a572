//! `tandem_msgs/JointCommand`: what the joints should do now.

use core::time::Duration;

use tandem_types::{Command, Epoch, JOINTS_MAX, Sequence, Stamp};

use crate::{CdrReader, CdrWriter, DecodeError, Message};

/// One admitted command, with all a receiver needs to refuse it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct JointCommand {
    /// The control tick that made it.
    pub stamp: Stamp,
    /// When the controller was armed; the robot obeys one arming at a time, and none that is older
    /// than its own life or its last stop.
    pub epoch: Epoch,
    /// Counts up from one within the epoch; the robot never goes back.
    pub sequence: Sequence,
    /// How long after `stamp` it may be obeyed; the robot then holds by itself.
    pub valid_for: Duration,
    /// Positions (rad) and velocities (rad/s), in the order of the robot's joints.
    pub command: Command,
}

impl Message for JointCommand {
    const TYPE: &'static str = "tandem_msgs/msg/JointCommand";

    fn write(&self, out: &mut CdrWriter<'_>) {
        out.stamp(self.stamp);
        out.u64(self.epoch.0);
        out.u64(self.sequence.0);
        out.u64(u64::try_from(self.valid_for.as_nanos()).unwrap_or(u64::MAX));
        out.f64s(&self.command.q, JOINTS_MAX);
        out.f64s(&self.command.dq, JOINTS_MAX);
    }

    fn read(from: &mut CdrReader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            stamp: from.stamp()?,
            epoch: Epoch(from.u64()?),
            sequence: Sequence(from.u64()?),
            valid_for: Duration::from_nanos(from.u64()?),
            command: Command { q: from.joints()?, dq: from.joints()? },
        })
    }
}
