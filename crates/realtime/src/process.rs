//! Other processes: holding one up, for those who test what the others do then, and keeping what is
//! ours from those we start.
#![expect(unsafe_code, reason = "rustix takes no raw descriptor, and serial ports have no other")]

use std::io;
use std::os::fd::AsRawFd;

use rustix::process::{Pid, Signal, kill_process};

/// Stops a process, as `SIGSTOP` does: it keeps everything and does nothing.
///
/// # Errors
/// If there is no such process, or it is not ours.
pub fn suspend(process: u32) -> io::Result<()> {
    signal(process, Signal::STOP)
}

/// Lets a stopped process go on.
///
/// # Errors
/// As [`suspend`].
pub fn resume(process: u32) -> io::Result<()> {
    signal(process, Signal::CONT)
}

/// Keeps an open file from the processes that are started from now on. As long as one of them had a
/// pseudo-terminal open, its other end would not notice that it was closed here.
///
/// # Errors
/// If it is not open.
pub fn close_on_exec(file: &impl AsRawFd) -> io::Result<()> {
    // SAFETY: this call takes three integers and touches no memory of ours; a descriptor that is
    // not open is an error.
    match unsafe { libc::fcntl(file.as_raw_fd(), libc::F_SETFD, libc::FD_CLOEXEC) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

fn signal(process: u32, signal: Signal) -> io::Result<()> {
    let id = i32::try_from(process).ok().and_then(Pid::from_raw);
    let id = id.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
    Ok(kill_process(id, signal)?)
}
