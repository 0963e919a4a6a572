//! Starting a thread with its scheduling, and hearing what it was granted.

use std::sync::mpsc::sync_channel;
use std::thread::{Builder, JoinHandle};

use tandem_realtime::{Granted, Policy, Schedule, prefault_stack};

use crate::error::StartError;

/// The stack of our threads: a tick needs a few tens of KB, an inference a few hundred.
const STACK_BYTES: usize = 2 * 1024 * 1024;

/// Starts a thread that applies `schedule` to itself before it runs `body`. Returns once the
/// kernel has answered; the answer is added to `granted` under the thread's name.
pub(crate) fn spawn(
    name: &'static str,
    schedule: Schedule,
    granted: &mut Granted,
    body: impl FnOnce() + Send + 'static,
) -> Result<JoinHandle<()>, StartError> {
    let (sender, answer) = sync_channel(1);
    let thread = Builder::new()
        .name(name.to_owned())
        .stack_size(STACK_BYTES)
        .spawn(move || {
            sender.send(schedule.apply()).ok();
            prefault_stack();
            body();
        })
        .map_err(|source| StartError::Thread { name, source })?;
    if let Ok(mut answer) = answer.recv() {
        for grant in &mut answer.grants {
            grant.asked = format!("{name}: {}", grant.asked);
        }
        granted.extend(answer);
    }
    Ok(thread)
}

/// A thread that shares the CPU.
pub(crate) const fn ordinary(nice: i8) -> Schedule {
    Schedule { policy: Policy::Normal { nice }, cpu: None }
}

/// A real-time thread, or an ordinary one where the config asks for no priority.
pub(crate) fn realtime(priority: Option<u32>, cpu: Option<usize>) -> Schedule {
    let fifo = priority.and_then(|priority| u8::try_from(priority).ok());
    let policy = fifo.map_or(Policy::Normal { nice: 0 }, |priority| Policy::Fifo { priority });
    Schedule { policy, cpu }
}
