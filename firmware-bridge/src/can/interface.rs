//! A CAN interface of the Linux kernel.

use core::time::Duration;
use std::io;

use socketcan::{CanSocket, EmbeddedFrame as _, Socket as _, StandardId};
use tandem_realtime::{Clock as _, MonotonicClock};
use tandem_types::Stamp;

use super::{CanFrame, CanLine};

/// An interface such as `can0`.
///
/// It must be up, at the motors' bit rate: `ip link set can0 up type can bitrate 1000000`.
#[derive(Debug)]
pub struct CanInterface {
    socket: CanSocket,
}

impl CanInterface {
    /// Opens an interface by its name.
    ///
    /// # Errors
    /// If there is no such interface.
    pub fn open(name: &str) -> io::Result<Self> {
        Ok(Self { socket: CanSocket::open(name)? })
    }
}

impl CanLine for CanInterface {
    fn send(&mut self, frame: &CanFrame) -> io::Result<()> {
        let id = StandardId::new(frame.id()).ok_or(io::ErrorKind::InvalidInput)?;
        let frame =
            socketcan::CanFrame::new(id, frame.data()).ok_or(io::ErrorKind::InvalidInput)?;
        self.socket.write_frame(&frame)
    }

    fn receive(&mut self, within: Duration) -> io::Result<Option<CanFrame>> {
        let deadline = self.now().after(within);
        loop {
            // The kernel is asked in whole milliseconds: rather one too many than none.
            let left_us = self.now().age_at(deadline).as_micros();
            let left_ms = u64::try_from(left_us.div_ceil(1000)).unwrap_or(u64::MAX);
            match self.socket.read_frame_timeout(Duration::from_millis(left_ms)) {
                Ok(socketcan::CanFrame::Data(frame)) => {
                    let socketcan::Id::Standard(id) = frame.id() else { continue };
                    return Ok(CanFrame::new(id.as_raw(), frame.data()));
                }
                // Somebody else's business: an error report or a remote request.
                Ok(_) => {}
                Err(error) => match error.kind() {
                    io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => return Ok(None),
                    io::ErrorKind::Interrupted => {}
                    _ => return Err(error),
                },
            }
        }
    }

    fn discard(&mut self) -> io::Result<()> {
        while self.receive(Duration::ZERO)?.is_some() {}
        Ok(())
    }

    fn now(&self) -> Stamp {
        MonotonicClock.now()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// There is no CAN hardware where tests run; that there is none must be said, not hung upon.
    #[test]
    fn an_interface_that_is_not_there_is_an_error() {
        assert!(CanInterface::open("no-such-can0").is_err());
    }
}
