//! The way from the guard to the robot.

use tandem_guard::{AdmittedCommand, RobotPort};
use tandem_wire::JointCommand;

use crate::{Bus, BusError, Keys, Publisher};

/// Sends admitted commands to the robot. Nothing else in tandem publishes on the command key.
#[derive(Debug)]
pub struct CommandPort {
    publisher: Publisher<JointCommand>,
}

impl CommandPort {
    /// The port of the robot with these keys.
    ///
    /// # Errors
    /// If the bus is closed.
    pub fn new(bus: &Bus, keys: &Keys) -> Result<Self, BusError> {
        Ok(Self { publisher: bus.publisher(&keys.command())? })
    }

    /// Whether a robot listens at this moment, as far as this process has heard.
    #[must_use]
    pub fn has_robot(&self) -> bool {
        self.publisher.has_subscribers()
    }
}

impl RobotPort for CommandPort {
    type Error = BusError;

    fn send(&mut self, admitted: &AdmittedCommand) -> Result<(), BusError> {
        self.publisher.send(&JointCommand {
            stamp: admitted.stamp(),
            epoch: admitted.epoch(),
            sequence: admitted.sequence(),
            valid_for: admitted.valid_for(),
            command: *admitted.command(),
        })
    }
}
