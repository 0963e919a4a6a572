//! The bus between world and controller, in memory: every message is encoded and decoded.

use tandem_guard::{AdmittedCommand, Request, RobotPort};
use tandem_types::{Stamp, State};
use tandem_wire::{DecodeError, JointCommand, JointState, Message as _, Receipt, StateError};

use crate::World;

/// A message could not be read back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// The bytes are no message.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// The joint state does not fit the robot.
    #[error(transparent)]
    State(#[from] StateError),
}

/// The controller's end of the link.
pub(super) struct Link {
    joints: Vec<String>,
    message: JointState,
    pub(super) bytes: Vec<u8>,
    state: Option<State>,
    receipt: Option<Stamp>,
    request: Option<Request>,
    state_steps: u64,
    receipt_steps: u64,
    steps: u64,
}

impl Link {
    pub(super) fn new(world: &World) -> Self {
        let config = world.config();
        let joints: Vec<String> =
            config.robot.joints().iter().map(|joint| joint.name.clone()).collect();
        let steps = |period: core::time::Duration| {
            let steps = period.as_nanos() / crate::STEP.as_nanos();
            u64::try_from(steps).unwrap_or(u64::MAX).max(1)
        };
        Self {
            message: JointState::new(&joints),
            joints,
            bytes: Vec::new(),
            state: None,
            receipt: None,
            request: None,
            state_steps: steps(config.state_period),
            receipt_steps: steps(config.receipt_period),
            steps: 0,
        }
    }

    pub(super) const fn state(&self) -> Option<&State> {
        self.state.as_ref()
    }

    pub(super) const fn receipt(&self) -> Option<Stamp> {
        self.receipt
    }

    pub(super) const fn ask(&mut self, request: Request) {
        self.request = Some(request);
    }

    /// Forgets what was heard: it came from a world that is no more.
    pub(super) const fn forget(&mut self) {
        (self.state, self.receipt) = (None, None);
    }

    pub(super) const fn take_request(&mut self) -> Option<Request> {
        self.request.take()
    }

    /// After a physics step: whatever the robot publishes now.
    pub(super) fn carry_from(&mut self, world: &World) -> Result<(), LinkError> {
        if self.steps.is_multiple_of(self.state_steps) {
            self.message.set_state(world.state());
            self.message.encode(&mut self.bytes);
            self.state = Some(JointState::decode(&self.bytes)?.to_state(&self.joints)?);
        }
        if self.steps.is_multiple_of(self.receipt_steps) {
            world.receipt().encode(&mut self.bytes);
            self.receipt = Some(Receipt::decode(&self.bytes)?.stamp);
        }
        self.steps += 1;
        Ok(())
    }
}

/// A robot port that ends at a simulated robot's inbox.
pub struct WorldPort<'a> {
    world: &'a mut World,
    bytes: &'a mut Vec<u8>,
}

impl<'a> WorldPort<'a> {
    /// A port to `world`; `bytes` is its buffer.
    #[must_use]
    pub const fn new(world: &'a mut World, bytes: &'a mut Vec<u8>) -> Self {
        Self { world, bytes }
    }
}

impl RobotPort for WorldPort<'_> {
    type Error = LinkError;

    fn send(&mut self, admitted: &AdmittedCommand) -> Result<(), LinkError> {
        let message = JointCommand {
            stamp: admitted.stamp(),
            epoch: admitted.epoch(),
            sequence: admitted.sequence(),
            valid_for: admitted.valid_for(),
            command: *admitted.command(),
        };
        message.encode(self.bytes);
        // What the robot refuses, its receipts tell, as they would on the bus.
        self.world.receive(&JointCommand::decode(self.bytes)?).ok();
        Ok(())
    }
}
