//! The lock-free latest-value channel: one writer, one reader, and only the newest value counts.
//!
//! [`channel`] makes a [`Writer`] and a [`Reader`] around three slots (a triple buffer). The writer
//! edits a slot that nobody else can see and then swaps it into the middle; the reader swaps the
//! middle one out when it is newer than its own. Every [`Sample`] carries its sequence number, the
//! stamp of the observation it was computed from, the stamp of its publication and the epoch of
//! its producer, so that its reader can judge its age and notice a restart.
//!
//! ```
//! use tandem_latest::channel;
//! use tandem_types::{Epoch, Stamp};
//!
//! let (mut writer, mut reader) = channel(Epoch(1), || [0.0_f32; 512]);
//! assert!(reader.latest().is_none());
//!
//! let (observed, published) = (Stamp::from_nanos(100), Stamp::from_nanos(250));
//! writer.write(observed, published, |latent| latent[0] = 0.5);
//! writer.write(observed, published, |latent| latent[0] = 0.7);
//!
//! let sample = reader.fresh().unwrap();
//! assert_eq!((sample.value[0], sample.sequence.0, sample.epoch), (0.7, 2, Epoch(1)));
//! assert!(reader.fresh().is_none(), "it has been seen");
//! assert!(reader.latest().is_some(), "but it stays readable");
//! ```
//!
//! # A writer may die at any point
//! A slot that was not swapped in is never read. A writer that panics inside its closure, is
//! dropped, or whose thread is preempted for ever therefore costs the reader nothing but newer
//! values: the last published one stays, and its stamps tell how old it has become.
//!
//! # What this crate does not do
//! It keeps no history (events that must not be lost belong in a bounded queue), wakes nobody up,
//! serves exactly one reader, and reads no clock: stamps are given by the writer.
//!
//! # Threading and allocation
//! [`Writer`] and [`Reader`] can be sent to their threads but not shared. Reading is one atomic
//! load, and one swap if there is something new; writing is the caller's closure and one swap. Both
//! are wait-free: neither side can delay the other, whatever their priorities. Three values are
//! made at construction; after that nothing is allocated or freed until both ends are gone.
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

mod channel;
mod slots;
mod sync;

pub use channel::{Reader, Sample, Writer, channel};
