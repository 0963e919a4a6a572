//! The thread that takes commands from the tick to the bus, so that the tick never waits for it.

use tandem_bus::CommandPort;
use tandem_guard::{AdmittedCommand, RobotPort as _};
use tandem_latest::Reader;
use tandem_realtime::PeriodicTimer;

use crate::shared::Shared;

/// The sending thread.
pub(crate) struct Sender {
    pub(crate) port: CommandPort,
    pub(crate) timer: PeriodicTimer,
    pub(crate) commands: Reader<Option<AdmittedCommand>>,
}

impl Sender {
    /// Sends every tick's command once, shortly after the tick. Only the newest counts: if the bus
    /// holds this thread up, the commands in between are superseded, not queued.
    pub(crate) fn run(&mut self, shared: &Shared) {
        while !shared.stopping() {
            self.timer.wait();
            let Some(command) = self.commands.fresh().and_then(|sample| sample.value) else {
                continue;
            };
            if let Err(error) = self.port.send(&command) {
                tracing::warn!(%error, "a command did not reach the bus");
            }
        }
    }
}
