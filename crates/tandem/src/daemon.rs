//! `tandem run`: the daemon.

use std::time::Duration;

use tandem_config::Config;
use tandem_realtime::{Clock as _, MonotonicClock, sleep_until};
use tandem_runtime::Daemon;

use crate::arguments::Run;
use crate::failure::Failure;
use crate::interrupt::Interrupt;

/// How often the main thread looks whether the daemon should end.
const LOOK_EVERY: Duration = Duration::from_millis(50);

pub(crate) fn run(arguments: &Run) -> Result<(), Failure> {
    let interrupt = interrupt(arguments)?;
    let config = load(arguments)?;
    let daemon = Daemon::start(&config)?;
    let granted = daemon.granted();
    if granted.is_complete() {
        tracing::info!("real-time settings: {granted}");
    } else {
        tracing::warn!("NOT REAL-TIME: {granted}");
    }
    tracing::info!(
        robot = config.bus.robot,
        daemon = config.bus.daemon,
        "up and disarmed; `tandem ctl instruct TEXT`, then `tandem ctl arm`"
    );
    while !interrupt.is_raised() && !daemon.stopping() {
        sleep_until(MonotonicClock.now().after(LOOK_EVERY));
    }
    Ok(())
}

/// The config with the endpoints of the command line.
pub(crate) fn load(arguments: &Run) -> Result<Config, Failure> {
    let config = Config::load(&arguments.file.config).map_err(Failure::usage)?;
    let robot = arguments.robot.clone().unwrap_or_else(|| config.bus.robot.clone());
    let daemon = arguments.daemon.clone().unwrap_or_else(|| config.bus.daemon.clone());
    config.with_endpoints(&robot, &daemon).map_err(Failure::usage)
}

pub(crate) fn interrupt(arguments: &Run) -> Result<Interrupt, Failure> {
    let interrupt = Interrupt::install()?;
    if arguments.stop_with_parent {
        interrupt.raise_with_parent();
    }
    Ok(interrupt)
}
