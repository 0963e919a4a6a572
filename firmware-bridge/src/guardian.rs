//! A second process that lets the motors go when the first has died without doing so.
//!
//! A process that is killed cleans nothing up. Its arm does not run away: each goal on the line is
//! where a joint comes to rest by itself ([`ServoArm`](crate::ServoArm)). But nobody would switch the
//! motors off, and nobody would look after them. So a bridge posts a guardian: a process of its own,
//! which waits at the end of a pipe. A pipe closes when its owner dies, however that comes about;
//! then the guardian opens the port, waits until the joints rest, and lets every motor go.
//!
//! What it needs for that it reads from the bridge's own config when it is posted, and says so: no
//! motor is switched on before. So it does not matter what becomes of the file while the arm moves,
//! and nothing about motors must be spelled on a command line.

use core::time::Duration;
use std::io::{self, Read, Write};
use std::process::{Child, Command, Stdio};

use tandem_config::Config;
use tandem_realtime::{Clock as _, MonotonicClock, sleep_until};

use crate::motors::{AnyBus, BusOpenError};
use crate::{BusError, Calibration, CalibrationError, MotorBus, Motors, MotorsError};

/// What a bridge says that has let the motors go itself.
const DISMISSED: u8 = b'.';

/// What a guardian says that knows its motors.
const READY: u8 = b'!';

/// The port is its last owner's until the kernel has cleaned up after that one.
const OPEN_WITHIN: Duration = Duration::from_secs(1);

const LOOK_EVERY: Duration = Duration::from_millis(10);

/// Joints that still move after so many looks, two seconds, do not come to rest by themselves.
const LOOKS_MAX: usize = 200;

/// A joint slower than this is at rest.
const REST_URAD_S: u32 = 50_000;

/// A guardian on duty. Dropped without [`dismiss`](Self::dismiss), it does what it is there for.
#[derive(Debug)]
pub struct Guardian {
    child: Child,
}

