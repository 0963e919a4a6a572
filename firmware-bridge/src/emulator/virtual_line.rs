//! A device on a line of virtual time: for tests that must not depend on a machine's mood.

use core::time::Duration;
use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tandem_types::Stamp;

use super::Device;
use crate::serial::Line;

/// The least that time moves on when nothing is due: a tenth of a byte at 1 Mbaud.
const STEP: Duration = Duration::from_micros(1);

/// A line to a device. Time passes only while somebody waits. Clones share it.
pub struct VirtualLine<D>(Arc<Mutex<Shared<D>>>);

struct Shared<D> {
    device: D,
    now: Stamp,
    came: VecDeque<u8>,
    cut: bool,
}

impl<D> Clone for VirtualLine<D> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<D> core::fmt::Debug for VirtualLine<D> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("VirtualLine").field("now", &self.lock().now).finish_non_exhaustive()
    }
}

impl<D> VirtualLine<D> {
    fn lock(&self) -> MutexGuard<'_, Shared<D>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<D: Device> VirtualLine<D> {
    /// A line that begins at `now`.
    #[must_use]
    pub fn new(device: D, now: Stamp) -> Self {
        let came = VecDeque::new();
        Self(Arc::new(Mutex::new(Shared { device, now, came, cut: false })))
    }

    /// Does something with the device.
    pub fn with<T>(&self, f: impl FnOnce(&mut D) -> T) -> T {
        f(&mut self.lock().device)
    }

    /// Cuts the line, or mends it.
    pub fn cut(&self, cut: bool) {
        self.lock().cut = cut;
    }

    /// Lets time pass until `then`.
    pub fn wait_until(&self, then: Stamp) {
        let mut shared = self.lock();
        while shared.now < then {
            shared.advance(then);
        }
    }
}

impl<D: Device> Shared<D> {
    /// Moves on to the next thing that happens, or to `end`.
    fn advance(&mut self, end: Stamp) {
        let due = self.device.due().unwrap_or(end);
        self.now = due.max(self.now.after(STEP)).min(end);
        let mut out = Vec::new();
        self.device.poll(self.now, &mut out);
        if !self.cut {
            self.came.extend(out);
        }
    }

    fn check(&self) -> io::Result<()> {
        if self.cut { Err(io::ErrorKind::BrokenPipe.into()) } else { Ok(()) }
    }
}

impl<D: Device> Line for VirtualLine<D> {
    fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut shared = self.lock();
        shared.check()?;
        let now = shared.now;
        shared.device.receive(now, bytes);
        Ok(())
    }

    fn receive(&mut self, into: &mut [u8], within: Duration) -> io::Result<usize> {
        let mut shared = self.lock();
        shared.check()?;
        let end = shared.now.after(within);
        while shared.came.is_empty() && shared.now < end {
            shared.advance(end);
        }
        let count = shared.came.len().min(into.len());
        for (slot, byte) in into.iter_mut().zip(shared.came.drain(..count)) {
            *slot = byte;
        }
        Ok(count)
    }

    fn discard(&mut self) -> io::Result<()> {
        let mut shared = self.lock();
        shared.check()?;
        shared.came.clear();
        Ok(())
    }

    fn now(&self) -> Stamp {
        self.lock().now
    }
}
