//! How deeply an idle processor may sleep.

use core::time::Duration;
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};

use rustix::io::Errno;

use crate::grant::Granted;

/// A bound on how long an idle core may take to wake, kept for as long as this lives.
///
/// A core with nothing to do sleeps, and the deeper it sleeps the longer it takes to wake: up to
/// hundreds of microseconds, and a control thread that sleeps between its ticks pays them at every
/// tick. The kernel keeps the strictest bound of all who hold one, over all cores
/// (`Documentation/power/pm_qos_interface.rst`). A bound of zero lets no core sleep: it costs their
/// power and heat, and in a virtual machine the host may think the guest busy and take more from
/// it.
#[derive(Debug)]
pub struct WakeLatency {
    // The kernel forgets the bound when this is closed.
    _held: File,
}

impl WakeLatency {
    /// Where the kernel takes such bounds.
    const DEVICE: &str = "/dev/cpu_dma_latency";

    /// Asks the kernel to let no core sleep so deeply that it takes longer than `max` to wake. What
    /// exceeds whole microseconds, or 35 minutes, is cut off.
    pub fn bound(max: Duration) -> (Option<Self>, Granted) {
        let us = i32::try_from(max.as_micros()).unwrap_or(i32::MAX);
        let answer =
            Self::hold(us).map_err(|error| Errno::from_io_error(&error).unwrap_or(Errno::IO));
        let mut granted = Granted::default();
        let asked = format!("cores that wake within {us} us");
        granted.note(asked, answer.as_ref().map_err(|errno| *errno), mend);
        (answer.ok(), granted)
    }

    fn hold(us: i32) -> io::Result<Self> {
        let mut held = OpenOptions::new().write(true).open(Self::DEVICE)?;
        held.write_all(&us.to_ne_bytes())?;
        Ok(Self { _held: held })
    }
}

fn mend(errno: Errno) -> String {
    let device = WakeLatency::DEVICE;
    match errno {
        Errno::NOENT => format!("there is no {device}: in a container, pass the device in"),
        _ => format!("run as root, or let this user write {device} (a udev rule)"),
    }
}
