//! Owning the arm: a heartbeat for as long as somebody wants it to move.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::Context as _;
use tandem_bus::{Bus, Keys};
use tandem_realtime::{Clock as _, MonotonicClock, PeriodicTimer, Policy, Schedule};
use tandem_wire::Heartbeat;

/// Five beats in the longest time that a lease may last without one.
const PERIOD: Duration = Duration::from_millis(20);

/// Of the thread that beats: below all that moves the arm, above everything ordinary, so that a
/// busy machine does not pass for an owner who has let go.
const PRIORITY: u8 = 10;

/// An owner of the arm, until dropped. The newest owner fences all before it.
#[derive(Debug)]
pub(crate) struct Attendance {
    token: u64,
    stop: Arc<AtomicBool>,
    beats: Option<JoinHandle<()>>,
}

impl Attendance {
    /// Takes the arm over.
    pub(crate) fn begin(bus: &Bus, keys: &Keys) -> anyhow::Result<Self> {
        let mut publisher = bus.publisher(&keys.heartbeat())?;
        // One host has one monotonic clock, so whoever comes later draws a larger token.
        let token = MonotonicClock.now().as_nanos();
        let stop = Arc::<AtomicBool>::default();
        let told = stop.clone();
        let beat = move || {
            let granted =
                Schedule { policy: Policy::Fifo { priority: PRIORITY }, cpu: None }.apply();
            tracing::info!("heartbeat: {granted}");
            let mut timer = PeriodicTimer::new(PERIOD, Duration::ZERO);
            while !told.load(Ordering::Relaxed) {
                if let Err(error) = publisher.send(&Heartbeat { stamp: timer.wait().woke, token }) {
                    tracing::error!("the arm's heartbeat ends: {error}");
                    return;
                }
            }
        };
        let thread = std::thread::Builder::new().name("heartbeat".into()).spawn(beat);
        let beats = Some(thread.context("cannot start the thread of the arm's heartbeat")?);
        Ok(Self { token, stop, beats })
    }

    /// The fencing token.
    pub(crate) const fn token(&self) -> u64 {
        self.token
    }

    /// Whether the heart still beats.
    pub(crate) fn is_alive(&self) -> bool {
        self.beats.as_ref().is_some_and(|beats| !beats.is_finished())
    }
}

impl Drop for Attendance {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(beats) = self.beats.take() {
            beats.join().ok();
        }
    }
}