/// Why no guardian stands guard, or the motors could not be let go.
#[derive(Debug, thiserror::Error)]
pub enum GuardianError {
    /// The system starts no process.
    #[error("the guardian of the motors cannot be started ({0})")]
    Start(io::Error),
    /// It has ended before it was on duty.
    #[error("the guardian of the motors has ended; it says above why")]
    Ended,
    /// The scenario has no motors.
    #[error("{file} has no [bridge], and so no motors to guard")]
    NoBridge {
        /// The scenario.
        file: String,
    },
    /// How the arm was put together.
    #[error(transparent)]
    Calibration(#[from] CalibrationError),
    /// What its motors are.
    #[error(transparent)]
    Motors(#[from] MotorsError),
    /// It has no port.
    #[error(transparent)]
    Open(#[from] BusOpenError),
    /// Some motors may still be on.
    #[error("the motors {ids:?} did not confirm that they let go; take their supply away")]
    StillOn {
        /// Their ids.
        ids: Vec<u8>,
    },
}

impl Guardian {
    /// Starts the program that is to call [`stand_guard`] with the arm's config, and waits until it
    /// knows its motors.
    ///
    /// # Errors
    /// If the system starts no process, or it ends before it is on duty.
    pub fn post(program: &mut Command) -> Result<Self, GuardianError> {
        let piped = program.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut guardian = Self { child: piped.spawn().map_err(GuardianError::Start)? };
        let mut said = [0];
        let heard = guardian.child.stdout.take().map(|mut mouth| mouth.read_exact(&mut said));
        match heard {
            Some(Ok(())) if said == [READY] => Ok(guardian),
            _ => {
                guardian.dismiss();
                Err(GuardianError::Ended)
            }
        }
    }

    /// The motors have been let go: there is nothing left to guard.
    pub fn dismiss(mut self) {
        if let Some(mut word) = self.child.stdin.take() {
            // If it is gone already, so is its duty.
            word.write_all(&[DISMISSED]).ok();
        }
        self.child.wait().ok();
    }
}

/// Says on `ready` that it knows the motors of this config, and waits until whoever holds the other
/// end of `word` dismisses this guardian, or dies. In that case it lets the motors go.
///
/// # Errors
/// If it cannot know the motors, or one may still be on.
pub fn stand_guard(
    mut word: impl Read,
    mut ready: impl Write,
    config: &Config,
) -> Result<(), GuardianError> {
    let file = || config.file.display().to_string();
    let bridge = config.bridge.as_ref().ok_or_else(|| GuardianError::NoBridge { file: file() })?;
    let ids = Calibration::load(&bridge.calibration, &config.robot.joints)?.ids();
    let motors = Motors::of(&bridge.motors)?;
    // Whoever does not listen any more has died, and the pipe says it next.
    ready.write_all(&[READY]).and_then(|()| ready.flush()).ok();
    let mut said = Vec::new();
    // An error ends the pipe like a death does.
    word.read_to_end(&mut said).ok();
    if said.contains(&DISMISSED) {
        return Ok(());
    }
    tracing::error!("the bridge has died; its guardian lets the motors go");
    let mut bus = open(&motors, &bridge.port)?;
    let left = let_go(&mut *bus, &ids, pause);
    if left.is_empty() { Ok(()) } else { Err(GuardianError::StillOn { ids: left }) }
}

fn open(motors: &Motors, port: &str) -> Result<AnyBus, BusOpenError> {
    let deadline = MonotonicClock.now().after(OPEN_WITHIN);
    loop {
        match motors.open(port) {
            Err(_taken) if MonotonicClock.now() < deadline => pause(LOOK_EVERY),
            other => return other,
        }
    }
}

fn pause(time: Duration) {
    sleep_until(MonotonicClock.now().after(time));
}

/// Lets motors go that another host has left, once their joints are at rest or have had time for it.
/// `pause` lets time pass. Gives the ids of those that did not confirm.
///
/// A motor that answers nothing but commands can only be asked by one that lets it go: MIT-style
/// motors brake by their damping from the first look on.
pub(crate) fn let_go<B: MotorBus + ?Sized>(
    bus: &mut B,
    ids: &[u8],
    pause: impl FnMut(Duration),
) -> Vec<u8> {
    if let Err(error) = wait_for_rest(bus, ids, pause) {
        tracing::error!(%error, "nobody can tell whether the joints are at rest");
    }
    bus.let_go(ids)
}

/// Waits until no joint moves that says how fast it does.
fn wait_for_rest<B: MotorBus + ?Sized>(
    bus: &mut B,
    ids: &[u8],
    mut pause: impl FnMut(Duration),
) -> Result<(), BusError> {
    for id in ids {
        // One that is not there moves nothing that anybody could wait for.
        bus.find(*id)?;
    }
    let mut states = vec![None; ids.len()];
    for _look in 0..LOOKS_MAX {
        bus.sense(ids, &mut states)?;
        let mut speeds = states.iter().flatten().map(|state| state.velocity_urad_s.unsigned_abs());
        if speeds.all(|speed| speed <= REST_URAD_S) {
            break;
        }
        pause(LOOK_EVERY);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A bridge must not go on without a guardian that knows its motors.
    #[test]
    fn a_guardian_that_ends_or_says_something_else_is_none() {
        for line in ["exit 1", "true", "echo no such file"] {
            let posted = Guardian::post(Command::new("sh").args(["-c", line]));
            assert!(matches!(posted, Err(GuardianError::Ended)), "{line}: {posted:?}");
        }
        let posted = Guardian::post(Command::new("sh").args(["-c", "printf !; read -r word"]));
        posted.unwrap().dismiss();
        let none = Guardian::post(&mut Command::new("/no/such/program"));
        assert!(matches!(none, Err(GuardianError::Start(_))), "{none:?}");
    }
}
