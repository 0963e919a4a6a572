//! Motors on CAN that take MIT-style frames: the frame, the motors' ranges, and a host's way of
//! talking to them.
//!
//! Such a motor has no path of its own. It is told a stiffness and a damping with every position, and
//! answers every frame; so one frame to each motor and one back are a whole cycle. How stiff an arm
//! is, its config must say ([`MitMotor`]): there is no default that suits two motors.
//!
//! # Letting go
//!
//! A strong arm that is let go falls. So these motors are told to do nothing but *damp*: they give
//! way to a hand and to gravity, slowly. That is what stays when the host ends in order.
//!
//! # What happens when the host dies
//!
//! The last frame stays in force until the motor's own timeout, and these are the vendors':
//! - Damiao: a register, in units of 50 us, off as delivered. [`MitBus`] sets it to the
//!   config's `stop_within_ms` and has it confirmed; a motor that has timed out is limp and says so until it is set up anew.
//! - Mini Cheetah firmware and CubeMars: set with the vendor's tool and not visible here. **Where it
//!   is off, a dead host leaves the motor holding its last position for ever.** Set it, and try it by
//!   pulling the cable, before the arm may move.

mod bus;
pub(crate) mod damiao;
pub mod frame;
mod homing;
pub mod ranges;

pub use bus::{MitBus, MitConfigError, MitMotor};
pub use frame::{MitCommand, MitReply, ReplyError, Status, Word};
pub use ranges::{Dialect, MotorKind};
