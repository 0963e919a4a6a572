//! `tandem bridge`: between the bus and a servo bus.

use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;

use anyhow::Context as _;
use tandem_bus::{Bus, BusConfig, Keys};
use tandem_config::{BridgeSection, Config};
use tandem_firmware_bridge::emulator::{Emulated, FeetechBus, FreeShafts};
use tandem_firmware_bridge::serial::SerialLine;
use tandem_firmware_bridge::sts::{StsBus, registers};
use tandem_firmware_bridge::survey::{self, Survey};
use tandem_firmware_bridge::{Calibration, MotorCalibration, guardian, host};
use tandem_realtime::{Clock as _, MonotonicClock, sleep_until};
use tandem_wire::{ControlKind, ControlRequest};

use crate::arguments::{Bridge, BridgeWhat, Calibrate, Place};
use crate::daemon::{interrupt, load};
use crate::failure::Failure;
use crate::interrupt::Interrupt;

/// How long the bridge may take to answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(3);

/// From one look at the arm to the next while a person moves it.
const LOOK_EVERY: Duration = Duration::from_millis(20);

pub(crate) fn run(arguments: &Bridge) -> Result<(), Failure> {
    match &arguments.what {
        None => {
            let file =
                arguments.config.as_ref().ok_or_else(|| Failure::usage("no config named"))?;
            drive(file, &arguments.place)
        }
        Some(BridgeWhat::Emulate(file)) => emulate(&file.config),
        Some(BridgeWhat::Calibrate(arguments)) => calibrate(arguments),
        Some(BridgeWhat::Status(file)) => ask(&file.config, ControlKind::Status),
        Some(BridgeWhat::Ack(file)) => ask(&file.config, ControlKind::Acknowledge),
        Some(BridgeWhat::Guardian(of)) => {
            guardian::stand_guard(std::io::stdin(), &of.port, of.baud, &of.ids)?;
            Ok(())
        }
    }
}

fn drive(file: &Path, place: &Place) -> Result<(), Failure> {
    let interrupt = interrupt(place)?;
    let config = load(file, place)?;
    let program = std::env::current_exe().context("cannot find this program's own file")?;
    let guardian = |bridge: &BridgeSection, ids: &[u8]| {
        let mut command = Command::new(program);
        command.args(["bridge", "guardian", &bridge.port, &bridge.baud.to_string()]);
        // Ctrl-C is for the bridge, which then lets the motors go itself.
        command.args(ids.iter().map(ToString::to_string)).process_group(0);
        command
    };
    host::run(&config, guardian, interrupt.flag())?;
    Ok(())
}

/// An arm without a world: its joints move freely.
fn emulate(file: &Path) -> Result<(), Failure> {
    let interrupt = Interrupt::install()?;
    let config = Config::load(file).map_err(Failure::usage)?;
    let bridge = section(&config)?;
    let calibration = Calibration::load(&bridge.calibration, &config.robot.joints)?;
    let plant = Box::new(FreeShafts::default());
    let servos = standing(&calibration, &config.robot.home_rad);
    let bus = FeetechBus::new(&servos, bridge.baud, plant, 1);
    let plugged = Emulated::plug(bus, Path::new(&bridge.port))?;
    println!("an emulated arm is at {}; Ctrl-C unplugs it", plugged.path().display());
    while !interrupt.is_raised() {
        sleep_until(MonotonicClock.now().after(Duration::from_millis(50)));
    }
    Ok(())
}

/// Each servo where its joint is at these angles, steps.
pub(crate) fn standing(calibration: &Calibration, q_rad: &[f64]) -> Vec<(u8, f64)> {
    let steps = |(motor, q): (&MotorCalibration, &f64)| {
        // Within a turn, so the cast is exact.
        (motor.id, f64::from(motor.steps((q * 1e6).round() as i32)))
    };
    calibration.motor.iter().zip(q_rad).map(steps).collect()
}

fn calibrate(arguments: &Calibrate) -> Result<(), Failure> {
    let config = Config::load(&arguments.file.config).map_err(Failure::usage)?;
    let bridge = section(&config)?;
    let calibration = match &arguments.import {
        Some(file) => Calibration::import_lerobot(file, &config.robot.joints)?,
        None => measure(&config, bridge)?,
    };
    calibration.save(&bridge.calibration)?;
    println!("written to {}", bridge.calibration.display());
    Ok(())
}

/// Asks a person to move the limp arm: to its zero, then each joint to both of its ends.
fn measure(config: &Config, bridge: &BridgeSection) -> Result<Calibration, Failure> {
    let mut bus = StsBus::new(SerialLine::open(&bridge.port, bridge.baud)?, bridge.baud);
    let joints = &config.robot.joints;
    let ids: Vec<u8> = (1..).take(joints.len()).collect();
    let left = bus.torque_off(&ids);
    if !left.is_empty() {
        return Err(Failure::failed(format!(
            "no answer from the servos {left:?}; ids count from 1 at the base"
        )));
    }
    println!("The arm is limp. Put every joint at its zero in the URDF, then press Enter.");
    enter().recv()?;
    survey::set_zero(&mut bus, &ids)?;
    let mut motor = Vec::with_capacity(ids.len());
    for (joint, id) in joints.iter().zip(&ids) {
        println!(
            "{joint}: move it to the end where its angle is positive, then to the other end, then \
             press Enter."
        );
        let mut survey = Survey::default();
        let entered = enter();
        while entered.try_recv().is_err() {
            survey.see(bus.read(*id, &registers::PRESENT_POSITION)?);
            sleep_until(MonotonicClock.now().after(LOOK_EVERY));
        }
        motor.push(survey.motor(joint, *id)?);
    }
    let calibration = Calibration { motor };
    survey::set_ranges(&mut bus, &calibration)?;
    Ok(calibration)
}

/// Tells when a person presses Enter, or closes standard input.
fn enter() -> Receiver<()> {
    let (sender, entered) = sync_channel(1);
    std::thread::spawn(move || {
        std::io::stdin().read_line(&mut String::new()).ok();
        sender.send(()).ok();
    });
    entered
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
