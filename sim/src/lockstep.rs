//! World and controller in virtual time, as fast as the CPU allows.

mod config;
mod eyes;
mod link;
mod pilot;

use core::time::Duration;

use tandem_control::{ControlConfig, Controller, Inputs, Output};
use tandem_guard::{Cause, Mode, Nonce, Refusal, Request, RobotPort as _, Witness};
use tandem_types::{ActionChunk, Epoch, Posture, Stamp};

use crate::settings::STEP;
use crate::{Episode, SimError, Verdict, World};
use eyes::Eyes;
use link::Link;

pub use link::{LinkError, WorldPort};
pub use pilot::{ExpertPilot, Pilot, Senses};

/// What lockstep adds to world and controller: the delays that threads and processes would have.
#[derive(Clone, Debug)]
pub struct LockstepConfig {
    /// The controller's settings; its period must be a multiple of [`STEP`].
    pub control: ControlConfig,
    /// The controller's life.
    pub epoch: Epoch,
    /// How often the pilot acts.
    pub pilot_period: Duration,
    /// From the posture a pilot sees to the tick that knows its chunk.
    pub pilot_latency: Duration,
    /// From the shutter to the moment a picture can be seen.
    pub camera_latency: Duration,
}

/// A world and a controller that exchange the messages of the bus, encoded and decoded, at the
/// real rates; and a [`Pilot`] in the place of System 1 and 2.
///
/// Every run with the same seeds gives the same bytes.
pub struct Lockstep {
    config: LockstepConfig,
    world: World,
    controller: Controller,
    link: Link,
    eyes: Eyes,
    /// What the pilot said, and when the controller hears it.
    spoken: Option<(Stamp, ActionChunk)>,
    heard: Option<ActionChunk>,
    posture: Option<Posture>,
    steps: u64,
}

/// How an episode went.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// The judge's verdict.
    pub verdict: Verdict,
    /// How long it took in the world's time, from the arming.
    pub duration: Duration,
    /// Why the guard stopped for good, if it did.
    pub stopped: Option<Cause>,
    /// Why the guard held the arm in the end, if it did.
    pub held: Option<Cause>,
    /// How often the guard changed a setpoint.
    pub clamped: u64,
}

impl Lockstep {
    /// Puts a world and a new controller together.
    ///
    /// # Errors
    /// If the controller's config is wrong, its period is no multiple of a physics step, or a
    /// camera cannot be mounted.
    pub fn new(world: World, config: LockstepConfig) -> Result<Self, LockstepError> {
        let periods =
            [("control period", config.control.period), ("pilot period", config.pilot_period)];
        for (what, period) in periods {
            let whole = period.as_nanos().is_multiple_of(STEP.as_nanos());
            if period.is_zero() || !whole {
                return Err(LockstepError::Period { what, period });
            }
        }
        let controller = Controller::new(config.control.clone(), config.epoch)?;
        let (link, eyes) = (Link::new(&world), Eyes::new(&world)?);
        let (spoken, heard, posture, steps) = (None, None, None, 0);
        Ok(Self { config, world, controller, link, eyes, spoken, heard, posture, steps })
    }

    /// The world.
    #[must_use]
    pub const fn world(&self) -> &World {
        &self.world
    }

    /// The controller's mode.
    #[must_use]
    pub const fn mode(&self) -> Mode {
        self.controller.mode()
    }

    /// What the pilot saw last.
    #[must_use]
    pub const fn posture(&self) -> Option<&Posture> {
        self.posture.as_ref()
    }

    /// Lays an episode, arms the controller and starts the judge's time.
    ///
    /// # Errors
    /// If the world cannot be laid or the controller cannot be armed.
    pub fn begin(&mut self, episode: &Episode) -> Result<(), LockstepError> {
        self.bring_to([Mode::Disarmed, Mode::Stopped], |_, _| Request::Disarm)?;
        self.world.lay(episode)?;
        (self.spoken, self.heard, self.posture) = (None, None, None);
        self.link.forget();
        self.eyes.forget();
        // The controller still has the last chunk of the episode before, made for another pose.
        let laid = self.world.now();
        while laid.age_at(self.world.now()) <= self.config.control.guard.action_age_max {
            self.advance(&mut pilot::Nobody)?;
        }
        self.bring_to([Mode::Armed, Mode::Holding], |mode, nonce| match (mode, nonce) {
            (Mode::Stopped, _) => Request::Acknowledge,
            (_, Some(nonce)) => Request::Rearm(nonce),
            (_, None) => Request::Arm,
        })?;
        self.world.restart_judge();
        Ok(())
    }

