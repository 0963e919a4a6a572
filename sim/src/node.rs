//! The simulated robot as a process on the bus, in real time.
//!
//! Two threads: the physics keeps real time and does everything small; the camera thread draws
//! pictures from snapshots, so that drawing never delays the physics. What arrives from the bus
//! waits in bounded queues until the physics thread's next step.

mod cameras;
mod clock;
mod publications;
mod questions;

use core::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;

use tandem_bus::{Bus, BusConfig, Garbage, Keys};
use tandem_config::Config;
use tandem_realtime::{Clock as _, Histogram, MonotonicClock, Policy, Schedule, Unit};
use tandem_types::{Command, Epoch, State};
use tandem_wire::JointCommand;

use crate::{SimConfig, SimError, World};
use cameras::Cameras;
use clock::StepClock;
use publications::Publications;
use questions::Questions;

/// The most commands that wait for the next step: at 1 kHz, 64 ms of them. More means that this
/// process was not running, and the newest would be refused as stale anyway.
const COMMANDS_MAX: usize = 64;

/// Below the daemon's threads: on real hardware the robot would have a processor of its own, but
/// here it must not take theirs. One step takes two per cent of a period.
const PRIORITY: u8 = 60;

/// Why the simulated robot cannot run.
#[derive(Debug, thiserror::Error)]
pub enum NodeError {
    /// The world cannot be built.
    #[error(transparent)]
    World(#[from] SimError),
    /// The bus cannot be opened.
    #[error(transparent)]
    Open(#[from] tandem_bus::OpenError),
    /// The bus is gone.
    #[error(transparent)]
    Bus(#[from] tandem_bus::BusError),
    /// A name cannot be used on the bus.
    #[error(transparent)]
    Key(#[from] tandem_bus::KeyError),
    /// The system has no thread left.
    #[error("the camera thread cannot be started: {0}")]
    Thread(std::io::Error),
    /// The camera thread ended by itself.
    #[error("the camera thread failed; its message stands above")]
    Cameras,
}

/// Servos that are not the simulation's own: something else takes the robot's commands and tells
/// its state, and the simulation is the table and the joints.
pub trait Servos: Send {
    /// Takes what the joints measure, and gives what the servos make them do next.
    fn exchange(&mut self, measured: &State) -> Command;

    /// The joints were put somewhere else, as by a hand.
    fn place(&mut self, measured: &State);
}

/// Runs the simulated robot of a scenario until `stop` is raised.
///
/// # Errors
/// If the scenario has no simulated robot, or the bus cannot be opened or is lost.
pub fn run(config: &Config, stop: &AtomicBool) -> Result<(), NodeError> {
    run_behind(config, stop, None)
}

/// As [`run`], behind `servos` if there are any: commands are then none of the node's business, and
/// it tells neither state nor receipts.
///
/// # Errors
/// As [`run`] has.
pub fn run_behind(
    config: &Config,
    stop: &AtomicBool,
    servos: Option<&mut dyn Servos>,
) -> Result<(), NodeError> {
    // From here on; what was armed before was armed for another life of this robot.
    let epoch = Epoch::at(MonotonicClock.now());
    let sim = SimConfig { epoch, ..SimConfig::from_config(config)? };
    let section = config.sim.as_ref();
    let seed = section.map_or(0, |section| section.seed);
    let with_spectator = section.is_some_and(|section| section.spectator);
    let world = World::new(sim, seed)?;

    // Before any priority is raised: the bus' own threads inherit it.
    let bus = Bus::open(&BusConfig { listen: vec![config.bus.robot.clone()], connect: vec![] })?;
    let keys = Keys::new(&config.robot.name)?;
    let garbage = Garbage::default();
    let (sender, commands) = sync_channel::<JointCommand>(COMMANDS_MAX);
    let hear = move |command: JointCommand| {
        if sender.try_send(command).is_err() {
            tracing::debug!("command dropped: the physics is behind");
        }
    };
    let own = servos.is_none();
    let _commands = own.then(|| bus.subscribe(&keys.command(), &garbage, hear)).transpose()?;
    let questions = Questions::serve(&bus, &keys, &garbage)?;
    let publications = Publications::new(&bus, &keys, world.config())?;
    let cameras = Cameras::new(&bus, &keys, &world, with_spectator)?;

    thread::scope(|scope| {
        let (darkroom, drawing) = cameras.split();
        let drawer = thread::Builder::new()
            .name("cameras".to_owned())
            .spawn_scoped(scope, || drawing.run())
            .map_err(NodeError::Thread)?;
        let step_times = Histogram::new();
        let physics =
            Physics { world, servos, commands, questions, publications, darkroom, step_times };
        let ended = physics.run(stop);
        // The physics has ended, and its end of the channel with it; that ends the drawing.
        let drawn = drawer.join().map_err(|_panic| NodeError::Cameras)?;
        ended.and(drawn)
    })?;
    tracing::info!(garbage = garbage.count(), "the simulated robot has stopped");
    Ok(())
}

/// The physics thread.
struct Physics<'a> {
    world: World,
    servos: Option<&'a mut dyn Servos>,
    commands: Receiver<JointCommand>,
    questions: Questions,
    publications: Publications,
    darkroom: cameras::Darkroom,
    step_times: Histogram,
}

impl Physics<'_> {
    fn run(mut self, stop: &AtomicBool) -> Result<(), NodeError> {
        let schedule = Schedule { policy: Policy::Fifo { priority: PRIORITY }, cpu: None };
        tracing::info!("simulation thread: {}", schedule.apply());
        let mut clock = StepClock::start(&mut self.world);
        while !stop.load(Ordering::Relaxed) {
            for _ in 0..clock.wait(&mut self.world) {
                self.step();
                self.publications.publish(&self.world, self.servos.is_none())?;
                self.darkroom.expose(&self.world);
            }
            if self.questions.answer(&mut self.world)
                && let Some(servos) = self.servos.as_deref_mut()
            {
                servos.place(self.world.state());
            }
        }
        self.tell_step_times();
        Ok(())
    }

    fn step(&mut self) {
        let servos = self.servos.as_deref_mut();
        let told = servos.map(|servos| servos.exchange(self.world.state()));
        if told.is_none() {
            for command in self.commands.try_iter().take(COMMANDS_MAX) {
                // What is refused is counted, and told in the receipts.
                self.world.receive(&command).ok();
            }
        }
        let began = MonotonicClock.now();
        match told {
            Some(target) => self.world.step_toward(&target),
            None => self.world.step(),
        }
        self.step_times.record(began.age_at(MonotonicClock.now()));
    }

    /// How much of its millisecond a step of this body takes on this machine.
    fn tell_step_times(&self) {
        let steps = self.step_times.distribution(Unit::Microseconds);
        let text = |value: Option<f64>| value.map_or("-".to_owned(), |value| format!("{value:.1}"));
        tracing::info!(
            joints = self.world.config().robot.dof(),
            n = steps.n,
            p50_us = text(steps.p50),
            p99_us = text(steps.p99),
            max_us = text(steps.max),
            "physics steps"
        );
    }
}
