//! The nouns of tandem: what flows between cameras, policies, the control tick and the robot.
//!
//! Data flows one way. A [`Frame`] and a [`State`] come from the robot; System 2 turns frames and
//! an instruction into a [`LatentGoal`]; System 1 turns a [`Posture`], visual features and the
//! latent goal into an [`ActionChunk`]; the control tick plays chunks and sends a [`Command`]
//! through the guard. Every one of them carries [`Stamp`]s, so that its *age* can be measured
//! wherever it is used.
//!
//! ```
//! use tandem_types::{ActionChunk, JointVec, Stamp};
//! use core::time::Duration;
//!
//! let here = JointVec::from_slice(&[0.0, 0.5]).unwrap();
//! let mut chunk = ActionChunk::at_rest(here, Stamp::from_nanos(0));
//! chunk.set_path(Duration::from_millis(5), &[0.01, 0.5, 0.02, 0.5]).unwrap();
//! assert_eq!(chunk.steps(), 2);
//! assert_eq!(chunk.step(1).unwrap()[0], 0.02);
//! ```
//!
//! What this crate does not do: it reads no clock, does no input or output and knows no policy,
//! robot or message format. Real-time: everything here but [`Frame`] is fixed in size, is `Copy` or
//! can be overwritten in place, and never allocates.
#![no_std]

extern crate alloc;

mod action;
mod frame;
mod ids;
mod joints;
mod latent;
mod posture;
mod stamp;

pub use action::{ActionChunk, CHUNK_VALUES_MAX, ChunkError};
pub use frame::{Frame, FrameError};
pub use ids::{Epoch, InstructionId, ModelId, Sequence};
pub use joints::{JOINTS_MAX, JointVec, TooManyJoints};
pub use latent::{LATENT_MAX, LatentError, LatentGoal};
pub use posture::{Command, Posture, State};
pub use stamp::Stamp;
