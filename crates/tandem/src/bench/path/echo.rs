//! `tandem echo`: the far end of the echo, a process of its own.

use std::time::Duration;

use tandem_bus::{Bus, BusConfig, Garbage, KeyError, Keys};
use tandem_config::Config;
use tandem_types::{Command, JointVec};
use tandem_wire::{CdrReader, JointCommand};

use crate::arguments::Run;
use crate::daemon::{interrupt, load};
use crate::demo::link::pause;
use crate::failure::Failure;

/// How often the main thread looks whether to end.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// The keys of a robot that does not exist, beside those of the one that does: the echo must never
/// speak on the command key of a robot.
pub(super) fn keys(config: &Config) -> Result<Keys, KeyError> {
    Keys::new(&format!("{}-echo", config.robot.name))
}

/// Answers every state with a command of zeros and of its stamp, on the thread it arrives on; it
/// reads the stamp and nothing else.
pub(crate) fn run(arguments: &Run) -> Result<(), Failure> {
    let interrupt = interrupt(&arguments.place)?;
    let config = load(&arguments.file.config, &arguments.place)?;
    let bus = Bus::open(&BusConfig { listen: vec![], connect: vec![config.bus.robot.clone()] })?;
    let keys = keys(&config)?;
    let mut answers = bus.publisher(&keys.command())?;
    let rest = JointVec::zeros(config.dof());
    let mut answer =
        JointCommand { command: Command { q: rest, dq: rest }, ..JointCommand::default() };
    let _subscription =
        bus.subscribe_payload(&keys.state(), &Garbage::default(), move |payload| {
            let stamp = CdrReader::new(payload).and_then(|mut reader| reader.stamp());
            answer.stamp = stamp.map_err(|error| error.to_string())?;
            answers.send(&answer).map_err(|error| error.to_string())
        })?;
    while !interrupt.is_raised() {
        pause(LOOK_EVERY);
    }
    Ok(())
}