    /// Plays an episode to its verdict.
    ///
    /// # Errors
    /// If the world cannot be laid or the controller cannot be armed.
    pub fn play(
        &mut self,
        episode: &Episode,
        pilot: &mut dyn Pilot,
    ) -> Result<Outcome, LockstepError> {
        self.begin(episode)?;
        let started = self.world.now();
        let clamped_before = self.advance(pilot)?.counters.clamped;
        loop {
            let output = self.advance(pilot)?;
            let stopped = output.cause.filter(|_| output.mode == Mode::Stopped);
            let verdict = self.world.verdict();
            if verdict != Verdict::Running || stopped.is_some() {
                let duration = started.age_at(self.world.now());
                let clamped = output.counters.clamped - clamped_before;
                let held = output.cause.filter(|_| output.mode == Mode::Holding);
                return Ok(Outcome { verdict, duration, stopped, held, clamped });
            }
        }
    }

    /// One control period: physics, messages, the tick, and the pilot when it is due.
    ///
    /// # Errors
    /// If a message cannot be read back, which would be a defect of the codec.
    pub fn advance(&mut self, pilot: &mut dyn Pilot) -> Result<Output, LockstepError> {
        let physics_steps = self.config.control.period.as_nanos() / STEP.as_nanos();
        for _ in 0..physics_steps {
            self.world.step();
            self.link.carry_from(&self.world)?;
            self.eyes.look(&self.world, self.config.camera_latency);
        }
        let now = self.world.now();
        if let Some((_, chunk)) = self.spoken.take_if(|(due, _)| *due <= now) {
            self.heard = Some(chunk);
        }
        let request = self.link.take_request();
        let inputs = Inputs {
            state: self.link.state(),
            chunk: self.heard.as_ref(),
            receipt: self.link.receipt(),
            witness: Witness::default(),
            request,
        };
        let output = self.controller.tick(now, &inputs);
        if let Some(command) = &output.command {
            WorldPort::new(&mut self.world, &mut self.link.bytes).send(command)?;
        }
        if let Some(posture) = output.posture {
            self.posture = Some(posture);
            self.consult(&posture, pilot);
        }
        self.steps += 1;
        Ok(output)
    }

    /// Repeats a request until the controller is in one of two modes.
    fn bring_to(
        &mut self,
        wanted: [Mode; 2],
        request: impl Fn(Mode, Option<Nonce>) -> Request,
    ) -> Result<(), LockstepError> {
        // An arm at full speed comes to rest within a tenth of a second.
        const TICKS_MAX: usize = 2000;
        let mut refusal = None;
        for _ in 0..TICKS_MAX {
            if wanted.contains(&self.mode()) {
                return Ok(());
            }
            self.link.ask(request(self.mode(), self.controller.nonce()));
            refusal = self.advance(&mut pilot::Nobody)?.refusal.or(refusal);
        }
        Err(LockstepError::Request { mode: self.mode(), refusal })
    }

    fn consult(&mut self, posture: &Posture, pilot: &mut dyn Pilot) {
        let ticks = self.config.pilot_period.as_nanos() / self.config.control.period.as_nanos();
        if !u128::from(self.steps).is_multiple_of(ticks.max(1)) {
            return;
        }
        let mut senses = Senses::new(&self.world, &mut self.eyes);
        if let Some(chunk) = pilot.act(posture, &mut senses) {
            self.spoken = Some((posture.stamp.after(self.config.pilot_latency), chunk));
        }
    }
}

/// Why lockstep cannot start or go on.
#[derive(Debug, thiserror::Error)]
pub enum LockstepError {
    /// The world is at fault.
    #[error(transparent)]
    World(#[from] SimError),
    /// The controller's settings are.
    #[error(transparent)]
    Control(#[from] tandem_control::ControlError),
    /// A message could not be read back.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// The controller does not do what it is asked.
    #[error("the controller stays {mode:?}; it last refused with: {refusal:?}")]
    Request {
        /// Its mode.
        mode: Mode,
        /// Its last refusal.
        refusal: Option<Refusal>,
    },
    /// A period does not fit the physics.
    #[error("the {what} is {period:?}; it must be a multiple of the physics step of {STEP:?}")]
    Period {
        /// Which one.
        what: &'static str,
        /// Its value.
        period: Duration,
    },
}

#[cfg(test)]
mod tests;
