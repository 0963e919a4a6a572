//! The process between Zenoh and the motors.
//!
//! One thread keeps the motors' time: commands in, one exchange on the line, states and receipts
//! out. What arrives from the bus waits in bounded queues until its next cycle. However this ends,
//! every motor is let go: in order, by [`ServoArm`]'s drop, or by the [`Guardian`].

mod desk;

use core::sync::atomic::{AtomicBool, Ordering};
use core::time::Duration;
use std::process::Command;
use std::sync::mpsc::{Receiver, sync_channel};

use tandem_bus::{Bus, BusConfig, Garbage, Keys, Publisher};
use tandem_config::{BridgeSection, Config};
use tandem_guard::Limits;
use tandem_protocol::{Rest, State};
use tandem_realtime::{
    Clock as _, MonotonicClock, PeriodicTimer, Policy, Schedule, lock_memory, sleep_until,
};
use tandem_types::{Epoch, Stamp};
use tandem_wire::{JointCommand, JointState, Receipt};

use crate::arm::REACTION;
use crate::guardian::{Guardian, GuardianError};
use crate::motors::AnyBus;
use crate::{
    ArmError, ArmLimits, BusOpenError, Calibration, CalibrationError, Inbox, Motors, MotorsError,
    ServoArm,
};
use desk::Desk;

/// The most commands that wait for the next cycle: at 1 kHz, 64 ms of them.
const COMMANDS_MAX: usize = 64;

/// From one receipt to the next.
const RECEIPT_PERIOD: Duration = Duration::from_millis(10);

/// Of the threads that take messages from the bus: below the daemon's, above everything ordinary.
const BUS_PRIORITY: u8 = 60;

/// How long an arm may take to come to rest when the process is to end.
const REST_WITHIN: Duration = Duration::from_secs(2);

/// A port that somebody has may be the guardian's of the bridge before.
const OPEN_WITHIN: Duration = Duration::from_secs(4);

