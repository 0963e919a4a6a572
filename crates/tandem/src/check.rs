//! `tandem check`: everything that is wrong, before a motor moves.

use std::path::Path;

use tandem_config::Config;
use tandem_firmware_bridge::{Calibration, CalibrationError, Motors};

use crate::arguments::ConfigFile;
use crate::failure::Failure;

pub(crate) fn run(arguments: &ConfigFile) -> Result<(), Failure> {
    let findings = tandem_config::check(&arguments.config);
    for finding in &findings {
        println!("{finding}");
    }
    let wrong_arm = if findings.is_empty() { arm(&arguments.config)? } else { None };
    if let Some(error) = &wrong_arm {
        println!("{error}");
    }
    let file = arguments.config.display();
    match findings.len() + usize::from(wrong_arm.is_some()) {
        0 => {
            println!("{file}: sound, and so are its URDF and both bundles");
            for fact in tandem_config::unchecked(&Config::load(&arguments.config)?) {
                println!("not checked: {fact}");
            }
            Ok(())
        }
        1 => Err(Failure::usage(format!("{file}: one finding, above"))),
        n => Err(Failure::usage(format!("{file}: {n} findings, above"))),
    }
}

/// What is wrong with the motors at the scenario's bus, and with how the arm was put together. One
/// that nobody has calibrated yet is no mistake, but worth a line.
fn arm(file: &Path) -> Result<Option<String>, Failure> {
    let config = Config::load(file).map_err(Failure::usage)?;
    let Some(bridge) = &config.bridge else { return Ok(None) };
    let motors = match Motors::of(&bridge.motors) {
        Ok(motors) => motors,
        Err(error) => return Ok(Some(error.to_string())),
    };
    match Calibration::load(&bridge.calibration, &config.robot.joints) {
        Ok(calibration) => Ok(motors.fit(&calibration).err().map(|error| error.to_string())),
        Err(CalibrationError::File { file, source })
            if source.kind() == std::io::ErrorKind::NotFound =>
        {
            let file = file.display();
            println!("not calibrated yet: no {file}; `tandem bridge calibrate` makes it");
            Ok(None)
        }
        Err(error) => Ok(Some(error.to_string())),
    }
}
