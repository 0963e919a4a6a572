//! Who flies the arm in a lockstep run.

use core::time::Duration;

use tandem_types::{ActionChunk, Frame, Posture, Stamp};

use super::eyes::Eyes;
use crate::{Expert, World};

/// The place of System 1 and 2: posture and pictures in, action chunks out.
pub trait Pilot {
    /// Called once per pilot period; `None` leaves the chunk before it in force.
    fn act(&mut self, posture: &Posture, senses: &mut Senses<'_>) -> Option<ActionChunk>;
}

/// What a pilot may look at.
pub struct Senses<'a> {
    world: &'a World,
    eyes: &'a mut Eyes,
}

impl<'a> Senses<'a> {
    pub(super) const fn new(world: &'a World, eyes: &'a mut Eyes) -> Self {
        Self { world, eyes }
    }

    /// When the newest pictures were taken; `None` before the first of an episode.
    #[must_use]
    pub fn frame_stamp(&self) -> Option<Stamp> {
        self.eyes.stamp()
    }

    /// The newest picture of a camera, drawn at the first look.
    pub fn frame(&mut self, camera: usize) -> Option<&Frame> {
        self.eyes.frame(camera)
    }

    /// What is asked of the arm.
    #[must_use]
    pub fn instruction(&self) -> &str {
        &self.world.task().instruction
    }

    /// The world itself: for experts, labels and judges, never for a policy.
    #[must_use]
    pub const fn privileged(&self) -> &World {
        self.world
    }
}

/// The expert as a pilot.
#[derive(Clone, Debug)]
pub struct ExpertPilot {
    /// Its law.
    pub expert: Expert,
    /// The time between two points of its chunks.
    pub step_period: Duration,
    /// How many points its chunks have.
    pub steps: usize,
}

impl Pilot for ExpertPilot {
    fn act(&mut self, posture: &Posture, senses: &mut Senses<'_>) -> Option<ActionChunk> {
        self.expert.aim(senses.privileged().target());
        self.expert.path(posture, self.step_period, self.steps).ok()
    }
}

/// No pilot: the arm holds.
pub(super) struct Nobody;

impl Pilot for Nobody {
    fn act(&mut self, _: &Posture, _: &mut Senses<'_>) -> Option<ActionChunk> {
        None
    }
}