/// Why the bridge cannot run, or ended.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// The scenario has no motors.
    #[error("{file} has no [bridge]; configs/so101-emulated.toml shows one")]
    NoBridge {
        /// The scenario.
        file: String,
    },
    /// The arm's calibration.
    #[error(transparent)]
    Calibration(#[from] CalibrationError),
    /// What its motors are.
    #[error(transparent)]
    Motors(#[from] MotorsError),
    /// The motors' bus.
    #[error(transparent)]
    Port(#[from] BusOpenError),
    /// The arm.
    #[error(transparent)]
    Arm(#[from] ArmError),
    /// Nobody would let the motors go if this process were killed.
    #[error(transparent)]
    Guardian(#[from] GuardianError),
    /// The bus cannot be opened.
    #[error(transparent)]
    Open(#[from] tandem_bus::OpenError),
    /// The bus is gone.
    #[error(transparent)]
    Bus(#[from] tandem_bus::BusError),
    /// A name cannot be used on the bus.
    #[error(transparent)]
    Key(#[from] tandem_bus::KeyError),
}

/// Drives the arm of a scenario until `stop` is raised. `guardian` makes the command that stands
/// guard over its motors.
///
/// # Errors
/// If the scenario has no motors, the arm is not there or not fit, or a link is lost. All motors
/// have been let go by then.
pub fn run(
    config: &Config,
    guardian: impl FnOnce(&BridgeSection) -> Command,
    stop: &AtomicBool,
) -> Result<(), HostError> {
    let file = || config.file.display().to_string();
    let bridge = config.bridge.as_ref().ok_or_else(|| HostError::NoBridge { file: file() })?;
    let calibration = Calibration::load(&bridge.calibration, &config.robot.joints)?;
    let motors = Motors::of(&bridge.motors)?;
    motors.fit(&calibration)?;

    // The bus' own threads inherit this: a command that waits for a processor is a late command.
    let granted = Schedule { policy: Policy::Fifo { priority: BUS_PRIORITY }, cpu: None }.apply();
    tracing::info!("bus threads: {granted}");
    let (listen, connect) = (vec![bridge.listen.clone()], vec![config.bus.daemon.clone()]);
    let bus = Bus::open(&BusConfig { listen, connect })?;
    let keys = Keys::new(&config.robot.name)?;
    let garbage = Garbage::default();
    let (sender, commands) = sync_channel::<JointCommand>(COMMANDS_MAX);
    let _commands = bus.subscribe(&keys.command(), &garbage, move |command: JointCommand| {
        if sender.try_send(command).is_err() {
            tracing::debug!("command dropped: the line is behind");
        }
    })?;
    let desk = Desk::serve(&bus, &keys, &garbage)?;
    let publications = Publications {
        state: bus.publisher(&keys.state())?,
        receipt: bus.publisher(&keys.receipt())?,
        message: JointState::new(&config.robot.joints),
        receipt_due: Stamp::ORIGIN,
    };

    let Some(line) = open(&motors, &bridge.port, stop)? else { return Ok(()) };
    let arm = ServoArm::start(line, calibration, &config.robot.model, &limits(bridge))?;
    let guardian = Guardian::post(&mut guardian(bridge))?;
    let floor = arm.floor();
    tracing::info!(port = bridge.port, ?floor, "all {motors} answer; they are limp");
    let valid_max = bridge.stop_within.saturating_sub(bridge.period + REACTION);
    // From here on; what was armed before was armed for another life.
    let epoch = Epoch::at(MonotonicClock.now());
    // What the calibration cuts off is this arm's own business, and no other config's.
    let limits_hash = Limits::hash_of_robot(&config.robot.model);
    let inbox = Inbox::new(epoch, valid_max, limits_hash);
    let cycle = Cycle { period: bridge.period, arm, inbox, commands, publications, desk };
    let ended = cycle.run(bridge, stop);
    guardian.dismiss();
    ended
}

/// Opens the bus, and waits for its port if there is none: cables are plugged in after programs are
/// started. `None` if `stop` was raised meanwhile.
fn open(motors: &Motors, port: &str, stop: &AtomicBool) -> Result<Option<AnyBus>, HostError> {
    const TRY_EVERY: Duration = Duration::from_millis(50);
    let mut said = false;
    let mut seen = None;
    while !stop.load(Ordering::Relaxed) {
        let now = MonotonicClock.now();
        if motors.has_port(port) {
            let seen = *seen.get_or_insert(now);
            match motors.open(port) {
                Ok(bus) => return Ok(Some(bus)),
                Err(error) if seen.age_at(now) > OPEN_WITHIN => return Err(error.into()),
                Err(_somebody_has_it) => {}
            }
        } else if !said {
            tracing::info!(port, "waiting for the port of the {motors} to appear");
            said = true;
        }
        sleep_until(now.after(TRY_EVERY));
    }
    Ok(None)
}

fn limits(bridge: &BridgeSection) -> ArmLimits {
    ArmLimits {
        acceleration_rad_s2_max: bridge.acceleration_rad_s2_max,
        deceleration_rad_s2: bridge.deceleration_rad_s2,
        jump_rad_max: bridge.jump_rad_max,
        tracking_rad_max: bridge.tracking_rad_max,
        stop_within: bridge.stop_within,
        period: bridge.period,
        rest: if bridge.limp_at_rest { Rest::Limp } else { Rest::Hold },
    }
}

/// The thread that keeps the motors' time.
struct Cycle {
    period: Duration,
    arm: ServoArm<AnyBus>,
    inbox: Inbox,
    commands: Receiver<JointCommand>,
    publications: Publications,
    desk: Desk,
}

impl Cycle {
    fn run(mut self, bridge: &BridgeSection, stop: &AtomicBool) -> Result<(), HostError> {
        let mut granted = lock_memory();
        if let Some(priority) = bridge.priority.and_then(|priority| u8::try_from(priority).ok()) {
            granted.extend(Schedule { policy: Policy::Fifo { priority }, cpu: None }.apply());
        }
        tracing::info!("bridge thread: {granted}");
        let mut timer = PeriodicTimer::new(self.period, Duration::ZERO);
        while !stop.load(Ordering::Relaxed) {
            let now = timer.wait().woke;
            for command in self.commands.try_iter().take(COMMANDS_MAX) {
                // What is refused is counted, and told in the receipts. By a clock read now: a command
                // that came while this thread waited for its processor is not from the future.
                let now = MonotonicClock.now();
                self.inbox.receive(now, &command, self.arm.firmware()).ok();
            }
            self.inbox.watch(now, self.period, self.arm.firmware());
            self.exchange(now)?;
        }
        self.come_to_rest(&mut timer)
    }

    fn exchange(&mut self, now: Stamp) -> Result<(), HostError> {
        self.arm.cycle(now)?;
        self.publications.publish(&self.arm, &self.inbox)?;
        self.desk.answer(now, &mut self.inbox, &mut self.arm);
        Ok(())
    }

    /// Brakes before the motors are let go.
    fn come_to_rest(&mut self, timer: &mut PeriodicTimer) -> Result<(), HostError> {
        let began = MonotonicClock.now();
        self.inbox.disarm(began, self.arm.firmware());
        while matches!(self.arm.firmware().state(), State::Active | State::Decelerating) {
            let now = timer.wait().woke;
            if began.age_at(now) > REST_WITHIN {
                break;
            }
            self.exchange(now)?;
        }
        Ok(())
    }
}

struct Publications {
    state: Publisher<JointState>,
    receipt: Publisher<Receipt>,
    message: JointState,
    receipt_due: Stamp,
}

impl Publications {
    fn publish(
        &mut self,
        arm: &ServoArm<AnyBus>,
        inbox: &Inbox,
    ) -> Result<(), tandem_bus::BusError> {
        let now = MonotonicClock.now();
        self.message.set_state(&arm.state(now));
        self.state.send(&self.message)?;
        if now >= self.receipt_due {
            self.receipt_due = now.after(RECEIPT_PERIOD);
            self.receipt.send(&inbox.receipt(now))?;
        }
        Ok(())
    }
}
