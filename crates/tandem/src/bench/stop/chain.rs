//! The whole chain from daemon to shafts, in pieces that can be broken one by one.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::process::Child;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::Context as _;
use tandem_bus::{Bus, BusConfig, Garbage, Keys, Subscription};
use tandem_config::Config;
use tandem_firmware_bridge::Motors;
use tandem_firmware_bridge::emulator::{Emulated, EmulatedMotors, Sample};
use tandem_realtime::{Clock as _, MonotonicClock, resume, suspend};
use tandem_sim::node;
use tandem_types::Stamp;
use tandem_wire::{ControlKind, JointCommand};

use crate::bench::stop::fault::Fault;
use crate::bench::stop::relay::Relay;
use crate::demo::READY_WITHIN;
use crate::demo::link::{Link, pause};
use crate::demo::processes::{Endpoints, start};
use crate::failure::Failure;
use crate::simulate::{EmulatedServos, Plugged};

/// The stamps of the newest commands: more than a fault lasts.
const COMMANDS_MAX: usize = 4000;

/// The newest samples that are looked at: more than a fault lasts.
const SAMPLES: usize = 4000;

/// How long everyone may take to notice a stop.
const NOTICE_WITHIN: Duration = Duration::from_secs(20);

/// Simulated world and servos here, daemon and bridge as processes.
pub(super) struct Chain {
    // Field order is drop order: who commands the arm ends first.
    pub(super) bridge: Process,
    pub(super) daemon: Process,
    pub(super) relay: Relay,
    link: Link,
    plugged: Plugged,
    /// The unit of the emulated shafts.
    unit_rad: f64,
    commands: Arc<Mutex<VecDeque<Stamp>>>,
    _heard: (Bus, Subscription),
    _world: World,
}

/// The thread of the simulated world. It ends when this is dropped.
struct World {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Chain {
    pub(super) fn start(config: &Config) -> Result<Self, Failure> {
        let endpoints = Endpoints::free()?;
        let relay = Relay::to(&endpoints.daemon)?;
        let bridge = config.bridge.as_ref().context("the scenario has no [bridge]")?;
        let unit_rad = Motors::of(&bridge.motors)?.shaft_unit_rad();
        let (plugged, world) = World::start(config, &endpoints)?;
        let through = Endpoints { daemon: relay.endpoint().to_owned(), ..endpoints.clone() };
        let file = || config.file.clone();
        let daemon = Process::start("run", file(), endpoints.clone())?;
        let bridge = Process::start("bridge", file(), through)?;
        let link = Link::open(config, &endpoints, false)?;
        let (commands, heard) = hear_commands(config, &endpoints)?;
        let (_heard, _world) = (heard, world);
        Ok(Self { daemon, bridge, relay, link, plugged, unit_rad, commands, _heard, _world })
    }

    pub(super) const fn link(&self) -> &Link {
        &self.link
    }

    /// The emulated arm.
    pub(super) fn arm(&self) -> MutexGuard<'_, Emulated<Box<dyn EmulatedMotors>>> {
        self.plugged.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the shafts did last, rad.
    pub(super) fn samples(&self) -> Vec<Sample> {
        let arm = self.arm();
        let mut device = arm.device();
        let mut samples: Vec<_> =
            device.transcript().samples().rev().take(SAMPLES).cloned().collect();
        samples.reverse();
        for sample in &mut samples {
            let places = sample.positions.iter_mut().chain(&mut sample.speeds);
            places.chain(&mut sample.driven).for_each(|value| *value *= self.unit_rad);
        }
        samples
    }

    /// How fast the fastest joint is.
    pub(super) fn speed_rad_s(&self) -> f64 {
        let arm = self.arm();
        let mut device = arm.device();
        let newest = device.transcript().samples().next_back();
        let speeds = newest.map(|sample| sample.speeds.clone()).unwrap_or_default();
        speeds.iter().map(|speed| speed.abs() * self.unit_rad).fold(0.0, f64::max)
    }

    /// The stamp of the daemon's last command, or of its newest one when something `broke`.
    pub(super) fn last_command(&self, broke: Stamp, silenced: bool) -> Stamp {
        let commands = self.commands.lock().unwrap_or_else(PoisonError::into_inner);
        let before = commands.iter().rev().find(|stamp| silenced || **stamp <= broke);
        before.copied().unwrap_or(broke)
    }

    /// Waits until the whole chain is up: the daemon sees where the arm is, and the bridge answers.
    pub(super) fn be_ready(&mut self, fault: Fault) -> Result<(), Failure> {
        let deadline = MonotonicClock.now().after(READY_WITHIN);
        loop {
            self.daemon.check()?;
            self.bridge.check()?;
            let status = self.link.status_after(MonotonicClock.now());
            let sees = status.is_ok_and(|status| status.state_age_ms < 50.0);
            if sees && self.link.ask_bridge(ControlKind::Status).is_ok() {
                return Ok(());
            }
            if MonotonicClock.now() > deadline {
                let name = fault.name();
                return Err(Failure::failed(format!("{name}: the chain does not come up again")));
            }
        }
    }

