//! `tandem run`: the daemon.

use std::path::Path;
use std::time::Duration;

use tandem_config::Config;
use tandem_realtime::{Clock as _, MonotonicClock, sleep_until};
use tandem_runtime::Daemon;

use crate::arguments::{Place, Run};
use crate::failure::Failure;
use crate::interrupt::Interrupt;

/// How often the main thread looks whether the daemon should end.
const LOOK_EVERY: Duration = Duration::from_millis(50);

pub(crate) fn run(arguments: &Run) -> Result<(), Failure> {
    let interrupt = interrupt(&arguments.place)?;
    let config = load(&arguments.file.config, &arguments.place)?;
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

/// The config in a file, with the endpoints of the command line.
pub(crate) fn load(file: &Path, place: &Place) -> Result<Config, Failure> {
    let config = Config::load(file).map_err(Failure::usage)?;
    let robot = place.robot.clone().unwrap_or_else(|| config.bus.robot.clone());
    let daemon = place.daemon.clone().unwrap_or_else(|| config.bus.daemon.clone());
    let mut config = config.with_endpoints(&robot, &daemon).map_err(Failure::usage)?;
    if let Some(bridge) = &mut config.bridge {
        if let Some(listen) = &place.bridge {
            bridge.listen.clone_from(listen);
        }
        if let Some(port) = &place.port {
            bridge.port.clone_from(port);
        }
    }
    Ok(config)
}

pub(crate) fn interrupt(place: &Place) -> Result<Interrupt, Failure> {
    let interrupt = Interrupt::install()?;
    if place.stop_with_parent {
        interrupt.raise_with_parent();
    }
    Ok(interrupt)
}
