//! The messages on the bus, as ROS 2 tools read them: CDR, with one published `.msg` each.
//!
//! Every message is a plain struct that implements [`Message`]: it knows its ROS 2 type name, how
//! to write itself with a [`CdrWriter`] and how to read itself back with a [`CdrReader`]. Where a
//! standard type fits it is used ([`JointState`], [`Image`]); the rest is the package
//! `tandem_msgs`, whose definitions lie in `crates/wire/msg`.
//!
//! ```
//! use tandem_types::{State, Stamp};
//! use tandem_wire::{JointState, Message as _};
//!
//! let joints = ["shoulder", "elbow"].map(str::to_owned);
//! let mut message = JointState::new(&joints);
//! let mut state = State { stamp: Stamp::from_nanos(1_500_000_000), ..State::default() };
//! state.q = tandem_types::JointVec::from_slice(&[0.25, -1.0]).unwrap();
//! state.dq = tandem_types::JointVec::zeros(2);
//! state.tau = tandem_types::JointVec::zeros(2);
//! message.set_state(&state);
//!
//! let mut bytes = Vec::new();
//! message.encode(&mut bytes);
//! let received = JointState::decode(&bytes).unwrap();
//! assert_eq!(received.to_state(&joints), Ok(state));
//! assert!(JointState::decode(&bytes[..20]).is_err());
//! ```
//!
//! What this crate does not do: it knows no transport, no keys and no quality of service (that is
//! `tandem-bus`), and it judges no content beyond its shape: whether a command may be obeyed is for
//! the receiver to say.
//!
//! Decoders are total: any bytes give a value or a [`DecodeError`], and what they allocate is
//! bounded by the bytes that are really there. Encoders cut text and sequences at the limits of the
//! `.msg`, so that what was encoded can always be decoded. No threads, no clock; `alloc` only for
//! strings, names and pictures, so none of it belongs into the control tick.
#![no_std]
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::as_conversions
    )
)]

extern crate alloc;

mod cdr;
mod error;
mod limits;
mod message;
mod messages;

pub use cdr::{CdrReader, CdrWriter, HEADER};
pub use error::DecodeError;
pub use limits::{
    BUNDLES_MAX, CAUSE_BYTES_MAX, IMAGE_BYTES_MAX, INSTRUCTION_BYTES_MAX, INTERVENTIONS_MAX,
    NAME_BYTES_MAX, OBJECTS_MAX, REPORT_ENTRIES_MAX, SWAP_STEPS_MAX, TEXT_BYTES_MAX,
};
pub use message::Message;
pub use messages::{
    ControlKind, ControlReply, ControlRequest, Counter, Distribution, EpisodeReply, EpisodeRequest,
    Heartbeat, Image, ImageError, Instruction, Intervention, JointCommand, JointState,
    PolicyBundle, PolicyKind, PolicyReply, PolicyRequest, Receipt, Refusal, Report, StateError,
    Status, Text, Truth, decode_frame_into,
};
