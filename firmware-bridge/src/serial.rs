//! A serial line.

use core::time::Duration;
use std::io::{self, Read as _, Write as _};

use serialport::{ClearBuffer, SerialPort as _, TTYPort};
use tandem_realtime::{Clock as _, MonotonicClock};
use tandem_types::Stamp;

/// A line that bytes go out on and come in from.
pub trait Line {
    /// Sends bytes; they may still be on their way when this returns.
    ///
    /// # Errors
    /// If the line is gone.
    fn send(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Takes what has come, waiting for the first byte for at most `within`; zero bytes if none
    /// came.
    ///
    /// # Errors
    /// If the line is gone.
    fn receive(&mut self, into: &mut [u8], within: Duration) -> io::Result<usize>;

    /// Drops what has come and was not taken.
    ///
    /// # Errors
    /// If the line is gone.
    fn discard(&mut self) -> io::Result<()>;

    /// The present moment, by the clock that the line's time passes on.
    fn now(&self) -> Stamp;
}

/// A serial port of the system, or a pseudo-terminal.
#[derive(Debug)]
pub struct SerialLine {
    port: TTYPort,
}

/// A serial port cannot be opened.
#[derive(Debug, thiserror::Error)]
#[error(
    "serial port {path} does not open ({source}); is the cable in, is your user in the group that \
     owns it (often `dialout`), and does no other program use it?"
)]
pub struct OpenError {
    /// Its path.
    pub path: String,
    /// What the system said.
    pub source: serialport::Error,
}

impl SerialLine {
    /// Opens a port for this process alone.
    ///
    /// # Errors
    /// If it is not there, belongs to others, or cannot do the baud rate.
    pub fn open(path: &str, baud: u32) -> Result<Self, OpenError> {
        let port = serialport::new(path, baud).open_native();
        Ok(Self { port: port.map_err(|source| OpenError { path: path.to_owned(), source })? })
    }

    /// The other end of a pseudo-terminal.
    pub(crate) const fn of(port: TTYPort) -> Self {
        Self { port }
    }
}

impl Line for SerialLine {
    fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.port.write_all(bytes)
    }

    fn receive(&mut self, into: &mut [u8], within: Duration) -> io::Result<usize> {
        self.port.set_timeout(within)?;
        match self.port.read(into) {
            Err(error) if error.kind() == io::ErrorKind::TimedOut => Ok(0),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(0),
            other => other,
        }
    }

    fn discard(&mut self) -> io::Result<()> {
        Ok(self.port.clear(ClearBuffer::Input)?)
    }

    fn now(&self) -> Stamp {
        MonotonicClock.now()
    }
}