    /// Waits until bridge and daemon are as this fault leaves them; `false` if they never are.
    pub(super) fn wait_latched(&self, fault: Fault) -> bool {
        let (bridge_mode, daemon_mode) = fault.leaves();
        let deadline = MonotonicClock.now().after(NOTICE_WITHIN);
        while MonotonicClock.now() < deadline {
            let daemon = self.link.status_after(MonotonicClock.now()).map(|it| it.mode_text);
            let bridge = self.link.ask_bridge(ControlKind::Status);
            if let (Ok(daemon), Ok(Some(bridge))) = (daemon, bridge)
                && bridge.message.starts_with(bridge_mode)
                && daemon == daemon_mode
            {
                return true;
            }
            pause(Duration::from_millis(20));
        }
        false
    }
}

impl World {
    /// Behind emulated servos at the endpoints' port.
    fn start(config: &Config, endpoints: &Endpoints) -> Result<(Plugged, Self), Failure> {
        let mut config = config.clone().with_endpoints(&endpoints.robot, &endpoints.daemon)?;
        let bridge = config.bridge.as_mut().context("the scenario has no [bridge]")?;
        bridge.port.clone_from(&endpoints.port);
        let bridge = bridge.clone();
        let mut servos = EmulatedServos::plug(&config, &bridge)?;
        let plugged = servos.plugged();
        let stop = Arc::new(AtomicBool::new(false));
        let told = stop.clone();
        let thread = std::thread::Builder::new().name("world".to_owned()).spawn(move || {
            if let Err(error) = node::run_behind(&config, &told, Some(&mut servos)) {
                tracing::error!(%error, "the simulated world has ended");
            }
        })?;
        Ok((plugged, Self { stop, thread: Some(thread) }))
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // A panic of the thread has been printed; there is nothing to add.
            thread.join().ok();
        }
    }
}

/// When commands were made, oldest first.
type Stamps = Arc<Mutex<VecDeque<Stamp>>>;

/// Remembers when the daemon made its commands.
fn hear_commands(
    config: &Config,
    endpoints: &Endpoints,
) -> Result<(Stamps, (Bus, Subscription)), Failure> {
    let bus = Bus::open(&BusConfig { listen: vec![], connect: vec![endpoints.daemon.clone()] })?;
    let keys = Keys::new(&config.robot.name)?;
    let commands = Arc::new(Mutex::new(VecDeque::with_capacity(COMMANDS_MAX)));
    let heard = commands.clone();
    let hear = move |command: JointCommand| {
        let mut heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
        if heard.len() == COMMANDS_MAX {
            heard.pop_front();
        }
        heard.push_back(command.stamp);
    };
    let subscription = bus.subscribe(&keys.command(), &Garbage::default(), hear)?;
    Ok((commands, (bus, subscription)))
}

/// A process that can be broken.
pub(super) struct Process {
    name: &'static str,
    file: PathBuf,
    endpoints: Endpoints,
    child: Child,
}

impl Process {
    fn start(name: &'static str, file: PathBuf, endpoints: Endpoints) -> anyhow::Result<Self> {
        let child = start(&file, &endpoints, name, &[])?;
        Ok(Self { name, file, endpoints, child })
    }

    /// Kills it as the kernel would.
    pub(super) fn kill(&mut self) -> anyhow::Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    pub(super) fn suspend(&self) -> anyhow::Result<()> {
        Ok(suspend(self.child.id())?)
    }

    pub(super) fn resume(&self) -> anyhow::Result<()> {
        Ok(resume(self.child.id())?)
    }

    /// Starts it again, after its end.
    pub(super) fn restart(&mut self) -> anyhow::Result<()> {
        self.kill().ok();
        self.child = start(&self.file, &self.endpoints, self.name, &[])?;
        Ok(())
    }

    fn check(&mut self) -> anyhow::Result<()> {
        if let Some(status) = self.child.try_wait()? {
            anyhow::bail!("`tandem {}` ended by itself ({status})", self.name);
        }
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        const ORDERLY_END_WITHIN: Duration = Duration::from_secs(2);
        // A stopped process does not hear that its parent has gone.
        self.resume().ok();
        drop(self.child.stdin.take());
        let deadline = MonotonicClock.now().after(ORDERLY_END_WITHIN);
        while MonotonicClock.now() < deadline && matches!(self.child.try_wait(), Ok(None)) {
            pause(Duration::from_millis(10));
        }
        self.kill().ok();
    }
}
