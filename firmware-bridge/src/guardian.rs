//! A second process that lets the motors go when the first has died without doing so.
//!
//! A process that is killed cleans nothing up. Its arm does not run away: each goal on the line is
//! where a joint comes to rest by itself ([`ServoArm`](crate::ServoArm)). But nobody would switch the
//! motors off, and nobody would look after them. So a bridge posts a guardian: a process of its own,
//! which waits at the end of a pipe. A pipe closes when its owner dies, however that comes about;
//! then the guardian opens the port, waits until the joints rest, and lets every motor go.

use core::time::Duration;
use std::io::{self, Read, Write as _};
use std::process::{Child, Command, Stdio};

use tandem_realtime::{Clock as _, MonotonicClock, sleep_until};

use crate::BusError;
use crate::serial::{OpenError, SerialLine};
use crate::sts::StsBus;

/// What a bridge says that has let the motors go itself.
const DISMISSED: u8 = b'.';

/// The port is its last owner's until the kernel has cleaned up after that one.
const OPEN_WITHIN: Duration = Duration::from_secs(1);

/// Joints that still move after so long do not come to rest by themselves.
const REST_WITHIN: Duration = Duration::from_secs(2);

const LOOK_EVERY: Duration = Duration::from_millis(10);

/// A joint slower than this is at rest, steps/s: 0.05 rad/s.
const REST_STEPS_S: i32 = 32;

/// A guardian on duty. Dropped without [`dismiss`](Self::dismiss), it does what it is there for.
#[derive(Debug)]
pub struct Guardian {
    child: Child,
}

/// Why the motors could not be let go.
#[derive(Debug, thiserror::Error)]
pub enum GuardianError {
    /// It has no port.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The line is gone.
    #[error(transparent)]
    Bus(#[from] BusError),
    /// Some motors may still be on.
    #[error("the motors {ids:?} did not confirm that they let go; take their supply away")]
    StillOn {
        /// Their ids.
        ids: Vec<u8>,
    },
}

impl Guardian {
    /// Starts the program that is to call [`stand_guard`], with whatever tells it which arm.
    ///
    /// # Errors
    /// If the system starts no process.
    pub fn post(program: &mut Command) -> io::Result<Self> {
        Ok(Self { child: program.stdin(Stdio::piped()).spawn()? })
    }

    /// Whether it is still there.
    pub fn is_on_duty(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
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

/// Waits until whoever holds the other end of `word` dismisses this guardian, or dies. In that case
/// it lets the motors of the servos with these `ids` go.
///
/// # Errors
/// If a motor may still be on.
pub fn stand_guard(
    mut word: impl Read,
    port: &str,
    baud: u32,
    ids: &[u8],
) -> Result<(), GuardianError> {
    let mut said = Vec::new();
    // An error ends the pipe like a death does.
    word.read_to_end(&mut said).ok();
    if said.contains(&DISMISSED) {
        return Ok(());
    }
    tracing::error!("the bridge has died; its guardian lets the motors go");
    let mut bus = StsBus::new(open(port, baud)?, baud);
    wait_for_rest(&mut bus, ids)?;
    let ids = bus.torque_off(ids);
    if ids.is_empty() { Ok(()) } else { Err(GuardianError::StillOn { ids }) }
}

fn open(port: &str, baud: u32) -> Result<SerialLine, OpenError> {
    let deadline = MonotonicClock.now().after(OPEN_WITHIN);
    loop {
        match SerialLine::open(port, baud) {
            Err(_taken) if MonotonicClock.now() < deadline => {
                sleep_until(MonotonicClock.now().after(LOOK_EVERY));
            }
            other => return other,
        }
    }
}

/// Waits until no joint moves that says how fast it does.
fn wait_for_rest(bus: &mut StsBus<SerialLine>, ids: &[u8]) -> Result<(), BusError> {
    let deadline = MonotonicClock.now().after(REST_WITHIN);
    let mut readings = vec![None; ids.len()];
    while MonotonicClock.now() < deadline {
        bus.read_all(ids, &mut readings)?;
        let moves = readings.iter().flatten().any(|reading| reading.speed.abs() > REST_STEPS_S);
        if !moves {
            break;
        }
        sleep_until(MonotonicClock.now().after(LOOK_EVERY));
    }
    Ok(())
}
