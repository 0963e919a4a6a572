//! A device behind a pseudo-terminal.

use core::sync::atomic::{AtomicBool, Ordering};
use core::time::Duration;
use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use serialport::{SerialPort as _, TTYPort};
use tandem_realtime::{Clock as _, MonotonicClock, Policy, Schedule, close_on_exec, sleep_until};

use super::Device;
use crate::serial::{Line as _, SerialLine};

/// How long the thread waits for the host at most before it looks whether it should end.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// Above everything of tandem's: it stands for hardware, which does not share a processor.
const PRIORITY: u8 = 90;

/// A pseudo-terminal could not be made.
#[derive(Debug, thiserror::Error)]
pub enum EmulatorError {
    /// The system has none left.
    #[error("no pseudo-terminal can be opened ({0})")]
    Terminal(#[from] serialport::Error),
    /// The name that people and configs know it by cannot be made.
    #[error("{} cannot be made a link to {terminal} ({source}); is something else in its place?",
        .link.display())]
    Link {
        /// The name.
        link: PathBuf,
        /// The terminal.
        terminal: String,
        /// What the system said.
        source: io::Error,
    },
    /// The system has no thread left.
    #[error("the emulator's thread cannot be started ({0})")]
    Thread(io::Error),
}

/// A running device. It ends, and its port with it, when this is dropped.
pub struct Emulated<D: Device> {
    device: Arc<Mutex<D>>,
    link: PathBuf,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl<D: Device> Emulated<D> {
    /// Plugs a device in: `link` becomes the name of its port.
    ///
    /// # Errors
    /// If the system gives no terminal or thread, or the name is taken by something else.
    pub fn plug(device: D, link: &Path) -> Result<Self, EmulatorError> {
        let device = Arc::new(Mutex::new(device));
        let stop = Arc::new(AtomicBool::new(false));
        let thread = start(&device, Some(terminal(link)?), &stop)?;
        Ok(Self { device, link: link.to_owned(), stop, thread: Some(thread) })
    }

    /// The device, between two of its thread's looks at it.
    pub fn device(&self) -> MutexGuard<'_, D> {
        self.device.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The name of its port.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.link
    }

    /// Pulls the cable: the port is gone, the device is not, and does what it was told last.
    ///
    /// # Errors
    /// If the system has no thread left for it.
    pub fn unplug(&mut self) -> Result<(), EmulatorError> {
        self.end();
        self.serve(None)
    }

    /// Puts the cable back in: the same name, another terminal.
    ///
    /// # Errors
    /// As [`plug`](Self::plug).
    pub fn replug(&mut self) -> Result<(), EmulatorError> {
        self.end();
        let terminal = terminal(&self.link)?;
        self.serve(Some(terminal))
    }

    fn serve(&mut self, terminal: Option<Terminal>) -> Result<(), EmulatorError> {
        self.stop = Arc::new(AtomicBool::new(false));
        self.thread = Some(start(&self.device, terminal, &self.stop)?);
        Ok(())
    }

    fn end(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // A panic of the thread has been printed; there is nothing to add.
            thread.join().ok();
        }
        fs::remove_file(&self.link).ok();
    }
}

impl<D: Device> Drop for Emulated<D> {
    fn drop(&mut self) {
        self.end();
    }
}

/// Both ends of a pseudo-terminal: the device's, and the host's.
struct Terminal {
    master: TTYPort,
    slave: TTYPort,
}

/// Makes one, and a name for the host's end.
fn terminal(link: &Path) -> Result<Terminal, EmulatorError> {
    let (master, slave) = TTYPort::pair()?;
    for end in [&master, &slave] {
        close_on_exec(end).map_err(serialport::Error::from)?;
    }
    let terminal = slave.name().unwrap_or_default();
    if fs::symlink_metadata(link).is_ok_and(|found| found.is_symlink()) {
        fs::remove_file(link).ok();
    }
    symlink(&terminal, link).map_err(|source| {
        let link = link.to_owned();
        EmulatorError::Link { link, terminal, source }
    })?;
    Ok(Terminal { master, slave })
}

fn start<D: Device>(
    device: &Arc<Mutex<D>>,
    terminal: Option<Terminal>,
    stop: &Arc<AtomicBool>,
) -> Result<JoinHandle<()>, EmulatorError> {
    let (device, stop) = (device.clone(), stop.clone());
    thread::Builder::new()
        .name("emulator".to_owned())
        .spawn(move || {
            let line = terminal.map(|Terminal { master, slave }| {
                // The other end is the host's alone: were it held open here, too, a lock of its last
                // owner's would outlive that owner.
                drop(slave);
                SerialLine::of(master)
            });
            let schedule = Schedule { policy: Policy::Fifo { priority: PRIORITY }, cpu: None };
            tracing::debug!("emulator thread: {}", schedule.apply());
            serve(&device, line, &stop);
        })
        .map_err(EmulatorError::Thread)
}

fn serve<D: Device>(device: &Mutex<D>, mut line: Option<SerialLine>, stop: &AtomicBool) {
    let mut bytes = [0; 512];
    let mut out = Vec::with_capacity(512);
    while !stop.load(Ordering::Relaxed) {
        let due = device.lock().unwrap_or_else(PoisonError::into_inner).due();
        let now = MonotonicClock.now();
        let wait = due.map_or(LOOK_EVERY, |due| now.age_at(due)).min(LOOK_EVERY);
        let came = line.as_mut().and_then(|line| line.receive(&mut bytes, wait).ok());
        let came = came.unwrap_or_else(|| {
            // Nobody has the other end open, or there is none.
            sleep_until(now.after(wait));
            0
        });
        let now = MonotonicClock.now();
        let mut device = device.lock().unwrap_or_else(PoisonError::into_inner);
        if came > 0 {
            device.receive(now, &bytes[..came]);
        }
        device.poll(now, &mut out);
        drop(device);
        if let Some(line) = line.as_mut().filter(|_| !out.is_empty()) {
            line.send(&out).ok();
        }
        out.clear();
    }
}
