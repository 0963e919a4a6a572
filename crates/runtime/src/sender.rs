//! The thread that takes commands from the tick to the bus, so that the tick never waits for it.

use std::time::Duration;

use tandem_bus::CommandPort;
use tandem_guard::{AdmittedCommand, RobotPort as _};
use tandem_latest::Reader;
use tandem_realtime::{Clock as _, MonotonicClock, Wake, sleep_until};

use crate::beat::Beat;
use crate::shared::Shared;

/// How long the sender spins for a command. A tick takes a tenth of it, and two threads that were
/// woken together on two cores are rarely further apart. At 1 kHz, spinning it out each time would
/// take 5 % of a core.
const SPIN: Duration = Duration::from_micros(50);

/// The sending thread.
///
/// Waking a thread is a system call, which the tick must not make, so nobody wakes this one when a
/// command is there. It wakes with the tick instead: on the same core it runs after the tick,
/// whose priority is higher; on another it spins for the few microseconds that the tick takes.
/// Where the two are further apart it goes back to sleep for a while, which is what it would have
/// done at every tick had it to poll.
pub(crate) struct Sender {
    pub(crate) port: CommandPort,
    pub(crate) beat: Beat,
    /// How long after the beat to look again for a command that was not there.
    pub(crate) patience: Duration,
    pub(crate) commands: Reader<Option<AdmittedCommand>>,
    /// Whether the last beat brought a command: while nothing is sent there is nothing to spin for.
    pub(crate) sending: bool,
}

impl Sender {
    /// Sends every tick's command once, as soon as it is there. Only the newest counts: if the bus
    /// holds this thread up, the commands in between are superseded, not queued.
    pub(crate) fn run(&mut self, shared: &Shared) {
        while !shared.stopping() {
            let wake = self.beat.wait();
            let command = self.catch(wake);
            self.sending = command.is_some();
            let Some(command) = command else { continue };
            if let Err(error) = self.port.send(&command) {
                tracing::warn!(%error, "a command did not reach the bus");
            }
        }
    }

    /// This beat's command, if the tick makes one in time.
    fn catch(&mut self, wake: Wake) -> Option<AdmittedCommand> {
        let enough = wake.woke.after(if self.sending { SPIN } else { Duration::ZERO });
        loop {
            if let Some(command) = self.fresh() {
                return Some(command);
            }
            if MonotonicClock.now() >= enough {
                break;
            }
            core::hint::spin_loop();
        }
        sleep_until(wake.woke.after(self.patience));
        self.fresh()
    }

    fn fresh(&mut self) -> Option<AdmittedCommand> {
        self.commands.fresh().and_then(|sample| sample.value)
    }
}
