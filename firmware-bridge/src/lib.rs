//! Between the bus and servo buses: a host's side, and devices that behave like the real ones.
//!
//! [`sts`] speaks to Feetech's STS servos, the ones of the SO-100 and SO-101, over a
//! [`serial`] line; a [`Calibration`] says how an arm was put together. [`ServoArm`] is such an arm
//! under the firmware's own state machine (`tandem-protocol`), which checks every limit again and
//! stops by itself. The [`emulator`] puts a servo bus, or a microcontroller with the native
//! protocol, on a pseudo-terminal.
//!
//! ```
//! use tandem_firmware_bridge::emulator::{Emulated, FeetechBus, FreeShafts};
//! use tandem_firmware_bridge::serial::SerialLine;
//! use tandem_firmware_bridge::sts::{StsBus, registers};
//!
//! let folder = tempfile::tempdir()?;
//! let servos = [(1, 2048.0), (2, 1000.0)];
//! let bus = FeetechBus::new(&servos, 1_000_000, Box::new(FreeShafts::default()), 1);
//! let plugged = Emulated::plug(bus, &folder.path().join("tty"))?;
//!
//! let line = SerialLine::open(&plugged.path().to_string_lossy(), 1_000_000)?;
//! let mut host = StsBus::new(line, 1_000_000);
//! assert!(host.ping(1)? && !host.ping(7)?);
//! assert_eq!(host.read(2, &registers::PRESENT_POSITION)?, 1000);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`host`] is the process between bus and line, and the [`guardian`] the one that outlives it.
//!
//! What this crate does not do: it plans nothing and knows no policy.
//!
//! Threads and time: whoever calls owns the line, and each call blocks for as long as its bytes
//! take. An emulated device has one thread of its own.
#![forbid(unsafe_code)]

mod arm;
pub mod bench;
mod calibration;
pub mod emulator;
pub mod guardian;
pub mod host;
mod inbox;
pub mod serial;
pub mod sts;
pub mod survey;

pub use arm::{ArmError, ArmLimits, ServoArm};
pub use calibration::{Calibration, CalibrationError, MotorCalibration};
pub use inbox::Inbox;
