//! Between the bus and servo buses: a host's side, and devices that behave like the real ones.
//!
//! A [`MotorBus`] is a bus of motors from the host's side: [`sts`] speaks to Feetech's STS servos, the
//! ones of the SO-100 and SO-101, [`dynamixel`] to Dynamixel's X series, both over a [`serial`] line,
//! and [`mit`] to motors on [`can`] that take MIT-style frames. [`Motors`] are what a
//! config says that an arm has, and a [`Calibration`] says how it was put together. [`ServoArm`] is such an arm under the firmware's own state machine
//! (`tandem-protocol`), which checks every limit again and stops by itself. The [`emulator`] puts
//! motors of each kind, or a microcontroller with the native protocol, on a pseudo-terminal.
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
//! # What stops a motor when this process dies
//!
//! An arm's driver that ends, by an error or a panic, lets every motor go, each by itself. A process
//! that is killed cannot. What is left then is in the motor:
//!
//! | motors | watch their host | then |
//! |---|---|---|
//! | Feetech STS | no | they come to rest at their last goal, a few milliseconds ahead, and hold it |
//! | Dynamixel X | *bus watchdog*, set to the config's `stop_within_ms` when they are switched on | they stop where they are, hold, and take no goal until it is cleared |
//! | Damiao | a timeout, set to the same and read back at the start | they are limp, and say so until they are set up anew |
//! | Mini Cheetah, CubeMars | a timeout that only the vendor's tool sets | limp; **if it is off, they hold their last place** |
//! | a microcontroller with the native protocol | the state machine itself, 20 ms | it brakes within its limits, and latches |
//!
//! `examples/dead_host.rs` kills the host of six emulated motors that move at 0.4 rad/s, in a loop that
//! closes 25 times a second, 200 times for each kind. All were a tenth slower within 13 ms of the last
//! goal. Those with a watchdog, of 20 ms, were at rest within 21 ms, Feetech's within 83 ms, a motor without a
//! timeout within 123 ms; none moved more than 18 mrad. That is because a goal lies only a few
//! milliseconds ahead: what a dead host leaves is a small motion, and an arm that holds or does not.
//!
//! None of the servos brakes within a joint's limits by itself; only the last row does. Stopped motors
//! of the first two rows still drive: they hold, which is what an arm above a table wants, and not what
//! a hand in its grip does.
//!
//! [`host`] is the process between bus and line, and the [`guardian`] the one that outlives it.
//!
//! What this crate does not do: it plans nothing and knows no policy. Of Dynamixel's modes it uses
//! position control, of CAN base frames at 1 Mbit/s.
//!
//! Threads and time: whoever calls owns the line, and each call blocks for as long as its bytes
//! take. An emulated device has one thread of its own.
#![forbid(unsafe_code)]

mod arm;
pub mod bench;
mod calibration;
pub mod can;
pub mod dynamixel;
pub mod emulator;
mod exchange;
pub mod guardian;
pub mod host;
mod inbox;
pub mod mit;
mod motor_bus;
mod motors;
pub mod serial;
pub mod sts;
pub mod survey;

pub use arm::{ArmError, ArmLimits, ServoArm, find_all};
pub use calibration::{Calibration, CalibrationError, MotorCalibration, STEPS_PER_TURN};
pub use inbox::Inbox;
pub use motor_bus::{BusError, Effort, MotorBus, ShaftGoal, ShaftState, Shape};
pub use motors::{AnyBus, BusOpenError, Motors, MotorsError};
