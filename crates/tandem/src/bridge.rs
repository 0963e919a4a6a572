//! `tandem bridge`: between the bus and an arm's motors.

mod calibrate;

use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::Context as _;
use tandem_bus::{Bus, BusConfig, Keys};
use tandem_config::{BridgeSection, Config};
use tandem_firmware_bridge::emulator::Emulated;
use tandem_firmware_bridge::{Calibration, Motors, guardian, host};
use tandem_realtime::{Clock as _, MonotonicClock, sleep_until};
use tandem_wire::{ControlKind, ControlRequest};

use crate::arguments::{Bridge, BridgeWhat, GuardianOf, Place};
use crate::daemon::{interrupt, load};
use crate::failure::Failure;
use crate::interrupt::Interrupt;

/// How long the bridge may take to answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(3);

pub(crate) fn run(arguments: &Bridge) -> Result<(), Failure> {
    match &arguments.what {
        None => {
            let file =
                arguments.config.as_ref().ok_or_else(|| Failure::usage("no config named"))?;
            drive(file, &arguments.place)
        }
        Some(BridgeWhat::Emulate(file)) => emulate(&file.config),
        Some(BridgeWhat::Calibrate(arguments)) => calibrate::run(arguments),
        Some(BridgeWhat::Status(file)) => ask(&file.config, ControlKind::Status),
        Some(BridgeWhat::Ack(file)) => ask(&file.config, ControlKind::Acknowledge),
        Some(BridgeWhat::Guardian(of)) => stand_guard(of),
    }
}

fn drive(file: &Path, place: &Place) -> Result<(), Failure> {
    let interrupt = interrupt(place)?;
    let config = load(file, place)?;
    let program = std::env::current_exe().context("cannot find this program's own file")?;
    let guardian = |bridge: &BridgeSection| {
        let mut command = Command::new(program);
        command.args(["bridge", "guardian", "--port", &bridge.port]).arg(file);
        // Ctrl-C is for the bridge, which then lets the motors go itself.
        command.process_group(0);
        command
    };
    host::run(&config, guardian, interrupt.flag())?;
    Ok(())
}

fn stand_guard(of: &GuardianOf) -> Result<(), Failure> {
    let place = Place { port: of.port.clone(), ..Place::default() };
    let config = load(&of.file.config, &place)?;
    guardian::stand_guard(std::io::stdin(), std::io::stdout(), &config)?;
    Ok(())
}

/// An arm without a world: its joints move freely.
fn emulate(file: &Path) -> Result<(), Failure> {
    let interrupt = Interrupt::install()?;
    let config = Config::load(file).map_err(Failure::usage)?;
    let bridge = section(&config)?;
    let (motors, calibration) = arm(&config, bridge)?;
    let device = motors.emulate(&calibration, &config.robot.home_rad);
    let plugged = Emulated::plug(device, Path::new(&bridge.port))?;
    println!("an emulated arm is at {}; Ctrl-C unplugs it", plugged.path().display());
    while !interrupt.is_raised() {
        sleep_until(MonotonicClock.now().after(Duration::from_millis(50)));
    }
    Ok(())
}

/// A scenario's motors, and how they were put together.
pub(crate) fn arm(
    config: &Config,
    bridge: &BridgeSection,
) -> Result<(Motors, Calibration), Failure> {
    let motors = Motors::of(&bridge.motors).map_err(Failure::usage)?;
    let calibration = Calibration::load(&bridge.calibration, &config.robot.joints)?;
    motors.fit(&calibration)?;
    Ok((motors, calibration))
}

fn ask(file: &Path, kind: ControlKind) -> Result<(), Failure> {
    let config = Config::load(file).map_err(Failure::usage)?;
    let bridge = section(&config)?;
    let bus = Bus::open(&BusConfig { listen: vec![], connect: vec![bridge.listen.clone()] })?;
    let keys = Keys::new(&config.robot.name)?;
    let request = ControlRequest { kind, text: String::new() };
    let reply = bus.ask(&keys.bridge(), &request, ANSWER_WITHIN)?;
    if !reply.ok {
        return Err(Failure::failed(reply.message));
    }
    println!("{}", reply.message);
    Ok(())
}

fn section(config: &Config) -> Result<&BridgeSection, Failure> {
    config
        .bridge
        .as_ref()
        .ok_or_else(|| Failure::usage(format!("{} has no [bridge]", config.file.display())))
}
