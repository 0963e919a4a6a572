//! A command that went through the guard, and the only kind of port that takes one.

use core::time::Duration;

use tandem_types::{Command, Epoch, Sequence, Stamp};

/// A command the guard has checked: finite, within every limit, from an armed controller.
///
/// Only this crate can make one, so holding one is the proof:
///
/// ```compile_fail
/// use tandem_guard::AdmittedCommand;
/// use tandem_types::{Command, Epoch, Sequence, Stamp};
///
/// let forged = AdmittedCommand {
///     command: Command::default(),
///     stamp: Stamp::ORIGIN,
///     epoch: Epoch(1),
///     sequence: Sequence(1),
///     valid_for: core::time::Duration::from_secs(1),
/// };
/// ```
///
/// ```compile_fail
/// use tandem_guard::AdmittedCommand;
/// use tandem_types::{Command, Epoch, Sequence, Stamp};
///
/// let valid_for = core::time::Duration::from_secs(1);
/// AdmittedCommand::new(Command::default(), Stamp::ORIGIN, Epoch(1), Sequence(1), valid_for);
/// ```
///
/// Nor can one be altered on its way to the robot:
///
/// ```compile_fail
/// fn alter(admitted: &mut tandem_guard::AdmittedCommand) {
///     admitted.command.q.fill(9.0);
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdmittedCommand {
    command: Command,
    stamp: Stamp,
    epoch: Epoch,
    sequence: Sequence,
    valid_for: Duration,
}

/// A way to a robot: the bus, a serial line, a simulated arm.
///
/// ```compile_fail
/// use tandem_guard::RobotPort;
/// use tandem_types::Command;
///
/// fn bypass(port: &mut impl RobotPort, command: &Command) {
///     let _sent = port.send(command);
/// }
/// ```
pub trait RobotPort {
    /// Why a command could not be handed over.
    type Error;

    /// Hands a command over; must not wait for the robot.
    ///
    /// # Errors
    /// If the way to the robot is closed. The guard notices by the missing receipts in any case.
    fn send(&mut self, command: &AdmittedCommand) -> Result<(), Self::Error>;
}

impl AdmittedCommand {
    pub(crate) const fn new(
        command: Command,
        stamp: Stamp,
        epoch: Epoch,
        sequence: Sequence,
        valid_for: Duration,
    ) -> Self {
        Self { command, stamp, epoch, sequence, valid_for }
    }

    /// Becomes a copy of another: see [`JointVec::copy_from`](tandem_types::JointVec::copy_from).
    pub fn copy_from(&mut self, other: &Self) {
        let Self { command, stamp, epoch, sequence, valid_for } = other;
        self.command.copy_from(command);
        (self.stamp, self.epoch, self.sequence) = (*stamp, *epoch, *sequence);
        self.valid_for = *valid_for;
    }

    /// What the joints should do.
    #[must_use]
    pub const fn command(&self) -> &Command {
        &self.command
    }

    /// The tick that admitted it.
    #[must_use]
    pub const fn stamp(&self) -> Stamp {
        self.stamp
    }

    /// When the controller was armed; a robot obeys one arming at a time, and none that is older than
    /// its own life or its last stop.
    #[must_use]
    pub const fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// Its place in that arming, counted from one; a robot drops what is not newer than the last.
    #[must_use]
    pub const fn sequence(&self) -> Sequence {
        self.sequence
    }

    /// How long after `stamp` the robot may still act on it.
    #[must_use]
    pub const fn valid_for(&self) -> Duration {
        self.valid_for
    }
}
