//! `tandem bridge calibrate`: a person moves the limp arm, and tandem looks on.

use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;

use tandem_config::{BridgeSection, Config};
use tandem_firmware_bridge::survey::{Survey, steps};
use tandem_firmware_bridge::{Calibration, Motors, find_all};
use tandem_realtime::{Clock as _, MonotonicClock, sleep_until};

use super::section;
use crate::arguments::Calibrate;
use crate::failure::Failure;

/// From one look at the arm to the next while a person moves it.
const LOOK_EVERY: Duration = Duration::from_millis(20);

pub(super) fn run(arguments: &Calibrate) -> Result<(), Failure> {
    let config = Config::load(&arguments.file.config).map_err(Failure::usage)?;
    let bridge = section(&config)?;
    let motors = Motors::of(&bridge.motors).map_err(Failure::usage)?;
    let calibration = match &arguments.import {
        Some(file) => {
            let imported = Calibration::import_lerobot(file, &config.robot.joints)?;
            motors.fit(&imported)?;
            imported
        }
        None => measure(&config, bridge, &motors)?,
    };
    calibration.save(&bridge.calibration)?;
    println!("written to {}", bridge.calibration.display());
    Ok(())
}

/// Asks a person to move the limp arm: to its zero, then each joint to both of its ends.
fn measure(
    config: &Config,
    bridge: &BridgeSection,
    motors: &Motors,
) -> Result<Calibration, Failure> {
    let joints = &config.robot.joints;
    let ids = motors.ids(joints.len());
    let mut bus = motors.open(&bridge.port)?;
    find_all(&mut *bus, &ids)?;
    // A motor that is set up is limp.
    ids.iter().try_for_each(|id| bus.prepare(*id))?;
    println!("The arm is limp. Put every joint at its zero in the URDF, then press Enter.");
    enter().recv()?;
    let zeros = ids.iter().map(|id| bus.set_zero(*id)).collect::<Result<Vec<_>, _>>()?;
    let mut motor = Vec::with_capacity(ids.len());
    for ((joint, id), zero) in joints.iter().zip(&ids).zip(zeros) {
        println!(
            "{joint}: move it to the end where its angle is positive, then to the other end, then \
             press Enter."
        );
        let mut survey = Survey::from_zero(zero);
        let entered = enter();
        while entered.try_recv().is_err() {
            survey.see(steps(&mut bus, *id)?);
            sleep_until(MonotonicClock.now().after(LOOK_EVERY));
        }
        motor.push(survey.motor(joint, *id)?);
    }
    motor.iter().try_for_each(|motor| bus.keep_range(motor))?;
    Ok(Calibration { motor })
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
